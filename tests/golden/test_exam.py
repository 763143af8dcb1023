"""`passerby masks` through the real room: labelled photographs, and pictures that are broken in every way."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from passerby.errors import GateError, ModelError, SourceError
from passerby.gate import landlock, seccomp
from passerby.gate.messages import ModelPlan
from passerby.site import exam, models
from passerby.site.exam_report import FACE_PLACES, HEIGHTS, Answers, Report, place_of
from passerby.site.models import ResolvedModel
from passerby.site.voc import LABELS, WITH_MASK, WITHOUT_MASK, WORN_WRONGLY, Face
from tests.conftest import SHARED
from tests.support.labelled import ENCODERS, encoded, labelled

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)

FACES = {  # counted in the XML files by hand
    "under 16": (111, 19, 1),
    "16-24": (115, 38, 5),
    "24-40": (96, 42, 2),
    "40+": (84, 15, 2),
}


@pytest.fixture(scope="module")
def judge() -> Iterator[ResolvedModel]:
    folder = SHARED / "models"
    if not folder.is_dir():
        pytest.skip("../shared/models is absent: it holds models that are not part of the project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERBY_MODELS", str(folder))
        yield models.resolve_masks()


def silent(_done: int, _total: int) -> None:
    """Shows no progress."""


@pytest.fixture(scope="module")
def told() -> list[tuple[int, int]]:
    return []


@pytest.fixture(scope="module")
def report(shared_data: Path, judge: ResolvedModel, told: list[tuple[int, int]]) -> Report:
    """The photographs, looked at once."""
    return exam.examine([shared_data / "mask"], judge, lambda done, total: told.append((done, total)))


def test_every_face_is_asked_once(report: Report) -> None:
    for height, counts in FACES.items():
        assert tuple(report.answers((height,))[label].faces for label in LABELS) == counts
    assert report.pictures == 80
    assert report.problems == ()


def test_large_faces_are_judged_right(report: Report) -> None:
    """The alarm of `benchmarks/masks`, which has the table."""
    large = report.answers(("24-40", "40+"))
    for label in (WITH_MASK, WITHOUT_MASK):
        right = large[label].right(label)
        assert right is not None
        assert right > 0.85
        assert large[label].judged > 0.5 * large[label].faces


def test_of_small_faces_it_cannot_be_told(report: Report) -> None:
    small = report.answers(("under 16",))
    assert sum(one.cannot_tell for one in small.values()) >= 0.9 * sum(one.faces for one in small.values())


def test_it_was_done_behind_the_locks(report: Report) -> None:
    assert (report.lock.landlock_abi, report.lock.seccomp) == (landlock.abi(), True)


def test_progress_is_told_and_never_runs_back(report: Report, told: list[tuple[int, int]]) -> None:
    assert told == sorted(told)
    assert told[-1] == (80, 80)


def test_the_json_is_whole(report: Report) -> None:
    found = report.as_dict()
    assert list(found) == ["pictures", "heights", "all", "model", "lockdown", "warnings"]
    assert list(found["heights"]) == list(HEIGHTS)
    whole = found["all"]
    assert whole["true_share"] == pytest.approx(406 / 530)
    assert whole["interval"][0] <= whole["share"] <= whole["interval"][1]
    for part in (*found["heights"].values(), whole):
        for answers in part["answers"].values():
            assert answers["faces"] == sum(
                answers[one] for one in ("masked", "worn_wrongly", "unmasked", "cannot_tell")
            )
    summed = {label: sum((report.answers((height,))[label] for height in HEIGHTS), Answers()) for label in LABELS}
    assert {label: one.as_dict() for label, one in summed.items()} == whole["answers"]


def test_the_table_has_each_height_and_truth_and_fits_a_terminal(report: Report) -> None:
    console = Console(width=80)
    with console.capture() as capture:
        console.print(report.table())
    text = capture.get()
    assert "…" not in text
    assert all(f"│ {height} " in text for height in (*HEIGHTS, "all"))
    assert all(text.count(f"│ {truth} ") == len(HEIGHTS) + 1 for truth in ("masked", "bare", "wrongly"))
    assert "80 pictures" in text


def test_nothing_was_written_beside_the_pictures(report: Report, shared_data: Path) -> None:
    assert {one.suffix for one in (shared_data / "mask").rglob("*") if one.is_file()} == {".png", ".xml"}


def test_worn_wrongly_counts_as_unmasked() -> None:
    answers = Answers(faces=10, masked=6, worn_wrongly=1, unmasked=1, cannot_tell=2)
    assert answers.judged == 8
    assert answers.right(WITH_MASK) == 0.75
    assert answers.right(WORN_WRONGLY) == answers.right(WITHOUT_MASK) == 0.25
    assert Answers().right(WITH_MASK) is None


@pytest.mark.parametrize(
    ("height_px", "height"),
    [(1, "under 16"), (15.9, "under 16"), (16, "16-24"), (24, "24-40"), (39, "24-40"), (40, "40+"), (900, "40+")],
)
def test_classes_begin_with_their_first_number(height_px: float, height: str) -> None:
    place = place_of(Face(WITH_MASK, (0, 0, 10, height_px)))
    assert place == f"{height} {WITH_MASK}"
    assert place in FACE_PLACES


# Pictures that are broken.


def damaged(folder: Path) -> Iterator[tuple[Path, str]]:
    """Broken pictures, and what must be said of each."""
    for kind in ENCODERS:
        yield labelled(folder, f"half.{kind}", encoded(kind)[: len(encoded(kind)) // 2]), "cannot be decoded"
    png = encoded("png")
    yield labelled(folder, "torn.png", png[:3000] + bytes(300) + png[3300:]), "cannot be decoded"
    yield labelled(folder, "head.png", png[:40]), "cannot be decoded"
    yield labelled(folder, "empty.png", b""), "no PNG, JPEG, WebP or BMP"
    yield labelled(folder, "text.jpg", b"hello"), "no PNG, JPEG, WebP or BMP"
    yield labelled(folder, "far.png", png, (100, 10, 200, 60)), "a labelled box lies outside the picture"
    yield labelled(folder, "vast.png", png + bytes(32 * 1024 * 1024)), "larger than 31 MiB"


def test_broken_pictures_are_told_and_all_others_count(tmp_path: Path, judge: ResolvedModel) -> None:
    expected = list(damaged(tmp_path))
    for kind in ENCODERS:
        labelled(tmp_path, f"good.{kind}", encoded(kind, (200, 90 + len(kind))))
    lying = labelled(tmp_path, "lying.png", encoded("jpg"))
    found = exam.examine([tmp_path], judge, silent)
    assert found.pictures == len(ENCODERS) + 1
    assert found.answers()[WITH_MASK].faces == len(ENCODERS) + 1
    assert not any(str(lying) in one for one in found.problems), "what counts is what it holds"
    assert len(found.problems) == len(expected)
    for file, words in expected:
        assert any(one.startswith(f"{file}:") and words in one for one in found.problems), (file, found.problems)


def test_nothing_but_broken_pictures_is_an_error_with_each_file(tmp_path: Path, judge: ResolvedModel) -> None:
    files = [file for file, _words in damaged(tmp_path)]
    with pytest.raises(SourceError) as caught:
        exam.examine([tmp_path], judge, silent)
    assert all(str(file) in str(caught.value) for file in files)


# A room that does not open.


def test_a_model_that_is_none_is_told(tmp_path: Path) -> None:
    labelled(tmp_path, "good.png", encoded("png"))
    (tmp_path / "model.onnx").write_bytes(b"no model")
    plan = ModelPlan(str(tmp_path / "model.onnx"), "aizoo", 260, 260, 0.3)
    with pytest.raises(ModelError, match=r"model\.onnx"):
        exam.examine([tmp_path], ResolvedModel("mine", "own", "", plan), silent)


def test_no_model_may_be_another_kind_of_detector(tmp_path: Path, judge: ResolvedModel) -> None:
    labelled(tmp_path, "good.png", encoded("png"))
    other = replace(judge, plan=msgspec.structs.replace(judge.plan, family="yolox"))
    with pytest.raises(ModelError, match="family"):
        exam.examine([tmp_path], other, silent)


@pytest.mark.parametrize("way", ["unlocked", "files_only", "tally_first", "done_first", "twice"])
def test_a_room_that_lies_is_refused(tmp_path: Path, judge: ResolvedModel, way: str) -> None:
    """The same liars as in tests/boundary."""
    labelled(tmp_path, "good.png", encoded("png"))
    liar = Path(__file__).parents[1] / "boundary" / "liar.py"
    with pytest.raises(GateError):
        exam.examine([tmp_path], judge, silent, command=(*exam.EXAM_COMMAND[:2], str(liar), way))
