"""The answer about cameras as devices, for the description of the API in OpenAPI."""

from typing import Any, Literal, get_type_hints

import msgspec
from pydantic import BaseModel, ConfigDict, Field, create_model

from passerby.gate.audit_contract import (
    CertificateFacts,
    ClockFacts,
    DeviceFacts,
    PictureFacts,
    PlacingFacts,
    VideoFacts,
)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FindingRow(_Answer):
    """Something that is wrong with a camera, and since when."""

    check: str = Field(description="As docs/checks.md names it.")
    group: Literal["conformance", "health", "clock", "security", "placing"]
    severity: Literal["note", "warning", "critical"]
    since_unix_s: float
    seen: str
    why: str
    mend: str


def _of(struct: type[msgspec.Struct], name: str, **other: Any) -> Any:
    """Facts as the audit tells them, so that both grow together. Viewers get null where they may not know."""
    known = {field: (other.get(field, kind), ...) for field, kind in get_type_hints(struct).items()}
    # The fields are known at run time only.
    return create_model(name, __base__=_Answer, __doc__=struct.__doc__, **known)  # type: ignore[call-overload]


_Device = _of(
    DeviceFacts,
    "DeviceFactsRow",
    clock=_of(ClockFacts, "ClockFactsRow") | None,
    certificates=list[_of(CertificateFacts, "CertificateRow")],  # type: ignore[misc]  # made at run time
    listening=list[int] | None,
    problems=list[str],
)
_Placing = _of(PlacingFacts, "PlacingFactsRow")


class _Row(_Answer):
    """One camera."""

    camera: str
    status: Literal["connecting", "live", "stalled", "failed", "done"]
    fault: str | None
    looked_unix_s: float | None = Field(description="When it was looked at last; null before the first time.")
    failed: str | None = Field(description="Why it could not be looked at at all.")
    needs_attention: bool = Field(description="There is more than a note.")
    findings: list[FindingRow] = Field(description="The worst first. Those of security are for operators and admins.")


_Camera = create_model(
    "CameraChecksRow",
    __base__=_Row,
    __doc__="One camera.",
    video=(_of(VideoFacts, "VideoFactsRow"), ...),
    picture=(_of(PictureFacts, "PictureFactsRow"), ...),
    placing=(list[_Placing], ...),  # type: ignore[valid-type]  # made at run time
    device=(_Device, Field(description="For operators and admins; viewers get `reachable` and `clock`.")),
)

CamerasAnswer = create_model(
    "CamerasAnswer",
    __base__=_Answer,
    __doc__="Cameras as devices.",
    cameras=(list[_Camera], ...),
    problem=(str | None, Field(description="Why the cameras are not looked at now.")),
)
