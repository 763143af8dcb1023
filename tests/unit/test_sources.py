"""Sources: what a person may write, and that a password is never read back."""

import os
import socket
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from passerby.errors import SourceError
from passerby.gate.sources import Credentials, FeedPlan, Source, SourceKind, parse

SECRET = "s3cret/w@rd:?#[%"
ESCAPED = "s3cret%2Fw%40rd%3A%3F%23%5B%25"


def plan_of(source: Source) -> FeedPlan:
    plan, fd = source.feed_plan(7, unsafe=False)
    if fd >= 0:
        os.close(fd)
    return plan


def test_a_file_a_folder_and_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "a clip.mp4"
    file.write_bytes(b"video")
    assert parse(str(file)).kind is SourceKind.FILE
    assert parse(str(tmp_path)).kind is SourceKind.FOLDER
    assert parse("-").kind is SourceKind.STDIN
    assert parse("rtsp://camera.example/stream").kind is SourceKind.STREAM


def test_only_a_stream_is_live_unless_a_recording_is_paced(tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"video")
    assert not parse(str(file)).live
    assert parse(str(file)).at_its_own_pace().live
    stream = parse("rtsp://127.0.0.1/a")
    assert stream.live
    assert not stream.at_its_own_pace().paced


def test_a_file_is_handed_over_as_a_descriptor(tmp_path: Path) -> None:
    """The feed opens no path: the parent does."""
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"video")
    plan, fd = parse(str(file)).feed_plan(7, unsafe=False)
    try:
        assert (plan.fd, plan.location, plan.port) == (fd, "", 0)
        assert os.read(fd, 100) == b"video"
    finally:
        os.close(fd)


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("rtsp://127.0.0.1/a", 554),
        ("rtsps://127.0.0.1/a", 322),
        ("rtsp://127.0.0.1:8554/a", 8554),
        ("rtsp://[::1]/a", 554),
        ("rtsps://[::1]:8322/a", 8322),
    ],
)
def test_the_port_is_the_stated_one_or_that_of_the_scheme(url: str, port: int) -> None:
    plan = plan_of(parse(url))
    assert plan.port == port
    assert urlsplit(plan.location).port == port


def test_an_address_of_version_six_keeps_its_brackets() -> None:
    source = parse("rtsp://user:word@[::1]:8554/a?b=c")
    assert source.text == "rtsp://[::1]:8554/a?b=c"
    assert plan_of(source).location == "rtsp://user:word@[::1]:8554/a?b=c"


def test_a_name_becomes_an_address() -> None:
    """Locked in, a feed can ask no name server."""
    location = urlsplit(plan_of(parse("rtsp://localhost:8554/a")).location)
    assert location.hostname in ("127.0.0.1", "::1")
    family = socket.AF_INET6 if ":" in (location.hostname or "") else socket.AF_INET
    socket.inet_pton(family, location.hostname or "")


def test_credentials_are_taken_out_of_the_url_and_put_back_for_the_feed_alone() -> None:
    source = parse(f"rtsp://us%20er:{ESCAPED}@127.0.0.1/a")
    assert source.text == "rtsp://127.0.0.1/a"
    assert source.credentials == Credentials("us er", SECRET)
    location = urlsplit(plan_of(source).location)
    assert (unquote(location.username or ""), unquote(location.password or "")) == ("us er", SECRET)


def test_credentials_that_are_given_apart_go_before_those_of_the_url() -> None:
    source = parse("rtsp://old:word@127.0.0.1/a", Credentials("new", SECRET))
    assert source.credentials == Credentials("new", SECRET)
    assert "word" not in plan_of(source).location


def test_a_password_is_in_no_text_of_the_objects_that_hold_it() -> None:
    source = parse(f"rtsp://user:{ESCAPED}@127.0.0.1/a")
    plan = plan_of(source)
    for text in (repr(source), str(source), repr(source.credentials), repr(plan), str(plan), f"{plan}"):
        assert "s3cret" not in text


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://user:s3cret/word@127.0.0.1/a",
        "rtsp://user:s3cret#word@127.0.0.1/a",
        "rtsp://user:s3cret?word@127.0.0.1/a",
        "rtsp://user:s3cret[word@127.0.0.1/a",
        "rtsp://user:s3cret\u2100@127.0.0.1/a",
        "rtsp://user:123/s3cret@127.0.0.1/a",
        "rtsp://user:123#s3cret@127.0.0.1/a",
        "rtsp://user:word@x/s3cret@127.0.0.1/a",
        "rtsp://user:s3cret@127.0.0.1:99999/a",
        "rtsp://user:s3cret@/a",
        "http://user:s3cret@127.0.0.1/a",
        "rtsp://user:s3cret@no-such-host.invalid/a",
    ],
)
def test_a_password_is_in_no_error(url: str) -> None:
    """Signs that a password may not hold as they are make a URL that is cut at the wrong place."""
    with pytest.raises(SourceError) as caught:
        plan_of(parse(url))
    error: BaseException | None = caught.value
    while error is not None:
        assert "s3cret" not in str(error) + repr(error)
        error = None if error.__suppress_context__ else error.__context__


def test_how_to_write_such_a_password_is_said() -> None:
    with pytest.raises(SourceError, match="/ as %2F"):
        parse("rtsp://user:pass/word@127.0.0.1/a")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http://camera/stream", "reads rtsp:// and rtsps://"),
        ("rtsp://", "names no host"),
        ("rtsp:///stream", "names no host"),
        ("rtsp://[::1/a", "cannot be read"),
        ("rtsp://camera:port/a", "cannot be read"),
        ("no/such/file.mp4", "no such file or folder"),
    ],
)
def test_what_is_no_source_is_refused(text: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        parse(text)


def test_a_host_without_an_address_is_said() -> None:
    with pytest.raises(SourceError, match=r"no-such-host\.invalid has no address"):
        plan_of(parse("rtsp://no-such-host.invalid/a"))


def test_an_empty_file_is_said(tmp_path: Path) -> None:
    file = tmp_path / "empty.mp4"
    file.touch()
    with pytest.raises(SourceError, match="empty"):
        plan_of(parse(str(file)))


def test_a_file_that_went_away_is_said(tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"video")
    source = parse(str(file))
    file.unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        plan_of(source)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/user=admin&password=open-sesame&channel=1", "/user=admin&password=***&channel=1"),
        ("/live?usr=admin&pwd=open-sesame", "/live?usr=admin&pwd=***"),
        ("/live?token=open-sesame", "/live?token=***"),
        ("/Streaming/Channels/101", "/Streaming/Channels/101"),
    ],
)
def test_a_password_in_the_path_is_used_but_not_shown(path: str, shown: str) -> None:
    source = parse(f"rtsp://127.0.0.1:554{path}")
    assert source.text == f"rtsp://127.0.0.1:554{shown}"
    assert "open-sesame" not in repr(source)
    plan, _ = source.feed_plan(9, unsafe=False)
    assert plan.location == f"rtsp://127.0.0.1:554{path}"
