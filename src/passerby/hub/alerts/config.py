"""The configuration's `alerts:` of a hub: what is watched at venues, and who is told of it."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from passerby.core.alerts import Rule
from passerby.hub.contract import Venue
from passerby.records.checks import file_name, place_name
from passerby.records.config_parts import Name, Part
from passerby.records.config_receivers import Receiver
from passerby.records.quiet import Quiet
from passerby.records.secret import Kept

When = Literal[
    "venue_silent", "venue_overdue", "cameras_down", "occupancy_over", "masked_share_under", "shelves_empty",
    "checks_failing", "unusual",
]  # fmt: skip
CONTACT = "venue contact"
"""Stands for whoever is responsible for a venue, among those who were told."""
_SHARES = ("cameras_down", "occupancy_over", "masked_share_under", "shelves_empty")
_NO_NUMBER = ("venue_silent", "venue_overdue", "unusual")
_BAND_OVER, _BAND_UNDER = 0.1, 5.0
"""Where no `clear_at` is given: a tenth of the limit below it, and five percentage points above it."""


class Escalation(Part):
    """Who is told when nobody acknowledges."""

    after_minutes: Annotated[float, Field(gt=0, le=10_080)] = Field(
        description="So long after the first were told, if nobody has acknowledged it by then."
    )
    to: tuple[Name, ...] = Field(min_length=1, max_length=16, description="Who is told then; names of `notify`.")


class HubAlert(Part):
    """What somebody wants to be told of venues: once when it begins, once when it ends, of each venue by itself."""

    name: Name = Field(description="Stands in the message.")
    when: When = Field(
        description="venue_silent: its site sends nothing; venue_overdue: its deadline is over; cameras_down: a larger "
        "share of its cameras than `limit` percent is down; occupancy_over: more people inside than `limit` percent of "
        "its capacity; masked_share_under: a smaller share today than `limit` percent; shelves_empty: a larger share "
        "of facings than `limit` percent; checks_failing: more cameras than `limit` fail a check; unusual: visitors "
        "of an hour outside what is usual for it."
    )
    limit: Annotated[float, Field(ge=0, le=1000)] | None = Field(
        default=None, description="Percent; cameras for checks_failing. venue_silent, venue_overdue, unusual have none."
    )
    clear_at: Annotated[float, Field(ge=0, le=1000)] | None = Field(
        default=None,
        description="Where it ends. Absent: a tenth below the limit, or 5 percentage points above it for a masked "
        "share.",
    )
    for_minutes: Annotated[float, Field(ge=0, le=10_080)] = Field(
        default=0, description="For so long without a break, before it begins. Not for unusual."
    )
    for_hours: int = Field(default=2, ge=1, le=24, description="So many hours in a row, for unusual.")
    direction: Literal["fewer", "more", "both"] = Field(
        default="both", description="Fewer visitors than usual, more, or either, for unusual."
    )
    width: Annotated[float, Field(ge=0.5, le=10)] = Field(
        default=1.5, description="How wide the band of what is usual is, for unusual; docs/hub-alerts.md has what "
        "widths do."
    )  # fmt: skip
    organisations: tuple[Name, ...] = Field(default=(), max_length=256, description="Venues of these alone.")
    districts: tuple[Name, ...] = Field(default=(), max_length=256, description="Venues of these alone.")
    tags: tuple[Name, ...] = Field(default=(), max_length=256, description="Venues with one of these alone.")
    venues: tuple[Name, ...] = Field(default=(), max_length=1024, description="These alone, by their short names.")
    quiet: Quiet | None = Field(default=None, description="Hours on the venue's clock in which nobody is told.")
    to: tuple[Name, ...] = Field(default=(), max_length=16, description="Who is told; names of `notify`.")
    tell_contact: bool = Field(
        default=False, description="Tell the venue's responsible contact too, by mail; needs `contacts`."
    )
    escalate: tuple[Escalation, ...] = Field(
        default=(), max_length=8, description="Who is told next while nobody acknowledges; the soonest first."
    )

    _name = field_validator("name")(place_name)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.to and not self.tell_contact:
            raise ValueError("nobody is told; write to: [...], or tell_contact: true")
        if (self.limit is None) != (self.when in _NO_NUMBER):
            raise ValueError(f"{self.when} {'needs' if self.limit is None else 'takes no'} limit")
        if self.when in _NO_NUMBER and self.clear_at is not None:
            raise ValueError(f"{self.when} takes no clear_at")
        if self.when in ("masked_share_under", "cameras_down", "shelves_empty") and (self.limit or 0) > 100:
            raise ValueError("limit of a share is percent; write 0 to 100")
        given = self.model_fields_set
        if self.when != "unusual" and given & {"for_hours", "direction", "width"}:
            raise ValueError("for_hours, direction and width are for unusual alone")
        if self.when == "unusual" and "for_minutes" in given:
            raise ValueError("unusual takes no for_minutes; for_hours says for how long")
        after = [one.after_minutes for one in self.escalate]
        if after != sorted(set(after)):
            raise ValueError("escalate: write the soonest first, each at a time of its own")
        self.rule()
        return self

    def rule(self) -> Rule:
        """When its number begins and ends it. Of what has no number, it is 1 while it holds."""
        if self.limit is None:
            return Rule(0.5, 0.5)
        if self.when == "masked_share_under":
            clear = min(100.0, self.limit + _BAND_UNDER) if self.clear_at is None else self.clear_at
            return Rule(self.limit, clear, above=False)
        clear = self.limit * (1 - _BAND_OVER) if self.clear_at is None else self.clear_at
        return Rule(self.limit, clear)

    @property
    def unit(self) -> str:
        """Of its number."""
        return " %" if self.when in _SHARES else ""

    def is_about(self, venue: Venue) -> bool:
        """Whether it watches a venue."""
        return (
            (not self.venues or venue.slug in self.venues)
            and (not self.organisations or _among(venue.organisation, self.organisations))
            and (not self.districts or _among(venue.district, self.districts))
            and (not self.tags or any(_among(tag, self.tags) for tag in venue.tags))
        )


class ContactMail(Part):
    """How responsible contacts of venues get mail: an apprise URL in which {mail} stands for their address."""

    url_file: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="File that holds it alone, such as mailtos://user:password@mail.example?from=hub@mail.example&"
        "to={mail}",
    )
    url_env: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Environment variable that holds it."
    )
    url_credential: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Name of a systemd credential that holds it."
    )

    _plain = field_validator("url_credential")(file_name)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(one is not None for one in (self.url_file, self.url_env, self.url_credential)) != 1:
            raise ValueError("give one of url_file, url_env and url_credential")
        return self

    @property
    def kept(self) -> Kept:
        """Where the URL is."""
        return Kept("contacts", "URL", self.url_file, self.url_env, self.url_credential)


def check_alerts(alerts: Iterable[HubAlert], notify: Iterable[Receiver], contacts: ContactMail | None) -> None:
    """Refuses what one part says of another that is not there.

    Raises:
        ValueError: with the first mistake.
    """
    receivers, names = [one.name for one in notify], [one.name.casefold() for one in alerts]
    for what, given in (("notify", [one.casefold() for one in receivers]), ("alerts", names)):
        twice = next((one for one in given if given.count(one) > 1), None)
        if twice:
            raise ValueError(f"{what}: two have the name {twice}; give each one of its own")
    for alert in alerts:
        for name in (*alert.to, *(one for step in alert.escalate for one in step.to)):
            if name not in receivers:
                known = ", ".join(receivers) or "none"
                raise ValueError(f"alert {alert.name}: there is no {name} under notify, where there is: {known}")
        if alert.tell_contact and contacts is None:
            raise ValueError(f"alert {alert.name}: tell_contact needs contacts: with the URL of a mail server")


def _among(value: str, names: Iterable[str]) -> bool:
    return value.casefold() in {one.casefold() for one in names}
