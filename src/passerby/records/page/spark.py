"""Small charts of a course, drawn as SVG without a script: a page may have hundreds of them."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from nicegui import ui

_WIDTH, _HEIGHT = 240, 40


class Spark:
    """A line with its sentence, which tells the same to those who do not see it.

    Args:
        least_top: the least value that the whole height stands for, so that little sways little.
    """

    def __init__(self, least_top: float) -> None:
        self._least_top = least_top
        self._drawn: object = None
        self._html = ui.html(sanitize=False, tag="figure").classes("pb-spark")
        self._html.set_visibility(False)

    def update(self, values: Sequence[float | None], said: str) -> None:
        """Draws it, unless it is drawn so already.

        Args:
            values: from the oldest to the newest; None where nothing was known, which leaves a gap.
            said: what it shows; empty to hide it.
        """
        if (values, said) == self._drawn:
            return
        self._drawn = (values, said)
        self._html.set_visibility(bool(said))
        self._html.set_content(f"{svg(values, self._least_top)}<figcaption>{escape(said)}</figcaption>")


def svg(values: Sequence[float | None], least_top: float) -> str:
    """The drawing. Its sentence stands beside it, so that it is hidden from those who listen."""
    top = max([least_top, *(value for value in values if value is not None)])
    step = _WIDTH / max(1, len(values) - 1)
    points = [(i * step, value) for i, value in enumerate(values)]
    lines = []
    for known, run in groupby(points, key=lambda point: point[1] is not None):
        if known:
            at = [f"{x:.1f},{_HEIGHT - 2 - (_HEIGHT - 4) * (value or 0.0) / top:.1f}" for x, value in run]
            lines.append(f'<polyline points="{" ".join(at if len(at) > 1 else at * 2)}"/>')
    head = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
    return f"{head}{''.join(lines)}</svg>"
