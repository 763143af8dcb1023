"""Where video comes from, and what a feed is told of it."""

import os
import re
import socket
import stat
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import msgspec

from passerby.errors import SourceError
from passerby.gate.addresses import METADATA, is_metadata

_SECRET = re.compile(r"(?i)(\w*(?:pass|pwd|pw|token|auth|key|secret)\w*)=[^&/;]*")
_DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}
_ESCAPES = "In a user name, a password or a path write / as %2F, ? as %3F, # as %23, @ as %40, [ as %5B."


class SourceKind(StrEnum):
    """How a source is read."""

    FILE = "file"
    FOLDER = "folder"
    STREAM = "stream"
    STDIN = "stdin"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A camera's user and password. They are never printed."""

    username: str = ""
    password: str = field(default="", repr=False)


class FeedPlan(msgspec.Struct, frozen=True):
    """All that a feed is told, by a pipe.

    Attributes:
        kind: how to read it.
        location: a URL with a numeric address and credentials, or a folder's path; "" for an inherited descriptor.
        fd: the inherited descriptor of a file or of standard input, or -1.
        port: the one TCP port that may be connected to, or 0.
        out_fd: where packets are written to.
        paced: send at the speed of the recording, and drop what is not taken in time.
        loops: how often to play a recording; 0 means without end.
        frame_s: time between the pictures of a folder.
        unsafe_no_lockdown: leave the room open. For development only.
    """

    kind: SourceKind
    location: str
    fd: int
    port: int
    out_fd: int
    paced: bool
    loops: int
    frame_s: float = 0.125
    unsafe_no_lockdown: bool = False

    def __repr__(self) -> str:
        """Without the location, which may hold a password."""
        return f"FeedPlan(kind={self.kind!r}, port={self.port})"


@dataclass(frozen=True, slots=True)
class Source:
    """A source of video, as it was given.

    Attributes:
        text: what to call it in messages: without credentials.
        kind: how it is read.
        credentials: for a stream.
        paced: play a recording at its own speed, as if it were live.
        loops: how often to play a recording; 0 means without end.
        path_and_query: of a stream's URL, in which some cameras want a password.
    """

    text: str
    kind: SourceKind
    credentials: Credentials = Credentials()
    paced: bool = False
    loops: int = 1
    path_and_query: str = field(default="", repr=False)

    @property
    def live(self) -> bool:
        """Whether the clock on the wall tells when its frames were."""
        return self.kind is SourceKind.STREAM or self.paced

    def at_its_own_pace(self) -> "Source":
        """The same source, as if a recording were live."""
        return replace(self, paced=self.kind is not SourceKind.STREAM)

    def feed_plan(self, out_fd: int, *, unsafe: bool) -> tuple[FeedPlan, int]:
        """What to tell a feed, and the descriptor that it must inherit (-1 for none; the caller closes it).

        Raises:
            SourceError: it cannot be opened, or its host has no address.
        """
        fd, location, port = -1, "", 0
        if self.kind is SourceKind.FILE:
            fd = _open(self.text)
        elif self.kind is SourceKind.STDIN:
            fd = os.dup(0)
        elif self.kind is SourceKind.FOLDER:
            location = str(Path(self.text).resolve())
        else:
            location, port = self._numeric_url()
        plan = FeedPlan(self.kind, location, fd, port, out_fd, self.live, self.loops, unsafe_no_lockdown=unsafe)
        return plan, fd

    def _numeric_url(self) -> tuple[str, int]:
        """The URL with the host's address in place of its name, since the feed may not ask a name server."""
        parts = urlsplit(self.text)
        host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise SourceError(
                f"{self.text}: the host {host} has no address ({error.strerror}). Check its name."
            ) from None
        address = str(found[0][4][0])
        if is_metadata(address):  # a name that leads there is found out here, and asked for no second time
            raise SourceError(f"{self.text}: {METADATA}.")
        shown = f"[{address}]" if ":" in address else address
        user = ""
        if self.credentials.username:
            user = f"{quote(self.credentials.username, safe='')}:{quote(self.credentials.password, safe='')}@"
        return f"{parts.scheme}://{user}{shown}:{port}{self.path_and_query}", port


def parse(text: str, credentials: Credentials | None = None) -> Source:
    """Makes a source of what a person wrote: a file, a folder, an RTSP(S) URL, or `-`.

    Raises:
        SourceError: it is none of these, or is not there.
    """
    if text == "-":
        return Source(text, SourceKind.STDIN)
    if "://" in text:
        return _parse_url(text, credentials)
    try:
        mode = Path(text).stat().st_mode
    except FileNotFoundError:
        raise SourceError(f"{text}: no such file or folder.") from None
    except OSError as error:
        raise SourceError(f"{text}: cannot be read ({error.strerror}).") from None
    return Source(text, SourceKind.FOLDER if stat.S_ISDIR(mode) else SourceKind.FILE)


def _parse_url(text: str, credentials: Credentials | None) -> Source:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        # What urllib says would quote a password that was taken for a port.
        raise SourceError(f"a source's URL cannot be read: its host or port is wrong. {_ESCAPES}") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise SourceError(
            f"{parts.scheme}://: passerby reads rtsp:// and rtsps://, files, folders of pictures, and `-`."
        )
    if not host:
        raise SourceError(f"{parts.scheme}://: the URL names no host.")
    if is_metadata(host):
        raise SourceError(f"{parts.scheme}://: {METADATA}.")
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":
        raise SourceError(f"{parts.scheme}://: there is an @ behind the host. {_ESCAPES}")
    if credentials is None:
        credentials = Credentials(unquote(parts.username or ""), unquote(parts.password or ""))
    netloc = f"[{host}]" if ":" in host else host
    netloc += f":{port}" if port else ""
    rest = urlunsplit(("", "", parts.path, parts.query, ""))
    shown = _SECRET.sub(r"\1=***", rest)
    return Source(f"{parts.scheme}://{netloc}{shown}", SourceKind.STREAM, credentials, path_and_query=rest)


def _open(path: str) -> int:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}).") from None
    if os.fstat(fd).st_size == 0 and stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise SourceError(f"{path}: the file is empty.")
    return fd
