"""The parts of the page. Each is built once and then brought up to date; only what changed travels to the browser."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from html import escape

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from passerby.core.tallies import Measure
from passerby.records.page import words
from passerby.records.page.chart import Options, chart, table
from passerby.records.page.figures import LINE, ZONE, Figures, PlaceFigures
from passerby.records.page.words import Sentence


class Text:
    """A text of the page that may change.

    Attributes:
        label: its element.
    """

    def __init__(self, tag: str = "span", classes: str = "") -> None:
        self.label = ui.label()
        self.label.tag = tag
        self.label.classes(classes)
        self._tone = ""

    def say(self, text: str) -> None:
        """Changes the text; an empty one hides it."""
        self.label.set_text(text)
        self.label.set_visibility(bool(text))

    def tell(self, sentence: Sentence) -> None:
        """Changes the text and its tone."""
        self.say(sentence.text)
        if sentence.tone != self._tone:
            self.label.classes(remove=self._tone, add=sentence.tone)
            self._tone = sentence.tone

    def mark(self, *, unseen: bool) -> None:
        """Sets figures apart from the words that stand where there is none."""
        self.label.classes(add="unseen" if unseen else "", remove="" if unseen else "unseen")


@contextmanager
def element(tag: str, classes: str = "") -> Iterator[Element]:
    """An element around what is built inside."""
    with ui.element(tag).classes(classes) as made:
        yield made


def heading(level: int, text: str) -> ui.label:
    """A heading."""
    made = ui.label(text)
    made.tag = f"h{level}"
    return made


def button(text: str, classes: str, pressed: Callable[[], object]) -> Element:
    """A button with a text."""
    with ui.element("button").props("type=button").classes(classes) as made:
        Text().say(text)
    return made.on("click", pressed)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart as it is drawn: its options, its one sentence for those who do not see it, and its table."""

    options: Options
    label: str
    table: str


class Drawing:
    """A chart, and the same figures as a table for those who would rather read.

    It is drawn when the reader's browser has shown the rest and called back: figures in words need not wait for the
    charts' code, which is most of what a browser loads.

    Args:
        classes: of the chart's place.
    """

    def __init__(self, classes: str = "pb-chart") -> None:
        self._drawn: object = None
        self._chart: ui.echart | None = None
        with element("div", classes) as self._place:
            pass
        with element("details"):
            Text("summary").say("Show as a table")
            self._table = ui.html(sanitize=False).props("tabindex=0")

    def draw(self, of: object, how: Callable[[], Drawn]) -> None:
        """Draws, unless what it is of was drawn already."""
        if of == self._drawn or not self._place.client.has_socket_connection:
            return
        self._drawn = of
        drawn = how()
        if self._chart is None:
            with self._place:
                self._chart = ui.echart({}, renderer="svg").classes("pb-drawn").props("role=img")
        self._chart.options.clear()
        self._chart.options.update(drawn.options)
        self._chart.props["aria-label"] = drawn.label
        self._chart.update()
        self._table.set_content(drawn.table)


class Facts:
    """Names and values, as a list that may change."""

    def __init__(self) -> None:
        self._list = ui.html(sanitize=False, tag="dl").classes("pb-list")

    def update(self, said: dict[str, str]) -> None:
        """Brings the list up to date."""
        self._list.set_visibility(bool(said))
        self._list.set_content(_facts(said))


class Block:
    """What is written anew as a whole when any of it changes.

    One element for the server and the browser to keep, where single texts would be hundreds of them on a page with
    twenty cameras; most of what such a page costs is its elements.
    """

    def __init__(self, tag: str, classes: str, **props: str) -> None:
        self._element = ui.html(sanitize=False, tag=tag).classes(classes)
        self._element.props.update(props)

    def on(self, event: str, happened: Callable[[], object]) -> None:
        """Calls something when an event of the browser happens to it, or to what is written in it."""
        self._element.on(event, happened, args=[])

    def write(self, html: str) -> None:
        """Changes it; `written`, `told` and `listed` make the HTML."""
        self._element.set_content(html)


def written(tag: str, text: str, classes: str = "") -> str:
    """HTML of a text; nothing of an empty one."""
    return f'<{tag} class="{classes}">{escape(text)}</{tag}>' if text else ""


def told(tag: str, sentence: Sentence, classes: str = "pill") -> str:
    """HTML of a sentence in its tone."""
    return written(tag, sentence.text, f"{classes} {sentence.tone}")


