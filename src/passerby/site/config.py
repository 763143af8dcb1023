"""The configuration of a site: what may be written, what it means, and every mistake at once.

Each key is here because something reads it; `tests/contract/test_config_keys.py` proves it for all of them. The text
behind each key is the reference (`docs/configuration.md`) and the hint that an editor shows (`docs/site.schema.json`).
"""

import itertools
import json
import os
import zoneinfo
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, ValidationError, field_validator, model_validator

from passerby.core.polygons import overlap
from passerby.core.tallies import DEFAULT_WINDOW_S, MAX_WINDOW_S, MIN_WINDOW_S
from passerby.gate.messages import CameraPlan, LinePlan, QueuePlan, ZonePlan
from passerby.records import checks
from passerby.records.checks import divides_an_hour
from passerby.records.config_parts import Credentials, Name, Part
from passerby.records.config_receivers import Receiver
from passerby.records.config_web import Web
from passerby.records.reading import read_yaml, refused
from passerby.records.words import problems_of
from passerby.site import config_rules
from passerby.site.config_alerts import Alert, check_alerts
from passerby.site.config_checks import ENTRANCE, Checks, check_checks, onvif_address
from passerby.site.config_hub import HubSettings
from passerby.site.config_mqtt import Mqtt
from passerby.site.config_proof import ProofSettings
from passerby.site.config_shapes import Area, HeatMaps, LineShape, Masks, PlaceShape, ZoneShape
from passerby.site.config_shelves import ShelfShape
from passerby.site.decree import check_decree
from passerby.site.paper.shapes import Notice, Reports

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"


class Site(Part):
    """The venue."""

    name: Name = Field(default="My venue", description="Stands at the top of the page.")
    time_zone: str | None = Field(
        default=None,
        description="Zone of the page's clock and of midnight, such as Europe/Paris. Absent: this machine's zone.",
    )

    _name = field_validator("name")(checks.plain_text)
    _zone = field_validator("time_zone")(checks.time_zone)

    @property
    def zone(self) -> tzinfo | None:
        """The site's zone; None for the machine's, which is what `datetime` takes it for."""
        return zoneinfo.ZoneInfo(self.time_zone) if self.time_zone else None


class StoreFile(Part):
    """Where tallies are kept."""

    file: Annotated[str, Field(min_length=1)] = Field(
        default="passerby.sqlite", description="Path of the SQLite file; relative to the folder of the configuration."
    )


class OwnModel(Part):
    """A detector of your own."""

    file: Annotated[str, Field(min_length=1)] = Field(
        description="ONNX or OpenVINO IR file; relative to the folder of the configuration."
    )
    family: Literal["passerby", "yolox", "nanodet", "ssd"] = Field(description="How its output is decoded.")
    input: tuple[Annotated[int, Field(ge=32, le=2048)], Annotated[int, Field(ge=32, le=2048)]] = Field(
        description="Width and height of its input, in pixels."
    )
    threshold: Annotated[float, Field(gt=0, lt=1)] = Field(description="Least score that counts as a person.")

    _input = field_validator("input")(config_rules.multiples_of_32)


class Camera(Part):
    """A camera and the places that it sees."""

    name: Name = Field(description="Stands on the page and in the API.")
    source: Annotated[str, Field(min_length=1, max_length=2048)] = Field(
        description="rtsp:// or rtsps:// address without credentials, or a video file relative to the configuration."
    )
    credentials: Credentials | None = Field(
        default=None, description="How to sign in; absent for a camera that asks nothing."
    )
    view: Literal["level", "overhead"] = Field(
        default="level",
        description="level: people stand upright in the picture; overhead: the camera looks straight down.",
    )
    analysed_fps: Annotated[float, Field(ge=1, le=30)] | None = Field(
        default=None,
        description="Frames looked at in a second, at most. Absent: 2.5, 5 with a queue, 8 from straight above.",
    )
    check: Name = Field(
        default=ENTRANCE.name, description="Profile that it must conform to, one of `checks`; none for no profile."
    )
    onvif: Annotated[str, Field(min_length=1, max_length=2048)] | None = Field(
        default=None, description="Address of its ONVIF service. Absent: the usual one of its host is asked."
    )
    lines: tuple[LineShape, ...] = Field(default=(), max_length=64, description="Lines to count crossings of.")
    zones: tuple[ZoneShape, ...] = Field(default=(), max_length=64, description="Zones to count people in.")
    heat_map: bool = Field(default=False, description="Keep a map of where people are, by the hour.")
    staff_areas: tuple[Area, ...] = Field(
        default=(), max_length=64, description="Where staff stand: who is in one of these areas is not counted."
    )
    privacy_masks: tuple[Area, ...] = Field(
        default=(), max_length=64, description="Parts of the picture that are blanked before anything looks at it."
    )

    shelves: tuple[ShelfShape, ...] = Field(default=(), max_length=32, description="Shelves to watch for gaps.")

    _name = field_validator("name")(checks.place_name)
    _source = field_validator("source")(config_rules.camera_source)
    _onvif = field_validator("onvif")(onvif_address)

    @model_validator(mode="after")
    def _sees_faces(self) -> Self:
        if self.view == "overhead" and any(place.masks for place in (*self.lines, *self.zones)):
            raise ValueError("from straight above no face is seen; take masks away, or write view: level")
        return self

    @model_validator(mode="after")
    def _sees_its_shelves(self) -> Self:
        for shelf, area in itertools.product(self.shelves, self.privacy_masks):
            if any(overlap(quad, area.corners) for quad in shelf.quads):
                raise ValueError(f"shelf {shelf.name} lies in a privacy mask, where nothing looks; move one of them")
        return self

    @model_validator(mode="after")
    def _no_one_counted_twice(self) -> Self:
        for one, other in itertools.combinations(self.zones, 2):
            if one.place and one.place == other.place and overlap(one.corners, other.corners):
                raise ValueError(
                    f"zones {one.name} and {other.name} overlap and belong to one place, so people would be counted "
                    "twice there; draw them side by side, or take place away from one"
                )
        return self


