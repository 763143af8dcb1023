"""The pages of docs/claims, as the data-protection record cites them."""

import re
from dataclasses import dataclass
from pathlib import Path

_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_PART = re.compile(r"\*\*(The claim|The code|The test|What it does not cover)\.\*\*")


@dataclass(frozen=True, slots=True)
class Claim:
    """A promise to the public.

    Attributes:
        name: of its page, without its end.
        title: of the page.
        claim: the sentence.
        test: which tests fail when it is not so.
        not_covered: what it does not cover, point by point.
    """

    name: str
    title: str
    claim: str
    test: str
    not_covered: tuple[str, ...]


def claims() -> tuple[Claim, ...]:
    """All of them, in the order of the index."""
    folder = _folder()
    order = re.findall(r"\(([\w-]+)\.md\)", (folder / "index.md").read_text("utf-8"))
    return tuple(_claim(name, (folder / f"{name}.md").read_text("utf-8")) for name in dict.fromkeys(order))


def _folder() -> Path:
    """Beside this file in an installed package; in a clone, where the documentation is."""
    installed = Path(__file__).with_name("claims")
    return installed if installed.is_dir() else Path(__file__).parents[4] / "docs" / "claims"


def _claim(name: str, text: str) -> Claim:
    title = text.partition("\n")[0].removeprefix("# ").strip()
    pieces = _PART.split(text)
    parts = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    return Claim(
        name=name,
        title=title,
        claim=_plain(parts["The claim"]),
        test=_plain(parts["The test"]),
        not_covered=tuple(_points(parts["What it does not cover"])),
    )


def _points(text: str) -> list[str]:
    """Its points; a page without a list has one."""
    return [plain for piece in re.split(r"^- ", text, flags=re.MULTILINE) if (plain := _plain(piece))]


def _plain(text: str) -> str:
    """Text without links, marks and line breaks."""
    return " ".join(_LINK.sub(r"\1", text).replace("`", "").split())
