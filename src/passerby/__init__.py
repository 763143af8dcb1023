"""passerby: anonymous camera analytics for public venues."""

from importlib.metadata import version

__version__ = version("passerby")
