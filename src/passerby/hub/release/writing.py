"""Writes a release into a folder of its own: figures, data sheet, and what they mean."""

import contextlib
import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from passerby.errors import StoreError
from passerby.hub.release.chart import chart_of
from passerby.hub.release.explain import explained
from passerby.hub.release.figures import Figure
from passerby.hub.release.rows import CHART, COLUMNS, CSV, PARQUET, SHEET, WORDS, csv_of, rows_of
from passerby.hub.release.sheet import Sheet
from passerby.hub.release.words import ReleaseError
from passerby.records.tables_parquet import NoParquetError, as_parquet


def files_of(sheet: Sheet, rows: Sequence[Figure]) -> dict[str, bytes]:
    """All files of a release; Parquet where the extra is installed, a chart where there is a day's sum to draw.

    Raises:
        ReleaseError: the figures are not those that the sheet tells of.
    """
    table = csv_of(rows)
    if hashlib.sha256(table).hexdigest() != sheet.files.get(CSV):
        raise ReleaseError(
            f"the figures of release {sheet.release} are made otherwise by this passerby; nothing was handed out. "
            f"Those that were made then are in the hub's folder of releases, or come from passerby {sheet.passerby}"
        )
    files = {
        CSV: table,
        SHEET: msgspec.json.format(msgspec.json.encode(sheet), indent=2) + b"\n",
        WORDS: explained(sheet).encode(),
    }
    chart = chart_of(sheet, rows)
    if chart:
        files[CHART] = chart.encode()
    with contextlib.suppress(NoParquetError):  # CSV has the same rows
        files[PARQUET] = as_parquet(rows_of(rows), COLUMNS)
    return files


def write(files: Mapping[str, bytes], folder: Path, *, anew: bool = False) -> Path:
    """Writes files into a folder, which is made where there is none.

    Args:
        files: by name.
        folder: where.
        anew: write over files that are there; else they stay as they are.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, raw in files.items():
            if anew or not (folder / name).exists():
                # A name of its own: the same release may be asked for twice at once.
                with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{name}-", delete=False) as fresh:
                    fresh.write(raw)
                Path(fresh.name).replace(folder / name)
    except OSError as error:
        words = f"{error.filename or folder}: cannot be written ({error.strerror})"
        raise StoreError(f"{words}. A public release is in the ledger: ask for it again, at no cost") from None
    return folder
