"""From a name to a file that the pixel room can load: from the given folder, from the cache, or from its source."""

import json
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from passerby.errors import ModelError
from passerby.gate.messages import ModelPlan
from passerby.site.models import catalogue, keep
from passerby.site.models.catalogue import CatalogueEntry, Prepare, SourceKind
from passerby.site.models.fetch import fetch

# Raise it when what `prepare` makes changes: files prepared before are then made again.
_PREPARATION = 2


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model that can be loaded.

    Attributes:
        name: of its entry, or of the own file.
        licence: SPDX name, or "own".
        sha256: of the weights as they came, before they were prepared.
        plan: what the pixel room needs.
        note: empty for the best; otherwise which is better and how to use it.
    """

    name: str
    licence: str
    sha256: str
    plan: ModelPlan
    note: str = ""

    @property
    def counts_as(self) -> str:
        """All of it that a count depends on: one file can look at pictures of several sizes."""
        plan = self.plan
        return f"{self.sha256} {plan.family} {plan.width_px}x{plan.height_px} {plan.threshold}"


@dataclass(frozen=True, slots=True)
class Installed:
    """How an entry stands on this machine.

    Attributes:
        file: its weights as they came or prepared, or None if absent.
        whole: whether the SHA-256 is right; False where absent.
        sha256: of what is there; empty where absent.
    """

    entry: CatalogueEntry
    file: Path | None
    whole: bool
    sha256: str = ""


def resolve(name: str | None = None, size_px: tuple[int, int] | None = None) -> ResolvedModel:
    """Finds a detector of persons, and fetches and prepares it if need be.

    Without a name, the best that is on this machine is taken: passerby's own, unless its file is damaged. If none is
    there, the best that can be fetched.

    Args:
        name: an entry of the catalogue, or None.
        size_px: width and height of the input, multiples of 32; the entry's own if None.

    Raises:
        ModelError: no such entry, or it cannot be had.
    """
    if name is not None:
        return _resolved(catalogue.entry(name), size_px)
    given = keep.given_files()
    here = [one for one in catalogue.PERSONS if _weights(one, size_px or one.size_px, given) is not None]
    refusals = []
    for one in here or catalogue.PERSONS:
        try:
            return _resolved(one, size_px)
        except ModelError as error:
            refusals.append(str(error))
    raise ModelError("no detector of persons can be had:\n  " + "\n  ".join(refusals))


def resolve_masks(name: str | None = None) -> ResolvedModel:
    """Finds the judge of masks, and fetches and prepares it if need be.

    Args:
        name: an entry of `catalogue.MASKS`; the best if None.

    Raises:
        ModelError: no such entry, or it cannot be had; the text says how to get it.
    """
    found = catalogue.entry(name or catalogue.MASKS[0].name, catalogue.MASKS)
    try:
        return _resolved(found, None)
    except ModelError as error:
        raise ModelError(
            f"masks need the mask model {found.name}, which is not here: {error} `passerby models get {found.name}` "
            "fetches it where its source can be reached."
        ) from error


def resolve_own(file: Path, family: str, size_px: tuple[int, int], threshold: float) -> ResolvedModel:
    """Takes a detector that the user brings.

    Args:
        file: ONNX or OpenVINO IR; its first class is the person.
        family: how its output is read, one of `catalogue.FAMILIES`.
        size_px: width and height of its input.
        threshold: least score of a person that is of use, 0..1.

    Raises:
        ModelError: no such file, an unknown family, or a number out of range.
    """
    if family not in catalogue.FAMILIES:
        raise ModelError(f"{file}: unknown model family {family!r}. Families: {', '.join(catalogue.FAMILIES)}.")
    if not 0 < threshold < 1:
        raise ModelError(f"{file}: threshold {threshold} is not between 0 and 1. Scores are shares, such as 0.3.")
    if min(size_px) < 1:
        raise ModelError(f"{file}: input {size_px[0]}x{size_px[1]} is not a size. Write it as 416x256.")
    sha256 = keep.sha256_of(file)
    if not sha256:
        raise ModelError(f"{file}: no such model file, or it cannot be read. Check its path.")
    plan = ModelPlan(str(file.resolve()), family, size_px[0], size_px[1], threshold)
    return ResolvedModel(file.name, "own", sha256, plan)


def parse_size(text: str) -> tuple[int, int]:
    """Width and height in pixels from "416x256".

    Raises:
        ModelError: the text is not of that form.
    """
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise ModelError(f"input {text!r} is not a size. Write width x height in pixels, such as 416x256.")
    return int(width), int(height)


def installed(among: tuple[CatalogueEntry, ...] = catalogue.PERSONS) -> list[Installed]:
    """How each entry of the catalogue stands on this machine; of detectors of persons, unless others are named.

    Raises:
        ModelError: the folder PASSERBY_MODELS cannot be read.
    """
    given = keep.given_files()
    return [_standing(entry, given) for entry in among]


def get(name: str) -> ResolvedModel:
    """Fetches and prepares an entry, for work without a network later.

    Raises:
        ModelError: no such entry, or it cannot be had.
    """
    return _resolved(catalogue.entry(name, catalogue.PERSONS + catalogue.MASKS), None)


def list_table() -> Table:
    """The catalogue as a table, with what is on this machine.

    Raises:
        ModelError: the folder PASSERBY_MODELS cannot be read.
    """
    table = Table(show_lines=True)
    for column in ("name", "licence", "input", "here"):
        table.add_column(column, no_wrap=True)
    table.add_column("about", overflow="fold")
    for one in installed(catalogue.PERSONS + catalogue.MASKS):
        entry = one.entry
        here = "no" if one.file is None else "yes" if one.whole else "damaged"
        size = f"{entry.size_px[0]}x{entry.size_px[1]}"
        about = f"{entry.task}; {entry.note}; family {entry.family}\n{entry.source}\nSHA-256 {entry.sha256}"
        table.add_row(entry.name, entry.licence, size, here, about)
    return table


def _standing(entry: CatalogueEntry, given: dict[str, Path]) -> Installed:
    weights = _weights(entry, entry.size_px, given)
    if weights is not None:
        sha256, files, _ = weights
        return Installed(entry, files[-1], whole=True, sha256=sha256)
    kept = _kept(entry)[-1]
    if kept.is_file():
        return Installed(entry, kept, whole=False, sha256=keep.sha256_of(kept))
    return Installed(entry, None, whole=False)


def _weights(
    entry: CatalogueEntry, size_px: tuple[int, int], given: dict[str, Path]
) -> tuple[str, tuple[Path, ...], bool] | None:
    """Whole files of an entry on this machine.

    Returns:
        SHA-256 of the weights, the files in the source's order, and whether they are prepared already; or None.
    """
    for sha256, ready_px in entry.ready:
        if sha256 in given and ready_px == size_px:
            return sha256, (given[sha256],), True
    published = [file.sha256 for file in entry.source.files]
    if all(sha256 in given for sha256 in published):
        return entry.sha256, tuple(given[sha256] for sha256 in published), False
    for sha256, only_px in entry.copies:
        if sha256 in given and only_px in (None, size_px):
            return sha256, (given[sha256],), False
    kept = _kept(entry)
    if [keep.sha256_of(file) for file in kept] == published:
        return entry.sha256, kept, False
    return None


def _kept(entry: CatalogueEntry) -> tuple[Path, ...]:
    """Where its files are looked for, in the source's order: in the cache, or in passerby itself."""
    if entry.source.kind is SourceKind.OWN:
        folder = Path(__file__).with_name(entry.source.where)
    else:
        folder = keep.cache_folder() / entry.name
    return tuple(folder / file.name for file in entry.source.files)


