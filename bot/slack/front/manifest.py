"""The app manifest, in its three forms: Socket Mode, HTTP, and either with the Workflow step.

What the app asks for stands in ``manifest.toml``; here only what depends on how it is run. Slack's
schema: slackapi/manifest-schema 2.0.0.
"""

from __future__ import annotations

import tomllib
from copy import deepcopy
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import yaml

_FILE = files("bot.slack.front").joinpath("manifest.toml")
_DATA = tomllib.loads(_FILE.read_text(encoding="utf-8"))
_HEADER = """\
# The Slack app: api.slack.com/apps, "Create New App", "From a manifest".
# Made by `relaycheck manifest`; what it asks for stands in bot/slack/front/manifest.toml.
"""


def manifest(url: str | None = None, *, workflow: bool = False) -> dict[str, Any]:
    """Return the app manifest.

    Args:
        url: The https:// address at which Slack reaches the app; None: Socket Mode.
        workflow: Whether to offer the Workflow step ``check_domain``.

    Raises:
        ValueError: The address is not an https:// address; the message says what to write.
    """
    made: dict[str, Any] = deepcopy(_DATA["app"])
    if workflow:
        _add_workflow(made)
    if url is not None:
        _add_url(made, _checked(url))
    return made


def manifest_text(url: str | None = None, *, workflow: bool = False) -> str:
    """Return the manifest as YAML, ready to paste; arguments and errors as ``manifest``."""
    made = manifest(url, workflow=workflow)
    return _HEADER + yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=96)


def _add_workflow(made: dict[str, Any]) -> None:
    made["_metadata"] = {"major_version": 2}
    made["functions"] = deepcopy(_DATA["workflow"]["functions"])
    made["settings"] |= {"org_deploy_enabled": True, "function_runtime": "remote"}
    made["settings"]["event_subscriptions"]["bot_events"].append("function_executed")


def _add_url(made: dict[str, Any], url: str) -> None:
    settings = made["settings"]
    settings["socket_mode_enabled"] = False
    settings["interactivity"]["request_url"] = url
    settings["event_subscriptions"]["request_url"] = url
    for command in made["features"]["slash_commands"]:
        command["url"] = url


def _checked(url: str) -> str:
    """Return where deliveries go: the address itself, or below it where it names no path."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError(
            f"{url!r} is no https:// address: write one such as https://bot.example.com"
        )
    return url if parts.path.strip("/") else f"https://{parts.netloc}/slack/events"
