"""An audit that says what a test tells it to: `python audit_child.py MODE FILE`. FILE has what it finds, as JSON."""

import sys
import time
from pathlib import Path

import msgspec

from passerby.gate.audit_contract import CameraReport, DeviceFacts, Finding, Group, Order, Severity

COMMAND = (sys.executable, __file__)
LIES = {
    "garbage": b"{]\n",
    "deep": b"[" * 200_000 + b"\n",
    "binary": b"\xff\xfe\x00\n",
    "stranger": msgspec.json.encode(CameraReport("nobody", 1.0)) + b"\n",
    "twice": 2 * (msgspec.json.encode(CameraReport("entrance", 1.0)) + b"\n"),
    "another": msgspec.json.encode(
        CameraReport("entrance", 1.0, findings=(Finding("dark", Group.HEALTH, Severity.NOTE, "shop", "", "", ""),))
    )
    + b"\n",
    "unheard": msgspec.json.encode(
        CameraReport("entrance", 1.0, findings=(Finding("x", Group.HEALTH, Severity.NOTE, "entrance", "", "", ""),))
    )
    + b"\n",
    "endless": b"x" * 600_000,
    "field": b'{"camera": "entrance", "looked_unix_s": 1.0, "picture_of": "a face"}\n',
}


class Planned(msgspec.Struct, frozen=True):
    """What is found: findings by camera, what each says, whether nothing could be looked at, the firmware."""

    findings: dict[str, list[tuple[str, Group]]] = {}
    seen: str = "seen"
    failed: str | None = None
    firmware: str | None = None


def report(camera: str, planned: Planned) -> CameraReport:
    found = tuple(
        Finding(check, group, Severity.WARNING, camera, planned.seen, "why", "mend")
        for check, group in planned.findings.get(camera, [])
    )
    device = DeviceFacts(firmware=planned.firmware)
    return CameraReport(camera, time.time(), findings=found, failed=planned.failed, device=device)


def main() -> None:
    """Answers order by order until its standard input ends."""
    mode, file = sys.argv[1], Path(sys.argv[2])
    if mode == "deaf":
        time.sleep(60)
    for line in sys.stdin.buffer:
        order = msgspec.json.decode(line, type=Order)
        with file.with_suffix(".orders").open("a") as orders:
            orders.write(f"{int(order.probe)}{int(order.services)}\n")
        if mode == "dies":
            return
        if mode == "silent":
            continue
        if mode in LIES:
            sys.stdout.buffer.write(LIES[mode])
        else:
            planned = msgspec.json.decode(file.read_bytes(), type=Planned)
            sys.stdout.buffer.writelines(
                msgspec.json.encode(report(camera.name, planned)) + b"\n" for camera in order.cameras
            )
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
