"""Whom a site tells numbers by itself: in words for the page of privacy, which else would say that nobody is told."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from passerby.records.receivers import ReceiverState
from passerby.site.config import SiteConfig
from passerby.site.outbox.names import is_strict
from passerby.site.outputs.mqtt import NAME as MQTT
from passerby.site.pages.site import Outlet
from passerby.site.state import HubState, OutputState, SiteState

_Found = OutputState | ReceiverState


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who is told.

    Attributes:
        name: as the page shows it.
        what: what is told, to whom and how often, in a sentence; it names no address that may be a secret.
        key: its name in the site's state.
        is_receiver: whether it stands there as a receiver of alerts.
        is_hub: whether it is the hub.
    """

    name: str
    what: str
    key: str
    is_receiver: bool = False
    is_hub: bool = False

    def outlet(self, state: Callable[[], SiteState]) -> Outlet:
        """As the page takes it.

        Args:
            state: how the site is now.
        """
        return Outlet(self.name, self.what, partial(self._words, state))

    def _words(self, state: Callable[[], SiteState]) -> str:
        now = state()
        if self.is_hub:
            return _hub(now.hub, time.time())
        known: tuple[_Found, ...] = now.receivers if self.is_receiver else now.outputs
        return _how(next((one for one in known if one.name == self.key), None))


def told_by(config: SiteConfig) -> tuple[Told, ...]:
    """All who are told by a site."""
    return tuple(_told(config))


def _told(config: SiteConfig) -> Iterator[Told]:
    if config.mqtt:
        shelves = any(camera.shelves for camera in config.cameras)
        more = " and, by the minute, how shelves are," if shelves else ","
        what = f"Numbers of closed windows{more} to the broker {config.mqtt.host}, whenever one changes."
        yield Told("MQTT", what, MQTT)
    for name in dict.fromkeys(one for alert in config.alerts for one in alert.to):
        alerts = ", ".join(alert.name for alert in config.alerts if name in alert.to)
        shelves = any(alert.when == "shelf_empty" for alert in config.alerts if name in alert.to)
        more = ", or the facings that are empty" if shelves else ""
        what = f"When one begins and when it ends, with a number of a closed window{more}: {alerts}."
        yield Told(f"Alerts to {name}", what, name, is_receiver=True)
    if config.hub:
        yield Told("Hub", _to_hub(config, config.hub.url), "", is_hub=True)
    if config.reports:
        spans = " and of each ".join(dict.fromkeys(config.reports.schedule))
        if config.reports.to.folder is not None:
            yield Told("Reports in a folder", f"Of each {spans}, as PDF and CSV.", "reports: folder")
        if config.reports.to.mail:
            count = len(config.reports.to.mail.to)
            who = "1 address" if count == 1 else f"{count} addresses"
            yield Told("Reports by e-mail", f"Of each {spans}, as PDF and CSV, to {who}.", "reports: mail")


def _how(found: _Found | None) -> str:
    """How it goes."""
    if found is None:
        return "Nothing was told since the start."
    if isinstance(found, OutputState):
        return "It takes what it is told." if found.ok else f"Not told now: {found.problem}"
    counts = [f"{found.sent} sent since the start"]
    counts += [f"{found.waiting} waiting"] if found.waiting else []
    counts += [f"{found.lost} lost"] if found.lost else []
    return ", ".join(counts) + (f"; {found.problem}" if found.problem else "") + "."


def _to_hub(config: SiteConfig, url: str) -> str:
    what = (
        "Crossings and the masked share of the whole site, of 20 minutes or more,"
        if is_strict(config)
        else "Tallies of closed windows, how many people are in places,"
    )
    return f"{what} and how the cameras are, to {url}, each minute. Heat maps stay here."


def _hub(found: HubState | None, now_unix_s: float) -> str:
    if found is None:
        return "Nothing was told since the start."
    parts = [f"{found.bytes_sent:,} bytes sent since the start".replace(",", " ")]
    parts += [f"the last {now_unix_s - found.taken_unix_s:.0f} s ago"] if found.taken_unix_s else []
    if found.waiting and found.oldest_unix_s:
        minutes = (now_unix_s - found.oldest_unix_s) / 60
        parts.append(f"{found.waiting} batches waiting, the oldest for {minutes:.0f} minutes")
    parts += [f"{found.shed} given up since the disk was full"] if found.shed else []
    return ", ".join(parts) + (f"; {found.problem}" if found.problem else "") + "."
