"""The feed: takes encoded video from one source and hands it on, packet by packet, without decoding it.

Started by the guard as `python -m passerby.feed.reader`, with a `FeedPlan` on standard input. Standard output is its
door for faults and figures; packets go to the pipe that the plan names. One process makes one connection: whether to
try again, with the name looked up anew, is the guard's decision.
"""

import os
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.error
import msgspec
from av.container import InputContainer
from av.video.stream import VideoStream

from passerby.errors import LockdownError
from passerby.feed.outlet import Outlet
from passerby.gate import lockdown
from passerby.gate.messages import FaultCode, HealthFigure, Kind, Message
from passerby.gate.packets import NO_PTS, Packet, PacketKind, StreamHead
from passerby.gate.sources import FeedPlan, SourceKind

DOOR_FD = 1
_OPEN_TIMEOUT_S = 10.0
_BUFFER_BYTES = 64 * 1024  # stated, since Python asks a file of unstated buffering whether it is a terminal
_PICTURE_CODECS = {".jpg": "mjpeg", ".jpeg": "mjpeg", ".png": "png", ".bmp": "bmp", ".webp": "webp", ".tif": "tiff"}


class _ReadError(Exception):
    """The source cannot be read (further)."""

    def __init__(self, code: FaultCode) -> None:
        super().__init__(code.name)
        self.code = code


def main() -> None:
    """Runs the room until its source ends."""
    lockdown.die_with_parent()
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=FeedPlan)
    av.logging.set_level(av.logging.PANIC)
    lockdown.silence_stderr()
    lockdown.import_whole(av)
    outlet = Outlet(plan.out_fd, may_drop=plan.paced)
    try:
        if not plan.unsafe_no_lockdown:
            folder = Path(plan.location) if plan.kind is SourceKind.FOLDER else None
            lockdown.lock_feed((DOOR_FD, plan.out_fd), plan.port or None, folder)
        _read(plan, outlet)
        code = FaultCode.ENDED
    except LockdownError:
        code = FaultCode.LOCKDOWN_IMPOSSIBLE
    except _ReadError as failed:
        code = failed.code
    except BrokenPipeError:
        os._exit(0)
    _send(Message(Kind.FAULT, code))
    os._exit(0)


def _send(message: Message) -> None:
    os.write(DOOR_FD, message.pack())


def _read(plan: FeedPlan, outlet: Outlet) -> None:
    packets = _pictures(plan) if plan.kind is SourceKind.FOLDER else _packets(plan)
    reported_s = time.monotonic()
    sent = 0
    for packet in packets:
        outlet.put(packet)
        sent += 1
        if time.monotonic() - reported_s >= 1.0:
            reported_s = time.monotonic()
            _send(Message(Kind.HEALTH, HealthFigure.PACKETS_READ, a=sent))
    if sent == 0:
        raise _ReadError(FaultCode.NO_FRAMES)
    outlet.finish()


def _packets(plan: FeedPlan) -> Iterator[Packet]:
    played = 0
    while plan.loops == 0 or played < plan.loops:
        try:
            with _open(plan) as container:
                yield from _demux(container, plan)
        except av.error.FFmpegError as error:
            code = _fault_of(error, opened=False)
            # A camera that is silent, or speaks something else than RTSP, leaves data that make no sense.
            silent = code is FaultCode.NOT_A_VIDEO and plan.kind is SourceKind.STREAM
            raise _ReadError(FaultCode.UNREACHABLE if silent else code) from None
        played += 1
        if plan.kind is not SourceKind.FILE:
            return
        os.lseek(plan.fd, 0, os.SEEK_SET)


