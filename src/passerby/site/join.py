"""A site joins a hub: `passerby join`."""

import io
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from passerby.errors import ConfigError, HubError
from passerby.records.config_hub import hub_address, is_encrypted_or_here
from passerby.records.wire.joining import JoinAnswer, Token
from passerby.site.config import load
from passerby.site.hub_link import SiteKey, open_link
from passerby.site.setup.edit import replace_text, round_trip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for on the command line.

    Attributes:
        url: of the hub.
        config: the site's configuration.
        authority: PEM file of who signed the hub's certificate.
        unencrypted: an http:// address of another machine is taken.
    """

    url: str
    config: Path
    authority: Path | None = None
    unencrypted: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """A site that joined.

    Attributes:
        said: by the hub.
        section: what belongs into the configuration.
        written: whether it stands there by now.
    """

    said: JoinAnswer
    section: str
    written: bool


def check_address(asked: Asked) -> str:
    """The hub's address, as it can be used.

    Raises:
        ConfigError: it cannot.
    """
    try:
        url = (hub_address(asked.url) or "").rstrip("/")
    except ValueError as error:
        raise ConfigError([f"{asked.url}: {error}"]) from None
    if not asked.unencrypted and not is_encrypted_or_here(url):
        words = (
            "what is sent to http:// can be read on its way; use https://, or say --unencrypted in a network of yours"
        )
        raise ConfigError([f"{url}: {words}"])
    return url


def join(asked: Asked, token_text: str) -> Joined:
    """Joins a hub with a key that is made here, and writes where the hub is into the configuration.

    Args:
        asked: which hub, which site.
        token_text: the token of the invitation.

    Raises:
        ConfigError: the configuration, the address or the token cannot be used.
        HubError: the hub refused, is another one than that of the token, or was not reached.
    """
    url, token = check_address(asked), Token.read(token_text)
    config = load(asked.config)
    authority = asked.authority.resolve() if asked.authority else None
    key = SiteKey(config.store_file.parent)
    if not config.store_file.parent.is_dir():
        raise ConfigError([f"{config.store_file.parent}: there is no such folder for the key; make it first"])
    link = open_link(url, token.hub, authority)
    try:
        said = key.join(link, token)
    finally:
        link.close()
    section = {"url": url, "key": token.hub.name}
    section |= {"authority": str(authority)} if authority else {}
    unencrypted = {"unencrypted": True} if not is_encrypted_or_here(url) else {}
    whole = {"hub": {**section, **unencrypted}}
    if config.hub is not None:
        same = config.hub.url.rstrip("/") == url and config.hub.key == token.hub.name
        return Joined(said, _text(whole), written=same)
    _write(asked.config, whole)
    return Joined(said, _text(whole), written=True)


def _write(path: Path, section: dict[str, dict[str, object]]) -> None:
    """Puts the section into the configuration, and leaves all else as it is written."""
    text = path.read_text(encoding="utf-8")
    yaml = round_trip(text)
    document = yaml.load(text)
    if isinstance(document, CommentedMap) and "hub" in document:
        hub, before = CommentedMap(section["hub"]), document["hub"]
        # Comments behind it go to its end: of a null they would part its name from its keys, of a section be lost.
        after = document.ca.items.pop("hub", None)
        if isinstance(before, CommentedMap) and before:
            after = before.ca.items.get(list(before)[-1])
        if after:
            hub.ca.items[list(hub)[-1]] = after
        document["hub"] = hub
        written = io.StringIO()
        yaml.dump(document, written)
        text = written.getvalue()
    else:
        text = text.rstrip("\n") + f"\n\n{_text(section)}" if document else _text(section)
    try:
        replace_text(path, text)
    except ConfigError as error:
        words = f"the site has joined, but this could not be written into {path}; put it there:\n{_text(section)}"
        raise HubError(f"{words}({error})") from None


def _text(section: dict[str, dict[str, object]]) -> str:
    text = io.StringIO()
    YAML().dump(section, text)
    return text.getvalue()
