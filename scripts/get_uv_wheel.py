"""Takes the program `uv` out of its wheel on the Python package index, where there is neither pip nor venv.

Use: get_uv_wheel.py VERSION FOLDER. Standard library only: it runs before there is an environment.
"""

import hashlib
import io
import json
import platform
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

INDEX = "https://pypi.org/simple/uv/"
TIMEOUT_S = 60


def read(url: str) -> bytes:
    """The body at a URL; the index answers in JSON (PEP 691)."""
    request = urllib.request.Request(url, headers={"Accept": "application/vnd.pypi.simple.v1+json, */*;q=0.1"})  # noqa: S310 - https only
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310 - https only
        body: bytes = response.read()
    return body


def program(version: str) -> bytes:
    """The program, checked against the index's SHA-256.

    Raises:
        LookupError: the index has no wheel for this machine, or its bytes are not what the index says.
    """
    for file in json.loads(read(INDEX))["files"]:
        name = file["filename"]
        if name.startswith(f"uv-{version}-") and "manylinux" in name and platform.machine() in name:
            body = read(file["url"])
            if hashlib.sha256(body).hexdigest() != file["hashes"]["sha256"]:
                raise LookupError(f"{name} arrived damaged")
            return zipfile.ZipFile(io.BytesIO(body)).read(f"uv-{version}.data/scripts/uv")
    raise LookupError(f"there is no uv {version} for Linux on {platform.machine()}")


def main() -> int:
    """Writes FOLDER/bin/uv."""
    version, folder = sys.argv[1:]
    try:
        body = program(version)
    except (urllib.error.URLError, TimeoutError, LookupError) as error:
        print(f"uv {version} could not be had from {INDEX}: {error}", file=sys.stderr)
        return 1
    path = Path(folder, "bin", "uv")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    path.chmod(0o755)
    return 0


if __name__ == "__main__":
    sys.exit(main())
