"""One look at a site's cameras as devices: `passerby check`."""

from passerby.site.check.once import Wanted, check

__all__ = ["Wanted", "check"]
