"""A small real web server that stands in for GitHub, npm's registry and the Python package index."""

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Site:
    """What the server has, and what it was asked.

    Attributes:
        url: where it listens.
        pages: path to content type and bytes; "{url}" in a page of text is replaced by `url`.
        asked: paths and Range headers of the requests so far.
        ranges: whether it answers Range headers.
    """

    url: str = ""
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    ranges: bool = True


@contextmanager
def served() -> Iterator[Site]:
    """A server on a free loopback port."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            site.asked.append((self.path, wanted))
            if self.path not in site.pages:
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            kind, content = site.pages[self.path]
            if not kind.startswith("application/octet"):
                content = content.replace(b"{url}", site.url.encode())
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and site.ranges else 0
            if start and start >= len(content):
                self.send_response(416)
                content = b""
            else:
                self.send_response(206 if start else 200)
                content = content[start:]
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(ConnectionError):  # who has what it wanted hangs up
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def tgz(files: dict[str, bytes]) -> bytes:
    """A .tgz of files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def wheel(files: dict[str, bytes]) -> bytes:
    """A zip of files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def npm_pages(package: str, version: str, archive: bytes) -> dict[str, tuple[str, bytes]]:
    """The two pages that npm's registry has for a version of a package."""
    quoted = package.replace("/", "%2F")
    answer = json.dumps({"dist": {"tarball": "{url}/archive.tgz"}}).encode()
    return {
        f"/{quoted}/{version}": ("application/json", answer),
        "/archive.tgz": ("application/octet-stream", archive),
    }


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
