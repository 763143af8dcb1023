"""A real MQTT broker, Debian's mosquitto, and a client that keeps what it hears."""

import shutil
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.certificates import Authority
from tests.support.site import eventually, free_port

PROGRAM = shutil.which("mosquitto") or next(map(str, Path("/usr/sbin").glob("mosquitto")), None)
needs_mosquitto = pytest.mark.skipif(PROGRAM is None, reason="mosquitto is not installed (scripts/system-packages.sh)")


@dataclass
class Mosquitto:
    """A broker on a free port.

    Attributes:
        folder: where its files go.
        user: name and password that it asks for; None for one that asks nothing.
        authority: signs its certificate; None without TLS.
    """

    folder: Path
    user: tuple[str, str] | None = None
    authority: Authority | None = None
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        assert PROGRAM is not None
        command = [PROGRAM, "-c", str(self._configuration())]
        with (self.folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        eventually(lambda: b"running" in (self.folder / "mosquitto.log").read_bytes())
        return self

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None
            (self.folder / "mosquitto.log").unlink()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def hears(self, *topics: str) -> "Ear":
        return Ear(self, topics)

    def _configuration(self) -> Path:
        lines = [f"listener {self.port} 127.0.0.1", f"allow_anonymous {str(self.user is None).lower()}"]
        lines += ["max_queued_messages 0", "user root"]
        if self.user is not None:
            known = self.folder / "passwords"
            if not known.exists():
                subprocess.run(["mosquitto_passwd", "-b", "-c", known, *self.user], check=True, capture_output=True)
                known.chmod(0o600)
            lines.append(f"password_file {known}")
        if self.authority is not None:
            certificate, key = self.authority.sign(self.folder, "127.0.0.1")
            lines += [f"certfile {certificate}", f"keyfile {key}"]
        file = self.folder / "mosquitto.conf"
        file.write_text("\n".join(lines) + "\n")
        return file


class Ear:
    """Subscribes, and keeps the last message of each topic, and all of them in order.

    Attributes:
        last: payload by topic; of an emptied one none.
        heard: topic and payload, retained ones too.
    """

    def __init__(self, broker: Mosquitto, topics: tuple[str, ...]) -> None:
        self.last: dict[str, str] = {}
        self.heard: list[tuple[str, str]] = []
        self._topics = topics
        self._subscribed = threading.Event()
        client = paho.Client(CallbackAPIVersion.VERSION2)
        if broker.user is not None:
            client.username_pw_set(*broker.user)
        if broker.authority is not None:
            client.tls_set(str(broker.authority.file))
        client.on_connect = self._connected
        client.on_subscribe = lambda *_: self._subscribed.set()
        client.on_message = self._hear
        client.connect("127.0.0.1", broker.port)
        self._client = client

    def wait_for(self, topic: str, payload: str) -> None:
        """Waits until a topic says something."""
        eventually(lambda: self.last.get(topic) == payload)

    def empty(self, topic: str) -> None:
        """Empties a topic at the broker."""
        self._client.publish(topic, "", qos=1, retain=True)

    def __enter__(self) -> Self:
        self._client.loop_start()
        assert self._subscribed.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, client: paho.Client, *_: object) -> None:
        client.subscribe([(topic, 1) for topic in self._topics])

    def _hear(self, _client: Any, _userdata: Any, message: paho.MQTTMessage) -> None:
        payload = message.payload.decode()
        self.heard.append((message.topic, payload))
        if payload:
            self.last[message.topic] = payload
        else:
            self.last.pop(message.topic, None)
