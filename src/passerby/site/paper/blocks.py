"""A document as plain blocks, and how they are written: as Markdown, or as data for the template."""

import re
from dataclasses import dataclass
from typing import Any

_MARKS = re.compile(r"([\\`*_\[\]<>|#~])")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the document's title."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Points:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `widths` says how the room is shared."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """Something that only the controller can say."""

    text: str


Block = Heading | Text | Points | Grid | Open
YOURS = "Yours to judge"


def as_data(blocks: list[Block]) -> list[dict[str, Any]]:
    """For the template: each block with its kind."""
    return [
        {"kind": type(block).__name__.lower(), **{name: getattr(block, name) for name in block.__slots__}}
        for block in blocks
    ]


def as_markdown(blocks: list[Block]) -> str:
    """As Markdown; every text in it is shown as it is."""
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {_shown(text)}"
        case Text(text):
            return _shown(text)
        case Points(items):
            return "\n".join(f"- {_shown(item)}" for item in items)
        case Open(text):
            return f"> **{YOURS}:** {_shown(text)}\n>\n> ..."
        case Grid(columns, rows):
            head = [columns, tuple("---" for _ in columns)]
            lines = [head[0], *rows]
            told = ["| " + " | ".join(map(_shown, line)) + " |" for line in lines]
            return "\n".join([told[0], "| " + " | ".join(head[1]) + " |", *told[1:]])


def _shown(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
