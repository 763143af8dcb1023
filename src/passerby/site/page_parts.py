"""The parts of the page. Each is built once and then brought up to date; only what changed travels to the browser."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import tzinfo

from nicegui import ui
from nicegui.element import Element

from passerby.core.tallies import Measure
from passerby.site import page_words as words
from passerby.site.figures import LINE, ZONE, Figures, PlaceFigures
from passerby.site.page_chart import chart, table
from passerby.site.page_words import Sentence
from passerby.site.state import CameraState, SiteState

_FOR_PROGRAMS = (
    '<p class="soft">For programs: <a href="/api/v1/tallies?format=csv">today as a spreadsheet (CSV)</a>, '
    '<a href="/api/v1/tallies">JSON</a>, <a href="/metrics">Prometheus</a></p>'
)


class Text:
    """A text of the page that may change."""

    def __init__(self, tag: str = "span", classes: str = "") -> None:
        self._label = ui.label()
        self._label.tag = tag
        self._label.classes(classes)
        self._tone = ""

    def say(self, text: str) -> None:
        """Changes the text; an empty one hides it."""
        self._label.set_text(text)
        self._label.set_visibility(bool(text))

    def tell(self, sentence: Sentence) -> None:
        """Changes the text and its tone."""
        self.say(sentence.text)
        if sentence.tone != self._tone:
            self._label.classes(remove=self._tone, add=sentence.tone)
            self._tone = sentence.tone

    def mark(self, *, unseen: bool) -> None:
        """Sets figures apart from the words that stand where there is none."""
        self._label.classes(add="unseen" if unseen else "", remove="" if unseen else "unseen")


@contextmanager
def element(tag: str, classes: str = "") -> Iterator[Element]:
    """An element around what is built inside."""
    with ui.element(tag).classes(classes) as made:
        yield made


def heading(level: int, text: str) -> None:
    """A heading."""
    Text(f"h{level}").say(text)


class PlaceCard:
    """A line or a zone: today, the last window, coverage and the day's course."""

    def __init__(self, place: PlaceFigures, zone: tzinfo | None) -> None:
        self._zone = zone
        self._drawn: tuple[object, ...] = ()
        with element("article", "pb-card pb-line") as card:
            card.props["data-place"] = f"{place.camera}/{place.name}"
            with element("div"):
                with element("div", "pb-head"):
                    heading(3, place.name)
                    Text(classes="soft").say(f"camera {place.camera}")
                self._big = self._figures(place.is_line)
                self._coverage = Text("p", "pill")
                with element("div", "pb-last"):
                    self._window = Text("p", "soft")
                    self._last = Text("p")
            with element("div"):
                self._chart = ui.echart({}, renderer="svg").classes("pb-chart").props("role=img")
                with element("details"):
                    Text("summary").say("Show as a table")
                    self._table = ui.html(sanitize=False)
        self._is_line = place.is_line

    @staticmethod
    def _figures(is_line: bool) -> dict[Measure, Text]:
        names = ("In today", "Out today") if is_line else ("Mean today", "Most today")
        big = {}
        with element("dl", "pb-big"):
            for measure, name, colour in zip(LINE if is_line else ZONE, names, ("in", "out"), strict=True):
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
        self._window.say(words.window(place, self._zone))
        self._last.say(self._last_text(place))
        drawn = (place.course, figures.steps_unix_s)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._chart.options.clear()
        self._chart.options.update(chart(place, figures, self._zone))
        self._chart.update()
        summary = words.chart_summary(place, figures.steps_unix_s, figures.step_s, self._zone)
        self._chart.props["aria-label"] = summary
        self._table.set_content(table(place, figures, self._zone))

    def _last_text(self, place: PlaceFigures) -> str:
        first, second = place.last.values()
        if not first.seen:
            return words.NOT_SEEN.capitalize()
        if self._is_line:
            said = f"{words.count(first)} in, {words.count(second)} out"
        else:
            said = f"{words.mean(first)} people on average, at most {words.count(second)}"
        return f"{said}; {words.coverage(first).text}"


class CameraRow:
    """A camera: how it is and what to do."""

    def __init__(self) -> None:
        with element("div", "pb-row"):
            with element("div", "what"):
                self._name = Text("h3")
                self._facts = Text("p", "soft")
                self._fault = Text("p", "pb-fault")
            self._status = Text("p", "pill")

    def update(self, camera: CameraState) -> None:
        """Brings the row up to date."""
        self._name.say(camera.name)
        self._facts.say(words.camera_facts(camera))
        self._fault.say(camera.fault[:1].upper() + camera.fault[1:] if camera.fault else "")
        self._status.tell(words.camera(camera))


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


class Promise:
    """How the pixels are shut in, what finds people, and what leaves this machine."""

    def __init__(self, workers: int, window_s: int) -> None:
        with element("div", "pb-two"):
            with element("article", "pb-card"):
                heading(3, "Where the pictures stay")
                intro = "Video is counted in a room without network and without disk. Only numbers come out."
                Text("p", "soft").say(intro)
                self._locks = [self._row() for _ in range(workers)]
            with element("article", "pb-card pb-facts"):
                heading(3, "What leaves this machine")
                Text("p").say(
                    f"Nothing by itself. Who can open this page sees numbers about places, each over "
                    f"{words.width(window_s)} or more: no pictures, no single visits, nothing about one person."
                )
                Text("p", "soft").say("Windows are kept for 35 days, then as hours; after 13 months they are deleted.")
                self._model = Text("p")
                self._note = Text("p", "pill")
                ui.html(_FOR_PROGRAMS, sanitize=False)

    @staticmethod
    def _row() -> tuple[Text, Text]:
        with element("div", "pb-row"):
            return Text("p", "what"), Text("p", "pill")

    def update(self, state: SiteState) -> None:
        """Brings the facts up to date."""
        for (name, lock), worker in zip(self._locks, state.lockdown, strict=False):
            name.say(worker.worker.capitalize())
            lock.tell(words.lock(worker, unsafe=state.unsafe))
        self._model.say("; ".join(f"People are found by {model.name} ({model.licence})." for model in state.models))
        note = " ".join(model.note for model in state.models if model.note)
        self._note.tell(Sentence(note, words.Tone.WARN))