def _resolved(entry: CatalogueEntry, size_px: tuple[int, int] | None) -> ResolvedModel:
    size_px = size_px or entry.size_px
    given = keep.given_files()
    weights = _weights(entry, size_px, given)
    if weights is None and entry.source.kind is SourceKind.OWN:
        raise ModelError(_not_as_shipped(entry))
    if weights is None:
        _fetch_shown(entry)
        weights = _weights(entry, size_px, {})
    if weights is None:
        raise ModelError(f"{entry.name} arrived, but was changed on the disk at once. Check {keep.cache_folder()}.")
    sha256, files, ready = weights
    file = files[0] if ready or entry.prepare is None else _prepared(entry, entry.prepare, size_px, sha256, files)
    plan = ModelPlan(str(file), entry.family, size_px[0], size_px[1], entry.threshold)
    return ResolvedModel(entry.name, entry.licence, sha256, plan, _note(entry, given))


def _not_as_shipped(entry: CatalogueEntry) -> str:
    file = _kept(entry)[-1]
    found = keep.sha256_of(file)
    how = f"has the SHA-256 {found}, expected {entry.sha256}" if found else "is absent, or cannot be read"
    return f"{entry.name} comes with passerby, but its file {file} {how}. Install passerby again."


def _note(entry: CatalogueEntry, given: dict[str, Path]) -> str:
    best = catalogue.PERSONS[0]
    if entry is best or entry not in catalogue.PERSONS:
        return ""
    lesser = f"{entry.name} is not the best detector ({entry.note}); {best.name} is."
    if _weights(best, best.size_px, given) is None:
        return f"{lesser} It comes with passerby, but its file is damaged or gone: install passerby again."
    return f"{lesser} It comes with passerby, and is used where no other is named."


def _fetch_shown(entry: CatalogueEntry) -> None:
    """Fetches with a bar on the terminal, on the error stream so that JSON stays clean."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(f"getting {entry.name} ({entry.source.size_mb:.0f} MB)", total=1.0)
        fetch(entry, keep.cache_folder() / entry.name, lambda _what, share: progress.update(bar, completed=share))


def _prepared(
    entry: CatalogueEntry, prepare: Prepare, size_px: tuple[int, int], sha256: str, files: tuple[Path, ...]
) -> Path:
    """The graph of that size in the cache, made now unless it is there and unchanged."""
    folder = keep.cache_folder() / "prepared"
    name = f"{entry.name}-{size_px[0]}x{size_px[1]}-{sha256[:12]}"
    file, record = folder / f"{name}.onnx", folder / f"{name}.json"
    origin = {"entry": entry.name, "weights_sha256": sha256, "size_px": list(size_px), "preparation": _PREPARATION}
    if _record(record) == origin | {"sha256": keep.sha256_of(file)}:
        return file
    with keep.kept_in(folder):
        model = prepare(tuple(one.read_bytes() for one in files), size_px)
        keep.write_whole(file, model)
        keep.write_whole(record, json.dumps(origin | {"sha256": keep.sha256_of(file)}).encode())
    return file


def _record(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
