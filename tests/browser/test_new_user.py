"""From `passerby init` through set-up to a door that counts, as a new user does it; camera and program are real."""

import contextlib
import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import playwright.sync_api
import pytest
from playwright.sync_api import Browser, Page, expect

from passerby.core.tallies import Measure
from passerby.gate import landlock, seccomp
from passerby.site.config import load
from passerby.site.journal import Journal
from passerby.site.store import Filter, Store
from tests.browser.conftest import PATIENCE_MS
from tests.support.clips import make_clip
from tests.support.program import passerby
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import eventually, free_port

PASSWORD = "a-Secret-w0rd"

pytestmark = [
    pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"),
    pytest.mark.usefixtures("rtsp_parts"),
]


@dataclass
class NewSite:
    """A site that was begun with `passerby init` and runs."""

    config: Path
    url: str
    process: subprocess.Popen[bytes]

    @property
    def store_file(self) -> Path:
        return self.config.with_name("passerby.sqlite")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, rtsp_parts: None) -> Iterator[NewSite]:
    folder = tmp_path_factory.mktemp("new user")
    config, port = folder / "site.yaml", free_port()
    clip = make_clip(folder / "walk.mp4", seconds=8)
    with RtspServer(Serving(clip, user="viewer", password=PASSWORD)) as server:
        begun = passerby(
            "init", config, "--source", server.url, "--username", "viewer", stdin=PASSWORD.encode(),
        )  # fmt: skip
        assert begun.status == 0, begun.err
        assert "Set-up on the page" in begun.out
        # The picture of this camera is from straight above; and a test does not wait for a quarter of an hour.
        text = config.read_text().replace("window_s: 900 ", "window_s: 60 ").replace("port: 8765", f"port: {port}")
        text = text.replace("\n    credentials:", "\n    view: overhead   # from the ceiling\n    credentials:", 1)
        config.write_text(text)
        with (folder / "log").open("wb") as log:
            command = [sys.executable, "-m", "passerby.cli", "run", str(config)]
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield NewSite(config, f"http://127.0.0.1:{port}", process)
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def page(browser: Browser, site: NewSite) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1100, "height": 1500}, has_touch=True)
    page.set_default_timeout(PATIENCE_MS)
    eventually(lambda: reachable(page, site.url))
    yield page
    page.close()


def reachable(page: Page, url: str) -> bool:
    """Opens a page; whether there was one."""
    with contextlib.suppress(playwright.sync_api.Error):
        page.goto(url)
        return True
    return False


def observed_s(site: NewSite) -> float:
    """For how long the camera was counted since the site started."""
    try:
        with urllib.request.urlopen(f"{site.url}/api/v1/state", timeout=60) as answer:
            return float(json.load(answer)["cameras"][0]["observed_s"])
    except OSError:
        return 0.0


def dragged(page: Page, first: tuple[float, float], last: tuple[float, float]) -> None:
    """A finger presses, moves and lets go; points are of the viewport."""
    session = page.context.new_cdp_session(page)
    for kind, point in (("touchStart", first), ("touchMove", last), ("touchEnd", None)):
        points = [{"x": point[0], "y": point[1]}] if point else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_new_user_draws_a_line_and_it_counts(page: Page, site: NewSite, tmp_path: Path) -> None:
    expect(page.get_by_text("Nothing is counted yet: no line and no zone is drawn.")).to_be_visible()
    page.get_by_role("link", name="Draw a line").click()
    page.get_by_role("button", name="Begin set-up mode").click()
    expect(page.get_by_text("Set-up mode is on for camera entrance, begun by this machine.")).to_be_visible()
    still = page.locator(".pb-still img")
    expect(still).to_be_visible(timeout=120_000)
    page.get_by_role("button", name="Add a line").click()
    expect(page.get_by_text("Press where the line begins.")).to_be_visible()
    box = still.bounding_box()
    assert box
    for x, y in ((0.5, 0.95), (0.5, 0.05)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    expect(page.locator(".pb-still svg text", has_text="in")).to_be_visible()  # both presses have arrived
    name = page.get_by_label("Name of the line")
    expect(name).to_have_value("door")
    name.fill("shop door")
    name.blur()
    expect(page.locator(".pb-still svg text", has_text="shop door")).to_be_visible()
    page.screenshot(path=tmp_path / "drawn.png", full_page=True)
    box = still.bounding_box()  # below another hint
    assert box
    x, top, height = box["x"] + 0.5 * box["width"], box["y"], box["height"]
    dragged(page, (x, top + 0.05 * height), (x, top + 0.1 * height))
    page.get_by_text("Points in per cent of the picture").click()
    expect(page.get_by_label("Point 2, down")).to_have_value(re.compile(r"^(9\.[5-9]|10\.[0-5])$"))
    page.get_by_role("button", name="Rehearse").click()
    expect(page.get_by_text("Rehearsal: walk through and see it count.")).to_be_visible()
    expect(page.locator(".pb-total")).to_contain_text("in, ")
    page.screenshot(path=tmp_path / "setup.png", full_page=True)
    page.get_by_role("button", name="Save and use").click()
    expect(page.get_by_text("Saved. The site starts again with it")).to_be_visible()
    assert [line.name for line in load(site.config).cameras[0].lines] == ["shop door"]
    assert "# from the ceiling" in site.config.read_text()
    eventually(lambda: reachable(page, f"{site.url}/places"))
    expect(page.get_by_role("heading", name="shop door")).to_be_visible()
    eventually(lambda: observed_s(site) > 1)
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(60) == 0


def test_set_up_mode_is_in_the_log_and_leaves_nothing_else(site: NewSite) -> None:
    done = [entry.action for entry in reversed(Journal(site.store_file).since(0))]
    assert done == [
        "set-up mode began",
        "people-free still shown",
        "configuration changed",
        "edges of an empty view kept",
        "set-up mode ended",
    ]
    names = {path.name for path in site.config.parent.iterdir()}
    assert not [name for name in names if name.endswith((".png", ".jpg", ".new"))]
    with Store(site.store_file) as store:
        assert store.sums(Filter("entrance", Measure.CROSSINGS_IN, "shop door")) != []
    assert PASSWORD not in (site.config.parent / "log").read_text() + site.config.read_text()
