"""A running site takes a changed configuration: the same process, no tally lost; one with mistakes changes nothing."""

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from passerby.core.tallies import Measure
from passerby.gate import landlock, seccomp
from passerby.site.store import Filter, Store
from tests.support.clips import make_clip
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import RunningSite, eventually, overhead_camera

pytestmark = [
    pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"),
    pytest.mark.usefixtures("rtsp_parts"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, rtsp_parts: None) -> Iterator[RunningSite]:
    folder = tmp_path_factory.mktemp("venue")
    clip = make_clip(folder / "walk.mp4", seconds=6)
    with (
        RtspServer(Serving(clip)) as server,
        RunningSite(folder, overhead_camera("hall", server.url)).start(cwd=folder) as site,
    ):
        site.wait_live()
        # Whoever can write into the working folder must not be able to put a program in when the site starts again.
        (folder / "structlog.py").write_text("raise SystemExit('taken from the working folder')\n")
        yield site


def config(site: RunningSite) -> Path:
    return site.log.parent / "site.yaml"


def change(site: RunningSite, old: str, new: str) -> None:
    text = config(site).read_text()
    assert old in text
    config(site).write_text(text.replace(old, new))


def seen_s(site: RunningSite) -> float:
    """Seconds that the store knows of the hall's floor. Only a store that is not open can be read here."""
    with Store(site.log.parent / "passerby.sqlite") as store:
        return sum(one.exposure for one in store.sums(Filter("hall", Measure.PEOPLE)))


def floors(site: RunningSite) -> float:
    """The same, as the site tells it."""
    answer = site.get("/api/v1/tallies?camera=hall&measure=people&subject=floor&since=0")
    return float(sum(one["exposure"] for one in answer.get("tallies", [])))


def named(site: RunningSite, name: str) -> bool:
    return bool(site.state().get("site") == name)


def begun_again(site: RunningSite) -> int:
    return site.log.read_text().count('"site open"')


def test_hangup_takes_a_changed_configuration_in_the_same_process(site: RunningSite) -> None:
    pid, observed_s = site.pid, site.camera("hall")["observed_s"]
    eventually(lambda: site.camera("hall").get("observed_s", 0) > observed_s + 2)
    before_s, running_s = floors(site), site.camera("hall")["observed_s"]
    change(site, "window_s: 60", "site: {name: Museum of Tides}\nwindow_s: 60")
    site.tell(signal.SIGHUP)
    eventually(lambda: named(site, "Museum of Tides"))
    eventually(lambda: begun_again(site) == 2)
    assert site.pid == pid
    assert "Traceback" not in site.log.read_text()
    # What was seen of the window that runs was stored before the site closed; less than a second of it may be lost.
    kept_s = eventually(lambda: floors(site))
    assert kept_s >= before_s
    assert kept_s >= running_s - 3


def test_the_rest_of_the_window_is_added_to_what_was_kept(site: RunningSite) -> None:
    kept_s = floors(site)
    site.wait_live()
    observed_s = eventually(lambda: site.camera("hall").get("observed_s", 0) > 7 and site.camera("hall")["observed_s"])
    site.tell(signal.SIGHUP)
    eventually(lambda: begun_again(site) == 3)
    # The first seconds of a camera that looks straight down are spent on learning the scene.
    assert eventually(lambda: floors(site)) >= kept_s + observed_s - 5


def test_a_configuration_with_mistakes_is_refused_and_the_site_goes_on(site: RunningSite) -> None:
    site.wait_live()
    times = begun_again(site)
    change(site, "window_s: 60", "window_s: 61")
    site.tell(signal.SIGHUP)
    eventually(lambda: "the changed configuration is not taken" in site.log.read_text())
    eventually(lambda: "must divide an hour" in site.log.read_text())
    observed_s = site.camera("hall")["observed_s"]
    eventually(lambda: site.camera("hall").get("observed_s", 0) > observed_s + 1)
    assert begun_again(site) == times
    change(site, "window_s: 61", "window_s: 60")


def test_a_start_that_would_fail_is_refused_too(site: RunningSite) -> None:
    """Right as it is written, but a secret that it names is not there: the site must not end by that."""
    times = begun_again(site)
    change(site, "window_s: 60", "notify: [{name: phone, url_file: absent}]\nwindow_s: 60")
    site.tell(signal.SIGHUP)
    eventually(lambda: "absent cannot be read" in site.log.read_text())
    assert site.state()["site"] == "Museum of Tides"
    assert begun_again(site) == times
    change(site, "notify: [{name: phone, url_file: absent}]\n", "")


def test_the_api_refuses_mistakes_and_takes_what_is_right(site: RunningSite) -> None:
    url = f"http://127.0.0.1:{site.port}/api/v1/reload"
    pid, times = site.pid, begun_again(site)
    assert httpx.post(url, trust_env=False, timeout=60).status_code == 202
    eventually(lambda: begun_again(site) == times + 1)
    site.wait_live()
    change(site, "window_s: 60", "window_s: 61")
    answer = httpx.post(url, trust_env=False, timeout=60)
    assert answer.status_code == 422
    assert "must divide an hour" in answer.json()["error"]["problems"][0]["message"]
    change(site, "window_s: 61", "window_s: 60")
    assert (site.pid, begun_again(site)) == (pid, times + 1)


def test_hangups_while_it_starts_again_do_not_end_it(site: RunningSite) -> None:
    site.wait_live()
    begun = begun_again(site)

    def again() -> bool:
        site.tell(signal.SIGHUP)
        return begun_again(site) > begun

    eventually(again)
    site.wait_live()


def test_nothing_was_lost_in_all_of_it(site: RunningSite) -> None:
    told_s = floors(site)
    assert site.stop() == 0
    assert seen_s(site) >= told_s
