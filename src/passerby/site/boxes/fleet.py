"""The boxes of a Ray cluster: which there are, posts on them, and asking those posts. No other file knows Ray."""

import os
import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from passerby.errors import ConfigError
from passerby.site.boxes.post import Order, Post, Turn

_NAMESPACE = "passerby"
_CONNECT_S = 5.0


class PostLostError(Exception):
    """A post does not answer any more: its process or its box is gone."""


class Fleet:
    """A Ray cluster that somebody started with `ray start` on each box.

    Args:
        address: of its head: "HOST:6379", or "auto" on a box of it.

    Raises:
        ConfigError: Ray is not installed, or there is no such cluster.
    """

    def __init__(self, address: str) -> None:
        # Ray would tell its makers of its use; the log of the site is the site's own.
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        try:
            import ray
        except ImportError:
            raise ConfigError(["--ray: Ray is not installed; pip install 'passerby[ray]' on every box"]) from None
        self._ray: Any = ray
        try:
            _check_reachable(address)
            ray.init(address=address, namespace=_NAMESPACE, log_to_driver=False, configure_logging=False)
        except (OSError, ValueError, RuntimeError) as error:
            words = (
                f"--ray {address}: no cluster answers there; start one with `ray start --head` ({_first_line(error)})"
            )
            raise ConfigError([words]) from None
        self._post = ray.remote(num_cpus=0, max_restarts=0, max_task_retries=0)(Post)

    def boxes(self) -> dict[str, str]:
        """Boxes that are there: address by id."""
        return {one["NodeID"]: one["NodeManagerAddress"] for one in self._ray.nodes() if one["Alive"]}

    def cores(self) -> int:
        """Cores of all boxes, as Ray was told."""
        return int(sum(one["Resources"].get("CPU", 0) for one in self._ray.nodes() if one["Alive"]))

    @property
    def is_encrypted(self) -> bool:
        """Whether what boxes tell each other is encrypted (Ray's own TLS)."""
        return os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true")

    def place(self, box: str) -> Any:
        """A new post on a box."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        return self._post.options(scheduling_strategy=NodeAffinitySchedulingStrategy(box, soft=False)).remote()

    def begin(self, post: Any, order: Order) -> Any:
        """Gives a post its order; the answer is for `answer`. It goes from process to process and is stored nowhere."""
        return post.begin.remote(order)

    def ask(self, post: Any, heard: int) -> Any:
        """Asks a post for what it has; the answer is for `answer`."""
        return post.turn.remote(heard)

    def finish(self, post: Any) -> Any:
        """Lets a post end in order; the answer is for `answer`."""
        return post.finish.remote()

    def wait(self, asked: Collection[Any], wait_s: float) -> list[Any]:
        """Those of the answers asked for that are there, after at most so long."""
        if not asked:
            return []
        ready, _ = self._ray.wait(list(asked), num_returns=1, timeout=wait_s)
        more, _ = self._ray.wait(list(asked), num_returns=len(asked), timeout=0)
        return list(dict.fromkeys([*ready, *more]))

    def answer(self, asked: Any) -> Turn:
        """An answer that is there.

        Raises:
            PostLostError: there will never be one.
        """
        try:
            turn: Turn = self._ray.get(asked, timeout=1)
        except self._ray.exceptions.RayError as error:
            raise PostLostError(_first_line(error)) from None
        return turn

    def dismiss(self, post: Any) -> None:
        """Ends a post and its process, without waiting; one that is frozen ends when it wakes."""
        self._ray.kill(post, no_restart=True)

    def close(self) -> None:
        """Leaves the cluster; what is still there of posts ends with it."""
        self._ray.shutdown()


@contextmanager
def boxes_at(address: str | None) -> Iterator[Fleet | None]:
    """The boxes of a cluster as long as it is open; None without an address.

    Raises:
        ConfigError: Ray is not installed, or there is no such cluster.
    """
    if address is None:
        yield None
        return
    fleet = Fleet(address)
    try:
        yield fleet
    finally:
        fleet.close()


def _check_reachable(address: str) -> None:
    """Ray itself would try for minutes.

    Raises:
        OSError: nothing listens there.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_S).close()


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
