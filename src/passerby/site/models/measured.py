"""What was measured of the judges of masks."""

from passerby.core.masks import OPERATING, Confusion
from passerby.site.models.catalogue import MASKS


def confusion_of(name: str | None = None) -> Confusion | None:
    """How a judge answered for faces of which the truth is known.

    Args:
        name: an entry of `catalogue.MASKS`; the best if None.

    Returns:
        what was measured; None where there is no such judge.
    """
    families = {one.name: one.family for one in MASKS}
    family = families.get(MASKS[0].name if name is None else name)
    return OPERATING[family].confusion if family else None
