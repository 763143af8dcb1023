"""The list of what is drawn in set-up mode: names, points as numbers for those who do not point, and totals."""

from collections.abc import Callable
from dataclasses import replace

from nicegui import ui
from nicegui.events import GenericEventArguments

from passerby.gate.setup_messages import Rehearsed
from passerby.records.page.parts import Text, button, element
from passerby.site.pages import setup_words as words
from passerby.site.setup.drawing import Drawing, Drawn, Kind
from passerby.site.setup.edit import Grid

_DIGITS = 5
_FIELD = "(e) => emit(e.target.value)"


class ShapeList:
    """Lines, zones and shelves, each with its name, its points in per cent of the picture, and what was rehearsed.

    Args:
        changed: is called when something was changed here.

    Attributes:
        place: all of it.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._drawing: Drawing | None = None
        self._built: list[Drawn] = []
        self._totals: list[tuple[str, Text]] = []
        with element("div", "pb-shapes") as self.place:
            pass

    def show(self, drawing: Drawing) -> None:
        """Shows what is drawn; what has not changed is not built anew, so that who is typing may go on."""
        if drawing is self._drawing and drawing.drawn == self._built:
            return
        self._drawing, self._built = drawing, list(drawing.drawn)
        self.place.clear()
        self._totals = []
        with self.place:
            if not drawing.drawn:
                Text("p", "soft").say("Nothing is drawn yet.")
            for index, one in enumerate(drawing.drawn):
                self._row(index, one)

    def tell(self, told: tuple[Rehearsed, ...]) -> None:
        """Shows what the rehearsal has counted."""
        for name, text in self._totals:
            text.say(words.counted(told, name))

    def _row(self, index: int, one: Drawn) -> None:
        with element("div", "pb-row"):
            with element("div", "what"):
                _field(f"Name of the {one.kind}", one.shape.name, lambda text: self._rename(index, text))
                if one.shape.grid:
                    self._grid(index, one.shape.grid)
                with element("details"):
                    Text("summary").say("Points in per cent of the picture")
                    for corner, point in enumerate(one.shape.points):
                        self._point(index, corner, point)
            total = Text("strong", "pb-total")
            total.say("")
            self._totals.append((one.shape.name, total))
            with element("div", "pb-tools"):
                if one.kind is Kind.LINE:
                    button("Turn the arrow", "pb-button quiet", lambda: self._do(lambda it: it.turn(index)))
                button("Delete", "pb-button quiet", lambda: self._do(lambda it: it.remove(index)))

    def _grid(self, index: int, grid: Grid) -> None:
        def counted(text: str, before: int) -> int:
            return int(text) if text.isdecimal() and len(text) < _DIGITS else before

        def divide(**changes: int | str | None) -> None:
            self._do(lambda it: it.divide(index, replace(grid, **changes)))  # type: ignore[arg-type]  # names are its own

        with element("div", "pb-point"):
            _field("Rows of facings", str(grid.rows), lambda text: divide(rows=counted(text, grid.rows)))
            _field("Columns of facings", str(grid.columns), lambda text: divide(columns=counted(text, grid.columns)))
            _field("Aisle", grid.aisle or "", lambda text: divide(aisle=text.strip() or None))

    def _point(self, index: int, corner: int, point: tuple[float, float]) -> None:
        with element("div", "pb-point"):
            for axis, name in enumerate(("across", "down")):
                _field(
                    f"Point {corner + 1}, {name}",
                    f"{100 * point[axis]:.1f}",
                    lambda text, axis=axis: self._move((index, corner), point, axis, text),  # type: ignore[misc]  # mypy cannot type a bound default
                )

    def _move(self, which: tuple[int, int], point: tuple[float, float], axis: int, text: str) -> None:
        try:
            value = float(text.replace(",", ".")) / 100
        except ValueError:
            value = point[axis]
        moved = (value, point[1]) if axis == 0 else (point[0], value)
        self._do(lambda it: it.move(*which, moved))

    def _rename(self, index: int, name: str) -> None:
        self._do(lambda it: it.rename(index, name.strip()))

    def _do(self, change: Callable[[Drawing], None]) -> None:
        if self._drawing:
            change(self._drawing)
            self._changed()


def _field(name: str, value: str, changed: Callable[[str], None]) -> None:
    """A field of text; what is typed is taken when it is left."""

    def take(event: GenericEventArguments) -> None:
        changed(str(event.args))

    with element("label", "pb-field"):
        Text().say(name)
        ui.element("input").props(f'type=text maxlength=64 value="{_quoted(value)}"').on(
            "change", take, js_handler=_FIELD
        )


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
