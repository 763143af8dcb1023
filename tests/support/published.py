"""A site that tells a broker, without its cameras: a filled store, a state and a clock that a test turns."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from passerby.site.corrections import Corrections
from passerby.site.figures import Settings
from passerby.site.occupancy import PlaceBoard
from passerby.site.outputs import Sources
from passerby.site.outputs.mqtt import Channel, publishes
from passerby.site.outputs.mqtt_link import Broker
from passerby.site.outputs.mqtt_topics import Topics
from passerby.site.pages.board import PageBoard
from passerby.site.place_windows import PlaceSettings
from passerby.site.shelf_states import ShelfNow
from passerby.site.state import CameraState, CameraStatus, LockdownState, OutputState, SiteState
from passerby.site.store import Store
from tests.support import filled
from tests.support.broker import Mosquitto

PLACES = (PlaceSettings("Ground floor", lines=(("entrance", "Main door"),), zones=(), opens=None, crowd_limit=50),)
STATE = SiteState(
    "Museum of Tides",
    cameras=(CameraState("entrance", CameraStatus.LIVE), CameraState("shop", CameraStatus.LIVE)),
    lockdown=(LockdownState("worker 1", 7, seccomp=True),),
)


@dataclass
class Venue:
    """A venue that can be told to a broker, as often as a test likes.

    Attributes:
        told: how the output is, in the order in which it said so.
        shelves: how they are.
    """

    store: Store
    state: SiteState = STATE
    now_unix_s: float = filled.NINE + 4 * 3600.0
    settings: Settings = field(default_factory=filled.settings)
    places: tuple[PlaceSettings, ...] = PLACES
    told: list[OutputState] = field(default_factory=list)
    shelves: Callable[[], tuple[ShelfNow, ...]] = tuple

    def channel(self, at: Mosquitto, **changes: object) -> Channel:
        """As the configuration of this venue would make it."""
        topics = Topics("passerby", self.state.site)
        where = Broker("127.0.0.1", at.port, topics.client_id, *(at.user or (None, None)))
        return replace(Channel(where, topics, self.places, "homeassistant"), **changes)  # type: ignore[arg-type]  # as told

    @contextmanager
    def telling(self, to: Channel) -> Iterator[None]:
        """As long as it is open, the broker is told."""
        settings = replace(self.settings, clock=lambda: self.now_unix_s)
        places = PlaceBoard(self.store, Corrections(self.store.file), self.places, settings)
        board = PageBoard(self.store, lambda: self.state, settings, places)
        sources = Sources(self.store, lambda: self.state, settings, board, self.told.append, shelves=self.shelves)
        with publishes(to)(sources):
            yield

    @property
    def problem(self) -> str:
        """What is wrong with the output now, or nothing."""
        return (self.told[-1].problem or "") if self.told else ""

    @property
    def ok(self) -> bool:
        """Whether the output works."""
        return bool(self.told) and self.told[-1].ok
