"""The routes of a hub's API. Each answers of the venues that the account may see, as if there were no others."""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime, tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel

from passerby.core.tallies import Measure
from passerby.hub.access import Reads, scope
from passerby.hub.api import answers, sums, told
from passerby.hub.api.asking import (
    DaysOf,
    DaysQuestion,
    RankingQuestion,
    RolloutQuestion,
    Slug,
    Some,
    TalliesQuestion,
    VenuesQuestion,
)
from passerby.hub.board import HubBoard
from passerby.hub.comparing import compare
from passerby.hub.contract import Days, Known, Span, Venue
from passerby.hub.overview import CameraCount, Overview, VenueNow, total
from passerby.records.access import account_of
from passerby.records.answers import ErrorAnswer
from passerby.records.forms import as_json, described, table
from passerby.records.refusals import problem, refuse_repeats
from passerby.records.tables import flat

VENUES, DAYS, RANKING, ROLLOUT = "/api/v1/venues", "/api/v1/days", "/api/v1/ranking", "/api/v1/rollout"
QUESTIONS: dict[str, type[BaseModel]] = {
    VENUES: VenuesQuestion, DAYS: DaysQuestion, RANKING: RankingQuestion, ROLLOUT: RolloutQuestion,
}  # fmt: skip
NOT_THERE = "there is no such venue, or it is not yours to see"
_ROLLOUT_COLUMNS = tuple(answers.RolloutRow.model_fields)
Named = Annotated[Slug, Path(description="Short name of the venue.")]
_ONCE = [Depends(refuse_repeats)]


@dataclass(frozen=True, slots=True)
class ApiSources:
    """What the API reads.

    Attributes:
        board: all venues now.
        known: what a venue's site told last, by its number.
        lacks: what a venue lacks until it conforms, in words.
        reads: enters who read a venue.
        zone: of the hub.
    """

    board: HubBoard
    known: Callable[[int], Known]
    lacks: Callable[[Venue, float], Collection[str]]
    reads: Reads
    zone: tzinfo

    def overview(self, request: Request) -> Overview:
        """All venues that the account may see."""
        return self.board.overview().seen_by(scope(account_of(request)))

    def some(self, request: Request, asked: Some) -> list[VenueNow]:
        """Those of them that a question is about."""
        return [one for one in self.overview(request).venues if asked.takes(one.venue)]

    def venue(self, request: Request, slug: str) -> VenueNow:
        """One of them; that it is read is entered in the log.

        Raises:
            HTTPException: there is none, or the account may not see it: both are told alike.
        """
        found = self.overview(request).by_slug.get(slug)
        if found is None:
            raise HTTPException(404, NOT_THERE)
        self.reads.note(account_of(request), found.venue.number, "API")
        return found

    def days(self, asked: DaysOf) -> Days:
        """The days of a question.

        Raises:
            RequestValidationError: they cannot be.
        """
        today = datetime.fromtimestamp(self.board.sources.clock(), self.zone).date()
        try:
            return Days(*asked.days(today))
        except (ValueError, OverflowError) as error:
            raise RequestValidationError([problem("first", str(error))]) from None


def venues_router(sources: ApiSources) -> APIRouter:
    """Routes about all venues now, and one venue."""
    router = APIRouter(dependencies=_ONCE)

    @router.get(VENUES, summary="All venues now", response_model=None, responses=described(answers.VenuesAnswer))
    def get_venues(request: Request, question: Annotated[VenuesQuestion, Query()]) -> Response:
        seen = sources.overview(request)
        chosen = replace(seen, venues=tuple(one for one in seen.venues if question.takes_now(one)), _scoped={})
        rows = [told.venue_json(one) for one in chosen.venues]
        if question.format != "json":
            listed = [{"tag_list": ", ".join(row["tags"]), **flat(row)} for row in rows]
            return table(question.format, "venues", listed, told.VENUE_COLUMNS)
        head = {"as_of_unix_s": round(chosen.as_of_unix_s, 3), "problem": chosen.problem}
        return as_json({**head, "totals": told.totals_json(chosen), "venues": rows})

    @router.get(
        f"{VENUES}/{{slug}}",
        summary="One venue now, with all that is registered and what it lacks",
        response_model=None,
        responses={200: {"model": answers.VenueDetailAnswer}, 404: _not_there()},
    )
    def get_venue(request: Request, slug: Named) -> Response:
        found = sources.venue(request, slug)
        lacks = tuple(sources.lacks(found.venue, sources.board.sources.clock()))
        return as_json(told.detail_json(found, sources.known(found.venue.number), lacks))

    return router


