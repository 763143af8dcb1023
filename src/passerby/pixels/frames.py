"""From packets to pictures: decoding, time, and scaling. Nothing here outlives the frame."""

import math
import re
from collections.abc import Iterator
from typing import Any

import av
import av.error
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from passerby.gate.packets import NO_PTS, Packet, StreamHead

MAX_PIXELS = 36_000_000
_MAX_STEP_S = 10.0
_MAX_DISORDER_S = 0.5  # containers without presentation times (AVI) swap neighbours; frames come in the right order
MAX_DRIFT_S = 5.0
_NEAR_S = 0.25
_SLEW = 2e-4
"""A camera's clock is off by up to 100 millionths; it is led back to ours twice as fast, where it is not near."""


class NoDecoderError(Exception):
    """This build has no decoder for the codec."""


class PictureTooLargeError(Exception):
    """A picture claims more than `MAX_PIXELS`."""


_STRICT = frozenset({"hevc", "mjpeg"})
"""Codecs whose decoder keeps what is damaged to itself, unless it is strict."""

_REFUSED_KEYS = 5
"""A strict decoder that refuses so many key frames, and has taken none, refuses what this camera always sends."""

_H265_NOTES = re.compile(rb"\x00\x00\x01[\x4e\x50].*?(?=\x00\x00\x01|\Z)", re.DOTALL)
"""Supplemental information (H.265, 7.3.5), of which cameras send all sorts, and a strict decoder refuses some."""

_USED_ONCE = frozenset({"png"})
"""Codecs whose decoder is used once: FFmpeg's begins a PNG with the last row of one before it of the same size."""


class Decoder:
    """Decodes one stream.

    Attributes:
        errors: packets that could not be decoded, and pictures that are known to be damaged.
        doubtful: whether it decodes what it would refuse if it were strict.

    Raises:
        NoDecoderError: there is no decoder for the codec.
    """

    def __init__(self, head: StreamHead) -> None:
        self._head = head
        try:
            self._context = _context_of(head, strict=head.codec in _STRICT)
        except (av.error.FFmpegError, TypeError, ValueError, OverflowError):
            raise NoDecoderError(head.codec) from None
        self.errors = 0
        self.doubtful = False
        self._refused_keys: int | None = 0 if head.codec in _STRICT else None
        self._notes = _H265_NOTES if head.codec == "hevc" and not head.extradata.startswith(b"\x01") else None

    def decode(self, packet: Packet) -> Iterator[VideoFrame]:
        """Decodes one packet; what cannot be decoded is counted in `errors`.

        Raises:
            PictureTooLargeError: the stream asks for more memory than any camera needs.
        """
        if self._head.codec in _USED_ONCE:
            self._context = _context_of(self._head)
        payload = self._notes.sub(b"", packet.payload) if self._notes else packet.payload
        if not payload:
            return  # FFmpeg takes a packet of nothing for the end of the stream
        encoded: av.Packet[Any] = av.Packet(payload)
        if packet.pts_us != NO_PTS:
            encoded.pts = packet.pts_us
        before = self.errors
        yield from self._decode(encoded)
        if packet.key and self._refused_keys is not None:
            self._learn(refused=self.errors > before)

    def hurry(self, behind: bool) -> None:
        """Leaves out, while `behind`, the frames that no other frame is built on."""
        self._context.skip_frame = "NONREF" if behind else "DEFAULT"

    def flush(self) -> Iterator[VideoFrame]:
        """Gives the frames that were held back for reordering."""
        yield from self._decode(None)

    def alone(self, packet: Packet) -> VideoFrame | None:
        """Decodes one packet with which decoding can start, as if nothing had been before it or came after it."""
        self.forget()
        frames = [*self.decode(packet), *self._decode(None)]
        self.forget()
        return frames[0] if frames else None

    def forget(self) -> None:
        """Forgets what was before; decoding begins anew with the next key frame."""
        self._context.flush_buffers()

    def _learn(self, *, refused: bool) -> None:
        """Takes note of a key frame of a stream of which the decoder has taken none before."""
        self._refused_keys = (self._refused_keys or 0) + 1 if refused else None
        if self._refused_keys == _REFUSED_KEYS:
            self._context, self._refused_keys, self.doubtful = _context_of(self._head), None, True

    def _decode(self, packet: "av.Packet[Any] | None") -> Iterator[VideoFrame]:
        try:
            frames = self._context.decode(packet)
        except av.error.FFmpegError as error:
            self.errors += 1
            # The limit is FFmpeg's own; it answers "invalid argument" and forgets the size, or keeps it.
            forgot = isinstance(error, av.error.ArgumentError) and self._context.width == 0
            if forgot or self._context.width * self._context.height > MAX_PIXELS:
                raise PictureTooLargeError from None
            return
        for frame in frames:
            if frame.width * frame.height > MAX_PIXELS:
                raise PictureTooLargeError
            self.errors += frame.is_corrupt
            yield frame


