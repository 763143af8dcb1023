"""The page of the API, from the application itself: its routes with their parameters, and its metrics."""

import re
import tempfile
from pathlib import Path
from typing import Any

from passerby.site.config import SiteConfig
from passerby.site.figures import Settings
from passerby.site.metrics import exposition
from passerby.site.paper.facts import facts_of
from passerby.site.paper.privacy_page import mount_privacy_notice
from passerby.site.state import SiteState
from passerby.site.store import Store
from passerby.site.web import create_app

_HEAD = """\
Served by `passerby run`, and by `passerby demo` while it runs, beside the page at `/`. It only reads; nothing can be
changed through it. Answers are JSON unless another form is named. Times are Unix seconds (UTC); other numbers carry
their unit in their name. What is counted stands in [Measures](measures.md). The description in OpenAPI is at
`/api/openapi.json`.
"""
_REFUSALS = """\
## When it refuses

The answer is `{"error": {"message": ..., "problems": [{"parameter": ..., "message": ...}]}}`, with status 422 for a
question that was not understood, 503 while the store cannot answer, and 404 for a route that is not there. A host name
that is not listed in `web: {names: [...]}` is refused too.
"""


def routes_and_metrics() -> tuple[dict[str, Any], dict[str, str]]:
    """The paths of the OpenAPI description, and the metrics' names with their meanings."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "empty.sqlite")) as store:
        state = SiteState("example")
        settings = Settings((), 900)
        text = exposition(store, lambda: state, settings)().decode()
        app = create_app(store, lambda: state, settings)
        mount_privacy_notice(app, facts_of(SiteConfig()), lambda: state)
        paths: dict[str, Any] = app.openapi()["paths"]
    return paths, dict(re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE))


def api_page(generated: str) -> str:
    """The page, with the sentence that says that it is generated."""
    paths, metrics = routes_and_metrics()
    parts = [f"# API\n\n{generated}\n\n{_HEAD}"]
    parts += [_route(path, method, told) for path, methods in paths.items() for method, told in methods.items()]
    rows = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in sorted(metrics.items()))
    parts += [f"## Metrics\n\n| name | meaning |\n|---|---|\n{rows}", _REFUSALS]
    return "\n".join(parts)


def _route(path: str, method: str, told: dict[str, Any]) -> str:
    rows = "".join(
        f"| `{one['name']}` | {' '.join(one.get('description', '').split())} |\n" for one in told.get("parameters", [])
    )
    table = f"\n| parameter | meaning |\n|---|---|\n{rows}" if rows else ""
    return f"## {method.upper()} {path}\n\n{told['summary']}.\n{table}"
