"""The published files that all is made from: MakeHuman's meshes (CC0) and AIZOO's frozen graph (MIT).

`sources.sha256` names each file that is used, and its SHA-256; no other file gets into the folder that is worked with.
Another renderer gathers by a list of its own, which it hands over.
"""

import hashlib
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

LIST = Path(__file__).with_name("sources.sha256")
GRAPH = "models/face_mask_detection.pb"
_RAW = "https://raw.githubusercontent.com"
ADDRESSES = {
    "makehuman": f"{_RAW}/makehumancommunity/makehuman/a8bc2d54ff0ac92e78ff71431b1023eda42bf482",
    "makehuman-assets": f"{_RAW}/makehumancommunity/makehuman-assets/8cf9645b975a98eea056b140df11a1d278da0d10",
    "aizoo": f"{_RAW}/AIZOOTech/FaceMaskDetection/256dc65f726cb78d82936b2c61c55a5adc2cf05d",
}
_AT_ONCE = 8
_TIMEOUT_S = 60.0
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Source:
    """One published file.

    Attributes:
        sha256: of its bytes.
        repository: key of `ADDRESSES`.
        path: in its repository, and in a folder of sources.
    """

    sha256: str
    repository: str
    path: str

    @property
    def address(self) -> str:
        """Where it is published."""
        return f"{ADDRESSES[self.repository]}/{self.path}"


def listed(names: Path = LIST) -> Iterator[Source]:
    """All files that a list names, by default those of the heads."""
    for line in names.read_text().splitlines():
        sha256, _, where = line.partition("  ")
        repository, _, path = where.partition("/")
        yield Source(sha256, repository, path)


def gather(folder: Path, given: Path | None, names: Path = LIST) -> None:
    """Brings all listed files into a folder; those that are there already stay.

    Args:
        folder: where they are wanted.
        given: a folder that has them, laid out as in their repositories; None to download them.
        names: the list, as `sources.sha256`.

    Raises:
        ValueError: a file has other bytes than those that are pinned.
        OSError: the given folder lacks one.
        httpx.HTTPError: one could not be downloaded.
    """
    missing = [source for source in listed(names) if not _is_there(folder / source.path, source)]
    client = httpx.Client(transport=httpx.HTTPTransport(retries=_TRIES), timeout=_TIMEOUT_S)
    with client, ThreadPoolExecutor(_AT_ONCE) as threads:

        def bring(source: Source) -> None:
            file = folder / source.path
            file.parent.mkdir(parents=True, exist_ok=True)
            if given:
                shutil.copyfile(given / source.path, file)
            else:
                file.write_bytes(client.get(source.address).raise_for_status().content)
            if not _is_there(file, source):
                file.unlink()
                raise ValueError(f"{source.path} from {given or source.address} has not the SHA-256 {source.sha256}")

        for number, _ in enumerate(threads.map(bring, missing), 1):
            if number % 100 == 0 or number == len(missing):
                sys.stdout.write(f"{number} of {len(missing)} files\n")
                sys.stdout.flush()


def _is_there(file: Path, source: Source) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == source.sha256
