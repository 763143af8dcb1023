"""Models: which there are, where they come from, and how each becomes a graph that the pixel room can load."""

from passerby.site.models.catalogue import FAMILIES, MASKS, PERSONS, CatalogueEntry, SourceKind
from passerby.site.models.resolve import (
    Installed,
    ResolvedModel,
    get,
    installed,
    list_table,
    parse_size,
    resolve,
    resolve_masks,
    resolve_own,
)

__all__ = [
    "FAMILIES",
    "MASKS",
    "PERSONS",
    "CatalogueEntry",
    "Installed",
    "ResolvedModel",
    "SourceKind",
    "get",
    "installed",
    "list_table",
    "parse_size",
    "resolve",
    "resolve_masks",
    "resolve_own",
]
