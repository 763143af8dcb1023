"""What each key of a hub's `store.series` and `store.register` changes, where these are servers."""

import ssl
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from passerby.errors import StoreError
from passerby.hub.config import HubConfig
from passerby.hub.register.postgresql import PostgreSql
from passerby.hub.series.clickhouse import ClickHouse, open_clickhouse
from passerby.hub.series.clickhouse.tables import definitions
from tests.support.certificates import Authority


class _Refusing(BaseHTTPRequestHandler):
    """Keeps who asked for what, and refuses."""

    asked: ClassVar[list[tuple[object, ...]]] = []

    def do_POST(self) -> None:
        self.asked.append((self.headers["Host"], self.headers["Authorization"]))
        self.send_response(403)
        self.send_header("X-ClickHouse-Exception-Code", "516")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST  # noqa: N815 - its caller's names

    def log_message(self, *_: Any) -> None:
        pass


def _clickhouse(config: HubConfig) -> ClickHouse:
    assert isinstance(config.store.series, ClickHouse)
    return config.store.series


def asked(config: HubConfig) -> object:
    """What the first question to a ClickHouse says."""
    _Refusing.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings = _clickhouse(config)
        url = urlsplit(settings.url)
        here = settings.model_copy(update={"url": f"{url.scheme}://{url.hostname}:{server.server_port}"})
        with pytest.raises(StoreError, match=r"check store\.series"):
            open_clickhouse(here, config.path_of)
        server.shutdown()
    host, signed_in = _Refusing.asked[0]
    return str(host).partition(":")[0], signed_in


def trusted(config: HubConfig) -> object:
    """What becomes of the first question to one whose certificate an authority of one's own signed."""
    authority = Authority.made(config.path_of("ours"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.sign(config.path_of("ours"), "127.0.0.1"))
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{server.server_port}"
        with pytest.raises(StoreError) as told:
            open_clickhouse(_clickhouse(config).model_copy(update={"url": url}), config.path_of)
        server.shutdown()
    return str(told.value)


def made(config: HubConfig) -> object:
    """The tables that it makes."""
    return definitions(_clickhouse(config).database, _clickhouse(config).cluster)


def connected(config: HubConfig) -> object:
    """Where it looks for its PostgreSQL, and how it signs in."""
    assert isinstance(config.store.register_, PostgreSql)
    return config.store.register_.address(config.path_of).render_as_string(hide_password=False)


Changes = dict[str, str]
CLICKHOUSE = {"url": "http://127.0.0.1:8123", "username": "hub", "password_file": "one"}
POSTGRESQL = {"hosts": "[db1.example]", "username": "hub", "password_file": "one"}
EFFECTS: dict[str, tuple[Changes, Changes, Callable[[HubConfig], object]]] = {
    "ClickHouse.url": ({}, {"url": "http://localhost:8123"}, asked),
    "ClickHouse.database": ({}, {"database": "other"}, made),
    "ClickHouse.cluster": ({}, {"cluster": "passerby"}, made),
    "ClickHouse.ca": ({}, {"ca": "ours/authority.pem"}, trusted),
    "ClickHouse.username": ({}, {"username": "other"}, asked),
    "ClickHouse.password_file": ({}, {"password_file": "two"}, asked),
    "ClickHouse.password_env": ({"password_file": ""}, {"password_env": "HUB_PASSWORD"}, asked),
    "ClickHouse.password_credential": ({"password_file": ""}, {"password_credential": "two"}, asked),
    "PostgreSql.hosts": ({}, {"hosts": "[db1.example, 'db2.example:6432']"}, connected),
    "PostgreSql.database": ({}, {"database": "other"}, connected),
    "PostgreSql.username": ({}, {"username": "other"}, connected),
    "PostgreSql.password_file": ({}, {"password_file": "two"}, connected),
    "PostgreSql.password_env": ({"password_file": ""}, {"password_env": "HUB_PASSWORD"}, connected),
    "PostgreSql.password_credential": ({"password_file": ""}, {"password_credential": "two"}, connected),
    "PostgreSql.ca": ({}, {"ca": "system"}, connected),
}
"""By key: what is taken away and what is given, and what shows that it matters."""


def written(part: str, taken: Changes, given: Changes) -> str:
    """A hub.yaml with a part, in the place of a file."""
    place, keys = ("series", CLICKHOUSE) if part == "ClickHouse" else ("register", POSTGRESQL)
    chosen = {name: value for name, value in keys.items() if name not in taken} | given
    return f"store:\n  {place}: " + "{" + ", ".join(f"{name}: {value}" for name, value in chosen.items()) + "}\n"


def secrets(folder: Path) -> None:
    """Writes those that the keys name."""
    for name in ("one", "two"):
        (folder / name).write_text(f"{name} password")
