"""A site's link to its hub: the site's key, which never leaves its folder, and the way there.

Beside the store lie `hub.key`, the site's private key; `hub.key.joining` or `hub.key.next`, one that the hub may not
know yet; and `hub.json`, what the hub said of the key. Losing them loses no tallies: the site is invited again.
"""

import ssl
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from passerby.errors import ConfigError, HubError
from passerby.records.wire.joining import CHANGE_AFTER_S, CHANGE_KEY, JOIN, JoinAnswer, JoinRequest, Token
from passerby.records.wire.keys import Key, PublicKey, read_key, sync_folder, write_key
from passerby.records.wire.link import HubLink, NotPostedError, Proof, RefusedError, refuse
from passerby.records.wire.signing import INVITED_TAG, SITE_TAG
from passerby.site.config import SiteConfig

KEY, JOINING_KEY, NEXT_KEY, SAID = "hub.key", "hub.key.joining", "hub.key.next", "hub.json"
_TRY_EVERY_S = 3600.0
_HEADERS = {"content-type": "application/json"}
_log = structlog.get_logger("passerby.site")


class SiteKey:
    """The site's key: made here, shown to nobody, changed in time.

    Args:
        folder: of the site's store.
        clock: Unix seconds.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._clock = folder, clock
        self._current: Key | None = None
        self._stamp: tuple[int, int] | None = None
        self._try_from_s = 0.0

    def current(self) -> Key:
        """The key. It is read again when the file is another one: somebody may join anew while the site runs.

        Raises:
            ConfigError: the site did not join, or the key cannot be read.
        """
        stamp = _stamp(self._folder / KEY)
        if stamp != self._stamp:
            self._current, self._stamp = read_key(self._folder / KEY), stamp
        if self._current is None:
            words = "this site has not joined its hub; ask there for an invitation, then: passerby join URL"
            raise ConfigError([f"hub: {self._folder / KEY} is not there: {words}"])
        return self._current

    def said(self) -> JoinAnswer | None:
        """What the hub said of the key; None where that is not known."""
        try:
            return msgspec.json.decode((self._folder / SAID).read_bytes(), type=JoinAnswer)
        except (OSError, msgspec.DecodeError):
            return None

    def join(self, link: HubLink, token: Token) -> JoinAnswer:
        """Joins with a new key, by an invitation. Done again after an answer that was lost, it is the same key.

        Raises:
            ConfigError: the key cannot be written.
            HubError: the hub refused, or was not reached; the site is as it was.
        """
        new = self._made(JOINING_KEY)
        try:
            said = _introduced(link, JOIN, Proof(token.key, INVITED_TAG, new))
        except RefusedError:
            (self._folder / JOINING_KEY).unlink(missing_ok=True)  # the next try is made with a key of its own
            raise
        self._take(JOINING_KEY, said)
        (self._folder / NEXT_KEY).unlink(missing_ok=True)
        return said

    def change_if_due(self, link: HubLink) -> bool:
        """Changes the key when it is old, at most one try an hour; gives whether it was changed.

        The old one is taken for some days more, so that nothing under way is lost. What fails is logged, and tried
        again.
        """
        now_s = self._clock()
        said = self.said()
        if now_s < self._try_from_s or (said and link.hub_unix_s() < said.from_unix_s + CHANGE_AFTER_S):
            return False
        self._try_from_s = now_s + _TRY_EVERY_S
        try:
            self._take(NEXT_KEY, self._changed(link, self._made(NEXT_KEY)))
        except (ConfigError, HubError) as error:
            _log.warning("the key for the hub is old, and could not be changed; it is tried again", problem=str(error))
            return False
        _log.info("the key for the hub was changed")
        return True

    def _changed(self, link: HubLink, new: Key) -> JoinAnswer:
        try:
            return _introduced(link, CHANGE_KEY, Proof(self.current(), SITE_TAG, new))
        except RefusedError:
            # The hub may have taken the new key long ago, and its answer was lost, so that the old one is over by now.
            return _introduced(link, CHANGE_KEY, Proof(new, SITE_TAG, new))

    def _made(self, name: str) -> Key:
        """A key that the hub may not know yet; on the disk before anybody hears of it."""
        found = read_key(self._folder / name)
        if found is None:
            found = Key.made()
            write_key(found, self._folder / name)
        return found

    def _take(self, name: str, said: JoinAnswer) -> None:
        """The hub knows the new key: it is the site's from now on."""
        try:
            # In this order: a key whose age is not known is changed once more, which does no harm.
            (self._folder / name).replace(self._folder / KEY)
            sync_folder(self._folder)
            aside = self._folder / f".{SAID}.new"
            aside.write_bytes(msgspec.json.encode(said))
            aside.replace(self._folder / SAID)
        except OSError as error:
            words = f"cannot be written ({error.strerror}); make room and try again"
            raise ConfigError([f"{self._folder}: {words}"]) from None


def _stamp(file: Path) -> tuple[int, int] | None:
    """Changes when another file takes its place; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _introduced(link: HubLink, path: str, proof: Proof) -> JoinAnswer:
    """Tells the hub a new key.

    Raises:
        RefusedError: the hub refused.
        HubError: it was not reached.
    """
    assert proof.new is not None
    body = msgspec.json.encode(JoinRequest(1, proof.new.public.name))
    try:
        answer = link.post(path, body, _HEADERS, proof)
    except NotPostedError as error:
        raise HubError(str(error)) from None
    refuse(answer)
    try:
        return msgspec.json.decode(answer.body, type=JoinAnswer)
    except msgspec.DecodeError:
        raise HubError("the hub's answer is not understood; is it of a newer passerby?") from None


def open_link(url: str, hub: PublicKey, authority: Path | None = None) -> HubLink:
    """The way to a hub.

    Args:
        url: of the hub.
        hub: its public key.
        authority: PEM file of who signed the hub's certificate; None: those that this machine trusts.

    Raises:
        ConfigError: the file cannot be used.
    """
    if authority is None:
        return HubLink(url, hub)
    try:
        return HubLink(url, hub, ssl.create_default_context(cafile=str(authority)))
    except (OSError, ssl.SSLError) as error:
        words = f"{authority} is no certificate in PEM that can be read"
        raise ConfigError([f"hub.authority: {words} ({error.strerror or error})"]) from None


def link_of(config: SiteConfig) -> HubLink:
    """The way to a site's hub, which its configuration names.

    Raises:
        ConfigError: the authority's file cannot be used.
    """
    assert config.hub is not None
    given = config.hub
    return open_link(given.url, PublicKey.of(given.key), config.path_of(given.authority) if given.authority else None)


def site_key(config: SiteConfig) -> SiteKey:
    """The key of a site."""
    return SiteKey(config.store_file.parent)
