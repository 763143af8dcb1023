"""Which TCP ports the audit may connect to: those of the cameras that it is asked about."""

from urllib.parse import urlsplit

from passerby.audit import rtsp
from passerby.audit.onvif import USUAL_PORTS
from passerby.audit.ports import SERVICES
from passerby.gate.audit_contract import AuditCamera

_DEFAULT = {"http": 80, "https": 443}
_TLS_PORTS = (322, 443)


def ports_of(cameras: tuple[AuditCamera, ...]) -> tuple[int, ...]:
    """All ports that are tried at some cameras, in order."""
    ports = {*_TLS_PORTS, *SERVICES, *(port for _, port in USUAL_PORTS)}
    for camera in cameras:
        stream = rtsp.parse(camera.source) if camera.source else None
        if stream:
            ports.add(stream.port)
        if camera.onvif:
            address = urlsplit(camera.onvif)
            ports.add(address.port or _DEFAULT.get(address.scheme, 80))
    return tuple(sorted(ports))
