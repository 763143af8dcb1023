"""The page of the API, from the application itself: its routes with their parameters, and its metrics."""

import re
import tempfile
from pathlib import Path
from typing import Any

from passerby.site.config import SiteConfig
from passerby.site.control import Control
from passerby.site.corrections import Corrections
from passerby.site.figures import Settings
from passerby.site.journal import Journal
from passerby.site.metrics import exposition
from passerby.site.metrics_cameras import cameras_exposition
from passerby.site.metrics_shelves import shelves_exposition
from passerby.site.pages.board import PageBoard
from passerby.site.paper.facts import facts_of
from passerby.site.paper.privacy_page import mount_privacy_notice
from passerby.site.state import HubState, SiteChecks, SiteState
from passerby.site.store import Store
from passerby.site.web import ApiParts, create_app

_HEAD = """\
Served by `passerby run`, and by `passerby demo` while it runs, beside the page at `/`. Each route says which role it
is for: a viewer reads, an operator corrects, an admin changes the site ([Using the API](using-the-api.md)). Answers are
JSON unless another form is named. Times are Unix seconds (UTC); other numbers carry their unit in their name. What is
counted stands in [Measures](measures.md). The description in OpenAPI is at `/api/openapi.json`.
"""
_REFUSALS = """\
## When it refuses

The answer is `{"error": {"message": ..., "problems": [{"parameter": ..., "message": ...}]}}`, with status 401 where an
account or token is needed, 403 for what the account may not do and for what another web site asks, 404 for a route or a
place that is not there, 406 for a form that cannot be written, 413 for more than 1 MiB, 422 for a question that was not
understood, and 503 while the store cannot answer. A host name that is not listed in `web: {names: [...]}` is refused
too. Who may ask: [Access](access.md).
"""


def routes_and_metrics() -> tuple[dict[str, Any], dict[str, str]]:
    """The paths of the OpenAPI description, and the metrics' names with their meanings."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "empty.sqlite")) as store:
        state = SiteState("example", hub=HubState("https://hub.example"))
        settings = Settings((), 900)
        board = PageBoard(store, lambda: state, settings)
        own = exposition(store, lambda: state, settings, board)()
        text = (own + shelves_exposition("", (), 0.0) + cameras_exposition("", SiteChecks())).decode()
        control = Control(Corrections(store.file), Journal(store.file))
        app = create_app(store, lambda: state, settings, None, ApiParts(None, board, control))
        mount_privacy_notice(app, facts_of(SiteConfig()), lambda: state)
        described: dict[str, Any] = app.openapi()
    bodies = described["components"]["schemas"]
    paths: dict[str, Any] = described["paths"]
    for told in (told for methods in paths.values() for told in methods.values()):
        told["body"] = bodies.get(body_name(told), {}).get("properties", {})
    return paths, dict(re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE))


def body_name(told: dict[str, Any]) -> str:
    """Name of what is sent in the body of a route; empty where nothing is."""
    schema = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).rpartition("/")[2]


def api_page(generated: str) -> str:
    """The page, with the sentence that says that it is generated."""
    paths, metrics = routes_and_metrics()
    parts = [f"# API\n\n{generated}\n\n{_HEAD}"]
    parts += [route_part(path, method, told) for path, methods in paths.items() for method, told in methods.items()]
    rows = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in sorted(metrics.items()))
    parts += [f"## Metrics\n\n| name | meaning |\n|---|---|\n{rows}", _REFUSALS]
    return "\n".join(parts)


def route_part(path: str, method: str, told: dict[str, Any]) -> str:
    """What the page says of one route."""
    rows = "".join(
        f"| `{one['name']}` | {' '.join(one.get('description', '').split())} |\n" for one in told.get("parameters", [])
    )
    rows += "".join(
        f"| `{name}` (in the body) | {' '.join(one.get('description', '').split())} |\n"
        for name, one in told["body"].items()
    )
    table = f"\n| parameter | meaning |\n|---|---|\n{rows}" if rows else ""
    roles = [role for one in told.get("security", [])[:1] for listed in one.values() for role in listed]
    who = f" For the role {roles[0]}." if roles else ""
    return f"## {method.upper()} {path}\n\n{told['summary']}.{who}\n{table}"
