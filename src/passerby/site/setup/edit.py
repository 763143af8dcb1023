"""Changes the lines, zones and shelves of a camera in the configuration's file, and leaves all else as it was written.

Comments, order, quotes and keys that set-up does not know stay (ruamel.yaml's round trip). What would not be taken is
not written: the new text is read as the site would read it, before it takes the old one's place at once.
"""

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from passerby.core.geometry import Point
from passerby.errors import ConfigError
from passerby.site.config import load

_DECIMALS = 3
"""Of fractions of the picture: a thousandth of 1920 pixels is two of them."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How a shelf is divided into facings.

    Attributes:
        rows, columns: of facings.
        aisle: the aisle that it belongs to; None for none.
    """

    rows: int
    columns: int
    aisle: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """A line (two points), a zone (three corners or more) or a shelf (four), as it is drawn.

    Attributes:
        name: as it shall be.
        points: fractions of the picture; of a line "in" is from its left to its right hand.
        was: its name in the file, from which it keeps all other keys; None for a new one.
        grid: of a shelf.
    """

    name: str
    points: tuple[Point, ...]
    was: str | None = None
    grid: Grid | None = None


@dataclass(frozen=True, slots=True)
class Shapes:
    """What is drawn on the picture of a camera. Shelves are None where they stay as they are written."""

    camera: str
    lines: tuple[Shape, ...]
    zones: tuple[Shape, ...]
    shelves: tuple[Shape, ...] | None = None


class SiteFile:
    """The configuration's file, as it was when this was made.

    Args:
        path: of the file.

    Raises:
        ConfigError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = _digest(path)

    def save(self, shapes: Shapes) -> None:
        """Writes what is drawn.

        Raises:
            ConfigError: the camera is gone, the file was changed meanwhile, or the site would not take it.
        """
        text = self.edited(shapes)
        if _digest(self.path) != self._read:
            raise ConfigError(
                [f"{self.path} was changed meanwhile by somebody else; open set-up anew, nothing was written"]
            )
        replace_text(self.path, text)
        self._read = _digest(self.path)

    def edited(self, shapes: Shapes) -> str:
        """The text of the file with what is drawn.

        Raises:
            ConfigError: the file is not plain YAML, or does not have the camera.
        """
        text = self.path.read_text(encoding="utf-8")
        yaml = round_trip(text)
        try:
            document = yaml.load(text)
        except YAMLError as error:
            raise ConfigError([f"{self.path}: {' '.join(str(error).split())}"]) from None
        camera = _camera(document, shapes.camera)
        if camera is None:
            raise ConfigError([f"{self.path}: there is no camera {shapes.camera} any more; open set-up anew"])
        _put(camera, "lines", shapes.lines, _line_points)
        _put(camera, "zones", shapes.zones, _zone_points)
        if shapes.shelves is not None:
            _put(camera, "shelves", shapes.shelves, _shelf_grid)
        written = io.StringIO()
        yaml.dump(document, written)
        return written.getvalue()


class _AsWritten(RoundTripRepresenter):
    """Writes null as the example does; ruamel.yaml would leave nothing behind the key."""

    def represent_none(self, data: None) -> ScalarNode:  # noqa: ARG002 - ruamel.yaml's own signature
        return self.represent_scalar("tag:yaml.org,2002:null", "null")


_AsWritten.add_representer(type(None), _AsWritten.represent_none)


def round_trip(text: str) -> YAML:
    """What reads and writes a configuration without losing a comment, in the indentation that it has."""
    yaml = YAML()
    yaml.Representer = _AsWritten
    yaml.preserve_quotes = True
    yaml.width = 160
    dash = re.search(r"^cameras:[^\n]*\n(?:\s*#[^\n]*\n|\s*\n)*( *)- ", text, re.MULTILINE)
    offset = len(dash[1]) if dash else 2
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    return yaml


def _camera(document: Any, name: str) -> CommentedMap | None:
    cameras = document.get("cameras") if isinstance(document, CommentedMap) else None
    found = (one for one in cameras or () if isinstance(one, CommentedMap) and one.get("name") == name)
    return next(found, None)


def _put(
    camera: CommentedMap, key: str, shapes: Sequence[Shape], points: Callable[[CommentedMap, Shape], None]
) -> None:
    """Brings one list of the camera to what is drawn, in place, so that comments stay where they are."""
    if key not in camera:
        if not shapes:
            return
        camera[key] = CommentedSeq()
    listed = camera[key]
    known = {one.get("name"): one for one in listed if isinstance(one, CommentedMap)}
    kept = {shape.was for shape in shapes}
    for index in reversed(range(len(listed))):
        one = listed[index]
        # Facings that were drawn one by one are not shown in set-up, and stay.
        if isinstance(one, CommentedMap) and one.get("name") not in kept and "facings" not in one:
            del listed[index]
    for shape in shapes:
        entry = known.get(shape.was) if shape.was is not None else None
        if entry is None:
            entry = CommentedMap()
            entry.fa.set_flow_style()
            listed.append(entry)
        entry["name"] = shape.name
        points(entry, shape)
    if not listed:
        del camera[key]


def _line_points(entry: CommentedMap, shape: Shape) -> None:
    for key, point in zip(("from", "to"), shape.points, strict=True):
        _set(entry, key, _flow(_rounded(point)))


def _zone_points(entry: CommentedMap, shape: Shape) -> None:
    _set(entry, "corners", _flow([_flow(_rounded(point)) for point in shape.points]))


def _shelf_grid(entry: CommentedMap, shape: Shape) -> None:
    assert shape.grid
    _zone_points(entry, shape)
    entry["rows"], entry["columns"] = shape.grid.rows, shape.grid.columns
    if shape.grid.aisle:
        entry["aisle"] = shape.grid.aisle
    else:
        entry.pop("aisle", None)


def _set(entry: CommentedMap, key: str, value: CommentedSeq) -> None:
    """Sets a value, unless the one that stands there says the same."""
    if _plain(entry.get(key)) != _plain(value):
        entry[key] = value


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _rounded(point: Point) -> list[float]:
    return [round(min(1.0, max(0.0, one)), _DECIMALS) for one in point]


def _flow(values: list[Any]) -> CommentedSeq:
    sequence = CommentedSeq(values)
    sequence.fa.set_flow_style()
    return sequence


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror})"]) from None


def replace_text(path: Path, text: str) -> None:
    """Puts a new text in the place of a file, whole or not at all, if the site would take it."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", suffix=".new", delete=False
        ) as file:
            new = Path(file.name)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ConfigError([f"{path}: its folder cannot be written ({error.strerror}); nothing was changed"]) from None
    try:
        load(new)
        new.chmod(path.stat().st_mode & 0o777)
        new.replace(path)
    except ConfigError as error:
        raise ConfigError([problem.replace(str(new), str(path)) for problem in error.problems]) from None
    finally:
        new.unlink(missing_ok=True)
