"""`/api/v1/cameras` and the cameras' metrics as a real server gives them to each role."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from passerby.records.access import Access
from passerby.records.access.book import RoleName
from passerby.records.serving import serve
from passerby.site.answers_cameras import CamerasAnswer
from passerby.site.store import Store
from passerby.site.web import ApiParts, create_app
from tests.browser import venue
from tests.support import checked
from tests.support.access import access_file, new_token
from tests.support.filled import NINE

SENSITIVE = ("rtsp-open", "without a password", "4.2", "Dome 5", "certificate_left_seconds{")


@dataclass
class Asker:
    """Programs with tokens."""

    url: str
    tokens: dict[RoleName, str]

    def get(self, role: RoleName, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        return httpx.get(f"{self.url}{path}", headers=headers, trust_env=False, timeout=30)


@pytest.fixture
def asker(tmp_path: Path) -> Iterator[Asker]:
    file = access_file(tmp_path)
    roles: tuple[RoleName, ...] = ("viewer", "operator", "admin")
    tokens = {role: new_token(file, role, role) for role in roles}
    state = replace(venue.WELL, checks=checked.checks(NINE))
    with Store(tmp_path / "a.sqlite") as store:
        app = create_app(store, lambda: state, venue.SETTINGS, None, ApiParts(Access(file)))
        with serve(app, "127.0.0.1", 0) as url:
            yield Asker(url.rstrip("/"), tokens)


def test_each_role_is_told_what_it_may_know(asker: Asker) -> None:
    for role in ("operator", "admin"):
        told = asker.get(role, "/api/v1/cameras")
        CamerasAnswer.model_validate(told.json(), strict=True)
        assert [one["check"] for one in told.json()["cameras"][0]["findings"]] == ["rtsp-open", "frozen", "clock-ntp"]
        both = told.text + asker.get(role, "/metrics").text
        assert [one for one in SENSITIVE if one not in both] == []
    told = asker.get("viewer", "/api/v1/cameras")
    CamerasAnswer.model_validate(told.json(), strict=True)
    assert [one["check"] for one in told.json()["cameras"][0]["findings"]] == ["frozen", "clock-ntp"]
    metrics = asker.get("viewer", "/metrics").text
    state = asker.get("viewer", "/api/v1/state")
    assert 'passerby_camera_check_failed{camera="entrance",check="frozen"' in metrics
    assert [one for one in SENSITIVE if one in told.text + metrics + state.text] == []
    assert "checks" not in state.json()
    assert httpx.get(f"{asker.url}/api/v1/cameras", trust_env=False).status_code == 401
