"""How rates, the policy of probing and lists of consent are written."""

from __future__ import annotations

import ipaddress

import pytest

from bot.settings import Named, ProbePolicy, Rate, SettingsError, load_settings
from bot.settings.permission import parse_named, parse_policy, parse_rate, parse_secret


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

    monkeypatch.setenv("RELAYCHECK_RATE_USER", "off")
    monkeypatch.setenv("RELAYCHECK_PROBE_POLICY", "verified")
    monkeypatch.setenv("RELAYCHECK_VERIFIED", "example.com")
    settings = load_settings()
    assert (None, ProbePolicy.VERIFIED) == (settings.rate_user, settings.probe_policy)
    assert Named(domains=("example.com",)) == settings.verified

    monkeypatch.setenv("RELAYCHECK_RATE_NETWORK", "some")
    with pytest.raises(SettingsError, match="RELAYCHECK_RATE_NETWORK: 'some' is no rate"):
        load_settings()
