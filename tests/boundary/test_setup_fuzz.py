"""Whatever bytes come through the set-up room's door, only a planned still and planned numbers get through."""

import os

from hypothesis import given
from hypothesis import strategies as st

from passerby.core.tallies import Measure
from passerby.errors import GateError
from passerby.gate.messages import (
    RECORD,
    REFERENCE_BYTES,
    SIGNATURE_BYTES,
    CameraPlan,
    LinePlan,
    Plan,
    SetupPlan,
    ShelfPlan,
    TeachState,
    ZonePlan,
)
from passerby.gate.setup_contract import SetupContract
from passerby.gate.setup_messages import TAUGHT_AS, DoorReader, Head, Rehearsed, SetupKind, Signature, Still, Taught

LINE = LinePlan("line", (0.1, 0.5), (0.9, 0.5))
ZONE = ZonePlan("floor", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
OPEN = Plan((CameraPlan("door", (LINE,), (ZONE,)),), (3,), unsafe_no_lockdown=True, setup=SetupPlan(20, 600))
SHELF = ShelfPlan("crisps", (ZONE.corners + ((0.0, 1.0),),) * 2)
TEACHES = Plan(
    (CameraPlan("aisle", shelves=(SHELF,)),), (3,), unsafe_no_lockdown=True, setup=SetupPlan(0, 0, TeachState.EMPTY)
)

SMALL = st.integers(0, 3)
HEADS = st.builds(
    Head,
    st.sampled_from(SetupKind),
    st.just(0) | st.integers(0, 255),
    st.just(0) | st.integers(0, 65535),
    SMALL | st.integers(0, 65535),
    st.just(0) | st.integers(0, 65535),
    st.just(0) | st.integers(0, 2**32 - 1),
    SMALL | st.integers(0, 2**64 - 1),
    st.just(0) | SMALL | st.integers(0, 2**32 - 1),
)
STILLS = st.tuples(st.integers(1, 3), st.integers(1, 3)).map(
    lambda size: Still(*size, bytes(range(size[0] * size[1] * 3)))
)
SIGNATURES = st.binary(min_size=SIGNATURE_BYTES - 1, max_size=SIGNATURE_BYTES + 1).map(Signature)
RECORDS = st.lists(
    HEADS.map(Head.pack)
    | STILLS.map(Still.pack)
    | SIGNATURES.map(Signature.pack)
    | st.binary(max_size=60)
    | st.sampled_from(
        [
            Head(SetupKind.READY).pack(),
            *(Head(SetupKind.REHEARSED, code, subject=n).pack() for code in (1, 2, 3, 5) for n in (0, 1)),
        ]
    ),
    max_size=8,
)


def heard(data: bytes, cut: int) -> tuple[list[Still | Signature], list[Rehearsed], bool]:
    """What gets through of some bytes, which come in pieces; and whether the room was heard to be ready before."""
    contract = SetupContract(OPEN, os.getpid(), lambda: 0.0)
    reader = DoorReader(contract.head)
    shown: list[Still | Signature] = []
    numbers = []
    try:
        for start in range(0, len(data), cut):
            for head, body in reader.feed(data[start : start + cut]):
                if head.kind is SetupKind.READY:
                    contract.ready(head)
                elif head.kind is SetupKind.FAULT:
                    contract.fault(head)
                elif head.kind is SetupKind.STILL:
                    shown.append(contract.still(head, body))
                elif head.kind is SetupKind.SIGNATURE:
                    shown.append(Signature(body))
                else:
                    numbers.append(contract.rehearsed(head))
    except GateError:
        pass
    return shown, numbers, contract.lock is not None


@given(st.booleans(), RECORDS, st.sampled_from([7, RECORD.size, 1000, 10**6]))
def test_only_what_is_planned_gets_through(ready: bool, records: list[bytes], cut: int) -> None:
    first = Head(SetupKind.READY).pack() if ready else b""
    shown, numbers, was_ready = heard(first + b"".join(records), cut)
    stills = [one for one in shown if isinstance(one, Still)]
    signatures = [one for one in shown if isinstance(one, Signature)]
    assert len(stills) <= 1
    assert len(signatures) <= 1
    assert shown == signatures + stills, "no signature behind its still"
    assert was_ready or not (shown or numbers)
    assert all(len(one.cells) == 1536 for one in signatures)
    assert stills or not numbers, "no number before the still"
    for still in stills:
        assert len(still.rgb) == still.width_px * still.height_px * 3 <= 256 * 192 * 3
    allowed = {("line", 1), ("line", 2), ("floor", 3), ("floor", 5)}
    for number in numbers:
        assert (number.place, number.measure) in allowed
        assert number.total <= (500 if number.measure is Measure.PEOPLE else 40)
    for key in allowed:
        assert sum((number.place, number.measure) == key for number in numbers) <= 3


@given(STILLS, st.sampled_from([977, 4096, 10**6]))
def test_a_still_comes_through_as_it_was_however_it_is_cut(still: Still, cut: int) -> None:
    signature = Signature(bytes(SIGNATURE_BYTES))
    shown, _numbers, _ready = heard(Head(SetupKind.READY).pack() + signature.pack() + still.pack(), cut)
    assert shown == [signature, still]


TAUGHT = st.lists(st.sampled_from(TAUGHT_AS), min_size=1, max_size=3).flatmap(
    lambda states: st.sampled_from([0, 7]).map(
        lambda level: Taught(tuple(states), bytes([level]) * REFERENCE_BYTES * len(states))
    )
)


@given(st.lists(TAUGHT.map(Taught.pack) | HEADS.map(Head.pack) | st.binary(max_size=60), max_size=5))
def test_only_a_shelf_that_was_asked_for_gets_through_and_once(records: list[bytes]) -> None:
    contract = SetupContract(TEACHES, os.getpid(), lambda: 0.0)
    reader, told = DoorReader(contract.head), []
    try:
        for head, body in reader.feed(Head(SetupKind.READY).pack() + b"".join(records)):
            if head.kind is SetupKind.READY:
                contract.ready(head)
            elif head.kind is SetupKind.FAULT:
                contract.fault(head)
            else:
                told.append(contract.taught(head, body))
    except GateError:
        pass
    assert len(told) <= 1
    for one in told:
        assert len(one.states) == 2 and len(one.references) == 2 * REFERENCE_BYTES
        assert set(one.states) <= {None, TeachState.EMPTY}
        assert not (one.covered and any(one.references))
