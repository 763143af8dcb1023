"""`python -m persons.render --out DIR --sprites N --seed S`, run in `training/`."""

import argparse
from pathlib import Path

from masks import sources

from .make import Order, render

LIST = Path(__file__).parents[1] / "sources.sha256"


def main() -> None:
    """Reads the command line and renders."""
    parser = argparse.ArgumentParser(prog="persons.render", description="Renders people as sprites.")
    parser.add_argument("--out", type=Path, required=True, help="folder for sprites/ and sprites.jsonl")
    parser.add_argument("--sources", type=Path, help="folder that has MakeHuman's files; left out, they are downloaded")
    parser.add_argument("--sprites", type=int, default=6000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    made_from = asked.out / "sources"
    sources.gather(made_from, asked.sources, LIST)
    order = Order(made_from, asked.out, range(asked.first, asked.first + asked.sprites), asked.seed)
    render(order, asked.processes)


if __name__ == "__main__":
    main()
