"""Live numbers on a real server: all of them first, then what changed; no reader holds the site up."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from passerby.core.tallies import Measure, Tally
from passerby.records.serving import serve
from passerby.site.control import Control
from passerby.site.corrections import Corrections
from passerby.site.journal import Journal
from passerby.site.outputs import Sources
from passerby.site.outputs.live import MAX_READERS, Live, LivePace, Seen
from passerby.site.outputs.numbers import Kind, Number, numbers
from passerby.site.pages.board import PageBoard
from passerby.site.state import CameraState, CameraStatus, SiteState
from passerby.site.store import Store
from passerby.site.web import ApiParts, create_app
from tests.support import filled
from tests.support.site import eventually

FAST = LivePace(every_s=0.05, keep_alive_s=0.2, patience_s=60)


@dataclass
class Turned:
    """What a test changes."""

    cameras: list[CameraState] = field(default_factory=lambda: [CameraState("entrance", CameraStatus.LIVE)])
    now_unix_s: float = filled.NINE + 4 * 3600.0


@dataclass
class Site:
    """A site that is served, and what it tells."""

    url: str
    store: Store
    sources: Sources
    turned: Turned


@contextmanager
def served(folder: Path, live: Live) -> Iterator[Site]:
    """The site, whose numbers are not told yet."""
    with Store(folder / "passerby.sqlite") as store:
        store.add(list(filled.tallies(16)))
        turned = Turned()
        settings = replace(filled.settings(), clock=lambda: turned.now_unix_s)

        def state() -> SiteState:
            return SiteState("Museum", tuple(turned.cameras))

        site = Site("", store, Sources(store, state, settings, PageBoard(store, state, settings)), turned)
        control = Control(Corrections(store.file), Journal(store.file), live=live)
        with serve(create_app(store, state, settings, None, ApiParts(control=control)), "127.0.0.1", 0) as site.url:
            yield site


@contextmanager
def listening(url: str, **headers: str) -> Iterator[Iterator[tuple[str, Any]]]:
    """Events as a program reads them: name and body; a comment has the name ":"."""
    with (
        httpx.Client(trust_env=False, timeout=60) as client,
        client.stream("GET", f"{url}api/v1/live", headers=headers) as answer,
    ):
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        yield events(answer.iter_lines())


def events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in lines:
        if line.startswith(":"):
            yield ":", line
        elif line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))
        else:
            assert line == "", "an event has a name and data alone: no id, so nobody asks for what was missed"


def after(found: Iterator[tuple[str, Any]], name: str) -> Any:
    """The next event of a name."""
    return next(body for kind, body in found if kind == name)


def test_all_numbers_come_first_then_those_that_changed(tmp_path: Path) -> None:
    live = Live(FAST)
    with served(tmp_path, live) as site, live(site.sources), listening(site.url) as found:
        first = after(found, "numbers")["numbers"]
        assert first == [json.loads(json.dumps(vars_of(one))) for one in numbers(site.sources.board.today())]
        assert after(found, "cameras") == {"cameras": [{"camera": "entrance", "status": "live", "fault": None}]}
        site.store.add([Tally("entrance", Measure.CROSSINGS_IN, "Main door", filled.NINE, 900, 5, 0)])
        site.turned.now_unix_s += 1
        changed = after(found, "numbers")["numbers"]
        assert [(one["subject"], one["measure"]) for one in changed] == [("Main door", "crossings_in")]
        before = next(one for one in first if one["measure"] == "crossings_in" and one["subject"] == "Main door")
        assert changed[0]["value"] != before["value"]


def vars_of(number: Number) -> dict[str, Any]:
    return {name: getattr(number, name) for name in number.__dataclass_fields__}


def test_nothing_is_told_of_a_window_that_is_open(tmp_path: Path) -> None:
    """A minute without a closed window: comments alone."""
    live = Live(FAST)
    with served(tmp_path, live) as site, live(site.sources), listening(site.url) as found:
        after(found, "cameras")
        site.turned.now_unix_s += 1
        assert [next(found)[0] for _ in range(3)] == [":"] * 3


def test_a_camera_that_goes_is_told(tmp_path: Path) -> None:
    live = Live(FAST)
    with served(tmp_path, live) as site, live(site.sources), listening(site.url) as found:
        after(found, "cameras")
        dark = CameraState("entrance", CameraStatus.FAILED, "the camera did not answer", frames_read=9)
        site.turned.cameras = [dark, CameraState("garden")]
        told = after(found, "cameras")["cameras"]
        assert {one["camera"]: one["status"] for one in told} == {"garden": "connecting", "entrance": "failed"}
        site.turned.cameras = [replace(dark, frames_read=10), CameraState("garden")]
        assert next(found)[0] == ":", "how many frames were read is no event"


def test_what_is_told_no_more_has_no_value(tmp_path: Path) -> None:
    live, number = Live(FAST), Number(None, "shop", "occupancy", Kind.LEVEL, "people", 3, 1.0, 900.0)
    told = [Seen((number,))]
    with served(tmp_path, live) as site, live.telling(lambda: told[0]), listening(site.url) as found:
        assert after(found, "numbers")["numbers"][0]["value"] == 3
        told[0] = Seen()
        assert after(found, "numbers")["numbers"] == [vars_of(replace(number, value=None, coverage=0.0))]


def test_who_comes_again_is_told_all_whatever_it_saw_last(tmp_path: Path) -> None:
    live = Live(FAST)
    with served(tmp_path, live) as site, live(site.sources):
        with listening(site.url) as found:
            first = after(found, "numbers")
        with listening(site.url, **{"Last-Event-ID": "12"}) as found:
            assert after(found, "numbers") == first


def test_streams_end_at_once_when_the_site_closes(tmp_path: Path) -> None:
    live = Live(FAST)
    with served(tmp_path, live) as site:
        with ExitStack() as open_now:
            opened = ExitStack()
            opened.enter_context(live(site.sources))
            found = open_now.enter_context(listening(site.url))
            after(found, "cameras")
            began_s = time.monotonic()
            opened.close()
            assert [kind for kind, _ in found if kind != ":"] == []
            assert time.monotonic() - began_s < FAST.patience_s
        status, text = asked(site.url)
        assert status == 503 and "the site starts or ends; try again in some seconds" in text


def test_no_more_readers_than_there_are_places(tmp_path: Path) -> None:
    live = Live(FAST)
    with served(tmp_path, live) as site, live(site.sources):
        with ExitStack() as open_now:
            open_ones = [open_now.enter_context(listening(site.url)) for _ in range(MAX_READERS)]
            assert [after(one, "cameras") for one in open_ones]
            status, text = asked(site.url)
            assert status == 503 and str(MAX_READERS) in text
        eventually(lambda: asked(site.url)[0] == 200)


def asked(url: str) -> tuple[int, str]:
    """The status, and the text of a refusal; what would not end is not read."""
    with httpx.Client(trust_env=False, timeout=60) as client, client.stream("GET", f"{url}api/v1/live") as answer:
        return answer.status_code, answer.read().decode() if answer.is_error else ""


def test_who_takes_nothing_is_dropped_and_holds_nobody_up(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    live = Live(replace(FAST, patience_s=2))
    many = [Number("c", "x" * 1000, f"m{i}", Kind.LEVEL, "people", 0, 1.0, 0.0) for i in range(1000)]
    count = [0]

    def read() -> Seen:
        count[0] += 1
        return Seen(tuple(replace(one, value=count[0]) for one in many))

    with served(tmp_path, live) as site, live.telling(read), socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        url = urlsplit(site.url)
        deaf.connect((url.hostname, url.port))
        deaf.sendall(f"GET /api/v1/live HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode())
        said = ""

        def dropped() -> bool:
            nonlocal said
            said += "".join(capfd.readouterr())
            return "took nothing for too long" in said

        eventually(dropped)
        assert "Traceback" not in said
        with listening(site.url) as found:
            assert len(after(found, "numbers")["numbers"]) == 1000