def _context_of(head: StreamHead, *, strict: bool = False) -> VideoCodecContext:
    context = av.CodecContext.create(head.codec, "r")
    if not isinstance(context, VideoCodecContext):
        raise TypeError(head.codec)
    # Without the filter that smooths the edges of blocks: a quarter less work, and no count differs (decision 13).
    context.options = {"max_pixels": str(MAX_PIXELS), "skip_loop_filter": "all"}
    if strict:
        context.options = {**context.options, "err_detect": "explode"}
    context.thread_count = 1
    if head.extradata:
        context.extradata = head.extradata
    if head.width_px and head.height_px:
        context.width, context.height = head.width_px, head.height_px
    if head.pixel_format:
        context.pix_fmt = head.pixel_format
    return context


class MediaClock:
    """Gives each frame its time, in seconds since the stream started; it never runs backwards.

    A recording is believed, but for steps back and steps of more than ten seconds. A live stream is believed as long as
    it keeps up with the clock on the wall, and led back to it where it slowly runs away: after hours, a camera whose
    clock is slow would else be taken for one that comes late.
    """

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._offset_s: float | None = None
        self._last_s: float | None = None
        self.frame_s = 0.04
        self.jumps = 0

    def restart(self, frame_s: float) -> None:
        """A new stream begins; its times have nothing to do with those before."""
        self._offset_s = None
        if frame_s > 0:
            self.frame_s = min(frame_s, 1.0)

    def time_s(self, pts_us: int | None, wall_s: float) -> float:
        """The time of a frame.

        Args:
            pts_us: what the stream says, if anything.
            wall_s: seconds since the start, by the clock on the wall.
        """
        expected_s = 0.0 if self._last_s is None else self._last_s + self.frame_s
        if self._live:
            expected_s = max(expected_s, wall_s) if self._offset_s is None else expected_s
        if pts_us is None:
            time_s = max(expected_s, wall_s) if self._live else expected_s
        else:
            time_s = self._believed(pts_us / 1e6, expected_s, wall_s)
        self._last_s = time_s if self._last_s is None else max(time_s, self._last_s)
        return self._last_s

    def _believed(self, stated_s: float, expected_s: float, wall_s: float) -> float:
        if self._offset_s is None:
            self._offset_s = expected_s - stated_s
        time_s = stated_s + self._offset_s
        last_s = expected_s if self._last_s is None else self._last_s
        if self._live:
            jumped = abs(time_s - wall_s) > MAX_DRIFT_S or time_s <= last_s - MAX_DRIFT_S
            right_s = max(wall_s, last_s)
        else:
            jumped = time_s < last_s - _MAX_DISORDER_S or time_s > last_s + _MAX_STEP_S
            right_s = expected_s
        if jumped:
            self.jumps += 1
            self._offset_s = right_s - stated_s
            return right_s
        if self._live and abs(wall_s - time_s) > _NEAR_S:
            self._offset_s += math.copysign(_SLEW * max(0.0, time_s - last_s), wall_s - time_s)
        return time_s


class Scaler:
    """Scales frames to fit a size, keeping their shape, straight from the decoder's format (swscale)."""

    def __init__(self, fit_px: tuple[int, int]) -> None:
        self._fit_px = fit_px
        # One for each size: a reformatter prepares itself anew for another one.
        self._reformatter, self._native = VideoReformatter(), VideoReformatter()

    def scale(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The frame as BGR uint8 (h, w, 3), no larger than the size to fit; never enlarged beyond it."""
        width, height = self.size_of(frame)
        scaled = self._reformatter.reformat(frame, width, height, "bgr24", interpolation=Interpolation.AREA, threads=1)
        return scaled.to_ndarray().astype(np.uint8, copy=False)

    def native(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The frame as RGB uint8 (h, w, 3) in its own size."""
        return self._native.reformat(frame, format="rgb24", threads=1).to_ndarray().astype(np.uint8, copy=False)

    def size_of(self, frame: VideoFrame) -> tuple[int, int]:
        """Width and height of the analysed frame."""
        ratio = min(self._fit_px[0] / frame.width, self._fit_px[1] / frame.height)
        return max(2, round(frame.width * ratio)), max(2, round(frame.height * ratio))


class Sampler:
    """Picks the frames to look at: so many a second, by their times, whatever the stream's own rate."""

    def __init__(self, analysed_fps: float) -> None:
        self._step_s = 1.0 / analysed_fps
        self._due_s: float | None = None

    def pace(self, looks_per_s: float) -> None:
        """From now on, so many looks a second."""
        step_s = 1.0 / looks_per_s
        if self._due_s is not None:
            self._due_s += step_s - self._step_s
        self._step_s = step_s

    def wants(self, time_s: float, frame_s: float) -> bool:
        """Whether the frame at `time_s` is the nearest to the next look; `frame_s` is the time to the next frame."""
        if self._due_s is None:
            self._due_s = time_s
        if time_s < self._due_s - min(frame_s, self._step_s) / 2:
            return False
        self._due_s += self._step_s
        if self._due_s <= time_s:
            self._due_s = time_s + self._step_s
        return True
