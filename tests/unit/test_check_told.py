"""What `passerby check` says, as text, as JSON and as JUnit XML."""

import json
from io import StringIO
from xml.etree.ElementTree import fromstring

from rich.console import Console

from passerby.gate.audit_contract import CameraReport, DeviceFacts, Finding, Group, Severity, VideoFacts
from passerby.site.check import told

HOSTILE = "[red]a</testcase>\x00&\ud800"


def finding(check: str, severity: Severity, seen: str = "Seen.") -> Finding:
    return Finding(check, Group.HEALTH, severity, "door", seen, "It matters.", "Mend it.")


def report(*findings: Finding, **more: object) -> CameraReport:
    return CameraReport("door", 12.0, findings=findings, **more)  # type: ignore[arg-type]


def text(*reports: CameraReport) -> str:
    out = StringIO()
    Console(file=out, width=100).print(told.as_text(reports))
    return out.getvalue()


def test_notes_are_no_fault() -> None:
    assert told.clean((report(),))
    assert told.clean((report(finding("night", Severity.NOTE)),))
    assert not told.clean((report(), report(finding("dark", Severity.WARNING))))


def test_text_says_all_of_a_finding_and_of_the_camera() -> None:
    facts = {"video": VideoFacts(12, "h264", 1280, 720, 20.0), "device": DeviceFacts(model="X1", firmware="1.2")}
    said = text(report(finding("dark", Severity.WARNING), unseen=("moved",), muted=("night",), **facts))
    assert "door  1280x720, H.264, 20 frames a second; X1; firmware 1.2; 1 finding\n" in said
    assert "WARNING  Seen. (health: dark)" in said
    assert "Why: It matters." in said
    assert "Mend: Mend it." in said
    assert "accepted by the configuration: night" in said
    assert "not looked at: moved" in said
    assert "no findings; 1 note" in text(report(finding("night", Severity.NOTE)))


def test_json_has_severities_as_words_and_the_rest_as_in_the_contract() -> None:
    known = json.loads(json.dumps(told.as_dict((report(finding("dark", Severity.WARNING)),))))
    assert known["clean"] is False
    assert known["cameras"][0]["findings"][0]["severity"] == "warning"
    assert known["cameras"][0]["video"]["fps"] is None
    assert set(known["cameras"][0]) == set(CameraReport.__struct_fields__)


def test_a_name_from_a_camera_can_break_neither_xml_nor_the_terminal() -> None:
    findings = (finding("dark", Severity.WARNING, HOSTILE), finding("night", Severity.NOTE, HOSTILE))
    root = fromstring(told.as_junit((report(*findings, device=DeviceFacts(model=HOSTILE)),)))
    assert [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None] == ["dark"]
    notes = [case.get("name") for case in root.iter("testcase") if case.find("system-out") is not None]
    assert notes == ["night"]
    assert "[red]a" in text(report(*findings, device=DeviceFacts(model="[red]a")))
