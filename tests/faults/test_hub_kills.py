"""The promise of the hub: whatever is killed, refused, lost or restored, every tally is there once."""

from pathlib import Path

from tests.support.hub_kills import Plan, run


def test_twenty_sites_and_their_hub_are_killed_again_and_again_and_every_tally_is_there_once(tmp_path: Path) -> None:
    outcome = run(tmp_path, Plan(sites=20, hub_kills=4, site_kills=5, windows=120))
    assert outcome.differences == []
    assert outcome.rewound > 100, "the copy was older"
    assert outcome.rows > 20_000 and outcome.aside == 0
    assert outcome.seen["lost"] > 0 and outcome.seen["refused"] > 0 and outcome.seen["away"] > 0
