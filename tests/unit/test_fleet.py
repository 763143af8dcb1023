"""How far a venue is, from what its site said last."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from passerby.hub.config import load
from passerby.hub.contract import Known, Venue, VenueState
from passerby.hub.fleet import SILENT_AFTER_S, TROUBLE_S, Coverage, Fleet, Trouble
from passerby.hub.gather.config import Sites
from passerby.hub.opening import open_fleet
from passerby.records.wire.batches import CameraStanding, Standing
from tests.support.outboxes import LAYOUT, NOW, STRICT, standing

VENUE = Venue(7, "museum", "Museum", zone="Asia/Kathmandu", expected_cameras=2, expected_lines=1)
WELL = (CameraStanding(0, 1, 1), CameraStanding(1, 1, 1))


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path / "fleet.sqlite")


def heard(fleet: Fleet, said: Standing | None, at_unix_s: float = NOW) -> None:
    layout = LAYOUT if said else None
    fleet.hear(7, lambda known: replace(known, heard_unix_s=at_unix_s, layout=layout, standing=said))


def state(fleet: Fleet, venue: Venue = VENUE, *, invited: bool = True, after_s: float = 0.0) -> VenueState:
    return fleet.state_of(venue, NOW + after_s, invited=invited)


def test_the_way_of_a_venue(fleet: Fleet) -> None:
    assert state(fleet, invited=False) is VenueState.LISTED
    assert state(fleet) is VenueState.INVITED
    heard(fleet, None)
    assert state(fleet) is VenueState.CONNECTED
    heard(fleet, standing(cameras=WELL))
    assert state(fleet) is VenueState.CONFORMING
    assert fleet.lacks(VENUE, NOW) == ()
    assert state(fleet, after_s=SILENT_AFTER_S) is VenueState.CONFORMING
    assert state(fleet, after_s=SILENT_AFTER_S + 1) is VenueState.SILENT
    assert fleet.lacks(VENUE, NOW + 3 * 3600) == ("nothing was heard of its site for 3 hours",)


def test_a_deadline_ends_with_the_day_of_the_venue(fleet: Fleet) -> None:
    venue = replace(VENUE, deadline=date(2026, 11, 26))
    midnight = datetime(2026, 11, 26, 18, 15, tzinfo=UTC).timestamp()  # 0 o'clock in Kathmandu
    assert fleet.state_of(venue, midnight - 1, invited=True) is VenueState.INVITED
    assert fleet.state_of(venue, midnight, invited=False) is VenueState.OVERDUE
    heard(fleet, None, midnight)
    assert fleet.state_of(venue, midnight, invited=True) is VenueState.CONNECTED


def test_what_a_venue_lacks_is_said_in_words(fleet: Fleet) -> None:
    venue = replace(VENUE, expected_cameras=6, expected_lines=4)
    assert fleet.lacks(venue, NOW) == ("its site did not send anything yet",)
    heard(fleet, None)
    assert fleet.lacks(venue, NOW) == ("its site did not say yet how it is",)
    cameras = (CameraStanding(0, 2, -1), CameraStanding(1, 1, 0, ("frame-rate-low", "dark")))
    heard(fleet, msgspec.structs.replace(standing(cameras=cameras), locked=False))
    assert fleet.lacks(venue, NOW) == (
        "a room with pictures is not shut in by the kernel, or did not start yet",
        "4 of 6 cameras are not set up at the site",
        "1 of 6 cameras is not connected: door",
        "line count 1 of 4",
        "camera hall: frame-rate-low, dark",
    )
    assert fleet.cameras_of(venue) == Coverage(6, 1, 0)
    assert fleet.lines_of(venue) == Coverage(4, 1, 1)
    heard(fleet, standing(cameras=(CameraStanding(0, 4, 1), CameraStanding(1, 1, -1))))
    assert fleet.lacks(VENUE, NOW) == (
        "1 of 2 cameras is not connected: door",
        "not looked at as devices yet: hall",
    )


def test_a_site_that_sends_the_whole_of_it_alone_owes_no_lines(fleet: Fleet) -> None:
    fleet.hear(7, lambda _: Known(NOW, STRICT, standing(layout=STRICT, cameras=WELL)))
    assert state(fleet) is VenueState.CONFORMING
    assert fleet.lines_of(VENUE) == Coverage(0, 0, 0)


def test_all_is_known_after_a_start_and_what_is_forgotten_is_not(tmp_path: Path, fleet: Fleet) -> None:
    heard(fleet, standing(cameras=WELL))
    for words in ("first", "then"):
        fleet.trouble(Trouble(7, "clock", words, NOW))
    fleet.trouble(Trouble(8, "refused", "x", NOW + 1))
    with fleet.keeping():
        pass
    again = Fleet(tmp_path / "fleet.sqlite")
    assert again.all() == fleet.all()
    assert again.troubles() == (Trouble(8, "refused", "x", NOW + 1, NOW + 1), Trouble(7, "clock", "then", NOW, NOW, 2))
    again.forget(8)
    again.forget(7)
    again.save()
    again.close()
    third = Fleet(tmp_path / "fleet.sqlite")
    assert (third.all(), third.troubles()) == ({}, ())


def test_what_was_wrong_with_what_it_sent_is_told_for_a_day(fleet: Fleet) -> None:
    heard(fleet, standing(cameras=WELL))
    fleet.trouble(Trouble(7, "set aside", "2 batches break the contract and were set aside", NOW))
    fleet.trouble(Trouble(70, "clock", "of another", NOW))
    assert state(fleet) is VenueState.CONNECTED
    assert fleet.lacks(VENUE, NOW) == ("2 batches break the contract and were set aside",)
    heard(fleet, standing(cameras=WELL), NOW + TROUBLE_S)
    assert fleet.lacks(VENUE, NOW + TROUBLE_S) == ()


def test_how_long_a_site_may_say_nothing_is_configured(tmp_path: Path) -> None:
    assert {f"Sites.{key}" for key in Sites.model_fields} == {"Sites.silent_after_s"}
    for text, expected in (("", VenueState.CONFORMING), ("sites: {silent_after_s: 120}", VenueState.SILENT)):
        folder = tmp_path / expected
        folder.mkdir()
        (folder / "hub.yaml").write_text(text)
        with open_fleet(load(folder)) as fleet:
            heard(fleet, standing(cameras=WELL))
            assert state(fleet, after_s=500) is expected
