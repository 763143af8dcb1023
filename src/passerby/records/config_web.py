"""The configuration's `web:`: where the page and the API are served, and how others reach them."""

import ipaddress
from typing import Annotated, Literal

from pydantic import Field, field_validator

from passerby.records import checks
from passerby.records.config_parts import Part


class Tls(Part):
    """A certificate of your own."""

    certificate: Annotated[str, Field(min_length=1)] = Field(
        description="PEM file with the certificate and those between; relative to the folder of the configuration."
    )
    key: Annotated[str, Field(min_length=1)] = Field(
        description="PEM file with its private key, without a password; relative to the folder of the configuration."
    )


class Web(Part):
    """Where the page and the API are served."""

    host: Annotated[str, Field(min_length=1)] = Field(
        default="127.0.0.1",
        description="Address to listen on. 127.0.0.1: this machine only; 0.0.0.0: every network it is in, which needs "
        "an account (`passerby access add`).",
    )
    port: int = Field(default=8765, ge=1, le=65535, description="TCP port to listen on.")
    names: tuple[str, ...] = Field(
        default=(),
        max_length=32,
        description="Names under which browsers reach the page, beside addresses and localhost.",
    )
    tls: Literal["self-signed"] | Tls | None = Field(
        default=None,
        description="How what passes is encrypted. self-signed: with a certificate that the first start makes. Absent: "
        "not at all.",
    )
    trusted_proxies: tuple[str, ...] = Field(
        default=(),
        max_length=32,
        description="Addresses or networks of proxies that are believed who asks (X-Forwarded-For) and by which scheme "
        "(X-Forwarded-Proto).",
    )

    _host = field_validator("host")(checks.listen_address)
    _names = field_validator("names")(checks.host_names)
    _proxies = field_validator("trusted_proxies")(checks.networks)

    @property
    def only_here(self) -> bool:
        """Whether nobody but this machine can reach the page; a name or a proxy says that others shall."""
        is_loopback = self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        return is_loopback and not self.names and not self.trusted_proxies
