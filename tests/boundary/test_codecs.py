"""The locks hold, and let through what they must, for every codec that a camera or a recording may have."""

from pathlib import Path

import pytest

from tests.support.clips import make_clip
from tests.support.program import passerby

CODECS = {
    "libx264": "mp4",
    "libx265": "mp4",
    "mpeg4": "avi",
    "mpeg2video": "mpg",
    "mjpeg": "avi",
    "libvpx": "webm",
    "libvpx-vp9": "webm",
    "libsvtav1": "mp4",
    "png": "avi",
    "gif": "gif",
    "rawvideo": "avi",
    "ffv1": "mkv",
    "wmv2": "asf",
    "prores_ks": "mov",
}


@pytest.mark.parametrize("codec", sorted(CODECS))
def test_a_codec_behind_the_locks(codec: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / f"walk.{CODECS[codec]}", codec)
    ran = passerby("count", clip, "--view", "overhead", "--line", "middle=0.5,1:0.5,0", "--json")
    assert ran.status == 0, ran.err
    assert ran.json["frames_read"] == 20
    assert ran.json["lockdown"]["seccomp"] is True


def test_transport_stream_with_a_table_of_characters(tmp_path: Path) -> None:
    """Its demuxer wants to open a file for the service's name; it is refused, and goes on."""
    ran = passerby("count", make_clip(tmp_path / "walk.ts"), "--view", "overhead", "--line", "a=0.5,1:0.5,0", "--json")
    assert ran.status == 0, ran.err
    assert ran.json["frames_read"] == 20
