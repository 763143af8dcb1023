"""What is wrong with a camera, in groups: what was seen, since when, why it matters and how to mend it."""

from datetime import tzinfo

from nicegui import ui

from passerby.gate.audit_contract import Group
from passerby.records.page.parts import Text, element, heading
from passerby.site.pages import cameras_words as words
from passerby.site.state import StandingFinding


class _Finding:
    """One of them. Its texts change in place, so that what the reader opened stays open."""

    def __init__(self, check: str) -> None:
        with element("li", "pb-finding") as self.item:
            self.item.props["data-check"] = check
            with element("div", "pb-head"):
                self._severity, self._seen = Text("span", "pill"), Text("span")
            self._since = Text("p", "soft")
            with element("details"):
                Text("summary").say("Why it matters, and how to mend it")
                self._why, self._mend = Text("p"), Text("p")

    def update(self, one: StandingFinding, zone: tzinfo | None) -> None:
        """Brings it up to date."""
        self._severity.tell(words.severity(one))
        self._seen.say(one.seen)
        self._since.say(words.since(one, zone))
        self._why.say(one.why)
        self._mend.say(one.mend)


class Findings:
    """All of a camera.

    Args:
        zone: of the site's clock.
    """

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone
        self._lists: dict[Group, ui.element] = {}
        self._boxes: dict[Group, ui.element] = {}
        self._shown: dict[str, _Finding] = {}
        with element("div") as self._all:
            pass

    def _open(self) -> None:
        """Makes the groups, at the first finding: a page of twenty cameras at which all is well is spared them."""
        for group, title in words.GROUPS.items():
            with element("section", "pb-group") as box:
                heading(3, title)
                with element("ul") as found:
                    pass
            self._boxes[group], self._lists[group] = box, found

    def update(self, findings: tuple[StandingFinding, ...]) -> None:
        """Brings them up to date."""
        standing = {one.check for one in findings}
        for check in [one for one in self._shown if one not in standing]:
            self._shown.pop(check).item.delete()
        if findings and not self._boxes:
            with self._all:
                self._open()
        for one in findings:
            if one.check not in self._shown:
                with self._lists[one.group]:
                    self._shown[one.check] = _Finding(one.check)
            self._shown[one.check].update(one, self._zone)
        for group, box in self._boxes.items():
            box.set_visibility(any(one.group is group for one in findings))
