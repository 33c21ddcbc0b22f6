"""What will be asked: the five attempts, and the forms that --variants adds."""

from __future__ import annotations

import re

from bot.model.domain_name import is_host_name
from bot.relay.attempts import QUESTIONS, VARIANT, Opening, transactions
from tests.transcripts.reading import plan

# What the known testers ask, with our names in their places (facts: their sources and documents).
NMAP = """
MAIL FROM:<> RCPT TO:<canary@outside.example>
MAIL FROM:<relaytest@outside.example> RCPT TO:<canary@outside.example>
MAIL FROM:<relaytest@mx.example.com> RCPT TO:<canary@outside.example>
MAIL FROM:<relaytest@[192.0.2.25]> RCPT TO:<canary@outside.example>
RCPT TO:<canary%outside.example@[192.0.2.25]>
RCPT TO:<canary%outside.example@mx.example.com>
RCPT TO:<"canary@outside.example">
RCPT TO:<"canary%outside.example">
RCPT TO:<canary@outside.example@[192.0.2.25]>
RCPT TO:<"canary@outside.example"@[192.0.2.25]>
RCPT TO:<canary@outside.example@mx.example.com>
RCPT TO:<@[192.0.2.25]:canary@outside.example>
RCPT TO:<@mx.example.com:canary@outside.example>
RCPT TO:<outside.example!canary>
RCPT TO:<outside.example!canary@[192.0.2.25]>
RCPT TO:<outside.example!canary@mx.example.com>
"""
DSBL = """
MAIL FROM:<relaytest>
MAIL FROM:<mx.example.com!relaytest>
RCPT TO:canary@outside.example
RCPT TO:<canary%outside.example>
RCPT TO:<canary%outside.example@localhost>
RCPT TO:<canary%outside.example@[127.0.0.1]>
RCPT TO:<canary@outside.example@localhost>
RCPT TO:<"canary@outside.example"@[127.0.0.1]>
RCPT TO:<@localhost:canary@outside.example>
RCPT TO:<outside.example!canary@localhost>
"""


def test_the_five_in_their_order() -> None:
    """Control, foreign, own_domain, null and any_domain, as the contract orders them."""
    five = [(t.kind, t.mail, t.rcpt) for t in transactions(plan())]

    ours, outside = "MAIL FROM:<relaytest@probe.example.net>", "RCPT TO:<canary@outside.example>"
    assert [
        ("control", ours, "RCPT TO:<postmaster@example.com>"),
        ("foreign", ours, outside),
        ("own_domain", "MAIL FROM:<postmaster@example.com>", outside),
        ("null", "MAIL FROM:<>", outside),
        ("any_domain", ours, "RCPT TO:<n7f3a9c1@n7f3a9c1.invalid>"),
    ] == five
    assert {"foreign", "own_domain", "null"} == set(QUESTIONS)


def test_variants_follow_the_five() -> None:
    """With --variants the five stay as they are, and every kind and every pair is there once."""
    every = transactions(plan(variants=True))

    assert transactions(plan()) == every[:5]
    assert all(t.kind.startswith(VARIANT) for t in every[5:])
    assert len(every) == len({t.kind for t in every})
    assert len(every) == len({(t.mail, t.rcpt, t.opening) for t in every})


def test_variants_are_the_union_of_the_known_testers() -> None:
    """Whatever nmap, DSBL, abuse.net and OpenVAS ask for is asked."""
    every = transactions(plan(variants=True))
    said = {t.mail for t in every} | {t.rcpt for t in every} | {f"{t.mail} {t.rcpt}" for t in every}

    asked_by_others = set(filter(None, f"{NMAP}{DSBL}".splitlines()))
    assert set() == asked_by_others - said
    assert len(every) - 5 >= 41


def test_other_kinds_of_session() -> None:
    """The plain question is asked after STARTTLS and under the server's own name, too."""
    other = [t for t in transactions(plan(variants=True)) if t.opening is not Opening.PLAIN]

    assert [Opening.AFTER_STARTTLS, Opening.AS_SERVER] == [t.opening for t in other]
    assert {transactions(plan())[1].rcpt} == {t.rcpt for t in other}


def test_name_of_the_greeting() -> None:
    """Where a server greets by another name than its MX name, forms with a host go to both."""
    every = {t.kind: t for t in transactions(plan(variants=True), "mail7.example.com")}

    assert "canary%outside.example@mx.example.com" == every["variant:percent-mxhost"].forward_path
    greeting = every["variant:percent-mxhost-greeting"]
    assert "canary%outside.example@mail7.example.com" == greeting.forward_path
    assert transactions(plan(variants=True)) == transactions(plan(variants=True), "mx.example.com")


def test_ipv6_literal() -> None:
    """An IPv6 address literal carries its tag (RFC 5321 §4.1.3)."""
    every = {t.kind: t for t in transactions(plan(variants=True, ip="2001:db8::25"))}

    assert "canary%outside.example@[IPv6:2001:db8::25]" == every["variant:percent-ip"].forward_path


def test_commands_are_lines() -> None:
    """No command holds a control character, nor a space that would begin a parameter."""
    for transaction in transactions(plan(variants=True), "mail7.example.com"):
        assert re.fullmatch(r"MAIL FROM:<[!-~]*>", transaction.mail)
        assert re.fullmatch(r"RCPT TO:[!-~]+", transaction.rcpt)


def test_external_domain() -> None:
    """The external domain is that of our forward-path, and a host name."""
    assert "outside.example" == plan().external_domain
    assert is_host_name(plan().external_domain)
