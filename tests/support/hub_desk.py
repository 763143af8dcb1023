"""Alerts of a filled hub: rules as they are written in `hub.yaml`, and a clock that a test sets."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from passerby.hub.alerts import AlertDesk
from passerby.hub.alerts.opening import alert_desk
from passerby.hub.config import HubConfig, load
from tests.support.filled_hub import SCRIPTS, FilledHub, Script, filled_hub
from tests.support.receiving import Receiving, receiving

PATIENCE_S = 60.0


def config(folder: Path, **sections: Any) -> HubConfig:
    """A configuration as it is read from a file."""
    (folder / "hub.yaml").write_text(json.dumps(sections))
    return load(folder)


def hook(name: str, receiver: Receiving) -> dict[str, str]:
    """A receiver of `notify`."""
    return {"name": name, "webhook": f"http://{receiver.address}/{name}", "secret_env": "HOOK"}


@dataclass
class Watch:
    """A desk over a filled hub.

    Attributes:
        hub: the stores.
        desk: watches.
        got: what was sent.
        folder: where all is.
    """

    hub: FilledHub
    desk: AlertDesk
    got: Receiving
    folder: Path

    def change(self, slug: str, **changes: Any) -> None:
        """Lets a site say something else, just now."""
        script = next(one for one in SCRIPTS if one.venue.slug == slug)
        self.hub.tell(replace(script, **changes), self.hub.number(slug))

    def look(self, after_s: float = 0.0) -> None:
        """Time goes on, all sites say what they said before, and the desk looks."""
        self.hub.now += after_s
        self.hub.board.look()
        self.desk.look()

    def told(self, count: int) -> list[tuple[str, str, str]]:
        """Waits for so many messages: which receiver got which event of which venue."""
        deadline = time.monotonic() + PATIENCE_S
        while len(self.got.got) < count and time.monotonic() < deadline:
            self.desk.look()
            time.sleep(0.02)
        bodies = [(one.path[1:], json.loads(one.body)) for one in self.got.got]
        return [(path, body["event"], body["venue"]) for path, body in bodies]

    def quiesce(self) -> None:
        """Waits until nothing waits to be sent."""
        deadline = time.monotonic() + PATIENCE_S
        while any(one.waiting for one in self.desk.receivers()) and time.monotonic() < deadline:
            self.desk.look()
            time.sleep(0.02)

    def again(self) -> "Watch":
        """The desk of a hub that was started again."""
        return replace(
            self, desk=alert_desk(load(self.folder), self.hub.board, self.hub.register, lambda: self.hub.now)
        )


@contextmanager
def watching(folder: Path, *alerts: dict[str, Any], chosen: Callable[[Script], bool] = bool) -> Iterator[Watch]:
    """A desk with these rules; receivers are `duty` and `boss`."""
    with receiving() as got, filled_hub(folder, tuple(one for one in SCRIPTS if chosen(one))) as hub:
        made = config(folder, notify=[hook("duty", got), hook("boss", got)], alerts=list(alerts))
        desk = alert_desk(made, hub.board, hub.register, lambda: hub.now)
        yield Watch(hub, desk, got, folder)
