"""The data-protection impact record, in the order of Art. 35(7) GDPR.

What is done, what for, what could go wrong, and what keeps it from going wrong, with what of that holds on this machine
and what does not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from passerby import __version__
from passerby.site.config import Camera, OwnModel, SiteConfig
from passerby.site.models import MASKS, PERSONS
from passerby.site.paper.blocks import YOURS, Block, Grid, Heading, Open, Points, Text, as_data, as_markdown
from passerby.site.paper.claims import Claim, claims
from passerby.site.paper.evidence import Evidence
from passerby.site.paper.facts import KEPT_DAYS, KEPT_MONTHS, Facts, facts_of
from passerby.site.paper.notice import kept, legal_basis, purposes, responsible
from passerby.site.paper.record_risks import not_so, risks
from passerby.site.paper.texts import Texts
from passerby.site.paper.typesetting import pdf

_NONE = "none"


@dataclass(frozen=True, slots=True)
class Record:
    """The record of a site.

    Args:
        config: of the site, as it runs.
        evidence: what was looked at on this machine.
    """

    config: SiteConfig
    evidence: Evidence

    def as_pdf(self) -> bytes:
        """As PDF; the same for the same configuration and evidence."""
        told = self.config.notice
        data = {
            "title": self._title,
            "site": self.config.site.name,
            "controller": told.controller if told else "",
            "yours": YOURS,
            "blocks": as_data(list(self.blocks())),
        }
        return pdf("dpia", data, self.evidence.moment_unix_s)

    def as_markdown(self) -> str:
        """As Markdown, to go on writing in."""
        return as_markdown(list(self.blocks()))

    @property
    def _title(self) -> str:
        return f"Data-protection impact record: {self.config.site.name}"

    def blocks(self) -> Iterator[Block]:
        """The whole record."""
        facts = facts_of(self.config)
        moment = datetime.fromtimestamp(self.evidence.moment_unix_s, self.config.site.zone)
        yield Heading(self._title, 1)
        yield Text(
            f"Made by passerby {__version__} on {moment:%Y-%m-%d} at {moment:%H:%M}, from the configuration of this "
            "site and from what it found on this machine. It follows Art. 35(7) GDPR. It states facts of the system; "
            f"what only the controller can judge is left open and marked “{YOURS}”. It is no legal advice."
        )
        yield from self._description(facts)
        yield from self._necessity(facts)
        yield Heading("3. Risks to visitors (Art. 35(7)(c))")
        yield from risks(self.config)
        yield from self._measures()
        yield from self._residual(facts)
        yield from _closing()

    def _description(self, facts: Facts) -> Iterator[Block]:
        texts = Texts("en")
        yield Heading("1. What is done (Art. 35(7)(a))")
        if facts.notice:
            yield Points((*responsible(facts.notice, texts), *legal_basis(facts.notice, texts)))
            yield Text("Purposes: " + "; ".join(purposes(facts, facts.notice, texts)) + ".")
        else:
            yield Open("the controller, whom to ask, the purposes and the legal basis (notice: is not configured).")
        yield Text("Measured: " + "; ".join(texts(key) for key in facts.measured) + ".")
        yield Grid(
            ("Camera", "View", "Lines", "Zones", "Also", "Stream"),
            tuple(_camera_row(camera) for camera in self.config.cameras) or ((_NONE,) * 6,),
            (1.3, 0.8, 1.5, 1.5, 1.7, 1.2),
        )
        yield from self._kinds(facts)
        yield Text("Recipients: " + "; ".join(texts(one.text, count=one.count) for one in facts.recipients) + ".")
        where = "other machines in the network too" if facts.reachable else "this machine alone"
        yield Text(f"The page and the API are served at {self.config.web.host}, which reaches {where}.")

    def _kinds(self, facts: Facts) -> Iterator[Block]:
        counts = kept(facts, Texts("en"))[1]
        judge = f"{self.config.masks.model or MASKS[0].name}, in use" if self.config.asks_for_masks else "not used"
        model = self.config.model
        found = (
            f"a model of your own, {model.file}"
            if isinstance(model, OwnModel)
            else model or f"{PERSONS[0].name}, which comes with passerby"
        )
        profile = self.config.profile or _NONE
        yield Points(
            (
                "Pictures of visitors: in the memory of one process, as long as each is counted. They are not kept.",
                "Positions of people in a picture (tracks): in that process, for seconds; never written or sent.",
                counts,
                f"Corrections and the log of changes: who of the operators did what and when; {KEPT_MONTHS} months. "
                "They are personal data of those who work there.",
                "Counts by hand, where somebody counts at a door for proof: totals of a window, and who counted; "
                f"{KEPT_MONTHS} months.",
                "Of each camera, where its place without people has edges, once it is drawn in set-up mode; of each "
                "shelf, what it looked like when it was taught with nobody in front. Neither is a picture.",
                f"Detector of people: {found}. Judge of masks: {judge}. Profile: {profile}.",
            )
        )

    def _necessity(self, facts: Facts) -> Iterator[Block]:
        config = self.config
        yield Heading("2. Necessity and proportionality (Art. 35(7)(b))")
        yield Points(
            (
                "Of people, nothing finer than a closed window leaves the process that sees pictures: at most "
                f"{facts.bytes_per_minute} bytes a minute, all cameras together.",
                f"Windows are kept for {KEPT_DAYS} days, hours for {KEPT_MONTHS} months; then they are deleted.",
                f"Privacy masks (blanked before anything looks): {_areas(config, 'privacy_masks')}. Areas where staff "
                f"are not counted: {_areas(config, 'staff_areas')}.",
                f"Lines and zones that ask for masks: {_asking(config)}, each with a purpose.",
                "Visitors can read all of it at /privacy-notice, and on the sign that passerby notice makes"
                + ("." if facts.notice else ", which needs notice: in the configuration."),
            )
        )
        yield Open("why these purposes cannot be reached with less, for example fewer cameras, lines or hours.")
        yield Open("how the legal basis holds: for legitimate interests, the balance against those of visitors.")

    def _measures(self) -> Iterator[Block]:
        yield Heading("4. Measures (Art. 35(7)(d))")
        yield Text(
            "Each promise has a page in the documentation (docs/claims), with its code and the test that fails when it "
            "is not so. The last column says what was found here."
        )
        for name, seen in self.evidence.seen:
            yield Text(f"{name}: {seen}.")
        told = claims()
        rows = tuple((one.title, one.claim, one.test, self.evidence.state_of(one, self.config)) for one in told)
        yield Grid(("Promise", "In one sentence", "Proved by", "On this machine"), rows, (0.8, 1.6, 1.8, 1.4))

    def _residual(self, facts: Facts) -> Iterator[Block]:
        yield Heading("5. What remains")
        yield Text("What does not hold, or weakens a promise, in this configuration and on this machine:")
        found = tuple(not_so(self.config, facts, self.evidence))
        yield Points(found or ("Nothing was found.",))
        yield Text("What the promises do not cover, in their own words:")
        for claim in claims():
            yield from _not_covered(claim)
        yield Open("whether what remains is acceptable; if the risk is high, the authority is to be asked (Art. 36).")


def made(record: Record, *, as_pdf: bool) -> bytes:
    """The record in the form that is asked for."""
    return record.as_pdf() if as_pdf else record.as_markdown().encode()


def _camera_row(camera: Camera) -> tuple[str, ...]:
    also = [
        *(["heat map by the hour"] if camera.heat_map else []),
        *([f"{len(camera.privacy_masks)} privacy masks"] if camera.privacy_masks else []),
        *([f"{len(camera.staff_areas)} staff areas"] if camera.staff_areas else []),
    ]
    source = camera.source.lower()
    stream = "rtsps (encrypted)" if source.startswith("rtsps:") else "rtsp (open)" if "://" in source else "file"
    lines = [line.name + (f" (masks: {line.purpose})" if line.purpose else "") for line in camera.lines]
    zones = [
        zone.name + (" (queue)" if zone.queue else "") + (f" (masks: {zone.purpose})" if zone.purpose else "")
        for zone in camera.zones
    ]
    parts = ("; ".join(part) or _NONE for part in (lines, zones, also))
    return (camera.name, camera.view, *parts, stream)


def _asking(config: SiteConfig) -> int:
    return sum(place.masks for camera in config.cameras for place in (*camera.lines, *camera.zones))


def _areas(config: SiteConfig, key: str) -> str:
    count = sum(len(getattr(camera, key)) for camera in config.cameras)
    return str(count) if count else _NONE


def _not_covered(claim: Claim) -> Iterator[Block]:
    yield Heading(claim.title, 3)
    yield Points(claim.not_covered)


def _closing() -> Iterator[Block]:
    yield Heading("6. Advice, views and decision")
    yield Open("advice of the data-protection officer (Art. 35(2)).")
    yield Open("views of visitors, staff or their representatives (Art. 35(9)).")
    yield Open("decision, who took it and when, and when this record is looked at again (Art. 35(11)).")
