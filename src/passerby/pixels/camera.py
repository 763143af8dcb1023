"""One camera inside the pixel room: packets in, tallies out."""

import math
from collections.abc import Callable, Iterator

import msgspec
import numpy as np
from av.video.frame import VideoFrame

from passerby.core.heat import HeatMap
from passerby.core.tallies import Tally
from passerby.core.windows import Seen, WindowTallier
from passerby.gate.contract import GROWTH_PER_S
from passerby.gate.messages import (
    FAULT_EVERY_S,
    MOVED_EVERY_S,
    CameraPlan,
    FaultCode,
    HealthFigure,
    LinePlan,
    ZonePlan,
)
from passerby.gate.packets import Packet, PacketKind, StreamHead
from passerby.pixels import shelves
from passerby.pixels.clocks import SYSTEM, Clocks
from passerby.pixels.damage import Damage
from passerby.pixels.frames import (
    MAX_DRIFT_S,
    Decoder,
    MediaClock,
    NoDecoderError,
    PictureTooLargeError,
    Sampler,
    Scaler,
)
from passerby.pixels.health import Health
from passerby.pixels.known import KnownScene
from passerby.pixels.later import Later
from passerby.pixels.moved import Moved
from passerby.pixels.pace import Pace
from passerby.pixels.quiet import Quiet, times_us
from passerby.pixels.scene import Eyes, Look, Picture, Places, Scene
from passerby.pixels.shelves import Door, ShelfWatch

_BEHIND_S = 1.5
"""A live camera whose pictures are looked at so much late is decoded in part until it has caught up."""


