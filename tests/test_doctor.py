"""The set-up is examined as a careful mail server would, and as Slack does."""

from __future__ import annotations

import inspect
import tomllib
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

import bot.doctor
import bot.reach
from bot.cli import facilities, pausing
from bot.doctor import Diagnosis, SlackAnswer, State, examine_probe, examine_slack
from bot.identity import identify
from bot.settings import Settings
from tests.posture.zone import Zone

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS = tomllib.loads(Path(bot.doctor.__file__).with_name("doctor.toml").read_text("utf-8"))
NAME = "probe.example.net"
FINE = {
    " SOA": "here",
    f"{NAME} A": "198.51.100.10",
    "10.100.51.198.in-addr.arpa PTR": NAME,
    f"{NAME} MX": "10 mx.example.net",
    "example.org MX": "10 mx.example.org",
}
SET = Settings(ehlo_name=NAME, mail_from=f"relaycheck@{NAME}", rcpt_to="canary@example.org")
NEEDED = frozenset({"chat:write", "commands"})
GOOD = SlackAnswer(team="Ops", user="relaycheck", scopes=NEEDED)


async def examined(
    zone: Mapping[str, str | list[str]],
    settings: Settings = SET,
    outgoing: str | None = "198.51.100.10",
) -> dict[str, Diagnosis]:
    """Return what was found of each setting."""
    ask = Zone(zone).ask
    return {
        diagnosis.subject: diagnosis
        async for diagnosis in examine_probe(settings, identify(settings), ask, outgoing)
    }


async def test_all_is_well() -> None:
    """A name that leads to the machine and back, and mailboxes that take mail, are fine."""
    found = await examined(FINE)

    assert [
        ("RELAYCHECK_RESOLVER", "RESOLVER_ANSWERS"),
        ("RELAYCHECK_EHLO_NAME", "NAME_FINE"),
        ("RELAYCHECK_MAIL_FROM", "MAILBOX_FINE"),
        ("RELAYCHECK_RCPT_TO", "MAILBOX_FINE"),
    ] == [(one.subject, one.tag) for one in found.values()]
    assert all(one.state is State.OK and not one.advice for one in found.values())
    assert "probe.example.net leads to 198.51.100.10 and back" == found["RELAYCHECK_EHLO_NAME"].says


@pytest.mark.parametrize(
    ("status", "tag"),
    [
        ("!timeout", "RESOLVER_SILENT"),
        ("!unreachable", "RESOLVER_SILENT"),
        ("!refused", "RESOLVER_REFUSES"),
        ("!servfail", "RESOLVER_REFUSES"),
    ],
)
async def test_a_resolver_that_does_not_answer(status: str, tag: str) -> None:
    """Silence and refusal are different faults."""
    found = await examined({" MX": status})

    assert tag == found["RELAYCHECK_RESOLVER"].tag


@pytest.mark.parametrize(
    ("changes", "outgoing", "tag"),
    [
        ({f"{NAME} A": None}, "198.51.100.10", "NAME_UNRESOLVED"),
        ({f"{NAME} A": "!servfail"}, "198.51.100.10", "NAME_NOT_LEARNT"),
        ({}, "8.8.8.8", "NAME_ELSEWHERE"),
        ({}, "10.0.0.5", "NAME_BEHIND_NAT"),
        ({}, None, "NAME_BEHIND_NAT"),
        ({"10.100.51.198.in-addr.arpa PTR": None}, "198.51.100.10", "NAME_WITHOUT_PTR"),
        ({"10.100.51.198.in-addr.arpa PTR": "x.example"}, "198.51.100.10", "NAME_WITH_OTHER_PTR"),
        ({"10.100.51.198.in-addr.arpa PTR": "!timeout"}, "198.51.100.10", "PTR_NOT_LEARNT"),
        (
            {f"{NAME} AAAA": "2001:db8::10"},
            "198.51.100.10",
            "NAME_WITHOUT_PTR",
        ),
    ],
)
async def test_the_ehlo_name(
    changes: dict[str, str | None], outgoing: str | None, tag: str
) -> None:
    """Every address of the name has to lead back to it, and one of them to be this machine's."""
    zone = {key: value for key, value in (FINE | changes).items() if value is not None}
    diagnosis = (await examined(zone, outgoing=outgoing))["RELAYCHECK_EHLO_NAME"]

    assert tag == diagnosis.tag
    assert diagnosis.advice


