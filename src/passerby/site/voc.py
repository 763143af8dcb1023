"""Pictures with labelled faces, as Pascal VOC writes them (Everingham et al. 2010): one XML file for each picture.

The XML lies beside the picture, or in a folder `annotations` beside the picture's folder. No picture is opened here.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from passerby.errors import SourceError

if TYPE_CHECKING:
    # Types only: what is parsed here is parsed by defusedxml.
    from xml.etree.ElementTree import Element

WITH_MASK, WITHOUT_MASK, WORN_WRONGLY = "with_mask", "without_mask", "mask_weared_incorrect"
LABELS = (WITH_MASK, WITHOUT_MASK, WORN_WRONGLY)
"""The names that data sets with masks use, spelling and all."""

_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
_MIN_FACE_PX = 1.0  # smaller ones are no labels, and their sides vanish in the judge's arithmetic
_MAX_FACE_PX = 2000  # a camera's whole picture is hardly so high
_MAX_XML_BYTES = 4 * 1024 * 1024
_BEYOND_PX = 2.0  # labels are drawn by hand, and VOC counts pixels from 1
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_SHOWN = 20
_QUOTED = 60


@dataclass(frozen=True, slots=True)
class Face:
    """A labelled face: one of `LABELS`, and its box x1 y1 x2 y2 in pixels, origin top left."""

    label: str
    box_px: tuple[float, float, float, float]

    @property
    def height_px(self) -> float:
        """Height of the box."""
        return self.box_px[3] - self.box_px[1]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's file and its faces."""

    file: Path
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Pictures with labels, and what is wrong with those that were left out, each with its file."""

    pictures: tuple[Picture, ...]
    problems: tuple[str, ...]


class _LabelError(ValueError):
    """The labels of one picture cannot be used."""


class _UnknownLabelError(_LabelError):
    """A face has a name that means nothing here."""


def find(paths: Iterable[Path]) -> Found:
    """Reads the labels of pictures.

    Args:
        paths: pictures, and folders that are searched to their depths.

    Raises:
        SourceError: a path is not there, a label is unknown, or nothing is left.
    """
    pictures: list[Picture] = []
    problems: list[str] = []
    unknown: list[str] = []
    for file in dict.fromkeys(_files(paths)):
        try:
            pictures.append(Picture(file, _labels(file)))
        except _UnknownLabelError as error:
            unknown.append(str(error))
        except _LabelError as error:
            problems.append(str(error))
    if unknown:
        raise SourceError(f"labels that mean nothing here; write one of {', '.join(LABELS)}:\n{_listed(unknown)}")
    if not pictures:
        raise SourceError(f"no picture with labels was found.\n{_listed(problems)}".rstrip())
    return Found(tuple(pictures), tuple(problems))


def _listed(lines: list[str]) -> str:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return "\n".join(f"  {line}" for line in [*lines[:_SHOWN], *more])


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.suffix.lower() in _SUFFIXES and one.is_file())
        elif not path.is_file():
            raise SourceError(f"{path}: no such file or folder.")
        elif path.suffix.lower() != ".xml":
            yield path


def _labels(picture: Path) -> tuple[Face, ...]:
    places = [picture.parent, *(picture.parent.parent / name for name in ("annotations", "Annotations"))]
    xml = next((file for folder in places if (file := folder / f"{picture.stem}.xml").is_file()), None)
    if xml is None:
        raise _LabelError(
            f"{picture}: there is no {picture.stem}.xml beside it, nor in {picture.parent.parent / 'annotations'}."
        )
    root = _root(xml)
    try:
        size_px = tuple(_number(root, f"size/{side}", math.inf) or math.inf for side in ("width", "height"))
    except _LabelError as error:
        raise _LabelError(f"{xml}: {error}") from None
    faces = []
    for number, part in enumerate(root.findall("object"), start=1):
        try:
            faces.append(_face(part, size_px))
        except _LabelError as error:
            raise type(error)(f"{xml}, object {number}: {error}") from None
    return tuple(faces)


def _root(xml: Path) -> "Element":
    data = _read(xml)
    try:
        root: Element = defusedxml.ElementTree.fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise _LabelError(f"{xml}: it declares entities or a document type, which labels do not need.") from None
    except (defusedxml.ElementTree.ParseError, LookupError, ValueError) as error:
        raise _LabelError(f"{xml}: it is no XML that can be read ({error}).") from None
    if root.tag != "annotation":
        raise _LabelError(f"{xml}: it holds <{root.tag[:_QUOTED]}>, but labels of Pascal VOC are an <annotation>.")
    return root


def _read(xml: Path) -> bytes:
    try:
        if xml.stat().st_size > _MAX_XML_BYTES:
            raise _LabelError(f"{xml}: it is larger than {_MAX_XML_BYTES // 1024**2} MiB; no labels are so long.")
        return xml.read_bytes()
    except OSError as error:
        raise _LabelError(f"{xml}: it cannot be read ({error.strerror}).") from None


def _face(part: "Element", size_px: tuple[float, ...]) -> Face:
    label = (part.findtext("name") or "").strip()
    if label not in LABELS:
        raise _UnknownLabelError(f"the label {_quoted(label)}")
    x1, y1, x2, y2 = (_number(part, f"bndbox/{side}") for side in _SIDES)
    box = f"its box {x1:g},{y1:g} to {x2:g},{y2:g}"
    if not (x1 < x2 and y1 < y2):
        raise _LabelError(f"{box} has no area.")
    if min(x2 - x1, y2 - y1) < _MIN_FACE_PX:
        raise _LabelError(f"{box} is not even one pixel wide and high.")
    if min(x1, y1) < -_BEYOND_PX or x2 > size_px[0] + _BEYOND_PX or y2 > size_px[1] + _BEYOND_PX:
        raise _LabelError(f"{box} lies outside the picture, {size_px[0]:g}x{size_px[1]:g}.")
    if max(x2 - x1, y2 - y1) > _MAX_FACE_PX:
        raise _LabelError(f"{box} is larger than {_MAX_FACE_PX} pixels, which no face of a camera is.")
    return Face(label, (x1, y1, x2, y2))


def _number(part: "Element", path: str, absent: float | None = None) -> float:
    text = part.findtext(path)
    if text is None and absent is not None:
        return absent
    try:
        value = float(text or "")
    except ValueError:
        raise _LabelError(f"{path} is {_quoted(text)}, not a number.") from None
    if not math.isfinite(value):
        raise _LabelError(f"{path} is {_quoted(text)}, not a number.")
    return value


def _quoted(text: str | None) -> str:
    """What a file says, in quotation marks and cut short: it may be of megabytes."""
    return repr(text) if text is None or len(text) <= _QUOTED else f"{text[:_QUOTED]!r}..."
