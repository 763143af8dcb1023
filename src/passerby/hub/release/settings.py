"""The section `release` of a hub's configuration."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from passerby.core.noise import MICRO
from passerby.core.shares import MINIMUM_JUDGED
from passerby.records.config_parts import Part

ProfileName = Literal["internal", "strict", "public"]
Epsilon = Annotated[float, Field(gt=0, le=100)]


class ReleaseSettings(Part):
    """What may be told of tallies, and to whom."""

    profile: ProfileName = Field(
        default="public",
        description="Profile of `passerby hub release` where it names none: `internal`, `strict` or `public`.",
    )
    crossings: int = Field(
        default=4,
        ge=1,
        le=1000,
        description="How many times one person is assumed to cross the lines of one venue inwards in one day at most, "
        "over all its lines together: k. It cannot be enforced; who does more often is protected less.",
    )
    epsilon_day: Epsilon = Field(
        default=0.5, description="What the count of one venue-day costs of its budget; less is more noise."
    )
    epsilon_hours: Epsilon = Field(
        default=0.5, description="What all hours of one venue-day cost beside its count; less is more noise."
    )
    budget_day: Epsilon = Field(
        default=1.0, description="Most that is ever spent on one venue-day. It is never renewed."
    )
    budget_year: Annotated[float, Field(gt=0, le=36_600)] = Field(
        default=200.0, description="Most that is spent on all days of one venue and one calendar year together."
    )
    minimum: int = Field(
        default=50, ge=0, le=1_000_000, description="Smaller counts, as measured with noise, are not published."
    )
    minimum_judged: int = Field(
        default=MINIMUM_JUDGED,
        ge=1,
        le=10_000,
        description="Of fewer people judged in a window, `strict` tells no masked share.",
    )
    wait_days: int = Field(
        default=15,
        ge=0,
        le=400,
        description="A day that a site has not sent completely is waited for so long; then it is published as it is.",
    )
    folder: Annotated[str, Field(min_length=1)] = Field(
        default="releases", description="Folder of what was released; relative to the hub's folder."
    )
    counter: Annotated[str, Field(min_length=1)] = Field(
        default="release.counter",
        description="File that tells whether the ledger is an old copy; relative to the hub's folder. Keep it on "
        "another disk than the register, and out of its backups.",
    )

    @field_validator("epsilon_day", "epsilon_hours", "budget_day", "budget_year")
    @classmethod
    def _in_millionths(cls, value: float) -> float:
        if not micro(value) or abs(value * MICRO - micro(value)) > 1e-3:
            raise ValueError("an epsilon has at most six digits after the point")
        return value


def micro(epsilon: float) -> int:
    """An epsilon in millionths."""
    return round(epsilon * MICRO)
