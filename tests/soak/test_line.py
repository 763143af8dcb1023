"""The way to a camera in a soak knows when the camera was seen."""

import socket
import time

import pytest

from tests.support.site import eventually
from tests.support.soak.line import CameraLine

PIECE = b"$\x00\x00\x04abcd"


@pytest.fixture
def camera() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_what_a_silent_camera_held_back_was_not_seen_when_it_is_cut(camera: socket.socket) -> None:
    with camera, CameraLine(camera.getsockname()[1]) as line:
        with socket.create_connection(("127.0.0.1", line.port)) as feed, camera.accept()[0] as source:
            source.sendall(PIECE)
            assert feed.recv(100) == PIECE
            line.silence()
            eventually(lambda: len(line.shown) == 1)
            until_unix_s = line.shown[0].until_unix_s
            source.sendall(PIECE)
            time.sleep(0.3)
            line.cut()
            assert feed.recv(100) == b""
        assert line.shown[0].until_unix_s == until_unix_s


def test_what_it_held_back_was_seen_when_it_goes_on(camera: socket.socket) -> None:
    with (
        camera,
        CameraLine(camera.getsockname()[1]) as line,
        socket.create_connection(("127.0.0.1", line.port)) as feed,
        camera.accept()[0] as source,
    ):
        source.sendall(PIECE)
        assert feed.recv(100) == PIECE
        line.silence()
        source.sendall(PIECE)
        silent_unix_s = time.time()
        line.mend()
        assert feed.recv(100) == PIECE
        eventually(lambda: line.shown[0].until_unix_s >= silent_unix_s)
