"""A hub and its sites through many kills on both sides; every tally must be there once.

    python -m benchmarks.hub_kills --sites 20 --hub-kills 36 --site-kills 38

tests/faults/test_hub_kills.py is the short form. Results: benchmarks/hub_kills.md.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.support.hub_kills import Plan, run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=20)
    parser.add_argument("--hub-kills", type=int, default=6)
    parser.add_argument("--site-kills", type=int, default=6)
    parser.add_argument("--windows", type=int, default=192, help="of 15 minutes, of each site")
    parser.add_argument("--cameras", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    plan = Plan(asked.sites, asked.hub_kills, asked.site_kills, asked.windows, cameras=asked.cameras, seed=asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), plan)
    requests = sum(outcome.seen.values())
    print(f"sites                          {plan.sites:>10,}")
    print(f"tallies                        {outcome.rows:>10,}")
    print(f"kills of the hub, of sites     {plan.hub_kills:>5,} {plan.site_kills:>4,}")
    print(f"put back to an older copy      {int(plan.restore):>10,}")
    print(f"  batches that it lost         {outcome.rewound:>10,}")
    print(f"requests                       {requests:>10,}")
    for what, words in (("refused", "refused (503)"), ("lost", "answers lost"), ("away", "hub away")):
        print(f"  {words:<29}{outcome.seen.get(what, 0):>10,}")
    print(f"set aside                      {outcome.aside:>10,}")
    print(f"differences from the truth     {len(outcome.differences):>10,}")
    print(f"seconds                        {outcome.seconds:>10.0f}")
    for words in outcome.differences[:10]:
        print(words)
    return 1 if outcome.differences else 0


if __name__ == "__main__":
    sys.exit(main())
