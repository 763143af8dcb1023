"""The hub's `sites:`: what it expects of sites."""

from typing import Annotated

from pydantic import Field

from passerby.records.config_parts import Part


class Sites(Part):
    """What is expected of sites."""

    silent_after_s: Annotated[int, Field(ge=120, le=86_400)] = Field(
        default=900, description="A site that was not heard for so many seconds is silent; it sends each minute."
    )
