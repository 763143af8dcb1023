"""Parts of the detector's training, on made-up data; of published weights where `YOLOX` names their file."""

import os
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator
from torch import Tensor

from persons import pack
from persons.assign import assign
from persons.bank import Pictures, Sprites, pictures
from persons.export import PICTURE, export
from persons.lessons import Heads, Likeness, plain
from persons.loss import read
from persons.measure import measured
from persons.network import STRETCH, Layer, PersonNet
from persons.published import begin_from, read_published
from persons.scene import Batch, Composer
from persons.train import Course, Learnt, Lesson, Source, learn, mean_of

SIZE_PX = (160, 96)
RED = 200


def rooms(number: int = 3, boxes: Tensor | None = None) -> Pictures:
    """Grey pictures of 320x240 with nobody in them, or with one box each."""
    many = torch.zeros(number, 24, 4)
    known = torch.zeros(number, 24, dtype=torch.bool)
    if boxes is not None:
        many[:, 0], known[:, 0] = boxes, True
    pixels = torch.full((number, 3, 640, 640), 90, dtype=torch.uint8)
    size = torch.tensor([[320.0, 240.0]]).repeat(number, 1)
    return Pictures(pixels, size, many, known, torch.zeros_like(known), torch.ones(number, dtype=torch.bool))


