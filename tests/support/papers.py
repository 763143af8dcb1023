"""What the tests of papers share: a configured site, and the text of a PDF."""

import io
from pathlib import Path

from pypdf import PdfReader

from passerby.site.config import SiteConfig, load

NOTICE = """\
notice:
  controller: Museum of Clocks Ltd
  address: 12 Tower Street, Springfield
  contact: privacy@museum.example
  privacy_officer: dpo@museum.example
  authority: The Authority of Springfield
  privacy_url: https://museum.example/privacy-notice
  purpose: {en: To know how many visitors come, de: Um zu wissen, wie viele Besucher kommen}
  legal_basis: legitimate_interests
  interest: {en: short queues, de: kurze Schlangen}
"""
NOTICE = NOTICE.replace("de: Um zu wissen, wie viele Besucher kommen", 'de: "Um zu wissen, wie viele Besucher kommen"')
CAMERA = """\
  - name: entrance
    source: rtsp://camera.example/s
    lines:
      - name: Main door
        from: [0.3, 0.5]
        to: [0.7, 0.5]
        place: Museum
        masks: true
        purpose: to see whether the offer of masks is taken
    zones:
      - name: Till
        corners: [[0.1, 0.5], [0.9, 0.5], [0.9, 0.95], [0.1, 0.95]]
        queue: {head: [0.2, 0.6], tail: [0.8, 0.9]}
    heat_map: true
"""


def site_file(folder: Path, *more: str, camera: str = CAMERA) -> Path:
    """A configuration in a folder: a museum with one camera, and what is given beside."""
    file = folder / "site.yaml"
    head = "site: {name: Museum of Clocks, time_zone: Europe/Paris}\nplaces: [{name: Museum}]\n"
    file.write_text(head + "".join(more) + "cameras:\n" + camera)
    return file


def site(folder: Path, *more: str, camera: str = CAMERA) -> SiteConfig:
    """The same, read."""
    return load(site_file(folder, *more, camera=camera))


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, with every kind of space as one."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def text_of(pdf: bytes) -> str:
    """The text of a page that stands alone."""
    pages = pages_of(pdf)
    assert len(pages) == 1
    return pages[0]


def squeezed(text: str) -> str:
    """Text without spaces: PDFs break lines where they like."""
    return "".join(text.split()).replace("\u200b", "")


def lowest_mm(pdf: bytes) -> float:
    """How far the lowest text of the first page is from its lower edge: less than its margin is cut off."""
    found: list[float] = []

    def visit(text: str, page: list[float], line: list[float], *_: object) -> None:
        if text.strip():
            found.append(line[4] * page[1] + line[5] * page[3] + page[5])

    PdfReader(io.BytesIO(pdf)).pages[0].extract_text(visitor_text=visit)
    return min(found) / 72 * 25.4
