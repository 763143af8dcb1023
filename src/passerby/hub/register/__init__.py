"""What people enter and decide: venues, invitations, keys of sites, the log. SQLite, or PostgreSQL past one machine."""

from passerby.hub.register.database import Database, Part, creates
from passerby.hub.register.log import Entry, Log
from passerby.hub.register.register import Register

__all__ = ["Database", "Entry", "Log", "Part", "Register", "creates"]