@pytest.mark.parametrize(
    ("changes", "tag"),
    [
        ({"example.org MX": "0 "}, "MAILBOX_NULL_MX"),
        ({"example.org MX": None}, "MAILBOX_NOWHERE"),
        ({"example.org MX": "!servfail"}, "MAILBOX_NOT_LEARNT"),
        ({"example.org MX": None, "example.org A": "192.0.2.1"}, "MAILBOX_FINE"),
    ],
)
async def test_the_mailboxes(changes: dict[str, str | None], tag: str) -> None:
    """A mailbox has to be at a domain that takes mail."""
    zone = {key: value for key, value in (FINE | changes).items() if value is not None}
    diagnosis = (await examined(zone))["RELAYCHECK_RCPT_TO"]

    assert tag == diagnosis.tag


async def test_what_is_not_set_is_noticed() -> None:
    """Stand-ins work, with drawbacks: a notice each, and no fault."""
    networks = (ip_network("10.0.0.0/8"),)
    nothing = Settings(ehlo_name=None, mail_from=None, rcpt_to=None, allow_networks=networks)
    found = await examined(FINE, nothing)

    assert {"NAME_UNSET", "MAILBOX_UNSET", "NETWORKS_ALLOWED", "RESOLVER_ANSWERS"} == {
        one.tag for one in found.values()
    }
    assert all(one.state is not State.FAULT for one in found.values())


async def test_address_literals_are_noticed() -> None:
    """A literal is legal, and often refused."""
    literal = Settings(ehlo_name="[192.0.2.1]", mail_from="a@[192.0.2.1]", rcpt_to="b@example.org")
    found = await examined(FINE, literal)

    assert ["NAME_LITERAL", "MAILBOX_LITERAL"] == [
        found[name].tag for name in ("RELAYCHECK_EHLO_NAME", "RELAYCHECK_MAIL_FROM")
    ]


@pytest.mark.parametrize(
    ("bot_token", "app_token", "tags"),
    [
        (None, None, ["SLACK_UNSET"]),
        (GOOD, None, ["SLACK_FINE"]),
        (replace(GOOD, scopes=None), None, ["SLACK_FINE"]),
        (GOOD, SlackAnswer(), ["SLACK_FINE", "SOCKET_MODE_FINE"]),
        (
            replace(GOOD, scopes=frozenset({"commands"})),
            SlackAnswer(error="not_allowed_token_type", is_refusal=True),
            ["SLACK_SCOPES_MISSING", "SLACK_REFUSED"],
        ),
        (
            SlackAnswer(error="invalid_auth", is_refusal=True),
            SlackAnswer(error="connection"),
            ["SLACK_REFUSED", "SLACK_UNREACHABLE"],
        ),
    ],
)
async def test_the_tokens(
    bot_token: SlackAnswer | None, app_token: SlackAnswer | None, tags: list[str]
) -> None:
    """A refused token is told from a Slack that cannot be reached, and from lacking scopes."""
    answers = {"slack_bot_token": bot_token, "slack_app_token": app_token}
    settings = Settings(
        slack_bot_token=SecretStr("x") if bot_token else None,
        slack_app_token=SecretStr("y") if app_token else None,
    )

    async def ask(setting: str) -> SlackAnswer:
        answer = answers[setting]
        assert answer is not None
        return answer

    found = [one async for one in examine_slack(settings, ask, NEEDED)]

    assert tags == [one.tag for one in found]
    assert all(one.says for one in found)


@pytest.mark.parametrize("tag", WORDS)
def test_every_diagnosis_is_worded(tag: str) -> None:
    """A fault says what to do; advice only names what the finding names."""
    entry = WORDS[tag]

    assert entry["state"] in set(State)
    assert (entry["state"] == State.OK) != bool(entry.get("advice")) or tag == "SLACK_MISCONFIGURED"
    code = [inspect.getsource(module) for module in (bot.doctor, bot.reach, pausing, facilities)]
    assert any(f'"{tag}"' in text for text in code) or tag == "SLACK_MISCONFIGURED"
