"""Those who are told of alerts: how a message reaches each, tried again for a while, and given up in daylight."""

import hashlib
import hmac
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import structlog

from passerby import __version__
from passerby.errors import ConfigError, PasserbyError
from passerby.gate.addresses import METADATA, is_metadata
from passerby.records.config_receivers import Receiver
from passerby.records.secret import Kept


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """Somebody who is told of alerts.

    Attributes:
        name: as under `notify`.
        problem: why the last message did not arrive, or None.
        waiting: messages that are still to be sent.
        sent, lost: messages since the start; what waited too long is lost.
    """

    name: str
    problem: str | None = None
    waiting: int = 0
    sent: int = 0
    lost: int = 0


_log = structlog.get_logger("passerby.site")
_TIMEOUT_S = 10.0
_CLOSE_S = 5.0
MAX_WAITING = 100
"""So many messages wait for one receiver at most; then the oldest is lost."""

SIGNATURE = "X-Passerby-Signature"
"""Header of a webhook: `sha256=` and the HMAC-SHA256 of the body, in hexadecimal, by the secret."""


class NotSentError(PasserbyError):
    """A message did not reach its receiver. The text names no address and no secret."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told.

    Attributes:
        title: one line.
        text: a sentence or two.
        body: the same for programs, as a webhook gets it.
    """

    title: str
    text: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pace:
    """How a message that did not arrive is tried again.

    Attributes:
        first_s: wait after the first failure; it doubles with each.
        most_s: the longest wait.
        give_up_s: so long after it was handed over a message is lost.
    """

    first_s: float = 2.0
    most_s: float = 300.0
    give_up_s: float = 6 * 3600.0


class Way(Protocol):
    """How a message gets there."""

    def send(self, message: Message) -> None:
        """Sends it once.

        Raises:
            NotSentError: it did not arrive.
        """
        ...


class Webhook:
    """Posts signed JSON.

    Args:
        url: where to.
        secret: signs the body.
    """

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret.encode()

    def send(self, message: Message) -> None:
        """Sends it once.

        Raises:
            NotSentError: it did not arrive, or was not answered with a status of 200 to 299.
        """
        content = json.dumps(message.body | {"sent_unix_s": round(time.time(), 3)}, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"passerby/{__version__}",
            SIGNATURE: "sha256=" + hmac.new(self._secret, content, hashlib.sha256).hexdigest(),
        }
        try:
            # What it says beside its status is not read: it may be endless. A redirect is a refusal.
            with httpx.stream("POST", self._url, content=content, headers=headers, timeout=_TIMEOUT_S) as answer:
                status, is_taken = answer.status_code, answer.is_success
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise NotSentError(f"the webhook cannot be reached ({type(error).__name__})") from None
        if not is_taken:
            raise NotSentError(f"the webhook answered with status {status}")


class Service:
    """Sends by apprise.

    Args:
        whose: for messages.
        url: of the service; it holds secrets.

    Raises:
        ConfigError: apprise knows no such service.
    """

    def __init__(self, whose: str, url: str) -> None:
        import apprise

        # What apprise logs can hold addresses and tokens; what matters of it is said here.
        logger = logging.getLogger("apprise")
        logger.propagate, logger.disabled = False, True
        asset = apprise.AppriseAsset(
            app_id="passerby", app_desc="passerby", app_url="", storage_mode=apprise.PersistentStoreMode.MEMORY
        )
        service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
        if service is None:
            raise ConfigError([f"{whose}: what is kept there is no URL that apprise {apprise.__version__} knows"])
        if is_metadata(service.host or ""):
            raise ConfigError([f"{whose}: {METADATA}"])
        service.redirects = False  # whoever answers shall not say where this machine sends to next
        self._apprise = apprise.Apprise(asset=asset)
        self._apprise.add(service)

    def send(self, message: Message) -> None:
        """Sends it once.

        Raises:
            NotSentError: it did not arrive.
        """
        # Told that it is plain text, apprise writes it so that mail and chat show names as they are, and no markup.
        if not self._apprise.notify(title=message.title, body=message.text, body_format="text"):
            raise NotSentError("the service did not take it; check its URL, and that this machine reaches it")