def listed(facts: dict[str, str]) -> str:
    """HTML of names and values; nothing of none."""
    return f'<dl class="pb-list">{_facts(facts)}</dl>' if facts else ""


def _facts(said: dict[str, str]) -> str:
    return "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in said.items())


class Choice:
    """A list to choose from: the browser's own, which every phone and keyboard knows.

    Args:
        name: what is chosen.
        chosen: takes the event of a choice; its `args` are the text that was chosen.
    """

    def __init__(self, name: str, chosen: Callable[[GenericEventArguments], Awaitable[None]]) -> None:
        self._offered: list[str] = []
        with element("label") as self._box:
            self._box.set_visibility(False)
            Text().say(name)
            self._select = ui.element("select").on("change", chosen, js_handler="(e) => emit(e.target.value)")

    def offer(self, texts: Sequence[str], chosen: str = "") -> None:
        """Changes what can be chosen; one choice alone is none, and is hidden."""
        if list(texts) == self._offered:
            return
        is_longer = self._offered and list(texts)[: len(self._offered)] == self._offered
        new = texts[len(self._offered) :] if is_longer else texts
        if not is_longer:
            self._select.clear()
        self._offered = list(texts)
        self._box.set_visibility(len(self._offered) > 1)
        with self._select:
            for text in new:
                option = ui.label(text)
                option.tag = "option"
                option.props["value"] = text
                option.props["selected"] = text == chosen


class PlaceCard:
    """A line or a zone: today, the last window, coverage and the day's course.

    Attributes:
        card, side: the whole card, and its part beside the chart, for those who add to it.
    """

    def __init__(self, place: PlaceFigures, zone: tzinfo | None, names: tuple[str, str]) -> None:
        self._zone = zone
        with element("article", "pb-card pb-line") as self.card:
            self.card.props["data-place"] = f"{place.camera}/{place.name}"
            with element("div") as self.side:
                with element("div", "pb-head"):
                    heading(3, place.name)
                    Text(classes="soft").say(f"camera {place.camera}" if place.camera else "")
                self._big = self._figures(LINE if place.is_line else ZONE, names)
                self._coverage = Text("p", "pill")
                with element("div", "pb-last"):
                    self._window = Text("p", "soft")
                    self._last = Text("p")
            with element("div"):
                self._drawing = Drawing()
        self._is_line = place.is_line

    @staticmethod
    def _figures(measures: tuple[Measure, ...], names: tuple[str, str]) -> dict[Measure, Text]:
        big = {}
        with element("dl", "pb-big"):
            for measure, name, colour in zip(measures, names, ("in", "out"), strict=True):
                with element("div", colour):
                    Text("dt").say(name)
                    big[measure] = Text("dd")
        return big

    def update(self, place: PlaceFigures, figures: Figures) -> None:
        """Brings the card up to date."""
        for measure, text in self._big.items():
            figure = place.today[measure]
            text.say(words.mean(figure) if measure is Measure.PEOPLE else words.count(figure))
            text.mark(unseen=not figure.seen)
        self._coverage.tell(words.coverage_today(place, self._zone))
        window = words.window(place, self._zone)
        self._window.say(window if self._is_line else f"Now ({window[:1].lower()}{window[1:]})")
        self._last.say(self._last_text(place))
        self._drawing.draw((place.course, figures.steps_unix_s), lambda: self._drawn(place, figures))

    def _drawn(self, place: PlaceFigures, figures: Figures) -> Drawn:
        label = words.chart_summary(place, figures.steps_unix_s, figures.step_s, self._zone)
        return Drawn(chart(place, figures, self._zone), label, table(place, figures, self._zone))

    def _last_text(self, place: PlaceFigures) -> str:
        first, second = place.last.values()
        if not first.seen:
            return words.NOT_SEEN.capitalize()
        if self._is_line:
            said = f"{words.count(first)} in, {words.count(second)} out"
        else:
            said = f"{words.mean(first)} people on average, at most {words.count(second)}"
        return f"{said}; {words.coverage(first).text}"


class Alarms:
    """What the reader must know first."""

    def __init__(self) -> None:
        self._said: Sequence[Sentence] | None = None
        self._box = ui.element("div").props('role="status" aria-live="polite"')

    def update(self, said: list[Sentence]) -> None:
        """Brings the alarms up to date."""
        if said == self._said:
            return
        self._said = said
        self._box.clear()
        with self._box:
            for sentence in said:
                Text("p", "pb-alarm").tell(sentence)
