"""Makes the outlines of countries for the hub's map: `python -m scripts.outlines`.

From Natural Earth's 1:110 million countries (public domain), as TopoJSON in the npm package world-atlas 2.0.2 (ISC).
The arcs of a topology are its shores and borders, each once; they are written in hundredths of a degree, and cut where
they go from one rim of the map to the other.
"""

import hashlib
import io
import json
import tarfile
import urllib.request
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

URL = "https://registry.npmjs.org/world-atlas/-/world-atlas-2.0.2.tgz"
MEMBER = "package/countries-110m.json"
SHA256 = "2516c915867c7baf18ddec727aec46c315541a07cfb3d79a6559b05d5e94eee8"
_ROUND = 18_000
"""Hundredths of a degree: who seems to leap so far went round the back."""
FILE = Path(__file__).parent.parent / "src/passerby/hub/pages/outlines.json"


def outlines(topology: dict[str, Any]) -> list[list[int]]:
    """Lines of longitude and latitude in turn, in hundredths of a degree (TopoJSON 1.0, 2.1.3 and 4.1)."""
    (scale_x, scale_y), (west, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    lines = []
    for arc in topology["arcs"]:
        xs = (round(100 * (x * scale_x + west)) for x in accumulate(dx for dx, _ in arc))
        ys = (round(100 * (y * scale_y + south)) for y in accumulate(dy for _, dy in arc))
        points = list(zip(xs, ys, strict=True))
        cuts = [k for k, (one, other) in enumerate(pairwise(points), 1) if abs(other[0] - one[0]) > _ROUND]
        for first, end in pairwise([0, *cuts, len(points)]):
            if end - first > 1:
                lines.append([value for point in points[first:end] for value in point])
    return lines


def main() -> None:
    """Fetches the package, checks the file in it, and writes the outlines."""
    with urllib.request.urlopen(URL) as answer, tarfile.open(fileobj=io.BytesIO(answer.read())) as package:
        member = package.extractfile(MEMBER)
        assert member is not None
        raw = member.read()
    assert hashlib.sha256(raw).hexdigest() == SHA256, "the registry gives another file"
    FILE.write_text(json.dumps(outlines(json.loads(raw)), separators=(",", ":")) + "\n")
    print(f"{FILE}: {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
