"""Looks at a running site's cameras as devices, again and again: when, what is heard, since when something is wrong."""

from passerby.site.audits.schedule import Audits, Pace

__all__ = ["Audits", "Pace"]
