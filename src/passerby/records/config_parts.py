"""What every part of a configuration is made of."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from passerby.records import checks
from passerby.records.secret import Kept

Name = Annotated[str, Field(min_length=1, max_length=64)]


class Part(BaseModel):
    """A part of the configuration: nothing is guessed, nothing is ignored."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Credentials(Part):
    """How to sign in somewhere. The password never stands in this file."""

    username: Annotated[str, Field(min_length=1, max_length=128)] = Field(description="User name there.")
    password_file: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="File that holds the password alone; relative to the folder of the configuration."
    )
    password_env: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Environment variable that holds the password."
    )
    password_credential: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="Name of a systemd credential (LoadCredential=) that holds the password."
    )

    _plain = field_validator("password_credential")(checks.file_name)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = (self.password_file, self.password_env, self.password_credential)
        if sum(source is not None for source in given) != 1:
            raise ValueError("give one of password_file, password_env and password_credential")
        return self

    def password_of(self, whose: str, path_of: Callable[[str], Path]) -> str:
        """The password, from where this says that it is.

        Args:
            whose: what it opens, for messages: "camera door".
            path_of: a path of the configuration.

        Raises:
            ConfigError: it cannot be read, or is empty.
        """
        kept = Kept(whose, "password", self.password_file, self.password_env, self.password_credential)
        return kept.read(path_of)
