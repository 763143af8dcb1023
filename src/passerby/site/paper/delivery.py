"""Hands a report over: to a folder, or to a mail server. Each says what went wrong in words, and never a password."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

import structlog

from passerby.site.paper.shapes import Mail

_log = structlog.get_logger("passerby.site")
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Made:
    """A report that was made.

    Attributes:
        name: of its files, without their ends.
        subject, body: of the e-mail.
        page: PDF.
        table: CSV.
    """

    name: str
    subject: str
    body: str
    page: bytes
    table: str


Deliver = Callable[[Made], str | None]
"""Hands a report over, and gives what went wrong; None where nothing did."""


@dataclass(frozen=True, slots=True)
class Post:
    """A mail server, and how to sign in.

    Attributes:
        mail: as configured.
        password: None where nothing is asked.
        ca_file: certificates to trust instead of the system's.
    """

    mail: Mail
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


def to_folder(folder: Path) -> Deliver:
    """Writes both files; a reader never finds half of one."""

    def deliver(made: Made) -> str | None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / f"{made.name}.pdf", made.page)
            _write(folder / f"{made.name}.csv", made.table.encode())
        except OSError as error:
            return f"the folder {folder} does not take it ({error.strerror}); check its space and permissions"
        return None

    return deliver


def to_mail(post: Post) -> Deliver:
    """Sends both files. The server's certificate is checked, and so is its name."""

    def deliver(made: Made) -> str | None:
        mail = post.mail
        try:
            refused = _send(post, _message(mail, made))
        except (OSError, ValueError) as error:
            return f"the mail server {mail.host} port {mail.port} {_words(error)}"
        if refused:
            _log.error("report refused for some", addresses=refused, report=made.name)
        return None

    return deliver


def _write(file: Path, content: bytes) -> None:
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    with part.open("xb") as handle:  # others may write into the folder: no link of theirs is followed
        handle.write(content)
    part.replace(file)


def _message(mail: Mail, made: Made) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = made.subject
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.to)
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(made.body)
    message.add_attachment(made.page, maintype="application", subtype="pdf", filename=f"{made.name}.pdf")
    table, spelling = made.table.encode(), {"charset": "utf-8"}
    message.add_attachment(table, maintype="text", subtype="csv", filename=f"{made.name}.csv", params=spelling)
    return message


def _send(post: Post, message: EmailMessage) -> list[str]:
    """Sends it, and gives the addresses that the server refused while it took others."""
    mail = post.mail
    trusted = ssl.create_default_context(cafile=str(post.ca_file) if post.ca_file else None)
    own_name = socket.gethostname()
    with (
        smtplib.SMTP_SSL(mail.host, mail.port, own_name, timeout=_PATIENCE_S, context=trusted)
        if mail.security == "tls"
        else smtplib.SMTP(mail.host, mail.port, own_name, timeout=_PATIENCE_S)
    ) as server:
        if mail.security == "starttls":
            server.starttls(context=trusted)
        if mail.credentials and post.password:
            server.login(mail.credentials.username, post.password)
        refused = list(server.send_message(message))
        with suppress(smtplib.SMTPException):
            server.quit()  # what it took it keeps, however it says good-bye
    return refused


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPAuthenticationError, "does not take the user name and the password; check credentials"),
    (smtplib.SMTPRecipientsRefused, "takes none of the addresses in to; check them"),
    (smtplib.SMTPSenderRefused, "does not take the address in from; check it"),
    (smtplib.SMTPNotSupportedError, "cannot do what is asked of it; check security, port and credentials"),
    (smtplib.SMTPServerDisconnected, "hung up; check security and port"),
    (smtplib.SMTPException, "did not take it"),
    (ssl.SSLCertVerificationError, "has a certificate that is not trusted or of another name; check host and ca_file"),
    (ssl.SSLError, "does not speak TLS here; check security and port"),
    (socket.gaierror, "is not known under this name; check host"),
    (TimeoutError, "does not answer"),
    (ConnectionRefusedError, "does not listen there; check host and port"),
)


def _words(error: Exception) -> str:
    """What went wrong, without the server's own text: it may repeat what it was sent."""
    words = next((words for kind, words in _WORDS if isinstance(error, kind)), None)
    code = getattr(error, "smtp_code", None)
    said = words or f"cannot be used ({getattr(error, 'strerror', None) or type(error).__name__})"
    return f"{said} (SMTP {code})" if code else said
