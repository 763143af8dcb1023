"""Which findings of a camera stand, and since when: one that comes and goes with a breath is told of neither."""

from passerby.gate.audit_contract import CameraReport, Finding, Group
from passerby.site.state import StandingFinding

_KEPT = frozenset({Group.SECURITY, Group.CLOCK})
"""Asked of the device, which may be too busy to answer: a door that could not be tried is no closed door."""
_SEEN_TWICE = frozenset({Group.HEALTH, Group.CONFORMANCE})
"""Measured from the pictures: a lorry at the door covers a lens for a moment, and a network stutters now and then."""


class Standing:
    """The findings of one camera.

    A finding begins with the first report that has it, of the picture and the stream with the second in a row, and
    ends with the first that looked and does not have it.
    """

    def __init__(self) -> None:
        self._since: dict[str, tuple[float, int]] = {}
        self.findings: tuple[StandingFinding, ...] = ()

    def hear(self, report: CameraReport, now_unix_s: float) -> tuple[list[StandingFinding], list[StandingFinding]]:
        """Takes a report. One that could look at nothing changes nothing.

        Returns:
            The findings that began, and those that ended.
        """
        if report.failed is not None:
            return [], []
        known = self._since
        self._since = {
            one.check: (known.get(one.check, (now_unix_s, 0))[0], known.get(one.check, (0.0, 0))[1] + 1)
            for one in report.findings
        }
        before = {one.check: one for one in self.findings}
        told = {one.check: one for one in self.findings if one.group in _KEPT and one.check in report.unseen}
        self._since |= {check: (one.since_unix_s, 1) for check, one in told.items()}
        told |= {one.check: self._standing(one) for one in report.findings if one.check in before or self._holds(one)}
        self.findings = tuple(sorted(told.values(), key=lambda one: (-one.severity, one.check)))
        began = [one for one in self.findings if one.check not in before]
        return began, [one for check, one in before.items() if check not in told]

    def _holds(self, finding: Finding) -> bool:
        return self._since[finding.check][1] >= (2 if finding.group in _SEEN_TWICE else 1)

    def _standing(self, one: Finding) -> StandingFinding:
        since_unix_s, _ = self._since[one.check]
        return StandingFinding(one.check, one.group, one.severity, one.seen, one.why, one.mend, since_unix_s)
