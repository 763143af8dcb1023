"""From a site's store to its hub: seals what was tallied, tells how the site is, and sends both."""

from passerby.site.outbox.desk import HubChannel, HubDesk
from passerby.site.outbox.names import is_strict, layout_of

__all__ = ["HubChannel", "HubDesk", "is_strict", "layout_of"]
