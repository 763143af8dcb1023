"""How a made-up judge did on known faces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """As `core.masks.Confusion`: masked and bare faces, judged right and wrong."""

    masked_right: int
    masked_wrong: int
    bare_right: int
    bare_wrong: int
