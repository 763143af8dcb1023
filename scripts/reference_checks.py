"""The page of all checks, from the catalogue and the list of ports."""

from passerby.audit.checks.catalogue import CATALOGUE
from passerby.audit.onvif import USUAL_PORTS
from passerby.audit.ports import SERVICES
from passerby.gate.audit_contract import CHECK_GROUPS, Group

_ABOUT = {
    Group.CONFORMANCE: "Against the profile of the camera. `check: none` leaves these out.",
    Group.HEALTH: "Whether it can be watched, and whether its picture shows anything.",
    Group.CLOCK: "By ONVIF, where the camera speaks it.",
    Group.SECURITY: "What a stranger in the network could do.",
    Group.PLACING: "From how tall many people are at a line, over time; so only `passerby run` knows it.",
}


def checks_page(generated: str) -> str:
    """The reference of all checks."""
    parts = [
        f"# All checks\n\n{generated}\n",
        "What `passerby check` and `passerby run` look for at the cameras; [Checks](checks.md) says how to use it.\n"
        "`mute` takes the name in the first column.\n",
        *(_group(group, about) for group, about in _ABOUT.items()),
        _ports(),
    ]
    return "\n".join(parts)


def _group(group: Group, about: str) -> str:
    rows = "".join(
        f"| `{name}` | {one.severity.name.lower()} | {one.title} | {one.limit} | {one.why} | {one.mend} |\n"
        for name, one in CATALOGUE.items()
        if CHECK_GROUPS[name] is group
    )
    columns = ("check", "severity", "what is wrong", "from where on", "why it matters", "how to mend it")
    head = f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|\n"
    return f"## {group.value.capitalize()}\n\n{about}\n\n{head}{rows}"


def _ports() -> str:
    rows = "".join(f"| {port} | {one.name} | {one.why} | {one.mend} |\n" for port, one in SERVICES.items())
    usual = ", ".join(str(port) for _, port in USUAL_PORTS)
    return (
        "## Ports\n\nOf `telnet` and `services`. Each is tried with a TCP connection to the camera, which is "
        "closed at once; nothing is sent.\nBeside these, only the port of the stream, those of ONVIF (the one in "
        f"`onvif`, else {usual}) and of TLS (322, 443) are asked.\n\n"
        f"| port | what listens there as a rule | why it should not | how to mend it |\n|---|---|---|---|\n{rows}"
    )