def _open(plan: FeedPlan) -> InputContainer:
    if plan.kind is SourceKind.STREAM:
        options = {"rtsp_transport": "tcp", "allowed_media_types": "video"}
        # A stream that stalls later is noticed by the guard, which hears of no more packets.
        container = av.open(plan.location, mode="r", options=options, timeout=(_OPEN_TIMEOUT_S, None))
        _send(Message(Kind.HEALTH, HealthFigure.CONNECTED, a=1))
        return container
    container = av.open(os.fdopen(plan.fd, "rb", buffering=_BUFFER_BYTES, closefd=False), mode="r")
    if container.duration:
        _send(Message(Kind.HEALTH, HealthFigure.DURATION_MS, a=max(0, container.duration // 1000)))
    return container


def _demux(container: InputContainer, plan: FeedPlan) -> Iterator[Packet]:
    if not container.streams.video:
        raise _ReadError(FaultCode.NOT_A_VIDEO)
    stream = container.streams.video[0]
    yield _head_of(stream).packet()
    pacer = _Pacer() if plan.paced and plan.kind is not SourceKind.STREAM else None
    demuxer = container.demux(stream)
    while True:
        try:
            packet = next(demuxer)
        except (StopIteration, av.error.EOFError):
            return
        except av.error.InvalidDataError:
            continue
        except av.error.FFmpegError as error:
            raise _ReadError(_fault_of(error, opened=True)) from None
        if packet.size == 0:
            continue
        pts_us = NO_PTS if packet.pts is None else round(packet.pts * (packet.time_base or Fraction(1)) * 1_000_000)
        if pacer and packet.dts is not None:
            pacer.wait(float(packet.dts * (packet.time_base or Fraction(1))))
        yield Packet(PacketKind.PACKET, pts_us, packet.is_keyframe, bytes(packet))


def _head_of(stream: VideoStream) -> StreamHead:
    context = stream.codec_context
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    return StreamHead(
        codec=context.name,
        width_px=context.width,
        height_px=context.height,
        pixel_format=context.pix_fmt or "",
        frame_s=float(1 / rate) if rate else 0.04,
        extradata=context.extradata or b"",
    )


def _fault_of(error: av.error.FFmpegError, *, opened: bool) -> FaultCode:
    """The code for an error of FFmpeg's; its text is left behind, since it can hold the URL."""
    known: tuple[tuple[type[BaseException], FaultCode], ...] = (
        (av.error.HTTPUnauthorizedError, FaultCode.UNAUTHORISED),
        (av.error.HTTPForbiddenError, FaultCode.UNAUTHORISED),
        (av.error.HTTPNotFoundError, FaultCode.NOT_FOUND),
        (av.error.ConnectionRefusedError, FaultCode.REFUSED),
        (av.error.ExitError, FaultCode.STALLED if opened else FaultCode.UNREACHABLE),
        (av.error.TimeoutError, FaultCode.STALLED if opened else FaultCode.UNREACHABLE),
        (av.error.PermissionError, FaultCode.NOT_PERMITTED),
        (av.error.InvalidDataError, FaultCode.NOT_A_VIDEO),
        (av.error.DecoderNotFoundError, FaultCode.NO_DECODER),
        (av.error.OSError, FaultCode.READ_FAILED if opened else FaultCode.UNREACHABLE),
    )
    return next((code for kind, code in known if isinstance(error, kind)), FaultCode.READ_FAILED)


def _pictures(plan: FeedPlan) -> Iterator[Packet]:
    """The pictures of a folder, in the order of their names, as a stream of `frame_s` each."""
    files = [path for path in sorted(Path(plan.location).iterdir()) if path.suffix.lower() in _PICTURE_CODECS]
    codec = ""
    for index, path in enumerate(files):
        if _PICTURE_CODECS[path.suffix.lower()] != codec:
            codec = _PICTURE_CODECS[path.suffix.lower()]
            yield StreamHead(codec, frame_s=plan.frame_s).packet()
        yield Packet(PacketKind.PACKET, round(index * plan.frame_s * 1_000_000), True, _bytes_of(path))


def _bytes_of(path: Path) -> bytes:
    with path.open("rb", buffering=_BUFFER_BYTES) as file:
        return file.read()


class _Pacer:
    """Holds a recording back to its own speed."""

    def __init__(self) -> None:
        self._start_s: float | None = None

    def wait(self, time_s: float) -> None:
        now_s = time.monotonic()
        if self._start_s is None or abs(now_s - self._start_s - time_s) > 5.0:
            self._start_s = now_s - time_s
        time.sleep(max(0.0, self._start_s + time_s - now_s))


if __name__ == "__main__":
    main()