class SiteConfig(Part):
    """A site, as its file says."""

    site: Site = Field(default=Site(), description="The venue.")
    window_s: int = Field(
        DEFAULT_WINDOW_S, ge=MIN_WINDOW_S, le=MAX_WINDOW_S, description="Seconds of one window; divides an hour."
    )
    store: StoreFile = Field(default=StoreFile(), description="Where tallies are kept.")
    web: Web = Field(default=Web(), description="Where the page and the API are served.")
    model: Name | OwnModel | None = Field(
        default=None,
        description="Detector of people: a name of `passerby models list` or your own. Absent: passerby-person.",
    )
    workers: int = Field(
        default=0, ge=0, le=256, description="Pixel workers; 0: one for each core, not more than cameras."
    )
    cameras: tuple[Camera, ...] = Field(default=(), max_length=256, description="The cameras.")
    checks: Checks = Field(default=Checks(), description="How the cameras are looked at as devices.")
    places: tuple[PlaceShape, ...] = Field(
        default=(), max_length=256, description="Places whose occupancy is wanted; lines and zones belong to them."
    )
    masks: Masks = Field(default=Masks(), description="How masks are looked for, where a line or zone asks for them.")
    heat_map: HeatMaps = Field(default=HeatMaps(), description="How heat maps are kept, where a camera asks for one.")
    mqtt: Mqtt | None = Field(default=None, description="An MQTT broker, such as Home Assistant's, to tell the counts.")
    proof: ProofSettings = Field(default=ProofSettings(), description="How counts are held against counts by hand.")
    notify: tuple[Receiver, ...] = Field(default=(), max_length=32, description="Who may be told of alerts, and how.")
    alerts: tuple[Alert, ...] = Field(default=(), max_length=256, description="What somebody wants to be told.")
    profile: Literal["decree-2021-269"] | None = Field(
        default=None,
        description="decree-2021-269: only totals and the masked share of the whole site are kept, each 20 minutes or "
        "more, as the French decree asks. Absent: all that this file asks for.",
    )
    hub: HubSettings | None = Field(
        default=None, description="The hub that the site sends its tallies to. Absent: none; nothing is sent."
    )
    reports: Reports | None = Field(default=None, description="Reports on a schedule. Absent: none.")
    notice: Notice | None = Field(
        default=None, description="What the notice at the door says. Absent: `passerby notice` asks for it."
    )

    _folder: Path = PrivateAttr(default=Path())
    _window = field_validator("window_s")(divides_an_hour)

    @property
    def asks_for_masks(self) -> bool:
        """Whether any line or zone asks for masks."""
        return any(place.masks for camera in self.cameras for place in (*camera.lines, *camera.zones))

    def path_of(self, file: str) -> Path:
        """A path of the configuration, relative to the folder that the configuration lies in."""
        return self._folder / Path(file).expanduser()

    @property
    def store_file(self) -> Path:
        """Path of the store."""
        return self.path_of(self.store.file)

    @property
    def worker_count(self) -> int:
        """How many pixel workers to start: as told, else one for each core; never more than cameras."""
        cores = len(os.sched_getaffinity(0))
        return max(1, min(self.workers or cores, len(self.cameras)))


def load(path: Path) -> SiteConfig:
    """Reads a site's configuration.

    Raises:
        ConfigError: with every mistake of the file.
    """
    document = read_yaml(path)
    problems = list(document.problems) + config_rules.repeated_names(document) + config_rules.unknown_places(document)
    config = SiteConfig()
    try:
        config = SiteConfig.model_validate_json(json.dumps(document.data, default=str))
    except ValidationError as error:
        problems += problems_of(error, document, SiteConfig)
    problems += [(document.line(where), text) for where, text in check_alerts(config)]
    problems += [(document.line(where), text) for where, text in check_checks(config)]
    if config.profile:
        problems += [(document.line(where), text) for where, text in check_decree(config)]
    else:
        problems += config_rules.places_of_nothing(document)
    if problems:
        raise refused(path, problems)
    config._folder = path.resolve().parent
    return config


def camera_plan(camera: Camera, config: SiteConfig) -> CameraPlan:
    """What a pixel worker is told of a camera: no address, no credentials."""
    return CameraPlan(
        name=camera.name,
        lines=tuple(LinePlan(line.name, line.start, line.end, masks=line.masks) for line in camera.lines),
        zones=tuple(_zone_plan(zone) for zone in camera.zones),
        view=camera.view,
        window_s=config.window_s,
        analysed_fps=camera.analysed_fps,
        staff_areas=tuple(area.corners for area in camera.staff_areas),
        privacy_masks=tuple(area.corners for area in camera.privacy_masks),
        heat_minimum=config.heat_map.minimum_people if camera.heat_map else None,
        shelves=tuple(shelf.plan for shelf in camera.shelves),
    )


def _zone_plan(zone: ZoneShape) -> ZonePlan:
    queue = QueuePlan(zone.queue.head, zone.queue.tail) if zone.queue else None
    return ZonePlan(zone.name, zone.corners, masks=zone.masks, crowd_limit=zone.crowd_limit, queue=queue)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors."""
    return {"$schema": SCHEMA_ID, **SiteConfig.model_json_schema(by_alias=True), "title": "passerby site"}
