"""Who may see which venues of a hub."""

from passerby.hub.access.reads import Reads
from passerby.hub.access.scope import NOTHING, WHOLE, Scope, may_run_hub, scope

__all__ = ["NOTHING", "WHOLE", "Reads", "Scope", "may_run_hub", "scope"]
