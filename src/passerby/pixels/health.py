"""How one camera is: its stream, its picture, and how tall people are at its lines. It leaves the room as figures."""

import numpy as np
from av.video.frame import VideoFrame

from passerby.core.observations import Crossing
from passerby.core.tallies import window_start
from passerby.gate.messages import CameraPlan, HealthFigure
from passerby.gate.packets import Packet, PacketKind
from passerby.gate.scales import SCALES
from passerby.pixels.edge_slopes import EdgeSlopes
from passerby.pixels.frozen import Frozen
from passerby.pixels.line_heights import LineHeights
from passerby.pixels.picture_health import Picture, PictureHealth
from passerby.pixels.scene import Places
from passerby.pixels.stream_health import StreamHealth


class Health:
    """All that is measured of one camera beside its counts.

    Args:
        plan: the camera's plan.
    """

    def __init__(self, plan: CameraPlan) -> None:
        self._stream = StreamHealth(live=plan.live)
        self._frozen = Frozen()
        self._picture: PictureHealth | None = None
        self._size_px = (0, 0)
        upright = plan.view == "level"
        self._heights = {line.name: LineHeights() for line in plan.lines if upright}
        self._window_s = plan.window_s if plan.live else None
        self._told: tuple[int, list[dict[HealthFigure, int]]] = (-1, [])

    def rehearse(self, frame: VideoFrame, picture: Picture, places: Places) -> None:
        """Does once all that it will do; nothing is kept of the picture, uint8 (h, w, 3)."""
        for second in range(30):
            self.take(Packet(PacketKind.PACKET, second * 1_000_000, key=True), float(second))
            self.look(frame, picture, places, float(second))
        self._frozen.key(frame, 0.0)
        EdgeSlopes().of(EdgeSlopes().luma(frame), np.zeros((frame.height, frame.width), bool))
        self.figures(30.0)

    def take(self, packet: Packet, now_s: float) -> None:
        """Takes any record of the feed."""
        self._stream.take(packet, now_s)

    def decoded(self, frame: VideoFrame, now_s: float) -> None:
        """Takes each frame that is decoded."""
        self._size_px = (frame.width, frame.height)
        if frame.key_frame:
            self._frozen.key(frame, now_s)

    def look(self, frame: VideoFrame, blanked: Picture, places: Places, now_s: float) -> None:
        """Takes a frame that is looked at, and its scaled picture, uint8 (h, w, 3), blanked."""
        if self._picture is None:
            self._picture = PictureHealth(places.privacy_masks)
        self._picture.look(frame, blanked, now_s)

    def crossed(self, heights: tuple[tuple[Crossing, float], ...], now_s: float) -> None:
        """Takes those who crossed a line, with their heights as shares of the picture's."""
        for crossing, share in heights:
            if crossing.line in self._heights:
                self._heights[crossing.line].add(share * self._size_px[1], now_s)

    def figures(self, now_s: float) -> dict[HealthFigure, int]:
        """What is known of the camera by now."""
        known = self._stream.figures(now_s)
        if any(self._size_px):
            known |= {HealthFigure.WIDTH_PX: self._size_px[0], HealthFigure.HEIGHT_PX: self._size_px[1]}
        if self._picture:
            # Black and white hide the noise by which a living picture is known.
            frozen_s = 0.0 if self._picture.blank else self._frozen.seconds(now_s)
            frozen = SCALES[HealthFigure.FROZEN_S].steps(frozen_s)
            known |= self._picture.figures() | {HealthFigure.FROZEN_S: frozen}
        return known

    def line_figures(self, now_unix_s: float) -> list[dict[HealthFigure, int]]:
        """What is known of each line, in the order of the plan; of a live camera anew once a window, as counts are."""
        window = -1 if self._window_s is None else window_start(now_unix_s, self._window_s)
        if window == -1 or window != self._told[0]:
            self._told = window, [heights.figures() for heights in self._heights.values()]
        return self._told[1]
