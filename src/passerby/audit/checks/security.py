"""Security: whether a camera is an open door."""

from passerby.audit.checks.health import refused
from passerby.audit.checks.verdict import GOOD, NOT_ASKED, UNSEEN, Bad, Checks, Seen, Verdict, if_true
from passerby.audit.ports import SERVICES

ENDS_SOON_DAYS = 14.0
_TELNET = frozenset({23, 2323})


def _plain(plain: bool | None, tls: bool | None, what: str) -> Verdict:
    if plain is None or (plain and tls is None):
        return UNSEEN
    return Bad(f"{what} is used without encryption, and the camera offers it with TLS.") if plain and tls else GOOD


def _certificate_end(seen: Seen) -> Verdict:
    known = [one for one in seen.device.certificates if one.days_left is not None]
    if not known:
        return _no_certificate(seen)
    ending = [(one.port, one.days_left or 0.0) for one in known if (one.days_left or 0.0) < ENDS_SOON_DAYS]
    if not ending:
        return GOOD
    return Bad("; ".join(f"at port {port} it {_ends(days)}" for port, days in ending).capitalize() + ".")


def _ends(days: float) -> str:
    return f"ended {-days:.0f} days ago" if days < 0 else f"ends in {days:.0f} days"


def _certificate_trust(seen: Seen) -> Verdict:
    if not seen.device.certificates:
        return _no_certificate(seen)
    unknown = [one for one in seen.device.certificates if not one.trusted]
    problems = [f"at port {one.port}: {one.problem or 'no reason'}" for one in unknown]
    return Bad(f"This machine does not trust it {'; '.join(problems)}.") if problems else GOOD


def _no_certificate(seen: Seen) -> Verdict:
    """A camera without TLS has none; that it has none is known only where its ports were tried."""
    return UNSEEN if seen.device.listening is None else NOT_ASKED


def _services(seen: Seen) -> Verdict:
    return _listens(seen, frozenset(SERVICES) - _TELNET)


def _telnet(seen: Seen) -> Verdict:
    return _listens(seen, _TELNET)


def _listens(seen: Seen, ports: frozenset[int]) -> Verdict:
    if seen.device.listening is None:
        return UNSEEN
    open_ports = sorted(ports & set(seen.device.listening))
    if not open_ports:
        return GOOD
    told = "; ".join(f"port {port}, {SERVICES[port].name}: {SERVICES[port].why}" for port in open_ports)
    mend = " ".join(dict.fromkeys(SERVICES[port].mend for port in open_ports))
    return Bad(f"It listens at {told}", mend)


def _password_refused(seen: Seen) -> Verdict:
    if seen.camera.login is None:
        return NOT_ASKED
    return if_true(refused(seen), "It refused the user name or the password of the configuration.")


CHECKS: Checks = {
    "rtsp-open": lambda seen: if_true(seen.device.rtsp_open, "It gives its stream to whoever asks for it."),
    "onvif-open": lambda seen: if_true(
        seen.device.onvif_open, "Its ONVIF service answers strangers what it should tell only who signs in."
    ),
    "rtsp-plain": lambda seen: _plain(seen.device.rtsp_plain, seen.device.rtsp_tls, "RTSP"),
    "http-plain": lambda seen: _plain(seen.device.http_plain, seen.device.http_tls, "HTTP"),
    "certificate-end": _certificate_end,
    "certificate-trust": _certificate_trust,
    "telnet": _telnet,
    "services": _services,
    "default-password": lambda seen: if_true(
        seen.device.default_password, "One of the passwords that cameras leave the factory with let us in."
    ),
    "password-refused": _password_refused,
}
