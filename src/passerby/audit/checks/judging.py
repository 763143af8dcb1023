"""All checks of one camera."""

from passerby.audit.checks import clock, conformance, health, placing, security
from passerby.audit.checks.catalogue import CATALOGUE
from passerby.audit.checks.verdict import UNSEEN, Bad, Checks, Seen
from passerby.gate.audit_contract import CHECK_GROUPS, CameraReport, Finding, Group

CHECKS: Checks = conformance.CHECKS | health.CHECKS | clock.CHECKS | security.CHECKS | placing.CHECKS
_OF_DEVICES = (Group.CLOCK, Group.SECURITY)


def judge(seen: Seen, looked_unix_s: float) -> CameraReport:
    """What is the matter with a camera.

    Args:
        seen: all that is known of it.
        looked_unix_s: when that was.

    Returns:
        The report, its findings the worst first. A fact that is not known makes no finding; its check is named in
        `unseen`.
    """
    findings, unseen, muted = [], [], []
    for name, check in CHECKS.items():
        if seen.camera.source is None and CHECK_GROUPS[name] in _OF_DEVICES:
            continue  # a recording is no device
        verdict = check(seen)
        if verdict is UNSEEN:
            unseen.append(name)
        elif isinstance(verdict, Bad) and name in seen.camera.muted:
            muted.append(name)
        elif isinstance(verdict, Bad):
            findings.append(_finding(name, seen.camera.name, verdict))
    return CameraReport(
        camera=seen.camera.name,
        looked_unix_s=looked_unix_s,
        video=seen.video,
        picture=seen.picture,
        placing=seen.placing,
        device=seen.device,
        findings=tuple(sorted(findings, key=lambda one: (-one.severity, one.group, one.check))),
        unseen=tuple(unseen),
        muted=tuple(muted),
    )


def _finding(name: str, camera: str, bad: Bad) -> Finding:
    known = CATALOGUE[name]
    return Finding(name, CHECK_GROUPS[name], known.severity, camera, bad.seen, known.why, bad.mend or known.mend)