def people(number: int = 40) -> Sprites:
    """Red rectangles of 60x200, from level to straight down, all at 110 pixels for a metre."""
    atlas = torch.zeros(number, 4, 256, 384, dtype=torch.uint8)
    for left, top, step in ((0, 0, 1), (256, 0, 2), (256, 128, 4), (256, 192, 8), (256, 224, 16)):
        atlas[:, 2, top : top + 200 // step, left : left + 60 // step] = RED
        atlas[:, 3, top : top + 200 // step, left : left + 60 // step] = 255
    return Sprites(
        atlas,
        torch.tensor([[60.0, 200.0]]).repeat(number, 1),
        torch.tensor([[30.0, 198.0]]).repeat(number, 1),
        torch.tensor([[0.0, 0, 60, 200]]).repeat(number, 1),
        torch.linspace(0, 90, number),
        torch.full((number,), 110.0),
    )


def test_boxes_lie_around_what_was_pasted() -> None:
    torch.manual_seed(3)
    batch = Composer(people(), rooms()).compose(12, SIZE_PX, 0.2)
    assert batch.wanted.sum() > 12
    red = (batch.pictures[:, 2] - batch.pictures[:, 1] > 25).numpy()
    around = np.zeros_like(red)
    for number, boxes in enumerate(batch.boxes):
        for x1, y1, x2, y2 in boxes[batch.wanted[number] | batch.passed[number]].round().int().tolist():
            around[number, max(0, y1 - 2) : y2 + 3, max(0, x1 - 2) : x2 + 3] = True
            assert red[number, max(0, y1) : y2 + 1, max(0, x1) : x2 + 1].any()
    assert red.any()
    # Whoever is smaller than what counts has no box at all.
    assert (red & ~around).sum() < 0.01 * red.sum()


def cells() -> Tensor:
    return read([torch.zeros(1, 5, 12 * 8 // s, 20 * 8 // s) for s in (8, 16, 32)]).cells


@pytest.mark.parametrize("seed", range(4))
def test_each_person_has_a_cell_and_nobody_one_outside(seed: int) -> None:
    torch.manual_seed(seed)
    every = cells()
    corner, side = torch.rand(2, 3, 2) * 60, 20 + torch.rand(2, 3, 2) * 40
    boxes = torch.cat([corner, corner + side], -1)
    boxes[:, 1] = boxes[:, 0] + torch.tensor([64.0, 0, 64, 0])  # two of them do not overlap
    wanted = torch.tensor([[True, True, False]] * 2)
    half = every[:, 2:] / 2 + torch.rand(2, len(every), 2) * 20
    found = torch.cat([every[:, :2] - half, every[:, :2] + half], -1)
    given = assign(torch.rand(2, len(every)), found, (boxes, wanted), every)
    assert given.meant.any(1).all()
    for number in range(2):
        theirs, middles = given.box[number][given.meant[number]], every[given.meant[number], :2]
        reach = 0.75 * every[given.meant[number], 2:]
        middle, near = (theirs[:, :2] + theirs[:, 2:]) / 2, (theirs[:, 2:] - theirs[:, :2]) / 2
        assert ((middles - middle).abs() < torch.maximum(near, reach)).all()
        for person in range(2):
            assert (theirs == boxes[number, person]).all(1).any()
        assert not (theirs == boxes[number, 2]).all(1).any()
    assert (given.score[~given.meant] == 0).all()


def test_nobody_gives_no_cell() -> None:
    every = cells()
    none = torch.zeros(1, 2, 4), torch.zeros(1, 2, dtype=torch.bool)
    given = assign(torch.rand(1, len(every)), torch.rand(1, len(every), 4), none, every)
    assert not given.meant.any()
    assert given.score.sum() == 0


class Counted(Source):
    """Gives so many batches in a course of a second: the clock is the steps."""

    def __init__(self) -> None:
        super().__init__(Composer(people(), rooms()), rooms(3, torch.tensor([40.0, 30, 90, 200])))
        self.given = 0

    def batch(self, course: Course) -> Batch:
        self.given += 1
        return super().batch(course)


def changed(one: PersonNet, other: PersonNet) -> set[str]:
    mine = one.state_dict()
    return {name.split(".")[0] for name, value in other.state_dict().items() if not torch.equal(value, mine[name])}


def net() -> PersonNet:
    torch.manual_seed(2)
    return begin_from(PersonNet(published=True))


def taught(lesson: Lesson, source: Counted, steps: float, monkeypatch: pytest.MonkeyPatch) -> Learnt:
    monkeypatch.setattr("persons.train.time.monotonic", lambda: float(source.given))
    told = learn(lesson, source, Course(steps, 2))
    assert told.steps == source.given == steps
    assert np.isfinite(told.losses).all()
    return told


def test_heads_learn_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    told = taught(Heads(net(), PersonNet(published=True).eval()), Counted(), 2, monkeypatch)
    assert changed(net(), told.net) == {"heads"}


def test_trunk_and_neck_become_like_the_published_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("persons.train.SIZES_PX", (((96, 64), 1.0),))
    torch.manual_seed(2)
    published, source = PersonNet(published=True).eval(), Counted()
    mine = begin_from(published)
    look = source.batch(Course(1, 8)).pictures
    before = unlike(mine, published, look)
    source.given = 0
    told = taught(Likeness(mine, published.requires_grad_(False), look), source, 60, monkeypatch)
    assert {name.split(".")[-1] for name in plain(told.net).state_dict()} == {"weight", "bias"}
    assert changed(net(), told.net) == {name for name, _ in net().named_children()}
    assert unlike(told.net, published, look) < 0.5 * before


@torch.no_grad()
def unlike(mine: PersonNet, published: PersonNet, look: Tensor) -> float:
    """How far features are from the published ones, in variances."""
    pairs = zip(mine.neck(look), published.neck(look), strict=True)
    return sum(float((one / STRETCH - other).square().mean() / other.var((0, 2, 3)).mean()) for one, other in pairs)


def test_it_begins_with_what_was_published_but_for_bends() -> None:
    torch.manual_seed(2)
    published = PersonNet(published=True)
    picture = torch.rand(1, 3, 64, 96) * 255
    mine = begin_from(published)
    for module in mine.modules():
        if isinstance(module, Layer):
            module.bend_by(_StretchedSiLU())
    for one, other in zip(mine.neck(picture), published.neck(picture), strict=True):
        assert torch.allclose(one / STRETCH, other, atol=1e-3)


class _StretchedSiLU(torch.nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return STRETCH * torch.nn.functional.silu(x / STRETCH)


def test_a_mean_lies_between() -> None:
    one, other = PersonNet(), PersonNet()
    mean = mean_of([one, other]).heads[0].place.weight
    assert torch.allclose(mean, (one.heads[0].place.weight + other.heads[0].place.weight) / 2, atol=1e-6)


def test_the_written_graph_answers_as_the_network_does(tmp_path: Path) -> None:
    mine = net()
    export(mine, tmp_path / "net.onnx")
    model = onnx.load(tmp_path / "net.onnx")
    with torch.no_grad():
        for constant in mine.parameters():
            if constant.dim():
                constant.copy_(constant.half().float())
    for high, wide in ((64, 96), (96, 160)):
        picture = np.random.default_rng(high).uniform(0, 255, (1, 3, high, wide)).astype(np.float32)
        (rows,) = ReferenceEvaluator(model).run(None, {PICTURE: picture})
        with torch.no_grad():
            told = read(mine(torch.from_numpy(picture)))
        assert rows.shape == (1, high * wide // 64 * 21 // 16, 5)
        cell = told.cells.numpy()
        assert np.allclose(rows[0, :, 4], told.logit[0].sigmoid().numpy(), atol=1e-3)
        corner = cell[:, :2] - cell[:, 2:] / 2
        middle = rows[0, :, :2] * cell[:, 2:] + corner
        boxes = told.boxes[0].numpy()
        assert np.allclose(middle, (boxes[:, :2] + boxes[:, 2:]) / 2, atol=0.05)
        assert np.allclose(np.exp(rows[0, :, 2:4]) * cell[:, 2:], boxes[:, 2:] - boxes[:, :2], atol=0.05)


def test_a_net_that_tells_nothing_finds_nobody() -> None:
    torch.manual_seed(1)
    mine = net()
    for head in mine.heads:
        torch.nn.init.zeros_(head.there.weight)
        torch.nn.init.constant_(head.there.bias, -20)
    batch = Composer(people(), rooms()).compose(4, SIZE_PX, 0.0)
    figures = measured(mine, [batch])
    assert figures.people == int(batch.wanted.sum()) > 0
    assert figures.average_precision == figures.recall_95 == 0


def test_gathered_photographs_are_made_smaller_with_their_boxes(tmp_path: Path) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    cv2.imwrite(str(folder / "0.jpg"), np.full((400, 800, 3), 50, np.uint8))
    cv2.imwrite(str(folder / "1.jpg"), np.full((100, 200, 3), 50, np.uint8))
    lines = ['{"file": "0.jpg", "boxes": [[100, 100, 200, 300, 1]]}', '{"file": "1.jpg", "boxes": null}']
    (folder / "index.jsonl").write_text("\n".join(lines))
    pack.write(tmp_path / "some.zip", pack.photographs(folder, 400, 80))
    found = pictures(tmp_path / "some.zip", "cpu", 1)
    assert found.size.tolist() == [[400, 200], [200, 100]]
    assert found.boxes[0, 0].tolist() == [50, 50, 100, 150]
    assert found.crowd[0, 0]
    assert found.labelled.tolist() == [True, False]


@pytest.mark.skipif("YOLOX" not in os.environ, reason="YOLOX names no file")
def test_published_weights_are_read_as_they_are() -> None:
    file = Path(os.environ["YOLOX"])
    theirs = read_published(file)
    picture = torch.from_numpy(np.random.default_rng(1).uniform(0, 255, (1, 3, 416, 416)).astype(np.float32))
    evaluator = ReferenceEvaluator(str(file))
    (rows,) = evaluator.run(None, {evaluator.input_names[0]: picture.numpy()})
    with torch.no_grad():
        told = torch.cat([level.flatten(2) for level in theirs(picture)], 2)[0].T
    assert rows.shape[1] == len(told)
    assert np.allclose(rows[0, :, :4], told[:, :4].numpy(), atol=1e-3)
    assert np.allclose(rows[0, :, 4:6], told[:, 4:].sigmoid().numpy(), atol=1e-4)
