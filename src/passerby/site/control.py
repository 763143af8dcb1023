"""What a running site lends to its API beside the store: how to change it, and what it tells live."""

from dataclasses import dataclass, field

from passerby.site.corrections import Corrections
from passerby.site.journal import Journal
from passerby.site.outputs.alerts import AlertDesk
from passerby.site.outputs.live import Live
from passerby.site.place_windows import PlaceSettings
from passerby.site.reload import Reload


@dataclass(frozen=True, slots=True)
class Control:
    """The hands of a site.

    Attributes:
        corrections: of its store.
        journal: the log of who changed what.
        places: whose occupancy can be corrected.
        reload: reads the configuration again; None where there is no file of it.
        alerts: None where none is configured.
        live: tells numbers as they change.
    """

    corrections: Corrections
    journal: Journal
    places: tuple[PlaceSettings, ...] = ()
    reload: Reload | None = None
    alerts: AlertDesk | None = None
    live: Live = field(default_factory=Live)
