"""The configuration's `mqtt`: which broker is told, and how."""

from typing import Annotated

from pydantic import Field, field_validator

from passerby.records import checks
from passerby.records.config_parts import Credentials, Part

Text = Annotated[str, Field(min_length=1, max_length=128)]


class MqttTls(Part):
    """How the broker's certificate is checked."""

    ca: Annotated[str, Field(min_length=1)] = Field(
        description="File with the certificate of the authority that signed the broker's, in PEM; relative to the "
        "folder of the configuration."
    )


class MqttOnvif(Part):
    """How the site is called among the devices of ONVIF."""

    prefix: Text = Field(description="First level or levels of its topics, which no other device at the broker has.")

    _prefix = field_validator("prefix")(checks.topic_prefix)


class Mqtt(Part):
    """The MQTT broker that is told what is counted."""

    host: Annotated[str, Field(min_length=1, max_length=253)] = Field(description="Name or address of the broker.")
    port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        default=None, description="TCP port of the broker. Absent: 1883, or 8883 with TLS."
    )
    credentials: Credentials | None = Field(
        default=None, description="How to sign in; absent for a broker that asks nothing."
    )
    tls: bool | MqttTls = Field(
        default=False,
        description="true: TLS, with a certificate that this machine trusts; ca: one that another authority signed.",
    )
    client_id: Text | None = Field(
        default=None, description="Name of the connection at the broker. Absent: one made from the site's name."
    )
    topic_prefix: Text = Field(default="passerby", description="First level or levels of all topics.")
    discovery: bool = Field(default=True, description="Announce everything to Home Assistant.")
    discovery_prefix: Text = Field(default="homeassistant", description="Where Home Assistant listens for that.")

    onvif: bool | MqttOnvif = Field(
        default=False,
        description="true: tell counts as ONVIF Profile M has them too, for a video management system, below the "
        "site's name; prefix: below another.",
    )

    _host = field_validator("host")(checks.broker_host)
    _plain = field_validator("client_id")(checks.plain_text)
    _prefixes = field_validator("topic_prefix", "discovery_prefix")(checks.topic_prefix)

    @property
    def tcp_port(self) -> int:
        """The port: as told, else the usual one."""
        return self.port or (8883 if self.tls else 1883)

    @property
    def onvif_prefix(self) -> str | None:
        """The first levels of topics of ONVIF; None for the site's name."""
        return None if isinstance(self.onvif, bool) else self.onvif.prefix
