"""What each key of the configuration's `hub` changes."""

from pydantic import ValidationError

from passerby.errors import ConfigError
from passerby.records.wire.keys import Key
from passerby.site.config import SiteConfig
from passerby.site.config_hub import HubSettings
from passerby.site.hub_link import link_of
from passerby.site.outbox.channel import hub_desk
from passerby.site.outbox.names import layout_of
from tests.support import audit_effects

_KEY = Key.made().public.name
BASE = audit_effects.BASE + "hub: {hub}\n"


def _hub(**changes: str) -> str:
    given = {"url": "https://hub.example", "key": f"'{_KEY}'", **changes}
    return "{" + ", ".join(f"{name}: {value}" for name, value in given.items()) + "}"


def told(config: SiteConfig) -> object:
    desk = hub_desk(config)
    assert desk is not None
    return desk.state().url


def believed(config: SiteConfig) -> object:
    link = link_of(config)
    link.close()
    return link._hub.name


def trusted(config: SiteConfig) -> object:
    try:
        link_of(config).close()
    except ConfigError as error:
        return error.problems
    return None


def sent(config: SiteConfig) -> object:
    return layout_of(config)


def over_plain_http(config: SiteConfig) -> object:
    assert config.hub is not None
    try:
        HubSettings.model_validate(config.hub.model_dump() | {"url": "http://hub.example"})
    except ValidationError:
        return False
    return True


VALUES = audit_effects.VALUES | {"hub": _hub()}
EFFECTS = audit_effects.EFFECTS | {
    "HubSettings.url": ({"hub": _hub(url="https://other.example")}, told),
    "HubSettings.key": ({"hub": _hub(key=f"'{Key.made().public.name}'")}, believed),
    "HubSettings.authority": ({"hub": _hub(authority="absent.pem")}, trusted),
    "HubSettings.profile": ({"hub": _hub(profile="strict")}, sent),
    "HubSettings.unencrypted": ({"hub": _hub(unencrypted="true")}, over_plain_http),
}
