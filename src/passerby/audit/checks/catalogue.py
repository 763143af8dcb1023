"""Every check: how bad its finding is, what it is called, why it is made and how to mend what it finds.

docs/checks.md is made of it.
"""

from dataclasses import dataclass

from passerby.audit.checks import clock, conformance, health, placing, security
from passerby.gate.audit_contract import Severity


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        title: what is wrong where it finds something.
        limit: from where on.
        why: it matters.
        mend: what to do.
    """

    severity: Severity
    title: str
    limit: str
    why: str
    mend: str


_NOTE, _WARNING, _CRITICAL = Severity.NOTE, Severity.WARNING, Severity.CRITICAL

CATALOGUE = {
    "resolution": Check(
        _WARNING, "The picture is smaller than the profile asks for",
        "Either side of the picture is smaller than the profile's; turned by a quarter it may be.",
        "People who are few pixels tall are missed, and no mask is judged on a face that is smaller still.",
        "Set a larger resolution at the camera's main stream, or name that stream's path in source.",
    ),
    "frame-rate-low": Check(
        _WARNING, "Fewer frames a second come than the profile asks for",
        f"Measured over ten seconds: less than the profile's least, by more than {conformance.FPS_TOLERANCE:.0%}.",
        "Somebody who walks fast moves too far from frame to frame to be kept in sight across the line.",
        "Set the frame rate at the camera. If it is set, it may be lowered in the dark, or the network be too slow.",
    ),
    "frame-rate-high": Check(
        _NOTE, "More frames a second come than the profile asks for",
        f"Measured over ten seconds: more than the profile's most, by more than {conformance.FPS_TOLERANCE:.0%}.",
        "No more is counted with them; they cost network and computing time.",
        "Set the frame rate at the camera to the upper end of the profile.",
    ),
    "frame-rate-announced": Check(
        _NOTE, "The stream announces another frame rate than it has",
        f"Measured and announced differ by more than {conformance.ANNOUNCED_TOLERANCE:.0%}.",
        "What announces itself wrongly is often slowed down by the camera's load, the dark or the network.",
        "Look at the camera's load and its exposure time (long exposures in the dark lower the rate).",
    ),
    "codec": Check(
        _WARNING, "The codec is none that the profile allows",
        "Neither H.264 nor H.265.",
        "Others cost many times the network, or are decoded badly.",
        "Set H.264 or H.265 at the camera.",
    ),
    "keyframes": Check(
        _WARNING, "Key frames are further apart than the profile allows",
        "More seconds from one to the next than the profile has; measured in steps of half a second.",
        "After a lost packet nothing can be seen until the next key frame, and a start waits for one.",
        "Set the key frame (I frame, GOP) interval at the camera; switch off \"smart\" or \"plus\" codecs.",
    ),
    "stutter": Check(
        _WARNING, "Frames come unevenly",
        f"More than {conformance.STUTTER:.0%} of frames come later than twice the usual time after the one before.",
        "People jump from place to place in the gaps, and crossings are missed.",
        "Use a cable instead of radio, look at the load of the camera and of the switch, lower the bit rate.",
    ),
    "people-small": Check(
        _WARNING, "People at a line are smaller than the profile asks for",
        "A tenth of people at a line is under the profile's height in pixels.",
        "The smaller people are in the picture, the more of them are missed.",
        "Zoom in, or bring the camera nearer.",
    ),
    "unreachable": Check(
        _CRITICAL, "The camera does not answer",
        "The port of its stream does not answer.",
        "Nothing is counted there.",
        "Check its address, its cable, its power, and whether RTSP is switched on.",
    ),
    "stream": Check(
        _CRITICAL, "The camera answers, but its stream cannot be watched",
        "It answers, and does not give a video: no such path, no video, no RTSP, ended, or stood still.",
        "Nothing is counted there.",
        "Check the path in source, and with another player whether the stream is whole.",
    ),
    "frame-age": Check(
        _CRITICAL, "No new frames come",
        f"The newest frame is older than {health.OLD_S:.0f} s.",
        "Nothing is counted while the stream stands still.",
        "Start the camera again; look at the network if it comes back.",
    ),
    "decode-errors": Check(
        _WARNING, "Frames are damaged",
        f"More errors than {health.DECODE_ERRORS:.0%} of the frames.",
        "What is damaged is not looked at, or shows what is not there.",
        "Look for lost packets: cable, switch, radio, a camera at its limit. Lower the bit rate.",
    ),
    "dark": Check(
        _WARNING, "The picture is black",
        f"{health.DARK:.0%} of the picture or more is black.",
        "In the dark nobody is seen.",
        "Light the place, or let the camera see by infra-red. Mute this check where it is dark at night on purpose.",
    ),
    "over-exposed": Check(
        _WARNING, "The picture is burnt out",
        f"{health.BRIGHT:.0%} of the picture or more is burnt out.",
        "In front of a white area nobody is seen.",
        "Turn the camera out of the sun, or switch on wide dynamic range (WDR) or backlight compensation.",
    ),
    "blurred": Check(
        _WARNING, "The picture is blurred",
        f"The sharpness is under {health.BLURRED:g}, from 0, where nothing has an edge, to 1.",
        "People without edges are missed, and no mask is judged.",
        "Clean the lens and the dome, look for moisture and cobwebs, focus the camera again.",
    ),
    "frozen": Check(
        _CRITICAL, "The picture stands still",
        f"Not one pixel has changed for {health.FROZEN_S:.0f} s.",
        "The stream runs and shows the past: zeros that look like a quiet day.",
        "Start the camera again, and bring its firmware up to date.",
    ),
    "covered": Check(
        _CRITICAL, "Something covers the lens",
        "The pixel room says so.",
        "Nobody is seen behind it.",
        "Look at the camera: a cloth, a sticker, a leaf, a cobweb, or somebody's intention.",
    ),
    "moved": Check(
        _WARNING, "The camera was moved",
        "The pixel room says so; it knows the view of the set-up.",
        "Its lines lie elsewhere in the room now, and what was proved by counting by hand holds no more.",
        "Turn it back, or draw its lines again in Set-up; then count by hand again.",
    ),
    "night": Check(
        _NOTE, "The camera sees by infra-red",
        "The picture has no colour.",
        "Counts go on, but less surely; masks are judged by grey pictures. It is no fault in the dark.",
        "Light the place if it shall count by night; if it is day, look at the camera's day and night switch.",
    ),
    "clock-drift": Check(
        _WARNING, "The camera's clock is wrong",
        f"More than {clock.DRIFT_S:.0f} s from this machine's clock.",
        "Certificates and passwords that depend on time are refused, and its log cannot be compared with others.",
        "Set a time server at the camera.",
    ),
    "clock-zone": Check(
        _NOTE, "The camera's time zone is not the site's",
        "Its standard time is another than the site's.",
        "What it does by the clock, such as switching to night, comes at the wrong hour. Counts do not use its clock.",
        "Set the time zone at the camera.",
    ),
    "clock-ntp": Check(
        _NOTE, "The camera asks no time server",
        "It says that its clock is set by hand.",
        "A clock that nobody sets drifts by minutes a year, and begins in 1970 after a power cut.",
        "Set a time server at the camera, one of your own network where it must not reach the internet.",
    ),
    "rtsp-open": Check(
        _CRITICAL, "Anybody in the network can watch the stream",
        "DESCRIBE without a password is answered.",
        "Pictures of visitors are open to whoever reaches the network, without a password.",
        "Switch on authentication for RTSP at the camera and give credentials in the configuration.",
    ),
    "onvif-open": Check(
        _CRITICAL, "Anybody in the network can manage the camera",
        "A call that the standard keeps for users is answered without one.",
        "Without a password its settings and accounts can be read or changed, and with them everything else.",
        "Switch on authentication for ONVIF at the camera, make a user for it, or switch ONVIF off.",
    ),
    "rtsp-plain": Check(
        _WARNING, "The stream is not encrypted, though the camera could",
        "The source is rtsp://, and the camera has RTSP over TLS.",
        "Whoever is in the network's path can watch.",
        "Write rtsps:// and the camera's port for it in source.",
    ),
    "http-plain": Check(
        _WARNING, "The camera is managed without encryption, though it could be with",
        "ONVIF is asked by http://, and the camera has HTTPS.",
        "Whoever is in the network's path reads passwords and settings.",
        "Switch off plain HTTP at the camera, and write https:// in onvif.",
    ),
    "certificate-end": Check(
        _WARNING, "A certificate ends soon, or has ended",
        f"In less than {security.ENDS_SOON_DAYS:.0f} days.",
        "After its end, programs that look at it refuse the camera.",
        "Renew it at the camera.",
    ),
    "certificate-trust": Check(
        _NOTE, "A certificate is not trusted",
        "This machine does not trust it for the camera's name.",
        "Encrypted, but to whom is not known: somebody in between could pose as the camera. Most come like this.",
        "Put a certificate of your own authority on the camera, and its authority on this machine.",
    ),
    "telnet": Check(
        _CRITICAL, "Telnet is open",
        "Port 23 or 2323 answers.",
        "Networks of hijacked cameras such as Mirai spread by telnet and the passwords of the factory.",
        "Switch it off, bring the firmware up to date; if it cannot be switched off, let no one but this machine reach "
        "the camera, or replace it.",
    ),
    "services": Check(
        _WARNING, "Services listen that no camera needs",
        "Another port of the list below answers.",
        "Each of them is one more way in.",
        "Switch them off at the camera, or let no one but this machine reach it.",
    ),
    "default-password": Check(
        _CRITICAL, "A password of the factory works",
        "Only with --try-default-passwords: one of at most three lets in.",
        "They are in lists that every attacker has. The camera is theirs as soon as they reach it.",
        "Set a password of its own, and look at the camera's accounts: it may be somebody else's already.",
    ),
    "password-refused": Check(
        _CRITICAL, "The camera refuses the password of the configuration",
        "The camera said so.",
        "Nothing is counted there. Many cameras lock an account after a few tries.",
        "Set the password in the file that the configuration names, or the user; start the camera again if locked.",
    ),
    "placing-counting": Check(
        _WARNING, "People are too small to be counted",
        f"Half of people at a line are under {placing.LEAST_IN_DETECTOR_PX} pixels in the detector's picture.",
        "The detector sees the whole picture in 416 x 256 pixels, and was never shown to count people of less there.",
        "Zoom in, or bring the camera nearer.",
    ),
    "placing-masks": Check(
        _WARNING, "Faces are too small for masks to be judged",
        f"Half of people at a line with masks have a face under {placing.FACE_PX} pixels.",
        "Of most people the answer is \"cannot tell\" then, and the share is one of few.",
        "Zoom in, or bring the camera nearer; one at the height of faces sees most of them.",
    ),
}  # fmt: skip
