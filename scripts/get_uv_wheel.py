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

INDEX = "https://pypi.org/pypi/uv/{version}/json"
TIMEOUT_S = 60


def read(url: str) -> bytes:
    """The body at a URL."""
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as response:  # noqa: S310 - https only, written above or named by the index
        body: bytes = response.read()
    return body


def program(version: str) -> bytes:
    """The program, checked against the index's SHA-256.

    Raises:
        LookupError: the index has no wheel for this machine, or its bytes are not what the index says.
    """
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    for file in json.loads(read(INDEX.format(version=version)))["urls"]:
        name = file["filename"]
        if name.endswith(".whl") and libc in name and platform.machine() in name:
            body = read(file["url"])
            if hashlib.sha256(body).hexdigest() != file["digests"]["sha256"]:
                raise LookupError(f"{name} arrived damaged")
            return zipfile.ZipFile(io.BytesIO(body)).read(f"uv-{version}.data/scripts/uv")
    raise LookupError(f"the index has no uv {version} for {platform.machine()} ({libc})")


def main() -> int:
    """Writes FOLDER/bin/uv."""
    version, folder = sys.argv[1:]
    try:
        body = program(version)
    except (urllib.error.URLError, TimeoutError, LookupError) as error:
        print(f"uv {version} could not be had from {INDEX.format(version=version)}: {error}", file=sys.stderr)
        return 1
    path = Path(folder, "bin", "uv")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    path.chmod(0o755)
    return 0


if __name__ == "__main__":
    sys.exit(main())
