"""The promise of the hub: whatever is killed, refused, lost or restored, every tally is there once."""

from pathlib import Path

import pytest

from tests.support.faults import noted
from tests.support.hub_kills import Plan, run

KILLS = 54


@pytest.mark.timeout(1200)
def test_eight_sites_and_their_hub_are_killed_again_and_again_and_every_tally_is_there_once(tmp_path: Path) -> None:
    plan = Plan(sites=8, hub_kills=KILLS, site_kills=4, windows=130, processes=2, commands=12)
    with noted("kill-hub") as killed, noted("answers-lost") as unanswered, noted("hub-restored") as restored:
        outcome = run(tmp_path, plan)
        assert outcome.differences == []
        assert outcome.rewound > 50, "the copy was older"
        assert outcome.rows > 10_000 and outcome.aside == 0
        assert outcome.seen["lost"] > 0 and outcome.seen["refused"] > 0 and outcome.seen["away"] > 0
        assert len(outcome.recovered_s) >= 12
        for time_s in outcome.recovered_s:
            killed.once(time_s)
        for _ in range(KILLS - len(outcome.recovered_s)):
            killed.once()
        for _ in range(outcome.seen["lost"]):
            unanswered.once()
        restored.once()
        killed.lost = unanswered.lost = restored.lost = outcome.lost
