"""Services that a camera should not offer: a short list, each with its reason.

A camera that counts needs RTSP, and ONVIF or a web page to be set up with. The ports below are those by which cameras
were taken over in numbers, or that hand out a shell, files or their set-up without a login worth the name.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """One service.

    Attributes:
        name: what listens there as a rule.
        why: what it has been used for.
        mend: what to do.
    """

    name: str
    why: str
    mend: str


_SWITCH_OFF = "Switch it off in the camera's network settings."
_SHUT_IN = (
    "Update the firmware. If it still listens, replace the camera, or let nothing but this computer reach it (a VLAN "
    "or a firewall)."
)
_TELNET = Service(
    "Telnet",
    "a shell by password and without encryption. Mirai and its kin spread by it, with some 60 factory passwords.",
    f"{_SWITCH_OFF} {_SHUT_IN}",
)
_UPNP = Service(
    "UPnP",
    "it asks the router to open the camera to the internet, and its own parsers were broken into again and again.",
    f"Switch UPnP off in the camera, and in the router too. {_SHUT_IN}",
)

SERVICES: dict[int, Service] = {
    21: Service("FTP", "files and passwords in clear; firmware and settings were replaced by it.", _SWITCH_OFF),
    23: _TELNET,
    2323: Service("Telnet, second port", _TELNET.why, _TELNET.mend),
    81: Service(
        "web server of white-label cameras",
        "GoAhead-based firmware gave its passwords to whoever asked (CVE-2017-8225); the botnet Persirai used this.",
        _SHUT_IN,
    ),
    5555: Service("Android Debug Bridge", "a shell without a password; botnets such as ADB.Miner use it.", _SHUT_IN),
    7547: Service(
        "TR-069 remote management",
        "meant for an internet provider's own devices; a variant of Mirai spread by it in 2016.",
        _SWITCH_OFF,
    ),
    9527: Service("debug console (Xiongmai)", "a console of the vendor that becomes a root shell.", _SHUT_IN),
    9530: Service(
        "hidden door (Xiongmai, HiSilicon)",
        "a secret command starts Telnet, with a password that is the same for all devices (published in 2020).",
        _SHUT_IN,
    ),
    34567: Service(
        "vendor protocol of Xiongmai recorders and cameras",
        "it takes new firmware, and from the factory admin has no password; the botnet Fbot came by it in 2019.",
        _SHUT_IN,
    ),
    37777: Service(
        "vendor protocol of Dahua",
        "recorders obeyed it without a login (CVE-2013-6117).",
        f"Not needed for RTSP and ONVIF. {_SHUT_IN}",
    ),
    49152: _UPNP,
    52869: Service(
        "UPnP of Realtek's kit",
        "commands without a login (CVE-2014-8361); Mirai's successors Satori and JenX spread by it.",
        _UPNP.mend,
    ),
    60001: Service(
        "web server of MVPower recorders (JAWS)",
        "commands without a login (CVE-2016-20016), still tried by botnets.",
        _SHUT_IN,
    ),
}  # fmt: skip
"""By TCP port. Tried with a connection that is closed at once; nothing is sent."""
