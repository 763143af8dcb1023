"""The configuration's part about the cameras as devices: what each must conform to, and how often it is looked at."""

import re
from typing import TYPE_CHECKING, Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from passerby.gate.audit_contract import CHECK_GROUPS, Profile
from passerby.records import checks
from passerby.records.config_parts import Name, Part
from passerby.records.reading import Location, path_text

if TYPE_CHECKING:
    from passerby.site.config import SiteConfig

NO_PROFILE = "none"
ENTRANCE = Profile()
_Fps = Annotated[float, Field(gt=0, le=240)]
_PROFILE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


class ProfileShape(Part):
    """A profile of your own: what a camera must conform to. What is absent is as in entrance-720p."""

    name: Name = Field(description="What `check` of a camera names. entrance-720p changes the profile of all cameras.")
    width_px: int = Field(default=ENTRANCE.width_px, ge=16, le=16_384, description="Least width of the picture.")
    height_px: int = Field(default=ENTRANCE.height_px, ge=16, le=16_384, description="Least height of the picture.")
    fps: tuple[_Fps, _Fps] = Field(
        default=(ENTRANCE.fps_low, ENTRANCE.fps_high), description="Least and most frames a second, as measured."
    )
    keyframe_s: Annotated[float, Field(gt=0, le=600)] = Field(
        default=ENTRANCE.keyframe_s, description="Most seconds from one key frame to the next."
    )
    person_px: int = Field(
        default=ENTRANCE.person_px, ge=8, le=16_384, description="Least height of people where they are counted."
    )

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not _PROFILE_NAME.fullmatch(value) or value == NO_PROFILE:
            raise ValueError("write small letters, digits, . _ and -, such as kiosk-1080p; none means no profile")
        return value

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.fps[0] > self.fps[1]:
            raise ValueError("fps is the least and the most, such as [15, 25]")
        return self

    @property
    def profile(self) -> Profile:
        """As the audit is told."""
        low, high = self.fps
        return Profile(self.name, self.width_px, self.height_px, low, high, self.keyframe_s, self.person_px)


class Muted(Part):
    """A finding that is known and accepted, and is not told."""

    check: Name = Field(description="Id of the check, as in docs/checks.md.")
    camera: Name | None = Field(default=None, description="At this camera alone. Absent: at all.")
    reason: Annotated[str, Field(min_length=3, max_length=200)] = Field(
        description="Why it is accepted; whoever reads this file after you wants to know."
    )

    _text = field_validator("reason")(checks.plain_text)

    @field_validator("check")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in CHECK_GROUPS:
            raise ValueError(f"there is no such check; there is: {', '.join(CHECK_GROUPS)}")
        return value


class Checks(Part):
    """How the cameras are looked at as devices, in `passerby run` and by `passerby check`."""

    profiles: tuple[ProfileShape, ...] = Field(default=(), max_length=32, description="Profiles of your own.")
    every_s: Annotated[float, Field(ge=5, le=86_400)] = Field(
        default=30, description="How often `passerby run` asks the cameras themselves, in seconds."
    )
    services_every_s: Annotated[float, Field(ge=5, le=31 * 86_400)] = Field(
        default=6 * 3600, description="How often it also tries ports and certificates, in seconds."
    )
    mute: tuple[Muted, ...] = Field(default=(), max_length=256, description="Findings that are accepted.")

    def profile(self, name: str) -> Profile | None:
        """The profile of that name; None for none.

        Raises:
            KeyError: there is none of that name.
        """
        known = {ENTRANCE.name: ENTRANCE} | {one.name: one.profile for one in self.profiles}
        return None if name == NO_PROFILE else known[name]

    def muted(self, camera: str) -> tuple[str, ...]:
        """Ids of the checks that are not told at a camera."""
        return tuple(sorted({one.check for one in self.mute if one.camera in (None, camera)}))


def onvif_address(value: str | None) -> str | None:
    """An address of a camera's ONVIF service; what is wrong is said without it, since it may hold a password."""
    if value is None:
        return None
    problem = "write the address of its ONVIF service, such as http://10.0.0.7/onvif/device_service"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError(problem) from None
    if "@" in parts.netloc:
        raise ValueError("credentials must not stand in the address; the camera's credentials are used")
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not value.isprintable():
        raise ValueError(problem)
    checks.refuse_metadata(parts.hostname)
    return value


def check_checks(config: "SiteConfig") -> list[tuple[Location, str]]:
    """Profiles and cameras that are not there: where it stands, and what to write instead."""
    found: list[tuple[Location, str]] = []
    names = [one.name for one in config.checks.profiles]
    known = dict.fromkeys([ENTRANCE.name, *names, NO_PROFILE])
    for i, name in enumerate(names):
        if name in names[:i]:
            found.append((("checks", "profiles", i, "name"), f"another one has the name {name}"))
    for i, camera in enumerate(config.cameras):
        if camera.check not in known:
            found.append((("cameras", i, "check"), f"there is no profile {camera.check}; there is: {', '.join(known)}"))
        if camera.onvif is not None and "://" not in camera.source:
            found.append((("cameras", i, "onvif"), "a recording is no device; take onvif away"))
    cameras = [camera.name for camera in config.cameras]
    for i, muted in enumerate(config.checks.mute):
        if muted.camera is not None and muted.camera not in cameras:
            words = f"there is no camera {muted.camera}; there is: {', '.join(cameras) or 'none'}"
            found.append((("checks", "mute", i, "camera"), words))
    return [(where, f"{path_text(where)}: {words}") for where, words in found]
