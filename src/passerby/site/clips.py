"""The real clip of `passerby demo`: OpenCV's `vtest.avi`, pedestrians from above at an angle, 80 seconds (PETS 2009).

It is looked for in the user's cache, in an installed `opencv-doc`, in OpenCV's repository and in Debian's archive, and
is taken only if its SHA-256 is the pinned one. The hash was read from three of Debian's packages (4.6.0+dfsg-12,
4.10.0+dfsg-5 and 4.10.0+dfsg-9), which agree. Nothing here needs root.
"""

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from passerby.errors import InputError

Progress = Callable[[str, float], None]
"""Is told what is going on and which share of it is done, 0..1."""

NAME = "vtest.avi"
SHA256 = "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf"
INSTALLED = Path("/usr/share/doc/opencv-doc/examples/data") / NAME
REPOSITORY = f"https://raw.githubusercontent.com/opencv/opencv/4.6.0/samples/data/{NAME}"
PACKAGE = "https://deb.debian.org/debian/pool/main/o/opencv/opencv-doc_4.6.0+dfsg-12_all.deb"

_IN_PACKAGE = f"./usr/share/doc/opencv-doc/examples/data/{NAME}"
_TIMEOUT = httpx.Timeout(30.0, connect=4.0)
_PACKAGE_TIMEOUT_S = 600
_BLOCK = 1 << 20


def cache_folder() -> Path:
    """Where clips are kept between runs: `$XDG_CACHE_HOME/passerby/clips`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "passerby" / "clips"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the clip may be had.

    Attributes:
        name: for people.
        get: puts the clip into a folder and gives its path; raises `LookupError`, `httpx.HTTPError` or an error of
            subprocess or tarfile where it cannot.
    """

    name: str
    get: Callable[[Path, Progress], Path]


def demo_clip(on_progress: Progress, places: Sequence[Place] | None = None) -> Path:
    """Gets the clip, from the cache if it is there.

    Args:
        on_progress: is told what is going on.
        places: where to look, in order; `PLACES` if None.

    Returns:
        Path of a file with the pinned SHA-256.

    Raises:
        InputError: it cannot be had, or cannot be kept.
    """
    clip = cache_folder() / NAME
    if _sha256(clip) == SHA256:
        return clip
    try:
        clip.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=clip.parent, prefix="arriving-") as folder:
            arrived = _fetch(Path(folder), on_progress, PLACES if places is None else places)
            arrived.replace(clip)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"the demonstration clip cannot be kept in {clip.parent}: {reason}.") from error
    return clip


def _fetch(folder: Path, on_progress: Progress, places: Sequence[Place]) -> Path:
    """The clip in `folder`, from the first place that has it whole."""
    refusals = []
    for place in places:
        on_progress(f"getting the clip from {place.name}", 0.0)
        try:
            clip = place.get(folder, on_progress)
        except (httpx.HTTPError, subprocess.SubprocessError, tarfile.TarError, LookupError) as error:
            refusals.append(f"{place.name}: {error or type(error).__name__}")
            continue
        if _sha256(clip) == SHA256:
            return clip
        refusals.append(f"{place.name}: its bytes are not the expected ones")
    raise InputError(
        "the demonstration clip could not be had:\n  "
        + "\n  ".join(refusals)
        + "\nUse a video of your own (`passerby demo --video FILE`), or run `apt-get install opencv-doc` once."
    )


def _from_installed(folder: Path, _on_progress: Progress) -> Path:
    if not INSTALLED.is_file():
        raise LookupError("opencv-doc is not installed")
    return Path(shutil.copyfile(INSTALLED, folder / NAME))


def from_url(url: str) -> Callable[[Path, Progress], Path]:
    """A place that is the clip itself behind a URL."""
    return lambda folder, on_progress: _download(url, folder / NAME, on_progress)


def from_package(url: str) -> Callable[[Path, Progress], Path]:
    """A place that is Debian's package behind a URL."""
    return lambda folder, on_progress: _unpack(_download(url, folder / "opencv-doc.deb", on_progress), folder / NAME)


def _from_apt(folder: Path, _on_progress: Progress) -> Path:
    """`apt-get download` knows the machine's mirror, proxy and keys, and needs no root; only fresh package lists."""
    if shutil.which("apt-get") is None:
        raise LookupError("this machine has no apt-get")
    command = ["apt-get", "-qq", "download", "opencv-doc"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PACKAGE_TIMEOUT_S, check=False)
    packages = list(folder.glob("opencv-doc_*.deb"))
    if done.returncode != 0 or not packages:
        reason = done.stderr.strip().splitlines()
        raise LookupError(reason[-1] if reason else "apt-get brought no package")
    return _unpack(packages[0], folder / NAME)


PLACES = (
    Place("an installed opencv-doc", _from_installed),
    Place("OpenCV's repository", from_url(REPOSITORY)),
    Place("Debian's archive by apt-get", _from_apt),
    Place("Debian's archive", from_package(PACKAGE)),
)


def _download(url: str, path: Path, on_progress: Progress) -> Path:
    with httpx.stream("GET", url, timeout=_TIMEOUT, follow_redirects=True) as response, path.open("wb") as file:
        response.raise_for_status()
        expected = int(response.headers.get("content-length", 0))
        arrived = 0
        for block in response.iter_bytes(_BLOCK):
            arrived += file.write(block)
            on_progress(f"getting {url.rpartition('/')[2]}", arrived / expected if expected else 0.0)
    return path


def _unpack(package: Path, path: Path) -> Path:
    """Takes the clip alone out of a Debian package.

    Raises:
        LookupError: there is no dpkg-deb, or the package does not hold the clip.
    """
    if shutil.which("dpkg-deb") is None:
        raise LookupError("this machine has no dpkg-deb to unpack it")
    command = ["dpkg-deb", "--fsys-tarfile", str(package)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as tar:
        try:
            with tarfile.open(fileobj=tar.stdout, mode="r|") as archive:
                member = next((member for member in archive if member.name == _IN_PACKAGE), None)
                source = archive.extractfile(member) if member else None
                if source is None:
                    raise LookupError(f"the package does not hold {NAME}")
                with source, path.open("wb") as file:
                    shutil.copyfileobj(source, file)
        finally:
            tar.kill()
    return path


def _sha256(path: Path) -> str | None:
    """The hash of a file, None where there is none."""
    with suppress(OSError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return None
