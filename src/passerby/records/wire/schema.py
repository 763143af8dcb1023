"""The wire contract as JSON Schema, for whoever writes a site or a hub of their own."""

from typing import Any

import msgspec

from passerby.records.wire.batches import VERSION, Delivery, Receipt

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """A delivery, and under `$defs` all that it is made of and the receipt that answers it."""
    (delivery, _receipt), parts = msgspec.json.schema_components((Delivery, Receipt), ref_template="#/$defs/{name}")
    return {
        "$schema": SCHEMA_ID,
        "title": "What a site of passerby sends to its hub",
        "description": f"Version {VERSION}. docs/hub-wire.md says what a schema cannot.",
        **delivery,
        "$defs": parts,
    }
