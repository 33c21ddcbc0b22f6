"""The settings: their names, their defaults, and how the environment fills them."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self
from urllib.parse import quote

from dotenv import dotenv_values
from platformdirs import user_state_path
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.model.ports import WELL_KNOWN_PORTS
from bot.settings.permission import (
    Named,
    People,
    ProbePolicy,
    Rate,
    parse_named,
    parse_people,
    parse_policy,
    parse_rate,
    parse_secret,
)
from bot.settings.values import (
    IPNetwork,
    parse_blocklists,
    parse_count,
    parse_database_url,
    parse_days,
    parse_ehlo_name,
    parse_key,
    parse_listen,
    parse_mailbox,
    parse_networks,
    parse_port,
    parse_resolver,
    parse_smtp_ports,
    parse_suffixes,
    parse_web_address,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "RELAYCHECK_"
ENV_FILE = Path(".env")

Mailbox = Annotated[str, BeforeValidator(parse_mailbox)]
RateOrOff = Annotated[Rate | None, BeforeValidator(parse_rate)]
NamedOnes = Annotated[Named, NoDecode, BeforeValidator(parse_named)]


def _default_database() -> SecretStr:
    """Return a SQLite file in the user's state folder ($XDG_STATE_HOME, ~/.local/state)."""
    file = user_state_path("relaycheck") / "relaycheck.db"
    return SecretStr(f"sqlite:///{quote(str(file))}")


class SettingsError(Exception):
    """Settings that cannot be used; ``problems`` has a sentence for each, naming the variable."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """Every setting of relaycheck, by the name of its variable without the prefix."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        str_strip_whitespace=True,
        hide_input_in_errors=True,
    )

    slack_bot_token: SecretStr | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(default=None, validation_alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(
        default=None, validation_alias="SLACK_SIGNING_SECRET"
    )
    slack_api_url: Annotated[str, BeforeValidator(parse_web_address)] = Field(
        default="https://slack.com/api/", validation_alias="SLACK_API_URL"
    )

    http_host: str = "127.0.0.1"
    http_port: Annotated[int, BeforeValidator(parse_port)] = 3000

    database_url: Annotated[SecretStr, BeforeValidator(parse_database_url)] = Field(
        default_factory=_default_database, validate_default=False
    )
    retention_days: Annotated[int, BeforeValidator(parse_days)] = 90

    resolver: Annotated[str, BeforeValidator(parse_resolver)] = "system"
    blocklists: Annotated[str, BeforeValidator(parse_blocklists)] = "default"
    spamhaus_dqs_key: Annotated[SecretStr, BeforeValidator(parse_key)] | None = None
    abusix_key: Annotated[SecretStr, BeforeValidator(parse_key)] | None = None
    ehlo_name: Annotated[str, BeforeValidator(parse_ehlo_name)] | None = None
    mail_from: Mailbox | None = None
    rcpt_to: Mailbox | None = None
    canary_listen: Annotated[
        tuple[tuple[str, int], ...], NoDecode, BeforeValidator(parse_listen)
    ] = ()
    ports: Annotated[tuple[int, ...], NoDecode, BeforeValidator(parse_smtp_ports)] = (25,)
    allow_networks: Annotated[tuple[IPNetwork, ...], NoDecode, BeforeValidator(parse_networks)] = ()
    allow_domains: Annotated[tuple[str, ...], NoDecode, BeforeValidator(parse_suffixes)] = ()

    probe_policy: Annotated[ProbePolicy, BeforeValidator(parse_policy)] = ProbePolicy.ANYONE
    verified: NamedOnes = Named()
    verify_secret: Annotated[SecretStr, BeforeValidator(parse_secret)] | None = None
    opted_out: NamedOnes = Named()
    rate_user: RateOrOff = Rate(20, 3600, "hour")
    rate_workspace: RateOrOff = Rate(100, 3600, "hour")
    rate_total: RateOrOff = Rate(60, 60, "minute")
    rate_address: RateOrOff = Rate(1, 60, "minute")
    rate_network: RateOrOff = Rate(10, 3600, "hour")
    watches: Annotated[int, BeforeValidator(parse_count)] = 100
    break_glass: Annotated[People, NoDecode, BeforeValidator(parse_people)] = People()
    rate_break_glass: RateOrOff = Rate(3, 86_400, "day")
    breaker: RateOrOff = Rate(3, 86_400, "day")

    @model_validator(mode="after")
    def _other_ports_need_networks(self) -> Self:
        others = sorted(set(self.ports).difference(WELL_KNOWN_PORTS))
        if others and not self.allow_networks:
            raise ValueError(
                f"RELAYCHECK_PORTS has {others[0]}, and ports other than 25, 465 and 587 are only "
                "for networks of your own: name those in RELAYCHECK_ALLOW_NETWORKS, or leave "
                f"{others[0]} out."
            )
        return self


def variable(field: str) -> str:
    """Return the name of a setting's environment variable."""
    return str(Settings.model_fields[field].validation_alias or f"{PREFIX}{field.upper()}")


def load_settings(env_file: Path = ENV_FILE) -> Settings:
    """Read the environment, and the ``.env`` file where there is one; the environment wins.

    Raises:
        SettingsError: Any value cannot be used; all that cannot are named at once.
    """
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg] # of BaseSettings' own
    except ValidationError as error:
        raise SettingsError(tuple(_sentence(part) for part in error.errors())) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            (f"{env_file} cannot be read ({error}): make it a readable file in UTF-8.",)
        ) from None


def _sentence(error: ErrorDetails) -> str:
    """Word one problem; a value is only shown by the readers, and no secret has one."""
    reason = str(error["ctx"]["error"])
    if not error["loc"]:
        return reason
    field = str(error["loc"][0])
    name = variable(field) if field in Settings.model_fields else field
    return f"{name}: {reason}."


# What a process needs of the environment to run at all, and to trust whom this one trusts.
_HARMLESS = (
    *("PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
)


def bare_environment() -> dict[str, str]:
    """Return the environment for a process that must know no setting, nor any other secret."""
    return {name: os.environ[name] for name in _HARMLESS if name in os.environ}  # noqa: TID251 - here


def unknown_variables(env_file: Path = ENV_FILE) -> tuple[str, ...]:
    """Return a sentence for each variable that has our prefix and is no setting.

    None of them stops the program: it may be of an older or newer version.
    """
    known = {variable(field) for field in Settings.model_fields}
    given = {name.upper() for name in (*os.environ, *dotenv_values(env_file))}  # noqa: TID251 - here
    return tuple(
        f"{name} is no setting of this version{_meant(name, known)}."
        for name in sorted(given - known)
        if name.startswith(PREFIX)
    )


def _meant(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
    return f"; did you mean {near[0]}" if near else ""
