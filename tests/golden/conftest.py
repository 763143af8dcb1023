from collections.abc import Iterator
from pathlib import Path

import pytest

from passerby.hub.contract import Series
from tests.support.series_stores import STORES


@pytest.fixture(params=STORES)
def series(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Series]:
    with STORES[request.param](tmp_path) as opened:
        yield opened
