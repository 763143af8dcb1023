"""The configuration of a hub, `hub.yaml`: what may be written, what it means, and every mistake at once.

Each section is a model in the folder of the part that it is of; this file puts them together.
"""

import json
import zoneinfo
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, PrivateAttr, ValidationError, field_validator, model_validator

from passerby.errors import ConfigError
from passerby.hub.access.openid.config import Oidc
from passerby.hub.alerts.config import ContactMail, HubAlert, check_alerts
from passerby.hub.gather.config import Sites
from passerby.hub.register.postgresql import PostgreSql
from passerby.hub.release.settings import ReleaseSettings
from passerby.hub.series.clickhouse.settings import ClickHouse
from passerby.records import checks
from passerby.records.config_hub import hub_address
from passerby.records.config_parts import Name, Part
from passerby.records.config_receivers import Receiver
from passerby.records.config_web import Web
from passerby.records.reading import read_yaml, refused
from passerby.records.words import problems_of

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"
FILE_NAME = "hub.yaml"


class HubPart(Part):
    """The hub itself."""

    name: Name = Field(default="My venues", description="Stands at the top of the pages.")
    time_zone: str = Field(
        default="UTC", description="Zone of what belongs to no single venue, such as Europe/Paris: lists, the log."
    )
    url: Annotated[str, Field(min_length=1, max_length=2048)] | None = Field(
        default=None,
        description="Address by which sites reach the hub, as https://hub.example; invitations name it. Absent: https "
        "and the first of web.names behind a proxy, that name with the port else, or this machine alone.",
    )

    _name = field_validator("name")(checks.plain_text)
    _zone = field_validator("time_zone")(checks.time_zone)
    _url = field_validator("url")(hub_address)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Its zone."""
        return zoneinfo.ZoneInfo(self.time_zone)


class HubWeb(Web):
    """Where the pages, the API and the door for sites are served."""

    port: int = Field(default=8780, ge=1, le=65535, description="TCP port to listen on.")


class HubStore(Part):
    """Where the hub keeps what it knows."""

    folder: Annotated[str, Field(min_length=1)] = Field(
        default=".", description="Folder of keys, accounts and the two stores; relative to that of the configuration."
    )
    series: Annotated[str, Field(min_length=1)] | ClickHouse = Field(
        default="series.sqlite",
        description="Store of tallies: a SQLite file, relative to the folder; or a ClickHouse, past one machine.",
    )
    register_: Annotated[str, Field(min_length=1)] | PostgreSql = Field(
        default="register.sqlite",
        alias="register",
        description="Store of what people enter and decide: a SQLite file, relative to the folder; or a PostgreSQL.",
    )


class HubConfig(Part):
    """A hub, as its file says."""

    hub: HubPart = Field(default=HubPart(), description="The hub itself.")
    web: HubWeb = Field(default=HubWeb(), description="Where the pages, the API and the door for sites are served.")
    store: HubStore = Field(default=HubStore(), description="Where the hub keeps what it knows.")
    sites: Sites = Field(default=Sites(), description="What is expected of sites.")
    oidc: Oidc | None = Field(default=None, description="A provider by which people log in, beside local accounts.")
    notify: tuple[Receiver, ...] = Field(default=(), max_length=64, description="Who may be told of alerts.")
    contacts: ContactMail | None = Field(
        default=None, description="How responsible contacts of venues get mail; alerts with tell_contact need it."
    )
    alerts: tuple[HubAlert, ...] = Field(default=(), max_length=256, description="What is watched, and who is told.")
    release: ReleaseSettings = Field(default=ReleaseSettings(), description="What may be told of tallies, and to whom.")

    @model_validator(mode="after")
    def _alerts_fit(self) -> Self:
        check_alerts(self.alerts, self.notify, self.contacts)
        return self

    _folder: Path = PrivateAttr(default=Path())

    def path_of(self, file: str) -> Path:
        """A path of the configuration, relative to the folder that the configuration lies in."""
        return self._folder / Path(file).expanduser()

    @property
    def folder(self) -> Path:
        """Folder of keys, accounts and stores."""
        return self.path_of(self.store.folder)

    @property
    def series_file(self) -> Path:
        """Path of the store of tallies, where it is a file.

        Raises:
            ConfigError: it is none.
        """
        if not isinstance(self.store.series, str):
            raise ConfigError(["store.series: this works with a SQLite file alone"])
        return self.folder / self.store.series

    @property
    def fleet_file(self) -> Path:
        """Path of what is known of each site now."""
        return self.folder / "fleet.sqlite"

    @property
    def url(self) -> str:
        """Address by which sites reach the hub, without a slash at its end."""
        if self.hub.url:
            return self.hub.url.rstrip("/")
        if self.web.names and self.web.trusted_proxies:
            return f"https://{self.web.names[0]}"
        scheme = "https" if self.web.tls else "http"
        host = self.web.names[0] if self.web.names else "127.0.0.1"
        return f"{scheme}://{host}:{self.web.port}"


def config_file(place: Path) -> Path:
    """The configuration that a command means by a folder or a file."""
    return place / FILE_NAME if place.is_dir() else place


def load(place: Path) -> HubConfig:
    """Reads a hub's configuration.

    Args:
        place: the file, or the folder in which `hub.yaml` lies.

    Raises:
        ConfigError: with every mistake of the file.
    """
    path = config_file(place)
    document = read_yaml(path, "passerby hub init")
    problems = list(document.problems)
    config = HubConfig()
    try:
        config = HubConfig.model_validate_json(json.dumps(document.data, default=str))
    except ValidationError as error:
        problems += problems_of(error, document, HubConfig)
    if problems:
        raise refused(path, problems)
    config._folder = path.resolve().parent
    return config


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors."""
    return {"$schema": SCHEMA_ID, **HubConfig.model_json_schema(by_alias=True), "title": "passerby hub"}
