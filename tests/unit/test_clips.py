"""The demonstration clip: real HTTP servers and real Debian packages, no network."""

import functools
import hashlib
import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from passerby.errors import InputError
from passerby.site import clips
from passerby.site.clips import SHA256, Place, demo_clip, from_package, from_url

GONE = "http://127.0.0.1:9/vtest.avi"


def ignore(_what: str, _share: float) -> None:
    """Nobody watches."""


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Test output stays readable."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "passerby" / "clips"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the URL that it is served at."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def package(folder: Path, content: Path) -> Path:
    """A Debian package that holds the clip where opencv-doc has it."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("no dpkg-deb: not a Debian machine")
    root = folder / "root"
    (root / "DEBIAN").mkdir(parents=True)
    fields = "Package: opencv-doc\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\nDescription: a\n"
    (root / "DEBIAN" / "control").write_text(fields)
    data = root / "usr/share/doc/opencv-doc/examples/data"
    data.mkdir(parents=True)
    (data / "aaa.txt").write_text("another file comes first")
    shutil.copyfile(content, data / "vtest.avi")
    made = folder / "opencv-doc.deb"
    subprocess.run(["dpkg-deb", "-Zgzip", "-z1", "--build", root, made], check=True, capture_output=True)
    shutil.rmtree(root)
    return made


def test_what_the_cache_holds_is_taken_without_asking_anyone(cache: Path, real_clip: Path) -> None:
    cache.mkdir(parents=True)
    shutil.copyfile(real_clip, cache / "vtest.avi")
    assert demo_clip(ignore, places=()) == cache / "vtest.avi"


def test_a_damaged_cache_is_replaced(cache: Path, real_clip: Path, served: tuple[Path, str]) -> None:
    cache.mkdir(parents=True)
    (cache / "vtest.avi").write_bytes(b"half a clip")
    folder, url = served
    shutil.copyfile(real_clip, folder / "vtest.avi")
    clip = demo_clip(ignore, places=[Place("here", from_url(f"{url}/vtest.avi"))])
    assert hashlib.sha256(clip.read_bytes()).hexdigest() == SHA256


def test_the_clip_comes_out_of_a_debian_package(cache: Path, real_clip: Path, served: tuple[Path, str]) -> None:
    folder, url = served
    made = package(folder, real_clip)
    heard: list[float] = []
    places = [Place("nowhere", from_url(GONE)), Place("Debian", from_package(f"{url}/{made.name}"))]
    clip = demo_clip(lambda _what, share: heard.append(share), places)
    assert hashlib.sha256(clip.read_bytes()).hexdigest() == SHA256
    assert heard[-1] == pytest.approx(1.0)
    assert sorted(path.name for path in cache.iterdir()) == ["vtest.avi"], "nothing else is left behind"


def test_wrong_bytes_are_refused_from_every_place(cache: Path, served: tuple[Path, str]) -> None:
    folder, url = served
    (folder / "vtest.avi").write_bytes(b"another clip")
    made = package(folder, folder / "vtest.avi")
    places = [Place("a", from_url(f"{url}/vtest.avi")), Place("b", from_package(f"{url}/{made.name}"))]
    with pytest.raises(InputError, match=r"(?s)a: its bytes.*b: its bytes.*--video FILE"):
        demo_clip(ignore, places)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [("absent.avi", "404"), ("vtest.avi", "its bytes are not the expected ones")],
)
def test_each_refusal_is_told(path: str, reason: str, served: tuple[Path, str]) -> None:
    folder, url = served
    (folder / "vtest.avi").write_bytes(b"")
    with pytest.raises(InputError, match=reason):
        demo_clip(ignore, [Place("here", from_url(f"{url}/{path}"))])


def test_a_package_that_is_none_is_refused(served: tuple[Path, str]) -> None:
    folder, url = served
    (folder / "opencv-doc.deb").write_bytes(b"!<arch>\nnot a package")
    with pytest.raises(InputError, match="here: "):
        demo_clip(ignore, [Place("here", from_package(f"{url}/opencv-doc.deb"))])


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(InputError, match="cannot be kept in"):
        demo_clip(ignore, places=())


def test_the_order_spares_the_network() -> None:
    assert clips.PLACES[0].name == "an installed opencv-doc"
