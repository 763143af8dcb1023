"""The page of cameras: how each is, how much of its picture is seen, what was found at it, and how to mend it."""

from passerby.records.access import Role, account_of
from passerby.records.page import words
from passerby.records.page.figures import Figure, Figures
from passerby.records.page.parts import Block, Text, element, heading, listed, told, written
from passerby.records.page.spark import Spark
from passerby.site import page_words
from passerby.site.audits.told import seen_by
from passerby.site.pages import cameras_words, now_words
from passerby.site.pages.camera_findings import Findings
from passerby.site.pages.site import Asked, Section, Site, View
from passerby.site.state import CameraChecks, CameraState

_DONE = {"persons": "People are found", "masks": "Masks are judged"}


async def build(site: Site, view: View, asked: Asked) -> list[Section]:
    """Builds the page."""
    account = account_of(asked.request)
    with element("p", "pb-glance"):
        glance, attention = Text(classes="pill"), Text(classes="pill")
    trouble = Text("p", "pill")
    cards = [_Camera(camera.name, site) for camera in view.state.cameras]
    if account is None or account.role < Role.OPERATOR:
        Text("p", "soft").say(cameras_words.FOR_OPERATORS)
    heading(2, "Who looks")
    with element("div", "pb-card pb-facts"):
        models, note = Text("p"), Text("p", "pill")

    async def update(now: View) -> None:
        checks = seen_by(account, now.state.checks)
        glance.tell(now_words.cameras(now.state.cameras))
        attention.tell(cameras_words.site_attention(checks))
        trouble.tell(words.Sentence(checks.problem or "", words.Tone.WARN))
        for card, camera in zip(cards, now.state.cameras, strict=False):
            card.update(camera, now.today.figures, checks.of(camera.name))
        none = "Movement is looked at; no model is needed."
        found = (f"{_DONE[one.task]} by {one.name} ({one.licence})." for one in now.state.models)
        models.say(" ".join(found) or none)
        said = " ".join(model.note for model in now.state.models if model.note)
        note.tell(words.Sentence(said, words.Tone.WARN))

    return [update]


class _Camera:
    """One camera."""

    def __init__(self, name: str, site: Site) -> None:
        self._settings = site.settings
        with element("article", "pb-card pb-camera") as card:
            card.props["data-camera"] = name
            self._block = Block("div", "")
            with element("div", "pb-sparks"):
                self._age, self._fps = Spark(least_top=5.0), Spark(least_top=25.0)
            self._findings = Findings(site.settings.zone)
            self._looked = Text("p", "soft pb-looked")

    def update(self, camera: CameraState, figures: Figures, known: CameraChecks) -> None:
        """Brings it up to date."""
        pills = told("span", cameras_words.attention(known)) + told("span", page_words.camera(camera))
        head = f'<div class="pb-head">{written("h2", camera.name)}<span class="pb-pills">{pills}</span></div>'
        fault = camera.fault[:1].upper() + camera.fault[1:] if camera.fault else ""
        facts = page_words.camera_facts(camera) | cameras_words.facts(known.report)
        places = [place for place in figures.places if place.camera == camera.name]
        if places and not self._settings.site_only:
            seen = [next(iter(place.today.values())) for place in places]
            best = max(seen, key=lambda one: one.coverage, default=Figure())
            facts["Today"] = words.coverage(best).text
        self._block.write(head + written("p", fault, "pb-fault") + listed(facts))
        self._age.update([one.frame_age_s for one in known.course], cameras_words.frame_age(known))
        self._fps.update([one.fps for one in known.course], cameras_words.fps(known))
        self._findings.update(known.findings)
        self._looked.say(cameras_words.looked(known, self._settings.clock()))
