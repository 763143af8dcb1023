"""What was found, for people, as JSON and as JUnit XML."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import msgspec
from rich.console import Group as Blocks
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from passerby.gate.audit_contract import CHECK_GROUPS, CameraReport, Finding, Severity

_STYLES = {Severity.CRITICAL: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_CODECS = {"h264": "H.264", "hevc": "H.265"}


def clean(reports: tuple[CameraReport, ...]) -> bool:
    """Whether nothing is wrong. A note is no fault."""
    return not any(_faults(one) for one in reports)


def _faults(report: CameraReport) -> list[Finding]:
    return [one for one in report.findings if one.severity > Severity.NOTE]


def as_dict(reports: tuple[CameraReport, ...]) -> dict[str, Any]:
    """All that is known, with the names of `gate.audit_contract`; docs/checks.md describes it."""
    cameras = []
    for report in reports:
        told = msgspec.to_builtins(report)
        for finding, said in zip(report.findings, told["findings"], strict=True):
            said["severity"] = finding.severity.name.lower()
        cameras.append(told)
    return {"clean": clean(reports), "cameras": cameras}


def as_text(reports: tuple[CameraReport, ...]) -> Blocks:
    """For people: of each camera what it is, what is wrong, the worst first, and what was not looked at."""
    return Blocks(*(block for report in reports for block in _blocks(report)))


def _blocks(report: CameraReport) -> Iterator[Text | Padding]:
    yield Text.assemble((report.camera, "bold"), f"  {_summary(report)}")
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in report.findings:
        table.add_row(Text(one.severity.name, _STYLES[one.severity]), Text(f"{one.seen} ({one.group}: {one.check})"))
        table.add_row("", Text(f"Why: {one.why}"))
        table.add_row("", Text(f"Mend: {one.mend}"))
    if report.findings:
        yield Padding(table, (0, 0, 0, 2))
    for words, checks in (("accepted by the configuration", report.muted), ("not looked at", report.unseen)):
        if checks:
            yield Padding(Text(f"{words}: {', '.join(checks)}", "dim"), (0, 0, 0, 2))
    for problem in report.device.problems:
        yield Padding(Text(problem, "dim"), (0, 0, 0, 2))
    yield Text()


def _summary(report: CameraReport) -> str:
    """One line: how its stream is, what it says that it is, and how much is wrong."""
    video, device = report.video, report.device
    stream = [
        f"{video.width_px}x{video.height_px}" if video.width_px else "",
        _CODECS.get(video.codec or "", video.codec or ""),
        f"{video.fps:g} frames a second" if video.fps else "",
    ]
    maker = " ".join(one for one in (device.manufacturer, device.model) if one)
    parts = [", ".join(one for one in stream if one), maker, f"firmware {device.firmware}" if device.firmware else ""]
    faults = len(_faults(report))
    notes = len(report.findings) - faults
    parts.append(f"{faults or 'no'} {'finding' if faults == 1 else 'findings'}")
    parts.append(f"{notes} {'note' if notes == 1 else 'notes'}" if notes else "")
    return "; ".join(one for one in parts if one)


def as_junit(reports: tuple[CameraReport, ...]) -> bytes:
    """JUnit XML: a suite for each camera, a case for each check; findings are failures, notes stand in the output.

    The form is that of the Apache Ant task, as CI systems read it.
    """
    root = Element("testsuites", name="passerby check")
    for report in reports:
        _suite(root, report)
    indent(root)
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(root: Element, report: CameraReport) -> None:
    found = {one.check: one for one in report.findings}
    skipped = dict.fromkeys(report.unseen, "not looked at")
    skipped |= dict.fromkeys(report.muted, "accepted by the configuration")
    counts = {"tests": len(CHECK_GROUPS), "failures": len(_faults(report)), "errors": 0, "skipped": len(skipped)}
    suite = SubElement(root, "testsuite", {"name": report.camera} | {name: str(n) for name, n in counts.items()})
    for check, group in CHECK_GROUPS.items():
        case = SubElement(suite, "testcase", name=check, classname=f"{report.camera}.{group}", time="0")
        finding = found.get(check)
        if check in skipped:
            SubElement(case, "skipped", message=skipped[check])
        elif finding and finding.severity > Severity.NOTE:
            failure = SubElement(case, "failure", message=_xml(finding.seen), type=finding.severity.name.lower())
            failure.text = _xml(f"{finding.why}\n{finding.mend}")
        elif finding:
            SubElement(case, "system-out").text = _xml(f"{finding.seen}\n{finding.why}\n{finding.mend}")


def _xml(text: str) -> str:
    """Without characters that XML cannot hold: what a camera says of itself may have any."""
    return "".join(one if one.isprintable() or one == "\n" else "\ufffd" for one in text)
