"""The page of cameras: how each is, how much of its picture is seen, and what to do where something is wrong."""

from passerby.site import page_words as words
from passerby.site.figures import Figure, Figures
from passerby.site.page_parts import Block, Text, element, heading, listed, told, written
from passerby.site.pages import now_words
from passerby.site.pages.site import Asked, Section, Site, View
from passerby.site.state import CameraState

_DONE = {"persons": "People are found", "masks": "Masks are judged"}


async def build(site: Site, view: View, _asked: Asked) -> list[Section]:
    """Builds the page."""
    with element("p", "pb-glance"):
        glance = Text(classes="pill")
    cards = [_Camera(camera.name) for camera in view.state.cameras]
    heading(2, "Who looks")
    with element("div", "pb-card pb-facts"):
        models, note = Text("p"), Text("p", "pill")

    async def update(now: View) -> None:
        glance.tell(now_words.cameras(now.state.cameras))
        for card, camera in zip(cards, now.state.cameras, strict=False):
            card.update(camera, now.today.figures, site)
        none = "Movement is looked at; no model is needed."
        found = (f"{_DONE[one.task]} by {one.name} ({one.licence})." for one in now.state.models)
        models.say(" ".join(found) or none)
        said = " ".join(model.note for model in now.state.models if model.note)
        note.tell(words.Sentence(said, words.Tone.WARN))

    return [update]


class _Camera:
    """One camera."""

    def __init__(self, name: str) -> None:
        self._block = Block("article", "pb-card pb-camera", **{"data-camera": name})

    def update(self, camera: CameraState, figures: Figures, site: Site) -> None:
        """Brings it up to date."""
        head = f'<div class="pb-head">{written("h2", camera.name)}{told("span", words.camera(camera))}</div>'
        fault = camera.fault[:1].upper() + camera.fault[1:] if camera.fault else ""
        facts = words.camera_facts(camera)
        places = [place for place in figures.places if place.camera == camera.name]
        if places and not site.settings.site_only:
            seen = [next(iter(place.today.values())) for place in places]
            best = max(seen, key=lambda one: one.coverage, default=Figure())
            facts["Today"] = words.coverage(best).text
        self._block.write(head + written("p", fault, "pb-fault") + listed(facts))
