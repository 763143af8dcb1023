"""The configuration's `oidc:`: who vouches for people who work with the hub, and which group may do what."""

from collections.abc import Collection
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from passerby.records.checks import file_name, host_names, plain_text
from passerby.records.config_parts import Name, Part
from passerby.records.config_receivers import web_address
from passerby.records.secret import Kept

Text = Annotated[str, Field(min_length=1, max_length=256)]


class GroupRole(Part):
    """What a group may do, and of which venues. The first of the list that somebody is in decides."""

    group: Text = Field(description="The group, as the provider names it.")
    role: Literal["viewer", "operator", "admin"] = Field(
        description="viewer: reads; operator: answers alerts too; admin: may do all, of these venues."
    )
    whole_hub: bool = Field(default=False, description="Of all venues. Else name some.")
    organisations: tuple[Name, ...] = Field(default=(), max_length=256, description="All venues of these.")
    districts: tuple[Name, ...] = Field(default=(), max_length=256, description="All venues of these.")
    venues: tuple[Name, ...] = Field(default=(), max_length=256, description="Single venues, by their short names.")

    @model_validator(mode="after")
    def _some(self) -> Self:
        named = bool(self.organisations or self.districts or self.venues)
        if named == self.whole_hub:
            raise ValueError("write whole_hub: true, or some of organisations, districts and venues")
        return self


class Oidc(Part):
    """A provider of log-ins (OpenID Connect). Of who signs in their identifier there, name and groups are kept."""

    name: Name = Field(default="your organisation", description="Stands on the button: Sign in with ...")
    issuer: Annotated[str, Field(min_length=1, max_length=1024)] = Field(
        description="Address of the provider, as its discovery document names it: https://login.example/realm."
    )
    client_id: Text = Field(description="Name of the hub at the provider.")
    secret_file: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="File that holds the client's secret alone."
    )
    secret_env: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Environment variable that holds the client's secret."
    )
    secret_credential: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Name of a systemd credential that holds the client's secret."
    )
    scopes: tuple[Text, ...] = Field(
        default=("openid", "profile"), max_length=16, description="What the provider is asked for; openid is needed."
    )
    groups_claim: Text = Field(default="groups", description="Which claim of the ID token names the groups.")
    name_claim: Text = Field(default="name", description="Which claim of the ID token names the person.")
    roles: tuple[GroupRole, ...] = Field(
        min_length=1, max_length=256, description="Which group may do what. Who is in none is not let in."
    )
    mail_domains: tuple[str, ...] = Field(
        default=(),
        max_length=64,
        description="Let in only who also has a verified e-mail address there (add email to scopes). Nobody is let in "
        "for an address alone.",
    )
    session_minutes: int = Field(
        default=60,
        ge=5,
        le=720,
        description="A session ends so long after signing in, and the provider is asked again: so long at most "
        "somebody stays who lost a group.",
    )

    _name = field_validator("name")(plain_text)
    _issuer = field_validator("issuer")(web_address)
    _plain = field_validator("secret_credential")(file_name)
    _domains = field_validator("mail_domains")(host_names)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        given = (self.secret_file, self.secret_env, self.secret_credential)
        if sum(one is not None for one in given) != 1:
            raise ValueError("give one of secret_file, secret_env and secret_credential")
        if "openid" not in self.scopes:
            raise ValueError("scopes: openid is needed")
        if self.mail_domains and "email" not in self.scopes:
            raise ValueError("mail_domains needs email among the scopes")
        return self

    @property
    def kept_secret(self) -> Kept:
        """Where the client's secret is."""
        return Kept("oidc", "client's secret", self.secret_file, self.secret_env, self.secret_credential)

    def role_for(self, groups: Collection[str]) -> GroupRole | None:
        """What somebody in these groups may do; None where they are not let in."""
        return next((one for one in self.roles if one.group in groups), None)
