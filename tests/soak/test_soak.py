"""Ten minutes of faults at random against a hub and two sites; `python -m benchmarks.soak` plays longer ones."""

import os
from pathlib import Path

import pytest

from passerby.gate import landlock, seccomp
from tests.support.soak.play import Plan, run

MINUTES = float(os.environ.get("PASSERBY_SOAK_MINUTES", "10"))

pytestmark = [
    pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"),
    pytest.mark.usefixtures("rtsp_parts"),
]


@pytest.mark.timeout(MINUTES * 60 + 900)
def test_after_faults_at_random_the_totals_are_true_and_nothing_has_leaked(tmp_path: Path) -> None:
    outcome = run(tmp_path, Plan(MINUTES, seed=1))
    assert outcome.problems == []
    assert sum(outcome.counts.values()) > 8 * MINUTES
    assert outcome.compared > 0 and outcome.windows > outcome.compared
    assert all(line.total > 0 for line in outcome.lines)
