"""How rates, the policy of probing and lists of consent are written."""

from __future__ import annotations

import ipaddress

import pytest

from bot.settings import Named, People, ProbePolicy, Rate, SettingsError, load_settings
from bot.settings.permission import (
    parse_named,
    parse_people,
    parse_policy,
    parse_rate,
    parse_secret,
)


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("20/hour", Rate(20, 3600, "hour")),
        ("1 / Minute", Rate(1, 60, "minute")),
        ("5/second", Rate(5, 1, "second")),
        ("7/day", Rate(7, 86_400, "day")),
        ("off", None),
        (None, None),
        (Rate(1, 60, "minute"), Rate(1, 60, "minute")),
    ],
)
def test_a_rate(written: object, rate: Rate | None) -> None:
    """So many in a period, or none at all."""
    assert rate == parse_rate(written)


@pytest.mark.parametrize("written", ["20", "0/hour", "-1/hour", "20/week", "hour/20", "", "٢/hour"])
def test_what_is_no_rate(written: str) -> None:
    """Anything else is refused with an example."""
    with pytest.raises(ValueError, match="such as 20/hour"):
        parse_rate(written)


def test_a_policy() -> None:
    """There are three, and a fourth is refused."""
    assert ProbePolicy.VERIFIED is parse_policy("Verified")
    with pytest.raises(ValueError, match="write anyone, verified or off"):
        parse_policy("nobody")


def test_networks_and_domains_in_one_list() -> None:
    """Each word is known by its spelling; domains are kept as A-labels."""
    named = parse_named("203.0.113.0/24, münchen.example 192.0.2.1;2001:db8::/32 .corp.example.")

    assert ("xn--mnchen-3ya.example", "corp.example") == named.domains
    assert named.networks == tuple(
        map(ipaddress.ip_network, ("203.0.113.0/24", "192.0.2.1", "2001:db8::/32"))
    )
    assert parse_named(named) is named


@pytest.mark.parametrize(
    ("written", "said"), [("203.0.113.1/24", "is no network"), ("a..b", "neither network nor")]
)
def test_what_is_neither(written: str, said: str) -> None:
    """A word that is neither is refused with what to write."""
    with pytest.raises(ValueError, match=said):
        parse_named(written)


def test_people_and_groups() -> None:
    """Ids of people and of user groups, in any order."""
    people = parse_people("U012AB3CD, S0ONCALL W9ABC")

    assert People(("U012AB3CD", "W9ABC"), ("S0ONCALL",)) == people
    assert parse_people(people) is people
    assert People() == parse_people("")


@pytest.mark.parametrize("written", ["dana", "@dana", "C0123", "u012ab3cd", "U", "<@U0123>"])
def test_who_is_no_id(written: str) -> None:
    """A name is refused with what to write: people change their names."""
    with pytest.raises(ValueError, match="is no id of a person or user group in Slack"):
        parse_people(written)


def test_a_secret_is_long() -> None:
    """What can be guessed is no secret, and what was refused is not shown."""
    assert "0123456789abcdef" == parse_secret("0123456789abcdef")
    with pytest.raises(ValueError, match="at least 16") as refusal:
        parse_secret("hunter2")
    assert "hunter2" not in str(refusal.value)


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings have these readers, and the contract's defaults."""
    settings = load_settings()
    assert Rate(20, 3600, "hour") == settings.rate_user
    assert Rate(1, 60, "minute") == settings.rate_address
    assert ProbePolicy.ANYONE is settings.probe_policy
    assert People() == settings.break_glass
    assert Rate(3, 86_400, "day") == settings.rate_break_glass == settings.breaker

    monkeypatch.setenv("RELAYCHECK_RATE_USER", "off")
    monkeypatch.setenv("RELAYCHECK_PROBE_POLICY", "verified")
    monkeypatch.setenv("RELAYCHECK_VERIFIED", "example.com")
    monkeypatch.setenv("RELAYCHECK_BREAK_GLASS", "U012AB3CD,S0ONCALL")
    monkeypatch.setenv("RELAYCHECK_BREAKER", "off")
    settings = load_settings()
    assert (None, ProbePolicy.VERIFIED) == (settings.rate_user, settings.probe_policy)
    assert Named(domains=("example.com",)) == settings.verified
    assert (People(("U012AB3CD",), ("S0ONCALL",)), None) == (settings.break_glass, settings.breaker)

    monkeypatch.setenv("RELAYCHECK_RATE_NETWORK", "some")
    with pytest.raises(SettingsError, match="RELAYCHECK_RATE_NETWORK: 'some' is no rate"):
        load_settings()
