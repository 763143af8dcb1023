"""The configuration's shelves."""

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from passerby.core.facings import convex, grid
from passerby.core.tallies import MOST_FACINGS
from passerby.gate.messages import ShelfPlan
from passerby.records import checks
from passerby.records.config_parts import Name, Part
from passerby.site.config_shapes import Point

FourCorners = Annotated[tuple[Point, ...], Field(min_length=4, max_length=4)]
_CLOCKWISE = "give four corners clockwise, beginning with the upper left one, around a shape without a dent"


class FacingShape(Part):
    """One facing that is drawn by hand."""

    corners: FourCorners = Field(
        description="Four corners, clockwise from the upper left, as fractions of the picture."
    )

    @model_validator(mode="after")
    def _valid(self) -> Self:
        if not convex(self.corners):
            raise ValueError(_CLOCKWISE)
        return self


class ShelfShape(Part):
    """A shelf: its facings are a grid between four corners, or drawn one by one."""

    name: Name = Field(description="Stands on the page and in the API.")
    aisle: Name | None = Field(default=None, description="The aisle that it belongs to; availability is told for each.")
    corners: FourCorners | None = Field(
        default=None, description="Four corners, clockwise from the upper left, as fractions of the picture."
    )
    rows: Annotated[int, Field(ge=1, le=20)] | None = Field(
        default=None, description="Boards between the corners. Each row goes down to the edge with its price labels."
    )
    columns: Annotated[int, Field(ge=1, le=60)] | None = Field(
        default=None, description="Facings side by side between the corners."
    )
    facings: Annotated[tuple[FacingShape, ...], Field(min_length=1, max_length=MOST_FACINGS)] | None = Field(
        default=None, description="Instead of corners, rows and columns: each facing by itself."
    )
    confirm_s: float = Field(
        default=60.0, ge=0, le=3600, description="A facing is told empty after it was seen empty for so many seconds."
    )
    look_every_s: float = Field(default=10.0, ge=1, le=60, description="Seconds between two looks at it.")

    _name = field_validator("name")(checks.place_name)
    _aisle = field_validator("aisle")(lambda value: value if value is None else checks.place_name(value))

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = (self.corners, self.rows, self.columns)
        if self.facings is not None:
            if any(one is not None for one in given):
                raise ValueError("give facings, or corners, rows and columns; not both")
            return self
        if self.corners is None or self.rows is None or self.columns is None:
            raise ValueError("give corners, rows and columns, or facings")
        if self.rows * self.columns > MOST_FACINGS:
            raise ValueError(
                f"{self.rows} rows of {self.columns} are {self.rows * self.columns} facings; a shelf has at most "
                f"{MOST_FACINGS}: draw it as two"
            )
        if not convex(self.corners):
            raise ValueError(_CLOCKWISE)
        return self

    @property
    def quads(self) -> tuple[tuple[Point, ...], ...]:
        """Corners of each facing; in a grid row by row from the upper left."""
        if self.facings is not None:
            return tuple(facing.corners for facing in self.facings)
        assert self.corners
        return grid(self.corners, self.rows or 1, self.columns or 1)

    @property
    def plan(self) -> ShelfPlan:
        """What a pixel worker is told of it, before it was taught."""
        return ShelfPlan(self.name, self.quads, self.confirm_s, self.look_every_s)
