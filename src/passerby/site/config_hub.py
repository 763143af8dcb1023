"""The configuration's `hub:`: which hub the site sends its tallies to. `passerby join` writes it."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from passerby.records.config_hub import hub_address, is_encrypted_or_here
from passerby.records.config_parts import Part


class HubSettings(Part):
    """The hub that the site sends its tallies to."""

    url: Annotated[str, Field(min_length=1, max_length=2048)] = Field(
        description="Its address, such as https://hub.example."
    )
    key: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = Field(
        description="Its public key, as the invitation names it; answers of anything else are not believed."
    )
    authority: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="PEM file of who signed the hub's certificate, such as a self-signed one itself; relative to the "
        "folder of the configuration. Absent: those that this machine trusts.",
    )
    profile: Literal["internal", "strict"] | None = Field(
        default=None,
        description="internal: tallies of all lines, zones and shelves, and how many people are in places. strict: "
        "crossings and the masked share of the whole site alone, of 20 minutes or more. Absent: internal, or strict "
        "where the site has a profile.",
    )
    unencrypted: bool = Field(
        default=False,
        description="Send to an http:// address that is not this machine's. What passes is signed, but who is on the "
        "way can read it: for a network of your own alone.",
    )

    _url = field_validator("url")(hub_address)

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        if not self.unencrypted and not is_encrypted_or_here(self.url):
            raise ValueError("what is sent to http:// can be read on its way; write https://, or unencrypted: true")
        return self
