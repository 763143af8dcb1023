"""One connection to an MQTT broker, all of it in the thread that made it."""

import selectors
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import NoReturn, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

_ANSWER_S = 10.0
_KEEP_ALIVE_S = 30
_SETTLE_S = 30.0
_TICK_S = 0.25


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to connect and as whom.

    Attributes:
        host, port: of the broker.
        client_id: name of the connection; of two with one name the broker keeps the newer.
        username, password: None for a broker that asks nothing; never printed.
        tls: how its certificate is checked; None without TLS.
    """

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"

    @property
    def where(self) -> str:
        """For messages."""
        return f"the broker {self.address}"


class RefusedError(ConnectionError):
    """The broker answered, and does not take us; the text says why."""


class Link:
    """A connection that publishes retained messages with QoS 1. It is made anew after each loss.

    So what was not delivered goes with it, and whoever connects again says how things are then.

    Args:
        broker: where to.
        available: topic that says `offline` when this end is gone without a word.
    """

    def __init__(self, broker: Broker, available: str) -> None:
        self._broker = broker
        self._answer: ReasonCode | None = None
        self._unacknowledged = 0
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=broker.client_id, protocol=paho.MQTTv311, reconnect_on_failure=False
        )
        client.connect_timeout = _ANSWER_S
        client.on_connect = self._on_connect
        client.on_publish = self._on_publish
        client.will_set(available, "offline", qos=1, retain=True)
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password)
        if broker.tls is not None:
            client.tls_set_context(broker.tls)
        self._client = client

    def __enter__(self) -> Self:
        """Connects.

        Raises:
            OSError: it cannot be done; `in_words` says why.
        """
        self._client.connect(self._broker.host, self._broker.port, keepalive=_KEEP_ALIVE_S)
        try:
            until_s = time.monotonic() + _ANSWER_S
            while self._answer is None:
                self._before(until_s, "connected, but did not answer; does an MQTT broker listen there?")
                self.pump(_TICK_S)
        except OSError:
            self._drop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Says goodbye, so that the broker does not publish the last will; after an error it does not."""
        if kind is None:
            self._client.disconnect()
        self._drop()

    @property
    def settled(self) -> bool:
        """Whether the broker has acknowledged all that was published."""
        return self._unacknowledged == 0

    def publish(self, topic: str, payload: str) -> None:
        """Hands a message to the broker, for it to keep; an empty one empties the topic.

        Raises:
            OSError: the connection is lost.
        """
        # Counted first: on a quick connection it is acknowledged before this returns.
        self._unacknowledged += 1
        self._check(self._client.publish(topic, payload, qos=1, retain=True).rc)

    def pump(self, timeout_s: float) -> None:
        """Waits for the broker for so long at most, reads what it says, and writes what waits.

        Raises:
            OSError: the connection is lost, or the broker refuses it.
        """
        sock = self._client.socket()
        if sock is None:
            self._lost()
        # Not paho's own loop: it waits by select(2), which a site with many cameras has too many files for.
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._client.want_write() else 0)
        pending = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        with selectors.DefaultSelector() as selector:
            selector.register(sock, wanted)
            ready = [events for _, events in selector.select(0 if pending else timeout_s)]
        if pending or any(events & selectors.EVENT_READ for events in ready):
            code = self._client.loop_read()
            if self._answer is not None and self._answer.is_failure:
                raise RefusedError(_refusal(self._answer))
            self._check(code)
        if self._client.want_write():
            self._check(self._client.loop_write())
        self._check(self._client.loop_misc())

    def settle(self, within_s: float = _SETTLE_S) -> None:
        """Waits until all is acknowledged.

        Raises:
            OSError: the connection is lost, or it takes too long.
        """
        until_s = time.monotonic() + within_s
        while not self.settled:
            self._before(until_s, "does not acknowledge what it is sent")
            self.pump(_TICK_S)

    def _drop(self) -> None:
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    def _on_connect(self, _client: object, _userdata: object, _flags: object, code: ReasonCode, _: object) -> None:
        self._answer = code

    def _on_publish(self, *_: object) -> None:
        self._unacknowledged -= 1

    def _check(self, code: MQTTErrorCode) -> None:
        if code not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_AGAIN):
            self._lost()

    def _lost(self) -> NoReturn:
        if self._answer is None:
            raise RefusedError("closed the connection before it answered; does it want TLS, or another port?")
        raise RefusedError(
            "closed the connection; if it does so again and again, another client has the same client_id"
        )

    def _before(self, until_s: float, words: str) -> None:
        if time.monotonic() > until_s:
            raise RefusedError(words)


def in_words(error: OSError, broker: Broker) -> str:
    """Why a broker is not told, and what to do about it."""
    if isinstance(error, RefusedError):
        return f"{broker.where} {error}"
    if isinstance(error, ssl.SSLCertVerificationError):
        cure = "name the authority that signed it under mqtt: tls: ca, and the broker as its certificate does"
        return f"the certificate of {broker.where} is not trusted ({error.verify_message}); {cure}"
    if isinstance(error, ssl.SSLError) or (broker.tls and isinstance(error, ConnectionResetError)):
        reason = error.reason if isinstance(error, ssl.SSLError) else error.strerror
        return f"{broker.where} does not speak TLS as it was asked to ({reason}); check mqtt: port and tls"
    if isinstance(error, socket.gaierror):
        return f"the name of {broker.where} is not known ({error.strerror}); check mqtt: host"
    if isinstance(error, TimeoutError):
        return f"{broker.where} does not answer; check mqtt: host and port, and whether it runs"
    return f"{broker.where} cannot be reached ({error.strerror or error}); check whether it runs"


def _refusal(code: ReasonCode) -> str:
    if str(code) in ("Bad user name or password", "Not authorized"):
        return f"refuses the user name or the password ({code}); check mqtt: credentials"
    return f"refuses the connection ({code})"
