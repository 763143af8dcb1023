"""A way to a hub that notes what goes over it."""

import time
from dataclasses import dataclass, field

import msgspec

from passerby.records.outbox import Answer, NotPostedError, Post
from passerby.records.wire.batches import Receipt


@dataclass
class Watched:
    """A way to a hub, which can be cut.

    Attributes:
        marks: what the hub said each time that it has, of all outboxes together.
        sizes, took_s: bytes of each request, and how long its answer took.
        answers: status of each, and after how many seconds the hub asked to come again.
        came_later_s: after a request that was refused for now, seconds until the next, by what the hub had asked for.
    """

    post: Post
    marks: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)
    answers: list[tuple[int, float]] = field(default_factory=list)
    came_later_s: list[float] = field(default_factory=list)
    away: bool = False
    _refused: tuple[float, float] | None = None

    def __call__(self, body: bytes) -> Answer:
        if self.away:
            raise NotPostedError("the line is cut")
        began_s = time.monotonic()
        if self._refused:
            at_s, asked_s = self._refused
            self.came_later_s.append((began_s - at_s) / asked_s)
        answer = self.post(body)
        self.took_s.append(time.monotonic() - began_s)
        self.sizes.append(len(body))
        self.answers.append((answer.status, answer.wait_s))
        self._refused = (time.monotonic(), answer.wait_s) if answer.status == 503 else None
        if answer.status == 200:
            self.marks.append(sum(msgspec.json.decode(answer.body, type=Receipt).marks.values()))
        return answer
