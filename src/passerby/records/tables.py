"""Answers as tables: CSV for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

Row = dict[str, Any]


def as_csv(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """Rows as CSV (RFC 4180) with a head; what has no column is left out, what is absent stays empty.

    A text that a spreadsheet would take for a formula gets an apostrophe.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _harmless(row.get(name)) for name in columns})
    return text.getvalue()


def flat(nested: Row) -> Row:
    """A row whose parts stand side by side, `corrected: {share: 1}` as `corrected_share: 1`; lists are left out."""
    row: Row = {}
    for name, value in nested.items():
        if isinstance(value, dict):
            row |= {f"{name}_{inner}": one for inner, one in flat(value).items()}
        elif not isinstance(value, list):
            row[name] = value
    return row


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
