"""Answers to a Digest challenge, of HTTP and RTSP alike: the password itself is never sent.

RFC 7616 with MD5 or SHA-256, and RFC 2617, which RTSP refers to.
"""

import hashlib
import secrets
from collections.abc import Iterable
from urllib.request import parse_http_list, parse_keqv_list

from passerby.gate.audit_contract import Login

_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def authorization(
    challenges: Iterable[str], login: Login, method: str, uri: str, once: str | None = None
) -> str | None:
    """The header's value for a request, or None where no Digest that is known was asked for.

    Args:
        challenges: values of the WWW-Authenticate headers of the refusal.
        login: whose.
        method: of the request.
        uri: as it stands in the request.
        once: the client's nonce, to be compared with the RFC's examples; a random one if absent.
    """
    for challenge in challenges:
        scheme, _, rest = challenge.strip().partition(" ")
        if scheme.lower() != "digest":
            continue
        try:
            asked = {name.lower(): value for name, value in parse_keqv_list(parse_http_list(rest)).items()}
        except (ValueError, IndexError):  # no "=", or nothing behind it
            continue
        answer = _answer(asked, login, f"{method}:{uri}", once or secrets.token_hex(8))
        if answer:
            return answer
    return None


def _answer(asked: dict[str, str], login: Login, request: str, once: str) -> str | None:
    name = asked.get("algorithm", "MD5").upper()
    qualities = [one.strip() for one in asked["qop"].split(",")] if "qop" in asked else []
    if name not in _HASHES or "nonce" not in asked or (qualities and "auth" not in qualities):
        return None

    def hashed(text: str) -> str:
        return _HASHES[name](text.encode(), usedforsecurity=False).hexdigest()

    realm, nonce = asked.get("realm", ""), asked["nonce"]
    who = hashed(f"{login.username}:{realm}:{login.password}")
    what = hashed(request)
    uri = request.partition(":")[2]
    fields = {"username": login.username, "realm": realm, "nonce": nonce, "uri": uri}
    fields = {key: _quoted(value) for key, value in fields.items()}
    if "auth" in qualities:
        fields |= {"qop": "auth", "nc": "00000001", "cnonce": _quoted(once)}
        fields["response"] = _quoted(hashed(f"{who}:{nonce}:00000001:{once}:auth:{what}"))
    else:
        fields["response"] = _quoted(hashed(f"{who}:{nonce}:{what}"))
    if "algorithm" in asked:
        fields["algorithm"] = name
    if "opaque" in asked:
        fields["opaque"] = _quoted(asked["opaque"])
    return "Digest " + ", ".join(f"{key}={value}" for key, value in fields.items())


def _quoted(text: str) -> str:
    plain = "".join(one for one in text if one.isprintable())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
