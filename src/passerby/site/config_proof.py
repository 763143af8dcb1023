"""The configuration's word on counts by hand."""

from pydantic import Field

from passerby.records.config_parts import Part


class ProofSettings(Part):
    """How counts are held against counts by hand; see `passerby prove`."""

    margin: float = Field(
        default=0.05,
        gt=0,
        le=0.5,
        description="Largest bias with which a count still counts as equal to one by hand: 0.05 is 5 %.",
    )
