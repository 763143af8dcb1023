"""Cameras that answer badly or with bad intent: the probe ends in time, reads little and goes nowhere else."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import msgspec
import pytest

from passerby.audit.probe import DEADLINE_S, probe
from passerby.audit.wire import MAX_ANSWER_BYTES
from passerby.gate.audit_contract import AuditCamera, DeviceFacts, Login
from tests.support import loops
from tests.support.faults import noted
from tests.support.hostile import Answer, Hostile, always, drop_by_drop, endless, http

PASSWORD = "s3cret-w0rd-of-mine"
LOGIN = Login("viewer", PASSWORD)
RTSP_401 = b'RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm="cam", nonce="1"\r\n\r\n'
RTSP_200 = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 0\r\n\r\n"
ENVELOPE = (
    '<?xml version="1.0"?>{}<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema">'
    "<s:Body>{}</s:Body></s:Envelope>"
)
FAULT = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>"
    "<s:Reason><s:Text>No.</s:Text></s:Reason></s:Fault>"
)


def soap(body: str, doctype: str = "", status: str = "200 OK", *headers: str) -> bytes:
    return http(ENVELOPE.format(doctype, body).encode(), status, "Content-Type: application/soap+xml", *headers)


def information(manufacturer: str) -> str:
    return (
        f"<tds:GetDeviceInformationResponse><tds:Manufacturer>{manufacturer}</tds:Manufacturer>"
        "<tds:Model>M</tds:Model></tds:GetDeviceInformationResponse>"
    )


def date(body: str) -> str:
    told = f"<tds:SystemDateAndTime>{body}</tds:SystemDateAndTime>"
    return f"<tds:GetSystemDateAndTimeResponse>{told}</tds:GetSystemDateAndTimeResponse>"


def moment(year: int | str, month: int, day: int, at: tuple[int, int, int] = (1, 2, 3)) -> str:
    hour, minute, second = at
    clock = f"<tt:Hour>{hour}</tt:Hour><tt:Minute>{minute}</tt:Minute><tt:Second>{second}</tt:Second>"
    clock = f"<tt:Time>{clock}</tt:Time>"
    days = f"<tt:Date><tt:Year>{year}</tt:Year><tt:Month>{month}</tt:Month><tt:Day>{day}</tt:Day></tt:Date>"
    return date(f"<tt:DateTimeType>NTP</tt:DateTimeType><tt:UTCDateTime>{clock}{days}</tt:UTCDateTime>")


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{chr(ord(name) - 1)};" * 10}">' for name in "bcdefgh"
)
BOMB += "]>"


@pytest.fixture
def serve() -> Iterator[type[Hostile]]:
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(Hostile(answer))  # type: ignore[misc]


def facts(
    stream: Hostile, device: Hostile | None = None, *, login: Login = LOGIN, factory: bool = False
) -> DeviceFacts:
    url = f"http://127.0.0.1:{device.port}/onvif/device_service" if device else "http://127.0.0.1:1/"
    camera = AuditCamera("door", source=f"rtsp://127.0.0.1:{stream.port}/a", onvif=url, login=login)
    return loops.run(probe(camera, services=False, default_passwords=factory))


# --- RTSP


@pytest.mark.parametrize(
    "answer",
    [
        always(b"\x00\xff\xfe garbage\r\n\r\n"),
        always(b"HTTP/1.1 200 OK\r\n\r\n"),
        always(b"RTSP/1.0 many OK\r\n\r\n"),
        always(b"RTSP/1.0 401 No\r\nContent-Length: 99999999999\r\n\r\n"),
        always(b"RTSP/1.0 401 No\r\nContent-Length: -1\r\n\r\n"),
        always(b""),
        endless(b"RTSP/1.0 200 OK\r\n", b"X: y\r\n" * 1000),
        endless(b"", b"\x00" * 65536),
    ],
    ids=["garbage", "http", "no-number", "huge", "negative", "silent", "endless-head", "endless-zeros"],
)
def test_a_stream_that_does_not_speak_rtsp(serve: type[Hostile], answer: Answer) -> None:
    seen = facts(serve(answer))
    assert (seen.reachable, seen.rtsp_open, seen.refused_password) == (True, None, None)
    assert any("RTSP" in text for text in seen.problems)


def test_a_stream_that_leads_elsewhere_is_not_followed(serve: type[Hostile]) -> None:
    other = serve(always(RTSP_200))
    moved = f"RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.1:{other.port}/a\r\n\r\n".encode()
    seen = facts(serve(always(moved)))
    assert seen.rtsp_open is None
    assert any("not followed" in text for text in seen.problems)
    assert other.asked == []


def test_a_refused_login_is_sent_once(serve: type[Hostile]) -> None:
    stream = serve(always(RTSP_401))
    assert facts(stream).refused_password is True
    assert [b"Authorization: Digest" in asked for asked in stream.asked] == [False, True]


def test_factory_passwords_end_with_the_first_sign_of_a_lock(serve: type[Hostile]) -> None:
    def answer(asked: bytes, _stop: object) -> Iterator[bytes]:
        signed = b"Authorization" in asked and b'username="viewer"' not in asked
        yield RTSP_401.replace(b"401", b"403") if signed else RTSP_401

    stream = serve(answer)
    seen = facts(stream, factory=True)
    assert (seen.refused_password, seen.default_password) == (True, None)
    assert len([one for one in stream.asked if b"Authorization" in one]) == 2, "the configuration's, and one more"


# --- ONVIF


@pytest.mark.parametrize(
    "doctype", [BOMB, '<!DOCTYPE a SYSTEM "{}">', '<!DOCTYPE a [<!ENTITY h SYSTEM "{}">]>', "<!DOCTYPE a>"]
)
def test_an_xml_document_type_is_not_read(serve: type[Hostile], doctype: str) -> None:
    other = serve(always(http(b"")))
    told = information("&h;" if "ENTITY" in doctype else "ACME")
    doctype = doctype.replace("{}", f"http://127.0.0.1:{other.port}/")
    seen = facts(serve(always(RTSP_200)), serve(always(soap(told, doctype))))
    assert (seen.onvif, seen.manufacturer) == (None, None)
    assert any("document type" in text for text in seen.problems)
    assert other.asked == []


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_is_not_followed(serve: type[Hostile], status: str) -> None:
    other = serve(always(soap(information("ELSEWHERE"))))
    device = serve(always(http(b"", status, f"Location: http://127.0.0.1:{other.port}/onvif/device_service")))
    seen = facts(serve(always(RTSP_200)), device)
    assert any("not followed" in text for text in seen.problems)
    assert other.asked == []
    assert len(device.asked) == 1


def test_an_address_that_a_device_names_is_not_contacted(serve: type[Hostile]) -> None:
    other = serve(always(soap(information("ELSEWHERE"))))
    named = f"<tt:XAddr>http://127.0.0.1:{other.port}/onvif/device_service</tt:XAddr>"
    seen = facts(serve(always(RTSP_200)), serve(always(soap(information("HERE") + named))))
    assert (seen.onvif, seen.manufacturer) == (True, "HERE")
    assert other.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        always(b"\x00\xff\xfe garbage"),
        always(http(b"<html>hello</html>")),
        always(http(b"\xff" * 1000)),
        always(http(b"<a>" * 50_000)),
        always(http(b"nothing", "404 Not Found")),
        always(http(b"\x1f\x8b garbage", "200 OK", "Content-Encoding: gzip")),
        endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000),
        endless(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"a" * 65536),
        always(http(b"a" * (MAX_ANSWER_BYTES + 1))),
    ],
    ids=["garbage", "html", "bytes", "nested", "404", "gzip", "endless-head", "endless-body", "huge"],
)
def test_a_device_that_does_not_speak_onvif(serve: type[Hostile], answer: Answer) -> None:
    device = serve(answer)
    seen = facts(serve(always(RTSP_200)), device)
    assert (seen.onvif or False, seen.onvif_open, seen.manufacturer, seen.clock) == (False, None, None, None)
    assert not [one for one in device.asked if b"wsse" in one], "no password for whoever does not speak it"


@pytest.mark.parametrize("login", [LOGIN, Login("Jörg", "pässwörd 北")])
def test_a_digest_of_http_is_taken_rather_than_one_in_the_message(serve: type[Hostile], login: Login) -> None:
    def answer(asked: bytes, _stop: object) -> Iterator[bytes]:
        if b"GetSystemDateAndTime" in asked:
            yield soap(moment(2001, 2, 3))
        elif b"Authorization: Digest" in asked:
            yield soap(information("\x41CME"))
        else:
            yield http(b"", "401 Unauthorized", 'WWW-Authenticate: Digest realm="cam", nonce="1", qop="auth"')

    device = serve(answer)
    seen = facts(serve(always(RTSP_200)), device, login=login)
    assert (seen.onvif_open, seen.manufacturer, seen.refused_password) == (False, "ACME", False)
    assert seen.clock is not None
    assert seen.clock.drift_s is not None
    assert seen.clock.drift_s < -20 * 365 * 86400
    assert not [one for one in device.asked if b"wsse" in one or b"Basic" in one]


def test_a_device_that_wants_the_password_in_clear_does_not_get_it(serve: type[Hostile]) -> None:
    device = serve(always(soap(FAULT, "", "401 Unauthorized", 'WWW-Authenticate: Basic realm="cam"')))
    seen = facts(serve(always(RTSP_200)), device)
    assert (seen.onvif_open, seen.refused_password) == (False, None)
    assert any("in clear" in text for text in seen.problems)
    assert not [one for one in device.asked if b"Basic" in one]


def test_a_refusal_by_its_code_alone(serve: type[Hostile]) -> None:
    device = serve(always(soap(FAULT, "", "400 Bad Request")))
    seen = facts(serve(always(RTSP_200)), device)
    assert (seen.onvif, seen.onvif_open, seen.refused_password) == (True, False, True)
    assert len([one for one in device.asked if b"wsse" in one]) == 1


@pytest.mark.parametrize(
    "told",
    [
        *(moment(2026, 2, 30), moment(0, 1, 1), moment(99999, 1, 1), moment("1e999", 1, 1)),
        *(date(""), date("<tt:UTCDateTime/>")),
    ],
)
def test_a_clock_that_tells_nonsense(serve: type[Hostile], told: str) -> None:
    seen = facts(serve(always(RTSP_200)), serve(always(soap(told))))
    assert (seen.onvif, seen.onvif_open) == (True, False), "it tells a stranger nothing but the time"
    assert seen.clock is not None
    assert seen.clock.drift_s is None


def test_a_device_in_a_leap_second_has_the_time_of_the_one_after_it(serve: type[Hostile]) -> None:
    def drift_s(at: str) -> float:
        seen = facts(serve(always(RTSP_200)), serve(always(soap(at))))
        assert seen.clock is not None
        return seen.clock.drift_s or 0.0

    with noted("leap-second") as note:
        leap, after = moment(2016, 12, 31, (23, 59, 60)), moment(2017, 1, 1, (0, 0, 0))
        assert abs(drift_s(leap) - drift_s(after)) < 60
        note.once()


def test_what_a_device_is_called_commands_no_terminal(serve: type[Hostile]) -> None:
    seen = facts(serve(always(RTSP_200)), serve(always(soap(information("A\u009b31m\u202eB\n" + "x" * 999)))))
    assert seen.manufacturer is not None
    assert seen.manufacturer.isprintable()
    assert len(seen.manufacturer) <= 120


# --- time


def test_drop_by_drop_it_ends_in_time(serve: type[Hostile]) -> None:
    stream = serve(drop_by_drop(b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * 1000))
    device = serve(drop_by_drop(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b"a" * 9000))
    began = time.monotonic()
    seen = facts(stream, device)
    assert time.monotonic() - began < DEADLINE_S + 5  # the machine of the tests is slow
    assert (seen.reachable, seen.rtsp_open, seen.onvif) == (True, None, None)
    assert len([text for text in seen.problems if "no whole answer" in text]) == 2


# --- the password

CHILD = """
import asyncio, logging, sys
import msgspec
logging.basicConfig(level=logging.DEBUG)
from passerby.audit.probe import probe
from passerby.gate.audit_contract import AuditCamera
for line in sys.stdin:
    camera = msgspec.json.decode(line, type=AuditCamera)
    print(camera, asyncio.run(probe(camera, services=False, default_passwords=False)), flush=True)
    print(open("/proc/self/cmdline").read())