def way_to(receiver: Receiver, path_of: Callable[[str], Path]) -> Way:
    """How a receiver of the configuration is reached; reads its secret.

    Raises:
        ConfigError: the secret cannot be read, or is no URL of a service.
    """
    whose = f"notify: {receiver.name}"
    if receiver.webhook is not None:
        kept = Kept(whose, "secret", receiver.secret_file, receiver.secret_env, receiver.secret_credential)
        return Webhook(receiver.webhook, _one_word(kept, path_of))
    kept = Kept(whose, "URL", receiver.url_file, receiver.url_env, receiver.url_credential)
    return Service(whose, _one_word(kept, path_of))


def _one_word(kept: Kept, path_of: Callable[[str], Path]) -> str:
    text = kept.read(path_of).strip()
    if len(text.split()) > 1:
        raise ConfigError([f"{kept.whose}: the {kept.what} must stand alone, on one line"])
    return text


def ways_to(receivers: Iterable[Receiver], path_of: Callable[[str], Path]) -> dict[str, Way]:
    """How receivers are reached, by name.

    Raises:
        ConfigError: with every secret that cannot be read.
    """
    problems: list[str] = []
    found: dict[str, Way] = {}
    for receiver in receivers:
        try:
            found[receiver.name] = way_to(receiver, path_of)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return found


class Messenger:
    """Tells one receiver, one message after the other, in a thread of its own.

    Args:
        name: of the receiver.
        way: how it is reached.
        pace: how it is tried again.
    """

    def __init__(self, name: str, way: Way, pace: Pace | None = None) -> None:
        self.name = name
        self._way, self._pace = way, pace or Pace()
        self._changed = threading.Condition()
        self._waiting: deque[tuple[float, Message]] = deque()
        self._problem: str | None = None
        self._sent = self._lost = 0
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=f"notify {name}", daemon=True)

    def start(self) -> None:
        """Begins to send."""
        self._thread.start()

    def put(self, message: Message) -> None:
        """Hands over a message; never waits."""
        with self._changed:
            if len(self._waiting) >= MAX_WAITING:
                self._waiting.popleft()
                self._lose(1, "too many wait")
            self._waiting.append((time.monotonic(), message))
            self._changed.notify_all()

    def close(self) -> None:
        """Tries what waits once more, for some seconds at most, and ends."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(_CLOSE_S)
        with self._changed:
            if self._waiting:
                self._lose(len(self._waiting), "the site closes")

    def state(self) -> ReceiverState:
        """How it is now; safe from any thread."""
        with self._changed:
            return ReceiverState(self.name, self._problem, len(self._waiting), self._sent, self._lost)

    def _work(self) -> None:
        wait_s = 0.0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed, wait_s)
                self._changed.wait_for(lambda: self._closed or self._waiting)
                if not self._waiting or (self._closed and self._problem):
                    return
                tried = self._waiting[0]
            problem = self._tried(tried[1])
            with self._changed:
                wait_s = self._after(problem, tried, wait_s)

    def _tried(self, message: Message) -> str | None:
        try:
            self._way.send(message)
        except NotSentError as error:
            return str(error)
        return None

    def _after(self, problem: str | None, tried: tuple[float, Message], wait_s: float) -> float:
        """Notes how a try ended, and gives the seconds to wait until the next."""
        is_first = bool(self._waiting) and self._waiting[0] is tried
        if problem is None:
            if is_first:
                self._waiting.popleft()
            if self._problem:
                _log.info("alerts reach this receiver again", receiver=self.name)
            self._problem = None
            self._sent += 1
            return 0.0
        if problem != self._problem:
            _log.error("an alert cannot be told", receiver=self.name, problem=problem)
        self._problem = problem
        if is_first and time.monotonic() - tried[0] >= self._pace.give_up_s:
            self._waiting.popleft()
            self._lose(1, problem)
        return min(self._pace.most_s, max(self._pace.first_s, 2 * wait_s))

    def _lose(self, count: int, reason: str) -> None:
        self._lost += count
        _log.error("alerts lost", receiver=self.name, lost=count, reason=reason)


def tried(way: Way, told: Message) -> str | None:
    """Sends a test message; gives why it did not arrive, or None."""
    try:
        way.send(told)
    except NotSentError as error:
        return str(error)
    return None
