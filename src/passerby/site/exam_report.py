"""How often the judge of masks was right, by height of the face: as a table and as JSON."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from rich.table import Table

from passerby.core.shares import MaskCounts, wilson
from passerby.core.tallies import Tally
from passerby.site.models import ResolvedModel
from passerby.site.state import LockdownState
from passerby.site.summary import locked
from passerby.site.voc import LABELS, WITH_MASK, WITHOUT_MASK, WORN_WRONGLY, Face

_EDGES_PX = (16, 24, 40)
HEIGHTS = ("under 16", "16-24", "24-40", "40+")
"""Classes of the height of a face, native pixels; each begins with its first number."""

_TRUTHS = {WITH_MASK: "masked", WITHOUT_MASK: "bare", WORN_WRONGLY: "wrongly"}


def _height(face: Face) -> str:
    return HEIGHTS[sum(face.height_px >= edge for edge in _EDGES_PX)]


FACE_PLACES = tuple(f"{height} {label}" for height in HEIGHTS for label in LABELS)
"""The made-up places of an exam: one for each kind of face."""


def place_of(face: Face) -> str:
    """The place that a face's answer is counted at."""
    return f"{_height(face)} {face.label}"


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered of faces of one kind.

    Attributes:
        faces: how many there were.
        masked, worn_wrongly, unmasked, cannot_tell: how many of them got each answer.
    """

    faces: int = 0
    masked: int = 0
    worn_wrongly: int = 0
    unmasked: int = 0
    cannot_tell: int = 0

    @staticmethod
    def of(tallies: Iterable[Tally]) -> "Answers":
        """The answers that tallies of one place hold."""
        counts = MaskCounts.of(tallies)
        unmasked = counts.judged - counts.masked - counts.worn_wrongly
        return Answers(counts.asked, counts.masked, counts.worn_wrongly, unmasked, counts.cannot_tell)

    def __add__(self, other: "Answers") -> "Answers":
        return Answers(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Answers)))

    @property
    def judged(self) -> int:
        """Faces of which it could be told."""
        return self.faces - self.cannot_tell

    def right(self, label: str) -> float | None:
        """The share of those judged that is right, if all of them bear this label; worn wrongly counts as bare."""
        right = self.masked if label == WITH_MASK else self.judged - self.masked
        return right / self.judged if self.judged else None

    def as_dict(self) -> dict[str, int]:
        """For JSON."""
        return {one.name: getattr(self, one.name) for one in fields(Answers)}


@dataclass(frozen=True, slots=True)
class Report:
    """What an exam gave.

    Attributes:
        pictures: how many were looked at.
        tallies: of `FACE_PLACES`.
        problems: what is wrong with those that were left out, each with its file.
        model: the judge.
        lock: how the room was shut in.
    """

    pictures: int
    tallies: tuple[Tally, ...]
    problems: tuple[str, ...]
    model: ResolvedModel
    lock: LockdownState

    def answers(self, heights: Iterable[str] = HEIGHTS) -> dict[str, Answers]:
        """Answers by label, of faces of some heights."""
        known = {place: Answers.of(one for one in self.tallies if one.subject == place) for place in FACE_PLACES}
        heights = tuple(heights)
        return {label: sum((known[f"{height} {label}"] for height in heights), Answers()) for label in LABELS}

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        model = {"name": self.model.name, "licence": self.model.licence, "sha256": self.model.sha256}
        return {
            "pictures": self.pictures,
            "heights": {height: _figures(self.answers((height,))) for height in HEIGHTS},
            "all": _figures(self.answers()),
            "model": {**model, "note": self.model.note},
            "lockdown": locked(self.lock),
            "warnings": list(self.problems),
        }

    def table(self) -> Table:
        """The confusion table for people."""
        table = Table(caption=self._caption(), caption_justify="left")
        for column in ("face, px", "truth"):
            table.add_column(column, no_wrap=True)
        # Narrow enough for a terminal of 80 columns.
        for column in ("faces", "masked", "wrongly", "unmasked", "cannot\ntell", "right of\njudged"):
            table.add_column(column, justify="right", no_wrap=True)
        for name, answers in [*((height, self.answers((height,))) for height in HEIGHTS), ("all", self.answers())]:
            for label, one in answers.items():
                right = one.right(label)
                shown = "" if right is None else f"{right:.0%}"
                counts = (one.faces, one.masked, one.worn_wrongly, one.unmasked, one.cannot_tell)
                table.add_row(name if label == LABELS[0] else "", _TRUTHS[label], *map(str, counts), shown)
            table.add_section()
        return table

    def _caption(self) -> str:
        figures = _figures(self.answers())
        pictures = f"{self.pictures} pictures, judge {self.model.name}."
        if figures["share"] is None:
            return f"{pictures} Of no face could it be told."
        low, high = figures["interval"]
        return (
            f"{pictures} Masked share of the faces judged {figures['share']:.3f} (95 %: {low:.3f} to {high:.3f}); of "
            f"all faces by their labels {figures['true_share']:.3f}."
        )


def _figures(answers: dict[str, Answers]) -> dict[str, Any]:
    """Answers by label, and what they come to."""
    whole = sum(answers.values(), Answers())
    bare = sum((one for label, one in answers.items() if label != WITH_MASK), Answers())
    masked_right, bare_right = answers[WITH_MASK].right(WITH_MASK), bare.right(WORN_WRONGLY)
    balanced = None if masked_right is None or bare_right is None else (masked_right + bare_right) / 2
    return {
        "answers": {label: one.as_dict() for label, one in answers.items()},
        "balanced_accuracy": balanced,
        "cannot_tell_share": whole.cannot_tell / whole.faces if whole.faces else None,
        "share": whole.masked / whole.judged if whole.judged else None,
        "interval": wilson(whole.masked, whole.judged) if whole.judged else None,
        "true_share": answers[WITH_MASK].faces / whole.faces if whole.faces else None,
    }
