"""The tallies of all venues in ClickHouse. One hub writes; any number may read.

A delivery is stored in the order: names, windows, the sums of their hours and days, and at last a record for each batch.
Only what has a record is taken. Where something fails on the way the site sends it all again, and each row finds its
own place.
"""

import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import tzinfo

from passerby.core.tallies import Measure
from passerby.hub.contract import Aside, Days, DaySum, Delivered, Layout, Point, Span, Sum, Taken
from passerby.hub.series.clickhouse.runner import Runner


class ClickHouseSeries:
    """The tallies of all venues. Safe from any thread.

    Args:
        runner: the way to ClickHouse; closed with this.
        database: where its tables are, or go.
        cluster: whose replicas keep them; None: one server.

    Raises:
        StoreError: the tables cannot be made.
    """

    def __init__(self, runner: Runner, database: str, cluster: str | None = None) -> None:
        self._runner, self._database, self._cluster = runner, database, cluster
        raise NotImplementedError
