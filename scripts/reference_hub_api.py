"""The page of a hub's API, from the application itself: its routes with their parameters, and its metrics."""

import re
import tempfile
import zoneinfo
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from passerby.hub import example
from passerby.hub.access import Reads
from passerby.hub.alerts.opening import alert_desk
from passerby.hub.api import ApiSources, add_api
from passerby.hub.api.metrics import venues_exposition
from passerby.hub.config import load
from passerby.hub.gather.metrics import GatherMetrics
from passerby.hub.opening import make_key
from passerby.hub.overview import Overview
from passerby.hub.run import open_parts
from passerby.hub.web import create_people
from scripts.reference_api import body_name, route_part

_HEAD = """\
Served by `passerby hub run`, beside the pages at `/`. Who asks is known by a session or by a token, as for
[a site](access.md), and each account sees [its venues](hub-access.md) alone: sums, counts and rankings are made of
these, and a venue of others is told as one that is not there. Answers are JSON unless another form is named. Times are
Unix seconds (UTC); days are those of each venue's own calendar. What is counted stands in [Measures](measures.md). No
share of masks is told of fewer than 20 people judged. The description in OpenAPI is at `/api/openapi.json`.

```
curl -H "Authorization: Bearer passerby_..." 'https://hub.example/api/v1/days?by=district&first=2026-05-01'
```
"""
_REFUSALS = """\
## When it refuses

The answer is `{"error": {"message": ..., "problems": [{"parameter": ..., "message": ...}]}}`, with status 401 where an
account or token is needed, 403 for what the account's role may not do and for what another web site asks, 404 for a
venue or an alert that is not there or not the account's to see, 406 for a form that cannot be written, 413 for more
than 1 MiB, 422 for a question that was not understood, and 503 while a store cannot answer.
"""


@contextmanager
def hub_application() -> Iterator[FastAPI]:
    """The application for people of an empty hub, without its pages."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_now:
        path = example.write(Path(folder))
        make_key(Path(folder))
        hub = open_parts(load(path), path, open_now)
        app = create_people(hub)
        sources = ApiSources(
            hub.board, hub.fleet.of, hub.fleet.lacks, Reads(hub.register.log), zoneinfo.ZoneInfo("UTC")
        )
        add_api(app, sources, alert_desk(hub.config, hub.board, hub.register), hub.register.log)
        yield app


def hub_api_page(generated: str) -> str:
    """The page, with the sentence that says that it is generated."""
    with hub_application() as app:
        described: dict[str, Any] = app.openapi()
    bodies = described["components"]["schemas"]
    parts = [f"# API of a hub\n\n{generated}\n\n{_HEAD}"]
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            told["body"] = bodies.get(body_name(told), {}).get("properties", {})
            parts.append(route_part(path, method, told))
    text = (venues_exposition(Overview()) + GatherMetrics().exposition()).decode()
    names = dict(re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE))
    rows = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in sorted(names.items()))
    about = "Those of venues are of the account's own; the others are for accounts of the whole hub."
    return "\n".join([*parts, f"## Metrics\n\n{about}\n\n| name | meaning |\n|---|---|\n{rows}", _REFUSALS])