def tallies_router(sources: ApiSources) -> APIRouter:
    """The tallies of one venue."""
    router = APIRouter(dependencies=_ONCE)

    @router.get(
        f"{VENUES}/{{slug}}/tallies",
        summary="Tallies of a venue's places in steps",
        response_model=None,
        responses={**described(answers.HubTalliesAnswer), 404: _not_there()},
    )
    def get_tallies(request: Request, slug: Named, question: Annotated[TalliesQuestion, Query()]) -> Response:
        found = sources.venue(request, slug)
        try:
            span = Span(*question.span(sources.board.sources.clock()))
        except ValueError as error:
            raise RequestValidationError([problem("since", str(error))]) from None
        points = sources.board.sources.series.course(found.venue.number, span, question.width_s, question.measures)
        kept = [one for one in points if question.camera in (None, one.camera) and question.name in (None, one.name)]
        kept.sort(key=lambda one: one.start_unix_s)
        rows = sums.tally_rows(kept[: question.limit], found.venue.zone)
        truncated = len(kept) > question.limit
        if question.format != "json":
            answer = table(question.format, f"tallies-{slug}", rows, sums.TALLY_COLUMNS)
            answer.headers["X-Truncated"] = str(truncated).lower()
            return answer
        return as_json({"venue": slug, "tallies": rows, "truncated": truncated})

    return router


def sums_router(sources: ApiSources) -> APIRouter:
    """Routes about days and rankings."""
    router = APIRouter(dependencies=_ONCE)
    series = sources.board.sources.series

    @router.get(DAYS, summary="Sums by day", response_model=None, responses=described(answers.DaysAnswer))
    def get_days(request: Request, question: Annotated[DaysQuestion, Query()]) -> Response:
        venues = {one.venue.number: one.venue for one in sources.some(request, question)}
        asked, measure = sources.days(question), Measure[question.measure.upper()]
        found = series.days(asked, list(venues), (measure,)) if venues else []
        rows = sums.day_rows(found, lambda number: _group(question.by, venues.get(number)))
        if question.format != "json":
            return table(question.format, "days", rows, sums.DAY_COLUMNS)
        return as_json({**_ends(asked), "days": rows})

    @router.get(
        RANKING, summary="Venues compared, with intervals", response_model=None,
        responses=described(answers.RankingAnswer),
    )  # fmt: skip
    def get_ranking(request: Request, question: Annotated[RankingQuestion, Query()]) -> Response:
        asked = sources.days(question)
        venues, known = sources.some(request, question), sources.board.sources.known()
        rows = sums.rank_rows(compare(series, venues, known, question.by, asked))
        if question.format != "json":
            return table(question.format, "ranking", rows, sums.RANK_COLUMNS)
        return as_json({**_ends(asked), "by": question.by.value, "venues": rows})

    return router


def rollout_router(sources: ApiSources) -> APIRouter:
    """How far the roll-out is."""
    router = APIRouter(dependencies=_ONCE)

    @router.get(
        ROLLOUT, summary="How far the roll-out is, and what venues lack", response_model=None,
        responses=described(answers.RolloutAnswer),
    )  # fmt: skip
    def get_rollout(request: Request, question: Annotated[RolloutQuestion, Query()]) -> Response:
        venues = sources.some(request, question)
        districts = sorted({one.venue.district for one in venues})
        rows = [_rollout(name, [one for one in venues if one.venue.district == name]) for name in districts]
        if question.format != "json":
            return table(question.format, "rollout", rows, _ROLLOUT_COLUMNS)
        now = sources.board.sources.clock()
        missing = [(one, list(sources.lacks(one.venue, now))) for one in venues]
        return as_json({"districts": rows, "missing": [_missing(one, lacks) for one, lacks in missing if lacks]})

    return router


def _group(by: str, venue: Venue | None) -> str | None:
    if venue is None:
        return None
    return {"venue": venue.slug, "district": venue.district, "organisation": venue.organisation, "brand": venue.brand,
            "all": "all"}[by]  # fmt: skip


def _rollout(district: str, venues: list[VenueNow]) -> dict[str, Any]:
    found, cameras = total(venues), CameraCount.sum(one.cameras for one in venues)
    return {
        "district": district,
        **{name: getattr(found, name) for name in ("venues", "connected", "conforming", "silent", "overdue")},
        "cameras_expected": cameras.expected,
        "cameras_known": cameras.known,
        "cameras_conforming": cameras.conforming,
    }


def _missing(now: VenueNow, lacks: list[str]) -> dict[str, Any]:
    venue = now.venue
    deadline = venue.deadline.isoformat() if venue.deadline else None
    return {"venue": venue.slug, "district": venue.district, "state": now.state.value, "deadline": deadline,
            "lacks": lacks}  # fmt: skip


def _ends(days: Days) -> dict[str, str]:
    return {name: value.isoformat() for name, value in asdict(days).items()}


def _not_there() -> dict[str, Any]:
    return {"model": ErrorAnswer, "description": "There is no such venue, or the account may not see it."}
