"""Who may see which venues of a hub."""

from passerby.hub.access.scope import NOTHING, WHOLE, Scope, scope

__all__ = ["NOTHING", "WHOLE", "Scope", "scope"]
