"""Labels of pictures in Pascal VOC: what is found, what is refused, and that the file is always named."""

import os
from pathlib import Path

import pytest

from passerby.errors import SourceError
from passerby.site.voc import LABELS, Face, Found, find

FACE = (10, 20, 40, 60)


def face(label: str = "with_mask", box: tuple[object, ...] = FACE) -> str:
    sides = "".join(
        f"<{side}>{value}</{side}>" for side, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    )
    return f"<object><name>{label}</name><bndbox>{sides}</bndbox></object>"


def annotation(*faces: str, size: str = "<size><width>100</width><height>80</height></size>") -> str:
    return f"<annotation>{size}{''.join(faces)}</annotation>"


def picture(folder: Path, xml: str | bytes | None = None, name: str = "a.png") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"never opened here")
    if xml is not None:
        (folder / name).with_suffix(".xml").write_bytes(xml if isinstance(xml, bytes) else xml.encode())
    return folder / name


def only_problem(folder: Path, xml: str | bytes | None) -> str:
    """The problem of one picture, beside a good one that is kept."""
    good = picture(folder, annotation(face()), "good.png")
    picture(folder, xml, "bad.png")
    found = find([folder])
    assert [one.file for one in found.pictures] == [good]
    assert len(found.problems) == 1
    assert "bad" in found.problems[0]
    return found.problems[0]


def test_labels_lie_beside_the_picture(tmp_path: Path) -> None:
    file = picture(tmp_path, annotation(face(), face("without_mask", (0, 0, 9.5, 12)), face("mask_weared_incorrect")))
    found = find([file])
    assert found.problems == ()
    assert found.pictures[0].file == file
    assert found.pictures[0].faces == (
        Face("with_mask", (10, 20, 40, 60)),
        Face("without_mask", (0, 0, 9.5, 12)),
        Face("mask_weared_incorrect", (10, 20, 40, 60)),
    )
    assert found.pictures[0].faces[0].height_px == 40


@pytest.mark.parametrize("name", ["annotations", "Annotations"])
def test_or_in_the_sister_folder(tmp_path: Path, name: str) -> None:
    file = picture(tmp_path / "images")
    (tmp_path / name).mkdir()
    (tmp_path / name / "a.xml").write_text(annotation(face()))
    for given in (file, tmp_path / "images", tmp_path):
        assert [one.file for one in find([given]).pictures] == [file]


def test_a_folder_is_searched_to_its_depths_and_nothing_counts_twice(tmp_path: Path) -> None:
    files = [picture(tmp_path / part, annotation(face()), name) for part, name in (("b", "2.JPG"), ("a/c", "1.webp"))]
    (tmp_path / "notes.txt").write_text("no picture")
    found = find([tmp_path, files[0], *tmp_path.glob("b/*")])
    assert [one.file for one in found.pictures] == sorted(files)


def test_a_picture_without_faces_is_one(tmp_path: Path) -> None:
    assert find([picture(tmp_path, annotation())]).pictures[0].faces == ()


def test_a_missing_file_ends_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.png: no such file"):
        find([tmp_path / "nowhere.png"])


def test_only_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    good = picture(tmp_path, annotation(face()))
    with pytest.raises(SourceError, match=r"pipe\.png: no such file"):
        find([tmp_path / "pipe.png"])
    assert [one.file for one in find([tmp_path]).pictures] == [good]


def test_nothing_to_look_at_ends_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no picture with labels"):
        find([tmp_path])
    picture(tmp_path)
    with pytest.raises(SourceError, match=r"no a\.xml beside it"):
        find([tmp_path])


def test_an_unknown_label_ends_it_with_file_and_label(tmp_path: Path) -> None:
    picture(tmp_path, annotation(face(), face("helmet")), "one.png")
    picture(tmp_path, annotation(face("")), "two.png")
    with pytest.raises(SourceError) as caught:
        find([tmp_path])
    said = str(caught.value)
    assert "one.xml, object 2: the label 'helmet'" in said
    assert "two.xml, object 1: the label ''" in said
    assert all(label in said for label in LABELS)


def test_a_missing_xml_is_told(tmp_path: Path) -> None:
    assert "there is no bad.xml" in only_problem(tmp_path, None)


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("", "no XML"),
        ("not xml", "no XML"),
        (b"\xff\xfe\x00", "no XML"),
        ('<?xml version="1.0" encoding="klingon"?><annotation/>', "no XML"),
        ("<annotation>", "no XML"),
        ("<html/>", "it holds <html>"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>', "declares entities"),
        ('<!DOCTYPE a SYSTEM "file:///etc/hostname"><annotation/>', "document type"),
        (annotation(face(box=("x", 1, 2, 3))), "object 1: bndbox/xmin is 'x', not a number"),
        (annotation(face(box=(1, 1, 2, "inf"))), "bndbox/ymax is 'inf', not a number"),
        (annotation("<object><name>with_mask</name></object>"), "bndbox/xmin is None, not a number"),
        (annotation(face(box=(5, 5, 5, 9))), "has no area"),
        (annotation(face(box=(9, 5, 5, 9))), "has no area"),
        (annotation(face(box=(1, 1, 5, "1.0000001"))), "not even one pixel"),
        (annotation(face(box=(0, 0, "5e-324", "5e-324"))), "not even one pixel"),
        (annotation(face(box=(10, 10, 103, 20))), "10,10 to 103,20 lies outside the picture, 100x80"),
        (annotation(face(box=(10, 10, 20, 90))), "lies outside the picture"),
        (annotation(face(box=(-3, 10, 20, 20))), "lies outside the picture"),
        (annotation(face(box=(0, 0, 10, 3000)), size=""), "larger than 2000 pixels"),
        (annotation(face(), size="<size><width>wide</width></size>"), "size/width is 'wide', not a number"),
        (b"<annotation>" + b" " * 5_000_000 + b"</annotation>", "larger than 4 MiB"),
    ],
)
def test_what_is_wrong_with_labels_is_told_and_the_rest_goes_on(tmp_path: Path, xml: str | bytes, words: str) -> None:
    assert words in only_problem(tmp_path, xml)


@pytest.mark.parametrize("xml", [annotation(face(box=("9" * 100_000 + "x", 1, 2, 3))), f"<{'a' * 100_000}/>"])
def test_a_value_of_megabytes_is_cut_short(tmp_path: Path, xml: str) -> None:
    assert len(only_problem(tmp_path, xml)) < 1000


def test_so_is_a_label(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        find([picture(tmp_path, annotation(face("hat" * 100_000)))])
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("size", ["", "<size><width>0</width><height>0</height></size>"])
def test_a_size_need_not_be_stated(tmp_path: Path, size: str) -> None:
    found = find([picture(tmp_path, annotation(face(), size=size))])
    assert isinstance(found, Found)
    assert found.problems == ()


def test_boxes_may_pass_the_edge_by_a_hand_drawn_pixel(tmp_path: Path) -> None:
    assert find([picture(tmp_path, annotation(face(box=(80, 60, 101, 81))))]).problems == ()


def test_many_mistakes_are_cut_short(tmp_path: Path) -> None:
    for number in range(30):
        picture(tmp_path, annotation(face("hat")), f"{number:02}.png")
    with pytest.raises(SourceError) as caught:
        find([tmp_path])
    assert "and 10 more" in str(caught.value)
