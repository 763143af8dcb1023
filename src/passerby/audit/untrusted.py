"""Text that a device sent: cleaned before a person or a program reads it."""

import unicodedata

_LONGEST = 120
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}  # controls (terminal escapes), marks of direction, not assigned


def clean(text: str, longest: int = _LONGEST) -> str:
    """One line without characters that command a terminal, reverse the reading direction or cannot be seen."""
    seen = "".join(" " if unicodedata.category(one) in _UNSEEN else one for one in text[: 4 * longest])
    line = " ".join(seen.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
