"""Reads what a site sent, with bounds at each step: nothing is unpacked or kept that the contract does not know."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from passerby.hub.contract import Aside
from passerby.records.wire.batches import (
    MOST_BATCHES,
    MOST_BYTES,
    VERSION,
    Batch,
    Layout,
    OutboxId,
    Sequence,
    Standing,
    Wire,
)
from passerby.records.wire.checking import digest_of, problem_of_layout

MOST_PACKED_BYTES = 1024 * 1024
"""Of a request as it comes over the wire."""
_GZIP = 31
"""For zlib: one gzip member, with its head and its sum."""


class RefusedError(Exception):
    """A request that is not taken: with the status of HTTP, and words for whoever runs the site."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@dataclass(frozen=True, slots=True)
class Read:
    """A delivery.

    Attributes:
        outbox: whose batches these are; empty where there are none.
        batches: that have the form of the contract.
        aside: those that do not.
        layouts: by digest, all of them good.
        standing: how the site says it is; it was not held against its layout.
    """

    outbox: str
    batches: tuple[Batch, ...]
    aside: tuple[Aside, ...]
    layouts: Mapping[str, Layout]
    standing: Standing | None


class _Version(msgspec.Struct):
    version: int


class _Delivery(Wire, frozen=True):
    """A delivery whose batches are read one by one, so that a bad one does not hold up the others."""

    version: int
    layouts: tuple[Layout, ...] = ()
    batches: tuple[msgspec.Raw, ...] = ()
    standing: Standing | None = None


class _Numbered(msgspec.Struct):
    """What must be known of a batch to set it aside."""

    outbox: OutboxId
    sequence: Sequence


def unpack(body: bytes, encoding: str) -> bytes:
    """The JSON of a request.

    Raises:
        RefusedError: it is cut off, damaged, or longer than `MOST_BYTES` when it is unpacked.
    """
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise RefusedError(415, "only gzip is unpacked here; the site and the hub are of different versions")
    unpacker = zlib.decompressobj(_GZIP)
    try:
        told = unpacker.decompress(body, MOST_BYTES + 1)
    except zlib.error:
        raise RefusedError(400, "what was sent is damaged; it will be sent again") from None
    if len(told) > MOST_BYTES:
        raise RefusedError(413, f"unpacked, a request may be {MOST_BYTES} bytes; send fewer batches in one")
    if not unpacker.eof or unpacker.unused_data:
        raise RefusedError(400, "what was sent is cut off, or goes on after its end; it will be sent again")
    return told


def read(told: bytes) -> Read:
    """The delivery of a request.

    Raises:
        RefusedError: it is not one, or of a newer contract than this.
    """
    try:
        version = msgspec.json.decode(told, type=_Version).version
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise RefusedError(400, "this is no delivery of a site of passerby") from None
    if version > VERSION:
        words = f"the site is newer (contract {version}) than this hub ({VERSION}): update the hub; the site keeps all"
        raise RefusedError(426, words)
    try:
        delivery = msgspec.json.decode(told, type=_Delivery)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(422, f"the delivery breaks the contract: {_where(error)}") from None
    if len(delivery.batches) > MOST_BATCHES or len(delivery.layouts) > 8:
        raise RefusedError(413, f"a delivery has {MOST_BATCHES} batches and 8 layouts at most")
    batches, aside, numbers = _batches(delivery.batches)
    return Read(_outbox(numbers), batches, aside, _layouts(delivery.layouts), delivery.standing)


def _batches(raw: tuple[msgspec.Raw, ...]) -> tuple[tuple[Batch, ...], tuple[Aside, ...], list[_Numbered]]:
    batches: list[Batch] = []
    aside: list[Aside] = []
    numbers: list[_Numbered] = []
    for one in raw:
        try:
            number = msgspec.json.decode(one, type=_Numbered)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise RefusedError(422, "a batch says neither of which outbox it is nor its number") from None
        numbers.append(number)
        try:
            batches.append(msgspec.json.decode(one, type=Batch))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            aside.append(_aside(number, one, f"it has not the form of the contract: {_where(error)}"))
    return tuple(batches), tuple(aside), numbers


def _aside(number: _Numbered, raw: msgspec.Raw, why: str) -> Aside:
    """A batch without the form of the contract is not kept itself: it could hold anything. Its sum is."""
    body = bytes(raw)
    kept = msgspec.json.encode({"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)})
    return Aside(number.outbox, number.sequence, why, kept)


def _outbox(numbers: list[_Numbered]) -> str:
    if not numbers:
        return ""
    first = numbers[0]
    expected = [(first.outbox, first.sequence + n) for n in range(len(numbers))]
    if [(one.outbox, one.sequence) for one in numbers] != expected:
        raise RefusedError(422, "the batches of a delivery are of one outbox, in the order of their sequence")
    return first.outbox


def _layouts(layouts: tuple[Layout, ...]) -> dict[str, Layout]:
    for one in layouts:
        words = problem_of_layout(one)
        if words:
            raise RefusedError(422, f"the names of the site's places break the contract: {words}")
    return {digest_of(one): one for one in layouts}


def _where(error: Exception) -> str:
    """Where it is wrong, without a text that was sent: names of fields can be one."""
    if not isinstance(error, msgspec.ValidationError):
        return "it is no JSON"
    said, _, where = str(error).partition(" - at `")
    kind = "an unknown field" if "unknown field" in said else "a value that is not allowed"
    place = where.rstrip("`") if where.startswith("$") and "`" not in where[:-1] else ""
    good = place and len(place) < 100 and all(letter.isalnum() or letter in "$.[]_" for letter in place)
    return f"{kind} at {place}" if good else kind
