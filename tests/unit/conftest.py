"""Fixtures of several unit tests: a real broker, and somebody who hears all of it and leaves nothing retained."""

from collections.abc import Iterator

import pytest

from tests.support.broker import Ear, Mosquitto
from tests.support.site import eventually


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture
def ear(broker: Mosquitto) -> Iterator[Ear]:
    with broker.hears("#") as listening:
        yield listening
        for topic in list(listening.last):
            listening.empty(topic)
        eventually(lambda: not listening.last)
