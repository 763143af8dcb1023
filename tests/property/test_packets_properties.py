"""The pipe from feed to pixels: what must hold for any bytes, cut anywhere."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from passerby.gate.packets import Packet, PacketKind, PacketReader

# Bytes that look like the reader's own marks are the hard ones.
payload = st.lists(st.sampled_from([b"pbyV", b"\xffe", b"\x02\x00", b"\x00" * 9, b"pby", b"x"]), max_size=12).map(
    b"".join
)
packet = st.builds(Packet, st.sampled_from(PacketKind), st.integers(-(2**63), 2**63 - 1), st.booleans(), payload)
noise = st.one_of(st.binary(max_size=40), payload)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def read(parts: list[bytes]) -> list[Packet]:
    reader = PacketReader()
    return [found for part in parts for found in reader.feed(part)]


@given(st.lists(packet, max_size=8), st.lists(st.integers(0, 2000), max_size=20))
def test_any_split_of_the_bytes_gives_the_same_packets(packets: list[Packet], cuts: list[int]) -> None:
    data = b"".join(one.pack() for one in packets)
    assert read(pieces(data, cuts)) == packets


@given(st.lists(st.one_of(packet.map(Packet.pack), noise), max_size=8), st.lists(st.integers(0, 2000), max_size=20))
def test_noise_between_records_reads_the_same_however_it_is_split(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    assert read(pieces(data, cuts)) == read([data]) == read([data[i : i + 1] for i in range(len(data))])


@given(packet, st.integers(0, 200), st.lists(packet, max_size=5))
def test_after_half_a_record_nothing_whole_is_lost(half: Packet, cut: int, after: list[Packet]) -> None:
    """As soon as as many bytes came as the half record had promised."""
    begun = half.pack()[: min(cut, len(half.pack()) - 1)]
    enough = Packet(PacketKind.PACKET, payload=b"y" * len(half.pack()))
    assert read([begun, *(one.pack() for one in (*after, enough))])[-len(after) - 1 :] == [*after, enough]