class Camera:
    """One camera of a worker.

    Args:
        plan: what to count.
        eyes: who looks at its pictures.
        door: where results go.
        clocks: what time it is.
    """

    def __init__(self, plan: CameraPlan, eyes: Eyes, door: Door, clocks: Clocks = SYSTEM) -> None:
        self._plan = plan
        self._eyes = eyes
        self._door = door
        self._clocks = clocks
        self._live = plan.recording_start_unix_s is None
        # A live camera's time starts with its first frame.
        self._start_s: float | None = None
        self._began_s = clocks.monotonic()
        self._media = MediaClock(live=self._live)
        self._sampler = Sampler(plan.most_fps)
        self._scaler = Scaler(eyes.detector().size_px)
        self._tallier = WindowTallier(plan.name, plan.places, plan.window_s, plan.told.windows)
        heat = plan.heat_minimum
        self._heat = None if heat is None else HeatMap(plan.name, heat, plan.told.heat)
        self._decoder: Decoder | None = None
        self._damage = Damage("")
        self._quiet = Quiet()
        self._later = Later()
        self._pace = Pace(plan.most_fps)
        self._scene: Scene | None = None
        self._known = KnownScene()
        self._places: Places | None = None
        self._moved: Moved | None = None
        self._shelves = ShelfWatch(plan, door)
        self._health = Health(plan)
        self._looked_s: float | None = None
        self._end_s = 0.0
        self._dropped = 0
        self._errors = 0
        self._read = 0
        self._analysed = 0
        self._native_px = (0, 0)
        self._told_s: dict[FaultCode, float] = {}

    def take(self, packet: Packet) -> None:
        """Takes one packet of the feed."""
        self._health.take(packet, self._now_s)
        if packet.kind is PacketKind.STREAM:
            self._start_stream(packet)
        elif packet.kind is PacketKind.GAP:
            self._dropped += max(0, packet.pts_us)
        elif self._decoder:
            self._packet(self._decoder, packet)

    def end(self) -> None:
        """The feed has ended: closes the window that is open."""
        self._drain()
        self._leave_scene()
        self._send(self._tallier.close())
        if self._heat is not None:
            self._send(self._heat.close())
        self._shelves.close()
        if self._read == 0:
            self._fault(FaultCode.NO_FRAMES)

    def rehearse(self) -> None:
        """Looks once at a grey picture, so that all that will be needed is loaded; nothing is kept of it."""
        frame = VideoFrame.from_ndarray(np.full((288, 384, 3), 114, np.uint8), format="rgb24").reformat(
            format="yuv420p", threads=1
        )
        lines = (LinePlan("line", (0.1, 0.1), (0.9, 0.9), masks=self._plan.masks),)
        plan = CameraPlan("", lines, (ZonePlan("zone", ((0, 0), (1, 0), (1, 1))),), self._plan.view)
        scene = Scene(plan, Places.of(plan, (384, 288)), self._eyes, self._scaler.size_of(frame))
        scene.look(self._scaler.scale(frame), 0.0, lambda: self._scaler.native(frame))
        Moved().rehearse(self._scaler.scale(frame))
        shelves.rehearse(frame)
        Health(plan).rehearse(frame, self._scaler.scale(frame), Places.of(plan, (384, 288)))
        if self._eyes.judge:
            self._eyes.judge.judge_head(self._scaler.native(frame), (100.0, 100.0, 150.0, 150.0))

    def tick(self) -> None:
        """Closes a live camera's window on time, though no frame came."""
        if self._live:
            self._close_before(self._clocks.unix() - MAX_DRIFT_S)

    def figures(self) -> dict[HealthFigure, int]:
        """How it is going.

        A feed that was taken over may send more than any camera does. What is told stays within what the guard takes,
        so that this worker's other cameras go on.
        """
        figures = {
            HealthFigure.FRAMES_READ: self._read,
            HealthFigure.FRAMES_ANALYSED: self._analysed,
            HealthFigure.MEDIA_MS: round(self._end_s * 1000),
            HealthFigure.OBSERVED_MS: round(self._tallier.observed_s * 1000),
            HealthFigure.PACKETS_DROPPED: self._dropped,
            HealthFigure.DECODE_ERRORS: self._errors + (self._decoder.errors if self._decoder else 0),
        }
        if self._live:
            elapsed_s = self._clocks.monotonic() - self._began_s
            for figure, most_per_s in GROWTH_PER_S.items():
                figures[figure] = min(figures[figure], int(most_per_s * elapsed_s))
        return figures | self._health.figures(self._now_s) | (self._moved.figures() if self._moved else {})

    def line_figures(self) -> list[dict[HealthFigure, int]]:
        """How tall people are at each line."""
        return self._health.line_figures(self._clocks.unix())

    @property
    def _now_s(self) -> float:
        return self._clocks.monotonic() if self._live else self._end_s

    def _close_before(self, now_unix_s: float) -> None:
        self._send(self._tallier.close_before(now_unix_s))
        if self._heat is not None:
            self._send(self._heat.close_before(now_unix_s))
        self._shelves.close_before(now_unix_s)

    def _packet(self, decoder: Decoder, packet: Packet) -> None:
        """Decodes a packet, or lets it wait while the scene is quiet or until somebody looks."""
        quiet = self._quiet
        if quiet.passing:
            if packet.key and self._is_still(decoder, packet):
                self._pass(quiet.passed(packet))
                return
            if not packet.key and not quiet.surprises(packet):
                quiet.wait(packet)
                return
            self._wake(decoder)
        if self._later.sure:
            self._when_wanted(decoder, packet)
        else:
            self._later.learn(packet, self._frames(decoder.decode(packet)))
        quiet.saw(packet, self._scene.still_s(self._looked_s or 0.0) if self._scene else 0.0)
        if quiet.passing:
            # This one waits though it was taken; what the decoder still holds back comes now.
            self._later.take()
            self._frames(decoder.flush())
            self._read -= 1

    def _when_wanted(self, decoder: Decoder, packet: Packet) -> None:
        """Decodes a packet and those that wait before it if its picture is looked at; else it waits too."""
        self._read += 1
        time_s = self._time_of(packet.pts_us)
        self._hurry(decoder, time_s)
        if self._later.wait(packet):
            decoder.forget()
        wanted = self._sampler.wants(time_s, self._media.frame_s)
        if not (wanted or self._later.full):
            return
        for one in self._later.take():
            look = wanted and one is packet
            shown = self._frames(decoder.decode(one), (lambda frame: self._look(frame, time_s)) if look else _unseen)
            self._later.learn(one, shown)

    def _is_still(self, decoder: Decoder, key: Packet) -> bool:
        try:
            frame = decoder.alone(key)
        except PictureTooLargeError:
            return False
        scene = self._scene
        if frame is None or frame.is_corrupt or scene is None or self._scaler.size_of(frame) != scene.size_px:
            return False
        self._health.decoded(frame, self._now_s)
        picture = self._scaler.scale(frame)
        still = scene.still(picture)
        self._notice(frame, picture, self._looked_s or 0.0)
        self._shelves.look(frame, scene.boxes, self._looked_s or 0.0, self._start_unix_s())
        return still

    def _pass(self, packets: list[Packet]) -> None:
        """Nothing moved in these packets: the time that they stand for was seen, and all are where they were."""
        assert self._scene is not None
        for pts_us in times_us(packets):
            self._read += 1
            time_s = self._time_of(pts_us)
            if self._sampler.wants(time_s, self._media.frame_s) and self._scene is not None:
                self._tell(self._scene.hold(time_s), time_s)

    def _wake(self, decoder: Decoder) -> None:
        """Something moves: decodes what waited. Its first frame was looked at already, if it was."""
        decoder.forget()
        for packet in self._quiet.wake():
            self._frames(decoder.decode(packet))

    def _start_stream(self, packet: Packet) -> None:
        self._drain()
        self._leave_scene()
        try:
            head = StreamHead.of(packet)
        except msgspec.MsgspecError:
            self._fault(FaultCode.BAD_PACKET)
            return
        self._media.restart(head.frame_s)
        self._quiet = Quiet()
        self._later = Later()
        self._damage = Damage(head.codec)
        try:
            self._decoder = Decoder(head)
        except NoDecoderError:
            self._decoder = None
            self._fault(FaultCode.NO_DECODER)

    def _drain(self) -> None:
        """Takes the frames that the decoder still holds, and its count of errors."""
        if decoder := self._decoder:
            if self._quiet.passing:
                self._wake(decoder)
            self._frames(decoder.flush())
            self._errors += decoder.errors
            self._decoder = None

    def _frames(
        self, frames: Iterator[VideoFrame], take: Callable[[VideoFrame], None] | None = None
    ) -> list[int | None]:
        """Takes frames, each as it comes; tells their presentation times in microseconds."""
        shown_us: list[int | None] = []
        try:
            for frame in frames:
                shown_us.append(frame.pts)
                self._health.decoded(frame, self._now_s)
                self._judge(frame)
                (take or self._frame)(frame)
            self._judge(None)
        except PictureTooLargeError:
            # One damaged head must not end a camera, so decoding goes on.
            self._fault(FaultCode.PICTURE_TOO_LARGE)
        return shown_us

    def _judge(self, frame: VideoFrame | None) -> None:
        """Takes note of damage that the decoder found with a frame, or without one."""
        key = None if frame is None else frame.key_frame
        if (decoder := self._decoder) and (self._damage.take(decoder.errors, self._now_s, key=key) or decoder.doubtful):
            self._fault(FaultCode.BAD_PACKET)

    def _frame(self, frame: VideoFrame) -> None:
        self._read += 1
        time_s = self._time_of(frame.pts)
        if self._decoder:
            self._hurry(self._decoder, time_s)
        if self._sampler.wants(time_s, self._media.frame_s):
            self._look(frame, time_s)

    def _hurry(self, decoder: Decoder, time_s: float) -> None:
        if self._live:
            decoder.hurry(self._behind_s(time_s) > _BEHIND_S)

    def _time_of(self, pts_us: int | None) -> float:
        """When a frame was, in seconds since the stream started."""
        now_s = self._clocks.monotonic()
        if self._start_s is None:
            self._start_s = now_s
        jumps = self._media.jumps
        time_s = self._media.time_s(pts_us, now_s - self._start_s)
        if self._media.jumps > jumps:
            self._fault(FaultCode.TIME_JUMPED)
        self._end_s = time_s + self._media.frame_s
        return time_s

    def _behind_s(self, time_s: float) -> float:
        return self._clocks.monotonic() - (self._start_s or 0.0) - time_s

    def _look(self, frame: VideoFrame, time_s: float) -> None:
        if not self._damage.believed:
            return
        size_px = self._scaler.size_of(frame)
        self._native_px = (frame.width, frame.height)
        try:
            # The size that a source starts with is the one that its pixels were meant for.
            self._places = self._places or Places.of(self._plan, self._native_px)
        except ValueError:
            self._fault(FaultCode.PLACE_OUTSIDE)
            self._decoder = None
            return
        if self._scene is None or self._scene.size_px != size_px:
            if self._scene is not None:
                self._fault(FaultCode.SIZE_CHANGED)
                self._leave_scene()
            self._scene = Scene(self._plan, self._places, self._known.eyes(self._eyes, size_px, time_s), size_px)
        picture = self._scaler.scale(frame)
        look = self._scene.look(picture, time_s, lambda: self._scaler.native(frame))
        self._notice(frame, picture, time_s)
        self._shelves.look(frame, self._scene.boxes, time_s, self._start_unix_s())
        self._tell(look, time_s)

    def _notice(self, frame: VideoFrame, blanked: Picture, time_s: float) -> None:
        """Tells if a live camera was moved. A recording may be cut, and its view changes with each cut."""
        if self._places is None:
            return
        self._health.look(frame, blanked, self._places, self._now_s)
        if not self._live:
            return
        self._moved = self._moved or Moved(self._places.privacy_masks, self._plan.reference)
        if self._moved.look(blanked, time_s):
            self._shelves.moved()
            self._fault(FaultCode.CAMERA_MOVED)

    def _tell(self, look: Look | None, time_s: float) -> None:
        """Tallies what one look told; None told nothing, as the scene is still being learnt."""
        self._analysed += 1
        if self._scene:
            behind_s = self._behind_s(time_s) if self._live and not self._quiet.passing else 0.0
            self._sampler.pace(self._pace.looks_per_s(behind_s))
        # The first look stands for the time that lies between two looks.
        since_s = time_s - 1.0 / self._plan.most_fps if self._looked_s is None else self._looked_s
        self._looked_s = time_s
        if look is None:
            return
        start_unix_s = self._start_unix_s()
        span = (start_unix_s + max(0.0, since_s), start_unix_s + time_s)
        self._health.crossed(look.crossed, self._now_s)
        self._send(self._tallier.look(span, look.seen))
        if self._heat is not None:
            self._send(self._heat.look(span, look.standing, look.ids))

    def _leave_scene(self) -> None:
        """Ends what goes on in the scene: the tracks of the next one have nothing to do with it."""
        if self._scene is None:
            return
        seen: Seen = self._scene.end()
        self._known.leave(self._scene, self._looked_s or 0.0)
        self._scene = None
        if self._heat is not None:
            self._heat.forget_tracks()
        end_unix_s = self._start_unix_s() + (self._looked_s or 0.0)
        self._send(self._tallier.look((end_unix_s, end_unix_s), seen))

    def _start_unix_s(self) -> float:
        """The Unix time at which the stream started, by the clock as it is set now."""
        if self._plan.recording_start_unix_s is not None:
            return float(self._plan.recording_start_unix_s)
        return self._clocks.unix() - self._clocks.monotonic() + (self._start_s or 0.0)

    def _fault(self, code: FaultCode) -> None:
        """Tells of a fault, and of the same one again only after a while: the door is metered."""
        now_s = self._clocks.monotonic()
        every_s = MOVED_EVERY_S if code is FaultCode.CAMERA_MOVED else FAULT_EVERY_S
        if abs(now_s - self._told_s.get(code, -math.inf)) >= every_s:
            self._told_s[code] = now_s
            self._door.fault(code)

    def _send(self, tallies: list[Tally]) -> None:
        for tally in tallies:
            self._door.tally(tally)


def _unseen(_frame: VideoFrame) -> None:
    """Takes a frame that only others are built on."""
