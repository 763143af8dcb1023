"""An OpenID provider on this machine: real keys, real HTTP, and the faults that a test asks for."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "hub", "a secret of the client"


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


_FIRST, _SECOND = new_key("first"), new_key("second")


@dataclass
class OpenId:
    """The provider.

    Attributes:
        issuer: its address.
        claims: what it says of whoever logs in; what is None is left out.
        key: signs.
        published: keys that it shows.
        algorithm: "none" leaves the signature out.
        asked: how often the list of keys was fetched.
        scopes: what was asked for last.
    """

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: _FIRST)
    published: list[RSAKey] = field(default_factory=lambda: [_FIRST])
    algorithm: str = "RS256"
    asked: int = 0
    scopes: str = ""
    document: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def rotate(self) -> None:
        """Signs with another key from now on, and shows that one alone."""
        self.key = _SECOND
        self.published = [_SECOND]

    def forge(self) -> None:
        """Signs with a key that has the name of the published one, and is another."""
        self.key = new_key("first")

    def logged_in(self, asked: dict[str, str]) -> str:
        """Somebody has logged in: the address that their browser is sent to."""
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        self.scopes = asked["scope"]
        if asked["client_id"] != CLIENT:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'unauthorized_client', 'state': asked['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """What the token endpoint answers."""
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or authorization != f"Basic {basic}" or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "sub": "0042", "exp": now + 300, "iat": now, "nonce": nonce}
        claims = {name: value for name, value in (said | self.claims).items() if value is not None}
        if self.algorithm == "none":
            parts = (json.dumps({"alg": "none", "kid": self.key.kid}).encode(), json.dumps(claims).encode(), b"")
            return b".".join(base64.urlsafe_b64encode(one).rstrip(b"=") for one in parts).decode()
        if self.algorithm == "HS256":  # signed with the public key, taken as a shared secret
            from joserfc.jwk import OctKey

            secret = OctKey.import_key(self.published[0].as_pem(private=False))
            return jwt.encode({"alg": "HS256", "kid": self.key.kid}, claims, secret)
        return jwt.encode({"alg": self.algorithm, "kid": self.key.kid}, claims, self.key)


@contextmanager
def providing(**claims: Any) -> Iterator[OpenId]:
    """A provider on a free port; whoever comes logs in, with these claims."""
    known = OpenId(claims=claims)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/realm/authorize":
                asked = {name: values[0] for name, values in parse_qs(url.query).items()}
                self.send_response(302)
                self.send_header("location", known.logged_in(asked))
                self.send_header("content-length", "0")
                self.end_headers()
            elif url.path == "/realm/keys":
                known.asked += 1
                self._say(200, {"keys": [one.as_dict(private=False) for one in known.published]})
            elif url.path == "/realm/.well-known/openid-configuration":
                self._say(200, known.document)
            else:
                self._say(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*known.token(form, self.headers.get("authorization", "")))

        def _say(self, status: int, body: dict[str, Any]) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.issuer = f"http://127.0.0.1:{server.server_address[1]}/realm"
    known.document = {
        "issuer": known.issuer,
        "authorization_endpoint": f"{known.issuer}/authorize",
        "token_endpoint": f"{known.issuer}/token",
        "jwks_uri": f"{known.issuer}/keys",
        "end_session_endpoint": f"{known.issuer}/leave",
    }
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
