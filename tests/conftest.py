"""What many tests share: recordings, models, the demonstration clip and a real RTSP server; each skips where absent."""

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from passerby.errors import InputError
from passerby.site.clips import demo_clip
from tests.support.rtsp_server import RtspServer, Serving, missing_parts

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
# The same examples on every run, however slow the machine; `--hypothesis-profile default` looks for others.
settings.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
LONGEST = ("soak", "faults", "golden", "browser", "boundary")
"""Folders whose files take minutes: they come first, so that no process is left with one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts them first; the order within a file stays."""
    place = {ROOT / "tests" / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.parent, len(LONGEST)))


def _folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"../shared/{name} is absent: it holds recordings and models that are not part of the project")
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Recordings and pictures with known truth."""
    return _folder("data")


@pytest.fixture(scope="session")
def model_files() -> Path:
    """The folder of the models."""
    return _folder("models")


@pytest.fixture
def shared_models(model_files: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Models, named to the program by PASSERBY_MODELS."""
    folder = model_files
    monkeypatch.setenv("PASSERBY_MODELS", str(folder))
    return folder


@pytest.fixture(scope="session")
def real_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip of `passerby demo`, from the user's cache or wherever it can be had."""
    try:
        with Path(tempfile.gettempdir(), "passerby-tests-clip.lock").open("w") as one_at_a_time:
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            return demo_clip(lambda _what, _share: None)
    except InputError as error:
        pytest.skip(str(error).replace("\n", " "))


@pytest.fixture(scope="session")
def rtsp_parts() -> None:
    """Skips where there is no GStreamer RTSP server."""
    reason = missing_parts()
    if reason:
        pytest.skip(reason)


@pytest.fixture
def rtsp_server(rtsp_parts: None) -> Iterator[Callable[[Serving], RtspServer]]:
    """Starts real RTSP servers on free loopback ports: `rtsp_server(Serving(file)).url`."""
    with ExitStack() as stack:
        yield lambda serving: stack.enter_context(RtspServer(serving))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, as one PEM file."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, *names, "-keyout", key, "-out", cert], check=True, capture_output=True)
    both.write_text(cert.read_text() + key.read_text())
    return both
