"""Who is told what of the cameras as devices, and how the API tells it.

What is open at a camera helps who would break in, so security is for operators and admins; a viewer is told whether the
pictures are good.
"""

from dataclasses import replace
from typing import Any

import msgspec

from passerby.gate.audit_contract import CameraReport, DeviceFacts, Group
from passerby.records.access import Account, Role
from passerby.site.state import CameraChecks, SiteChecks, SiteState, StandingFinding


def seen_by(account: Account | None, checks: SiteChecks) -> SiteChecks:
    """What somebody may know of the cameras.

    Args:
        account: who asks; None for one of whom nothing is known.
        checks: all that is known.
    """
    if account is not None and account.role >= Role.OPERATOR:
        return checks
    return replace(checks, cameras=tuple(map(for_viewers, checks.cameras)))


def for_viewers(checks: CameraChecks) -> CameraChecks:
    """What every reader may know of a camera: nothing that helps who would break in."""
    findings = tuple(one for one in checks.findings if one.group is not Group.SECURITY)
    return replace(checks, findings=findings, report=_report_for_viewers(checks.report))


def _report_for_viewers(report: CameraReport | None) -> CameraReport | None:
    if report is None:
        return None
    findings = tuple(one for one in report.findings if one.group is not Group.SECURITY)
    device = DeviceFacts(reachable=report.device.reachable, clock=report.device.clock)
    return msgspec.structs.replace(report, findings=findings, device=device)


def cameras_json(state: SiteState, account: Account | None) -> dict[str, Any]:
    """The answer of `/api/v1/cameras`.

    Args:
        state: how the site is.
        account: who asks.
    """
    checks = seen_by(account, state.checks)
    rows = []
    for camera in state.cameras:
        known = checks.of(camera.name)
        rows.append({"camera": camera.name, "status": camera.status.value, "fault": camera.fault, **_row(known)})
    return {"cameras": rows, "problem": checks.problem}


def _row(known: CameraChecks) -> dict[str, Any]:
    report = known.report or CameraReport(known.camera, 0.0)
    facts = {name: msgspec.to_builtins(getattr(report, name)) for name in ("video", "picture", "placing", "device")}
    return {
        "looked_unix_s": known.report.looked_unix_s if known.report else None,
        "failed": report.failed,
        "needs_attention": known.needs_attention,
        "findings": [_finding(one) for one in known.findings],
        **facts,
    }


def _finding(one: StandingFinding) -> dict[str, Any]:
    return {
        "check": one.check,
        "group": one.group.value,
        "severity": one.severity.name.lower(),
        "since_unix_s": one.since_unix_s,
        "seen": one.seen,
        "why": one.why,
        "mend": one.mend,
    }
