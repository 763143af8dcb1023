"""The pipe from feed to pixels: records, and the way back after half of one."""

import struct
from binascii import crc_hqx

import msgspec
import pytest

from passerby.gate.packets import HEAD, MAX_PAYLOAD_BYTES, NO_PTS, Packet, PacketKind, PacketReader, StreamHead

ONE = Packet(PacketKind.PACKET, 40_000, True, b"first")
TWO = Packet(PacketKind.PACKET, 80_000, False, bytes(range(256)) * 3)


def test_what_goes_in_comes_out() -> None:
    packets = [StreamHead("h264").packet(), ONE, Packet(PacketKind.GAP, 7), TWO]
    assert list(PacketReader().feed(b"".join(one.pack() for one in packets))) == packets


def test_a_time_that_is_not_known_stays_unknown() -> None:
    (found,) = PacketReader().feed(Packet(PacketKind.PACKET, payload=b"x").pack())
    assert found.pts_us == NO_PTS


def test_half_a_record_is_left_behind_wherever_it_was_cut() -> None:
    """A feed that was killed in the middle of a write; the next feed writes to the same pipe."""
    whole = TWO.pack()
    after = [StreamHead("h264").packet(), ONE, TWO, TWO]
    for cut in range(1, len(whole)):
        reader = PacketReader()
        found = list(reader.feed(whole[:cut]))
        found += reader.feed(b"".join(one.pack() for one in after))
        assert found == after, f"cut at {cut}"


def test_after_a_head_that_was_cut_nothing_is_waited_for() -> None:
    """Its length would be read from the bytes that follow, and be anything up to the largest."""
    for cut in range(1, HEAD.size):
        reader = PacketReader()
        assert list(reader.feed(ONE.pack()[:cut] + ONE.pack())) == [ONE], f"cut at {cut}"


def test_a_damaged_byte_of_a_head_costs_that_record_alone() -> None:
    for index in range(HEAD.size):
        damaged = bytearray(TWO.pack())
        damaged[index] ^= 0x10
        assert list(PacketReader().feed(bytes(damaged) + ONE.pack())) == [ONE], f"byte {index}"


def test_a_length_that_no_packet_has_is_not_believed() -> None:
    too_long = Packet(PacketKind.PACKET, payload=bytes(MAX_PAYLOAD_BYTES + 1)).pack()[: HEAD.size]
    assert list(PacketReader().feed(too_long + ONE.pack())) == [ONE]


def test_an_unknown_kind_is_passed_over() -> None:
    fields = struct.pack("<BBIq", 99, 0, 0, 0)
    check = crc_hqx(fields, 0).to_bytes(2, "little")
    unknown = b"pbyV" + check + fields + check + b"\xffe"
    assert list(PacketReader().feed(unknown + ONE.pack())) == [ONE]


def test_a_record_inside_a_payload_is_not_taken_for_one() -> None:
    outer = Packet(PacketKind.PACKET, payload=ONE.pack())
    assert list(PacketReader().feed(outer.pack())) == [outer]


def test_noise_is_not_kept() -> None:
    reader = PacketReader()
    for _ in range(100):
        assert list(reader.feed(b"\x00noise" * 10_000)) == []
    assert reader.pending_bytes < HEAD.size
    assert list(reader.feed(ONE.pack())) == [ONE]


def test_what_waits_is_no_more_than_one_record() -> None:
    reader = PacketReader()
    most = 0
    for _ in range(50):
        for start in range(0, len(TWO.pack()), 100):
            list(reader.feed(TWO.pack()[start : start + 100]))
            most = max(most, reader.pending_bytes)
    assert most < len(TWO.pack()) + 100


def test_the_head_of_a_stream_crosses() -> None:
    head = StreamHead("hevc", 1920, 1080, "yuv420p", 1 / 15, b"\x00\x01parameters")
    (packet,) = PacketReader().feed(head.packet().pack())
    assert packet.kind is PacketKind.STREAM
    assert StreamHead.of(packet) == head


@pytest.mark.parametrize("payload", [b"", b"\xc1", msgspec.msgpack.encode({"codec": 3})])
def test_a_head_that_is_none_is_refused(payload: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        StreamHead.of(Packet(PacketKind.STREAM, payload=payload))


def test_the_next_head_never_completes_a_record_that_was_cut_off() -> None:
    """Of one that lacks its last byte alone, too; with some of these times its check ends as a head begins."""
    for pts_us in range(600):
        cut_off = Packet(PacketKind.STREAM, pts_us, payload=b"x").pack()
        following = Packet(PacketKind.PACKET, payload=b"y" * len(cut_off))
        for missing in range(1, len(cut_off)):
            assert list(PacketReader().feed(cut_off[:-missing] + following.pack()))[-1:] == [following]
