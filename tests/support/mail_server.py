"""A mail server that takes mail over STARTTLS, over TLS or in the open, and asks for a password if it is told to."""

import asyncio
import base64
import datetime
import ipaddress
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_MOST_BYTES = 16_000_000


@dataclass
class Certificate:
    """A certificate for 127.0.0.1 and localhost that signs itself.

    Attributes:
        file: PEM of the certificate; who trusts it gives it as ca_file.
        key: PEM of its key.
    """

    file: Path
    key: Path

    @staticmethod
    def make(folder: Path, name: str = "localhost") -> "Certificate":
        """Makes one in a folder, for a name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.UTC)
        names: list[x509.GeneralName] = [x509.DNSName(name)]
        if name == "localhost":
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
        made.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        made.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return made

    def context(self) -> ssl.SSLContext:
        """For the server's side."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.file, self.key)
        return context


@dataclass
class MailServer:
    """Listens on a port of 127.0.0.1 in a thread of its own.

    Attributes:
        certificate: for TLS.
        security: "starttls", "tls" or "none".
        account: user name and password that it asks for, or None.
        refused: addresses that it does not take.
        port: where it listens; 0 takes any.
        mails: what it took.
        in_the_open: lines that came before TLS, to look for passwords in.
    """

    certificate: Certificate
    security: str = "starttls"
    account: tuple[str, str] | None = None
    refused: tuple[str, ...] = ()
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    in_the_open: list[bytes] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)

    async def _listen(self) -> None:
        context = self.certificate.context() if self.security == "tls" else None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=context, limit=_MOST_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Talk(self, reader, writer).go()
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class _Talk:
    """One connection (RFC 5321, 3207, 4954)."""

    def __init__(self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._secret = server.security == "tls"
        self._known = server.account is None

    async def go(self) -> None:
        await self._say("220 mail.example ready")
        while line := await self._reader.readline():
            if not self._secret:
                self._server.in_the_open.append(line)
            verb = line[:4].upper()
            if verb == b"QUIT":
                await self._say("221 bye")
                return
            await self._answer(verb, line.decode().strip())

    async def _answer(self, verb: bytes, line: str) -> None:
        if verb == b"EHLO":
            await self._say(*self._greeting())
        elif verb == b"STAR" and not self._secret and self._server.security == "starttls":
            await self._say("220 go ahead")
            await self._writer.start_tls(self._server.certificate.context())
            self._secret = True
        elif verb == b"AUTH":
            await self._sign_in(line)
        elif verb == b"MAIL":
            await self._say("250 ok" if self._known else "530 sign in first")
        elif verb == b"RCPT":
            await self._say("550 unknown" if any(one in line for one in self._server.refused) else "250 ok")
        elif verb == b"DATA":
            await self._take()
        else:
            await self._say("250 ok" if verb == b"RSET" else "502 unknown")

    def _greeting(self) -> tuple[str, ...]:
        offered = ["STARTTLS"] if self._server.security == "starttls" and not self._secret else []
        if self._server.account and (self._secret or self._server.security == "none"):
            offered.append("AUTH PLAIN")
        said = ["mail.example", *offered]
        return tuple(f"250{'-' if one is not said[-1] else ' '}{one}" for one in said)

    async def _sign_in(self, line: str) -> None:
        _empty, name, password = base64.b64decode(line.split()[2]).decode().split("\0")
        self._known = (name, password) == self._server.account
        # A careless server repeats what it was sent.
        await self._say("235 ok" if self._known else f"535 no: {password}")

    async def _take(self) -> None:
        await self._say("354 go on")
        raw = (await self._reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self._server.mails.append(message)
        await self._say("250 taken")

    async def _say(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self._writer.drain()
