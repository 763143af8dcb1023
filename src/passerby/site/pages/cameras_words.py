"""The sentences about cameras as devices: what is wrong with each, since when, and what each is."""

from datetime import tzinfo

from passerby.gate.audit_contract import CameraReport, Group, Severity
from passerby.records.page.words import THIN, Sentence, Tone, day_and_clock, duration
from passerby.site.state import CameraChecks, SiteChecks, StandingFinding

GROUPS = {
    Group.SECURITY: "Security",
    Group.HEALTH: "Picture and stream",
    Group.CONFORMANCE: "What it should deliver",
    Group.PLACING: "Where it hangs",
    Group.CLOCK: "Its clock",
}
"""In the order of the page."""
_SEVERITIES = {
    Severity.NOTE: Sentence("Note", Tone.CALM),
    Severity.WARNING: Sentence("Warning", Tone.WARN),
    Severity.CRITICAL: Sentence("Critical", Tone.BAD),
}
_CODECS = {"h264": "H.264", "hevc": "H.265", "mjpeg": "MJPEG"}
FOR_OPERATORS = "What is open at a camera is shown to operators and admins."


def severity(one: StandingFinding) -> Sentence:
    """How bad it is, as a pill."""
    return _SEVERITIES[one.severity]


def since(one: StandingFinding, zone: tzinfo | None) -> str:
    """Since when."""
    return f"Since {day_and_clock(one.since_unix_s, zone)}"


def site_attention(checks: SiteChecks) -> Sentence:
    """How many cameras need attention; empty while none does."""
    count, known = sum(one.needs_attention for one in checks.cameras), len(checks.cameras)
    if not count:
        return Sentence("", Tone.WARN)
    if known == 1:
        return Sentence("The camera needs attention", Tone.WARN)
    return Sentence(f"{count} of {known} cameras {'needs' if count == 1 else 'need'} attention", Tone.WARN)


def attention(known: CameraChecks) -> Sentence:
    """How many things are wrong with a camera."""
    if known.report is None:
        return Sentence("", Tone.CALM)
    if known.report.failed:
        return Sentence("Could not be looked at as a device", Tone.WARN)
    serious = [one for one in known.findings if one.severity > Severity.NOTE]
    if serious:
        tone = Tone.BAD if any(one.severity is Severity.CRITICAL for one in serious) else Tone.WARN
        return Sentence(f"{len(serious)} {'thing' if len(serious) == 1 else 'things'} to mend", tone)
    if known.findings:
        return Sentence("1 note" if len(known.findings) == 1 else f"{len(known.findings)} notes", Tone.CALM)
    return Sentence("Nothing to mend", Tone.GOOD)


def looked(known: CameraChecks, now_unix_s: float) -> str:
    """When it was looked at last, and what came of it where it failed."""
    if known.report is None:
        return ""
    age_s = max(0.0, now_unix_s - known.report.looked_unix_s)
    return f"Looked at {duration(age_s)} ago" + (f": {known.report.failed}" if known.report.failed else "")


def facts(report: CameraReport | None) -> dict[str, str]:
    """What a camera delivers and is; what is not known is left out."""
    if report is None:
        return {}
    video, device = report.video, report.device
    told = {"Frames a second": _rate(video.fps)} if video.fps is not None else {}
    if video.codec:
        told["Codec"] = _CODECS.get(video.codec, video.codec)
    maker = " ".join(filter(None, (device.manufacturer, device.model)))
    told |= {"Device": maker} if maker else {}
    told |= {"Firmware": device.firmware} if device.firmware else {}
    if device.clock and device.clock.drift_s is not None:
        told["Its clock"] = _drift(device.clock.drift_s)
    ends = [one.days_left for one in device.certificates if one.days_left is not None]
    told |= {"Certificate": f"{min(ends):.0f} days left"} if ends else {}
    return told


def _drift(drift_s: float) -> str:
    if abs(drift_s) < 1:
        return "right"
    return f"{duration(abs(drift_s))} {'ahead' if drift_s > 0 else 'behind'}"


def frame_age(known: CameraChecks) -> str:
    """The last hour of the age of the newest frame, in a sentence; empty while nothing is known."""
    ages = [one.frame_age_s for one in known.course if one.frame_age_s is not None]
    if not ages:
        return ""
    return f"Newest frame: {_seconds(ages[-1])} old, at most {_seconds(max(ages))} {_span(known)}"


def fps(known: CameraChecks) -> str:
    """The last hour of frames a second, in a sentence; empty while nothing is known."""
    rates = [one.fps for one in known.course if one.fps is not None]
    if not rates:
        return ""
    return f"Frames a second: {_rate(rates[-1])}, from {_rate(min(rates))} to {_rate(max(rates))} {_span(known)}"


def _rate(value: float) -> str:
    return f"{round(value, 1):g}"


def _seconds(value: float) -> str:
    return f"{value:.1f}{THIN}s" if value < 10 else duration(value)


def _span(known: CameraChecks) -> str:
    span_s = known.course[-1].at_unix_s - known.course[0].at_unix_s
    return "in the last hour" if span_s > 3500 else f"in the last {duration(max(60.0, span_s))}"
