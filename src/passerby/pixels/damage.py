"""Whether the pictures of a stream can be believed: damaged ones look like people who come and go.

Decision 39 has what was measured.
"""

_CERTAIN = frozenset({"h264"})
"""Codecs whose decoder knows of every packet that was damaged. Of the others it notices one in some."""

HOLD_S = 10.0
"""So long is a stream of another codec not believed after damage was noticed: there was more that was not."""

_LONGEST_S = 30.0
"""Streams that refresh their picture bit by bit have no key frame; by then whatever was damaged has been replaced."""


_NOTHING_S = 15.0
"""A stream of which nothing could be decoded for so long is damaged, and does not only wait for its first key frame."""


class Damage:
    """What is known of the damage of one stream.

    Args:
        codec: FFmpeg's name of it.

    Attributes:
        believed: whether the picture that was taken last can be looked at.
    """

    def __init__(self, codec: str) -> None:
        self.believed = True
        self._hold_s = 0.0 if codec in _CERTAIN else HOLD_S
        self._began = False
        self._errors = 0
        self._since_s = 0.0

    def take(self, errors: int, now_s: float, *, key: bool | None) -> bool:
        """Takes what came of a packet; a picture is built on those before it, unless it is a key frame.

        Args:
            errors: of the stream so far.
            now_s: by a clock that only runs.
            key: whether its picture is a key frame; None where no picture came.

        Returns:
            whether there is damage that is not known yet, or nothing but damage.
        """
        found, self._errors = errors > self._errors, errors
        if not self._began:
            return self._waits(now_s, found=found, picture=key is not None)
        if found:
            news, self.believed, self._since_s = self.believed, False, now_s
            return news
        passed_s = now_s - self._since_s
        self.believed |= (key is True and passed_s >= self._hold_s) or passed_s >= _LONGEST_S
        return False

    def _waits(self, now_s: float, *, found: bool, picture: bool) -> bool:
        """Before the first picture, what cannot be decoded may be the rest before a key frame."""
        self._began = picture
        if found and not self._since_s:
            self._since_s = now_s
        return found and not picture and now_s - self._since_s >= _NOTHING_S