"""


def test_the_password_stands_in_no_output(serve: type[Hostile]) -> None:
    answers: list[tuple[Answer, Answer]] = [
        (always(RTSP_401), always(soap(FAULT, "", "401 Unauthorized"))),
        (always(RTSP_200), always(soap(FAULT, "", "401 Unauthorized", 'WWW-Authenticate: Basic realm="cam"'))),
        (always(RTSP_200), always(soap(FAULT, "", "401 Unauthorized"))),
        (always(b"garbage\r\n\r\n"), always(soap("", BOMB))),
        (always(RTSP_200), always(http(b"", "302 Found", "Location: http://127.0.0.1:1/"))),
    ]
    asked = ""
    for stream, device in answers:
        source, url = (
            f"{scheme}://127.0.0.1:{serve(one).port}/a" for scheme, one in (("rtsp", stream), ("http", device))
        )
        asked += (
            json.dumps({"name": "door", "source": source, "onvif": url, "login": msgspec.to_builtins(LOGIN)}) + "\n"
        )
    child = [sys.executable, "-c", CHILD]
    ran = subprocess.run(child, input=asked, capture_output=True, text=True, timeout=120, check=True)
    said = ran.stdout + ran.stderr
    assert said.count("DeviceFacts(") == len(answers)
    assert "DEBUG" in said, "the libraries spoke too"
    assert PASSWORD not in said
    assert "Traceback" not in said
