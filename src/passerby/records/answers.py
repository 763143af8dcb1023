"""What all answers of an API have in common, for its description in OpenAPI."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Every part of an answer."""

    model_config = ConfigDict(extra="forbid")


class Problem(Answer):
    """One mistake of a question."""

    parameter: str = Field(description="Which parameter; empty for the whole.")
    message: str


class ErrorBody(Answer):
    """What is wrong."""

    message: str
    problems: list[Problem] = []


class ErrorAnswer(Answer):
    """Every refusal has this form."""

    error: ErrorBody


class HealthAnswer(Answer):
    """Whether all is well."""

    status: Literal["well", "unwell"]
    reasons: list[str]
