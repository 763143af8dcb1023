"""The configuration's `notify:`: who may be told of alerts, and how."""

import ipaddress
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from passerby.records.checks import file_name, place_name, refuse_metadata
from passerby.records.config_parts import Name, Part


class Receiver(Part):
    """Somebody who is told of alerts: a service that apprise knows, or a webhook. No secret stands in this file."""

    name: Name = Field(description="Alerts name it under `to`.")
    url_file: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="File that holds an apprise URL alone; relative to the folder of the configuration."
    )
    url_env: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Environment variable that holds an apprise URL."
    )
    url_credential: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Name of a systemd credential (LoadCredential=) that holds an apprise URL."
    )
    webhook: Annotated[str, Field(min_length=1, max_length=2048)] | None = Field(
        default=None, description="https:// address that gets alerts as signed JSON; http:// for this machine alone."
    )
    secret_file: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="File that holds the webhook's secret alone, which signs what is sent."
    )
    secret_env: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Environment variable that holds the webhook's secret."
    )
    secret_credential: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Name of a systemd credential that holds the webhook's secret."
    )

    _name = field_validator("name")(place_name)
    _plain = field_validator("url_credential", "secret_credential")(file_name)

    @field_validator("webhook")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return value if value is None else web_address(value)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        urls = _given(self.url_file, self.url_env, self.url_credential)
        secrets = _given(self.secret_file, self.secret_env, self.secret_credential)
        if self.webhook is None and (urls != 1 or secrets):
            raise ValueError("give one of url_file, url_env and url_credential, or webhook with a secret")
        if self.webhook is not None and (urls or secrets != 1):
            raise ValueError("give one of secret_file, secret_env and secret_credential beside webhook, and no url_")
        return self


def web_address(value: str) -> str:
    """An address that may be sent to. What is wrong is said without the value, which may hold a secret."""
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        raise ValueError("not a valid address; write https://host/path") from None
    if not value.isprintable() or " " in value or not url.hostname or port == 0:
        raise ValueError("not a valid address; write https://host/path")
    if url.scheme != "https" and not (url.scheme == "http" and is_this_machine(url.hostname)):
        raise ValueError("write https://host/path; http:// is good for 127.0.0.1 and localhost alone")
    refuse_metadata(url.hostname)
    if "@" in url.netloc:
        raise ValueError("credentials must not stand in the address; they have files of their own")
    return value


def is_this_machine(host: str) -> bool:
    """Whether a host is the machine that this runs on."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _given(*values: str | None) -> int:
    return sum(value is not None for value in values)
