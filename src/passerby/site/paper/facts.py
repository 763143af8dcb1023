"""What a site measures, keeps and hands on, from its configuration: for the notice, its page, and the record."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from passerby.gate.contract import free_bits_per_minute
from passerby.site.config import SiteConfig, camera_plan
from passerby.site.paper.shapes import Notice
from passerby.site.store import DAY_S, KEEP_WINDOWS_S

KEPT_DAYS = KEEP_WINDOWS_S // DAY_S
KEPT_MONTHS = 13


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets counts.

    Attributes:
        text: key of the sentence.
        count: how many; 0 where that is not said.
    """

    text: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds of a site, as its configuration says it.

    Attributes:
        site: its name.
        cameras: their names.
        measured: keys of the sentences that say what is measured.
        mask_purposes: what masks are asked for, each once.
        window_s: width of the windows.
        bytes_per_minute: that can leave the rooms with the pictures at most, all cameras together.
        open_streams: names of cameras whose stream is not encrypted.
        reachable: whether others than this machine can reach the page.
        encrypted: whether the page is served with TLS.
        recipients: who gets counts.
        notice: who is responsible and why; None where that is not configured.
    """

    site: str
    cameras: tuple[str, ...]
    measured: tuple[str, ...]
    mask_purposes: tuple[str, ...]
    window_s: int
    bytes_per_minute: int
    open_streams: tuple[str, ...]
    reachable: bool
    encrypted: bool
    recipients: tuple[Recipient, ...]
    notice: Notice | None

    @property
    def private_page(self) -> bool:
        """Whether outsiders on the network cannot read along."""
        return self.encrypted or not self.reachable


def facts_of(config: SiteConfig) -> Facts:
    """What holds of a site."""
    asked = (place.purpose for camera in config.cameras for place in (*camera.lines, *camera.zones))
    bits = sum(free_bits_per_minute(camera_plan(camera, config)) for camera in config.cameras)
    return Facts(
        site=config.site.name,
        cameras=tuple(camera.name for camera in config.cameras),
        measured=tuple(_measured(config)) or ("measured_nothing",),
        mask_purposes=tuple(dict.fromkeys(purpose for purpose in asked if purpose)),
        window_s=config.window_s,
        bytes_per_minute=math.ceil(bits / 8),
        open_streams=tuple(one.name for one in config.cameras if one.source.lower().startswith("rtsp://")),
        reachable=not config.web.only_here,
        encrypted=config.web.tls is not None,
        recipients=tuple(_recipients(config)),
        notice=config.notice,
    )


def _measured(config: SiteConfig) -> Iterator[str]:
    """Under a profile, masks of the whole site are all that is kept."""
    if not config.profile:
        if any(camera.lines for camera in config.cameras):
            yield "measured_crossings"
        if config.places:
            yield "measured_inside"
        zones = [zone for camera in config.cameras for zone in camera.zones]
        if zones:
            yield "measured_zones"
        if any(zone.queue for zone in zones):
            yield "measured_queues"
        if any(camera.heat_map for camera in config.cameras):
            yield "measured_heat"
    if config.asks_for_masks:
        yield "measured_masks"


def _recipients(config: SiteConfig) -> Iterator[Recipient]:
    yield Recipient("recipient_page")
    if config.reports and config.reports.to.folder:
        yield Recipient("recipient_folder")
    if config.reports and config.reports.to.mail:
        yield Recipient("recipient_mail", len(config.reports.to.mail.to))
    if config.mqtt:
        yield Recipient("recipient_mqtt")
    if config.hub:
        yield Recipient("recipient_hub")
    if config.alerts:
        yield Recipient("recipient_alerts")
