"""Tells an MQTT broker what is counted, and Home Assistant what that is.

Retained, with QoS 1, and a last will: whoever subscribes knows at once how things are. Only what changed is published,
and nothing is younger than a window that was closed, but for shelves, which are told by the minute. While the broker is
away nothing waits for it: the store has all, and on its return it is told how things are then.
"""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from passerby.errors import ConfigError
from passerby.gate.backoff import Backoff
from passerby.site.config import SiteConfig
from passerby.site.outputs import Output, Sources
from passerby.site.outputs.mqtt_catalogue import flag_keys, number_keys
from passerby.site.outputs.mqtt_link import Broker, Link, in_words
from passerby.site.outputs.mqtt_memory import Memory
from passerby.site.outputs.mqtt_messages import Discovery, Messages, flag_messages, number_message
from passerby.site.outputs.mqtt_onvif import Onvif
from passerby.site.outputs.mqtt_shelves import shelf_key, shelf_messages
from passerby.site.outputs.mqtt_topics import Topics
from passerby.site.outputs.numbers import numbers
from passerby.site.place_windows import PlaceSettings
from passerby.site.settings import place_settings
from passerby.site.state import OutputState

NAME = "MQTT"
_LOOK_EVERY_S = 1.0
_GOODBYE_S = 3.0
_END_S = 5.0
_log = structlog.get_logger("passerby.site")


@dataclass(frozen=True, slots=True)
class Channel:
    """Whom to tell, and under which names.

    Attributes:
        broker: where to connect.
        topics: of the site.
        places: whose occupancy is told.
        discovery_prefix: where Home Assistant listens; None to announce nothing.
        onvif: as which device of ONVIF; None to be none.
    """

    broker: Broker
    topics: Topics
    places: tuple[PlaceSettings, ...] = ()
    discovery_prefix: str | None = None
    onvif: Onvif | None = None


def channel(config: SiteConfig) -> Channel | None:
    """What the configuration says; None where it names no broker.

    Raises:
        ConfigError: the password or the authority's certificate cannot be read.
    """
    given = config.mqtt
    if given is None:
        return None
    topics = Topics(given.topic_prefix, config.site.name)
    signed = given.credentials
    broker = Broker(
        host=given.host,
        port=given.tcp_port,
        client_id=given.client_id or topics.client_id,
        username=signed.username if signed else None,
        password=signed.password_of("mqtt: credentials", config.path_of) if signed else None,
        tls=_tls(config),
    )
    listens = given.discovery_prefix if given.discovery else None
    onvif = Onvif.of_site(config.site.name, given.onvif_prefix) if given.onvif else None
    return Channel(broker, topics, place_settings(config), listens, onvif)


def publishes(to: Channel) -> Output:
    """The output that tells a broker."""

    @contextmanager
    def output(sources: Sources) -> Iterator[None]:
        publisher = _Publisher(to, sources)
        thread = threading.Thread(target=publisher.run, name="mqtt", daemon=True)
        thread.start()
        try:
            yield
        finally:
            publisher.close()
            thread.join(_END_S)

    return output


def _tls(config: SiteConfig) -> ssl.SSLContext | None:
    tls = config.mqtt.tls if config.mqtt else False
    if isinstance(tls, bool):
        return ssl.create_default_context() if tls else None
    file = config.path_of(tls.ca)
    try:
        return ssl.create_default_context(cafile=file)
    except ssl.SSLError:
        raise ConfigError([f"mqtt: tls: ca: {file} holds no certificate in PEM"]) from None
    except OSError as error:
        raise ConfigError([f"mqtt: tls: ca: {file} cannot be read ({error.strerror})"]) from None


class _Publisher:
    """Connects, announces, publishes what changes, and connects again, until it is closed."""

    def __init__(self, to: Channel, sources: Sources) -> None:
        self._to = to
        self._sources = sources
        self._numbers = number_keys(sources.settings, to.places)
        self._flags = flag_keys(sources.settings)
        self._memory = Memory.beside(sources.store.file)
        self._closed = threading.Event()
        self._backoff = Backoff(1.0)
        self._problem: str | None = "not connected yet"
        self._sent: Messages = {}

    def close(self) -> None:
        """Ends `run` soon."""
        self._closed.set()

    def run(self) -> None:
        """Works until closed."""
        try:
            while not self._closed.is_set():
                try:
                    self._session()
                except OSError as error:
                    self._found(in_words(error, self._to.broker))
                    self._closed.wait(self._backoff.failed())
        finally:
            if not self._closed.is_set():
                self._found("it ended by a mistake of the program, which the log has; start the site again")

    def _session(self) -> None:
        """One connection, from its beginning to its end.

        Raises:
            OSError: it is lost, or was not made.
        """
        available = self._to.topics.available
        with Link(self._to.broker, available) as link:
            self._found(None)
            self._backoff.worked()
            self._announce(link)
            while not self._closed.is_set():
                self._publish_changes(link)
                link.pump(_LOOK_EVERY_S)
            link.publish(available, "offline")
            link.settle(_GOODBYE_S)

    def _announce(self, link: Link) -> None:
        """Says all there is to say to a broker that may know nothing, or what was true before."""
        discovery = self._discovery()
        states = self._states()
        wanted = {self._to.topics.available, *discovery, *states, *map(self._to.topics.of, self._numbers)}
        if self._to.onvif:
            wanted |= self._to.onvif.topics(self._numbers)
        remembered = self._memory.read()
        self._memory.write(remembered | wanted)
        for topic in sorted(remembered - wanted):
            link.publish(topic, "")
        for topic, payload in {**discovery, **states, self._to.topics.available: "online"}.items():
            link.publish(topic, payload)
        self._sent = states
        link.settle()
        self._memory.write(wanted)

    def _publish_changes(self, link: Link) -> None:
        """Only when all before was acknowledged: so no more waits than there are topics."""
        if not link.settled:
            return
        for topic, payload in self._states().items():
            if self._sent.get(topic) != payload:
                link.publish(topic, payload)
                self._sent[topic] = payload

    def _discovery(self) -> Messages:
        prefix = self._to.discovery_prefix
        shelves = map(shelf_key, self._sources.shelves())
        return Discovery(prefix, self._to.topics).messages(self._numbers, self._flags, shelves) if prefix else {}

    def _states(self) -> Messages:
        """How things are, but for numbers that are not known now.

        Those are all of them while the store cannot be read, and those whose time is not over: a share of half an hour
        that grows would tell of the few who came since.
        """
        settings, topics = self._sources.settings, self._to.topics
        messages = flag_messages(topics, self._flags, self._sources.state())
        messages |= shelf_messages(topics, self._sources.shelves(), settings.zone)
        today = self._sources.board.today()
        if today.problem is None:
            told = {number.key: number for number in numbers(today)}
            now_unix_s = settings.clock()
            over = [key for key in self._numbers if key not in told or told[key].until_unix_s <= now_unix_s]
            messages |= {topics.of(key): number_message(key, told.get(key), settings.zone) for key in over}
            if self._to.onvif:
                known = [told[key] for key in over if key in told]
                messages |= self._to.onvif.messages(known, today, settings.zone)
        return messages

    def _found(self, problem: str | None) -> None:
        """Tells the page and the log, the log only of what is new."""
        self._sources.tell(OutputState(NAME, ok=problem is None, problem=problem))
        if problem == self._problem:
            return
        if problem:
            _log.warning("mqtt", problem=problem)
        else:
            _log.info("mqtt connected", broker=self._to.broker.address, user=self._to.broker.username)
        self._problem = problem
