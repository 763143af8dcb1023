"""The configuration's reports and notice."""

import ipaddress
import re
from datetime import time
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from passerby.records import checks
from passerby.records.config_parts import Credentials, Part

Language = Literal["en", "de", "fr", "es", "ru"]
LegalBasis = Literal["legitimate_interests", "public_task", "legal_obligation", "vital_interests", "consent"]
Sentence = Annotated[str, Field(min_length=3, max_length=300)]
Fact = Annotated[str, Field(min_length=3, max_length=120)]
Address = Annotated[str, Field(min_length=3, max_length=254)]
_ADDRESS = re.compile(r"[^\s@<>,;\"()\[\]\\:]+@[^\s@<>,;\"()\[\]\\:]+")


class LocalText(Part):
    """A sentence in several languages."""

    en: Sentence | None = Field(default=None, description="In English.")
    de: Sentence | None = Field(default=None, description="In German.")
    fr: Sentence | None = Field(default=None, description="In French.")
    es: Sentence | None = Field(default=None, description="In Spanish.")
    ru: Sentence | None = Field(default=None, description="In Russian.")

    _plain = field_validator("en", "de", "fr", "es", "ru")(checks.plain_text)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any((self.en, self.de, self.fr, self.es, self.ru)):
            raise ValueError("write it in one language or more, such as en: ...")
        return self

    def in_language(self, language: Language) -> str:
        """The sentence in a language; where it has none, in the first of the others that it has."""
        said = {"en": self.en, "de": self.de, "fr": self.fr, "es": self.es, "ru": self.ru}
        return said[language] or next(text for text in said.values() if text)


class Notice(Part):
    """What the notice at the door and the public page `/privacy-notice` need to know beside what is measured."""

    controller: Fact = Field(description="Who is responsible: the name of the company or body, as the law knows it.")
    address: Fact | None = Field(default=None, description="Postal address of the controller.")
    contact: Fact = Field(description="Whom visitors may ask: an e-mail address, a telephone number or a desk.")
    privacy_officer: Fact | None = Field(
        default=None, description="How to reach the data-protection officer; absent where there is none."
    )
    authority: Fact | None = Field(default=None, description="The supervisory authority that visitors may complain to.")
    privacy_url: Annotated[str, Field(min_length=8, max_length=300)] = Field(
        description="Where visitors read all of it: the public address of `/privacy-notice`, or a page of yours."
    )
    purpose: LocalText = Field(description="What visitors are counted for, as the notice shall say it.")
    legal_basis: LegalBasis = Field(description="What Art. 6(1) GDPR allows it by.")
    interest: LocalText | None = Field(
        default=None, description="Which legitimate interests; needed where they are the legal basis."
    )

    _plain = field_validator("controller", "address", "contact", "privacy_officer", "authority")(checks.plain_text)

    @field_validator("privacy_url")
    @classmethod
    def _url(cls, value: str) -> str:
        try:
            url = urlsplit(value)
            known = url.scheme in ("http", "https") and url.hostname and "@" not in url.netloc
        except ValueError:
            known = False
        if not known or not value.isprintable() or " " in value:
            raise ValueError("write the address of a web page, such as https://museum.example/privacy-notice")
        return value

    @model_validator(mode="after")
    def _names_its_interest(self) -> Self:
        if (self.legal_basis == "legitimate_interests") != (self.interest is not None):
            raise ValueError(
                "interest says which legitimate interests, and belongs to legal_basis: legitimate_interests alone; "
                "add it, or take it away"
            )
        return self


class Mail(Part):
    """A mail server that takes reports, and who gets them."""

    host: Annotated[str, Field(min_length=1, max_length=253)] = Field(description="Name of the mail server.")
    port: int = Field(default=587, ge=1, le=65535, description="TCP port; 587 for starttls, 465 for tls.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the way there is kept secret; none is for this machine alone."
    )
    ca_file: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Certificates to trust instead of the system's, as PEM; for a server of your own."
    )
    credentials: Credentials | None = Field(default=None, description="How to sign in; absent where nothing is asked.")
    sender: Address = Field(alias="from", description="Address that reports come from.")
    to: Annotated[tuple[Address, ...], Field(min_length=1, max_length=32)] = Field(
        description="Addresses that reports go to."
    )

    _host = field_validator("host")(checks.mail_host)

    @field_validator("sender")
    @classmethod
    def _sender(cls, value: str) -> str:
        return _address(value)

    @field_validator("to")
    @classmethod
    def _to(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_address(one) for one in value)

    @model_validator(mode="after")
    def _kept_secret(self) -> Self:
        if self.security == "none" and not _is_this_machine(self.host):
            raise ValueError("security: none would send reports and passwords in the open; write starttls or tls")
        return self


class Recipients(Part):
    """Where reports go."""

    folder: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Folder that they are written to; relative to the folder of the configuration."
    )
    mail: Mail | None = Field(default=None, description="E-mail.")

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.folder is None and self.mail is None:
            raise ValueError("give folder, mail or both")
        return self


class Reports(Part):
    """Reports on a schedule: a page of A4 and a table."""

    schedule: Annotated[tuple[Literal["day", "week"], ...], Field(min_length=1, max_length=2)] = Field(
        description="day: each day about the day before; week: each Monday about the week before."
    )
    at: str = Field(default="06:30", description='When, in the zone of the site, such as "06:30".')
    language: Language = Field(default="en", description="Language of the reports.")
    to: Recipients = Field(description="Where they go.")

    _at = field_validator("at", mode="before")(checks.time_of_day)

    @property
    def time(self) -> time:
        """When, by the site's clock."""
        return time.fromisoformat(self.at)


def _address(value: str) -> str:
    if not value.isprintable() or not _ADDRESS.fullmatch(value):
        raise ValueError("write an address alone, such as office@museum.example")
    return value


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
