"""The environment, read once, validated, frozen: the only module that knows it.

Names and defaults are the public contract (README, "Settings"). A wrong value is refused at start
with a sentence that says what to write instead; nothing is guessed.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
WELL_KNOWN_PORTS = frozenset({25, 465, 587})


def _words(value: object) -> object:
    """Split ``a, b`` into its words; anything else is left to the validator of the field."""
    return (
        tuple(word.strip() for word in value.split(",") if word.strip())
        if isinstance(value, str)
        else value
    )


class Settings(BaseSettings):
    """Every setting of relaycheck. Construct it once, at the top, and hand the parts down."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_prefix="RELAYCHECK_",
        frozen=True,
        extra="ignore",
        str_strip_whitespace=True,
    )

    slack_bot_token: SecretStr | None = Field(None, validation_alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(None, validation_alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(None, validation_alias="SLACK_SIGNING_SECRET")
    slack_api_url: str = Field("https://slack.com/api/", validation_alias="SLACK_API_URL")

    http_host: str = "127.0.0.1"
    http_port: int = Field(3000, ge=0, le=65535)

    resolver: str = "system"
    ehlo_name: str | None = None
    mail_from: str | None = None
    rcpt_to: str | None = None
    ports: Annotated[tuple[int, ...], NoDecode] = (25,)
    allow_networks: Annotated[tuple[IPNetwork, ...], NoDecode] = ()
    allow_domains: Annotated[tuple[str, ...], NoDecode] = ()

    _split = field_validator("ports", "allow_networks", "allow_domains", mode="before")(_words)

    @field_validator("slack_api_url")
    @classmethod
    def _with_final_slash(cls, url: str) -> str:
        return url.removesuffix("/") + "/"

    @field_validator("allow_domains")
    @classmethod
    def _as_suffixes(cls, suffixes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(suffix.strip(".").lower() for suffix in suffixes)
