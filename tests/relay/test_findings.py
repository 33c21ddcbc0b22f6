"""What else a conversation shows, as tags."""

from __future__ import annotations

import pytest

from bot.model.exchange import Exchange, Reply, Stage, TlsMode
from bot.model.finding import Finding, Tag
from bot.relay.findings import SLOW_GREETING_MS, greeting_name
from bot.relay.verdict import judge
from tests.transcripts.reading import load, plan

GREETED = (
    Exchange(stage=Stage.CONNECT),
    Exchange(stage=Stage.GREETING, reply=Reply(220, ("mail7.example.com ESMTP",))),
)


def ehlo(code: int, *keywords: str) -> Exchange:
    """An EHLO and its reply."""
    return Exchange(
        stage=Stage.EHLO, command="EHLO me", reply=Reply(code, ("mail7.example.com", *keywords))
    )


def tags(*exchanges: Exchange, tls: TlsMode = TlsMode.NONE) -> dict[Tag, dict[str, str]]:
    """The findings of a conversation, by tag."""
    found = judge(plan(tls=tls), exchanges).findings
    return {finding.tag: dict(finding.args) for finding in found}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("postfix-open", [Tag.OPEN_RELAY_LIKELY, Tag.ACCEPTS_ANY_DOMAIN]),
        ("postfix-own-domain-open", [Tag.OPEN_RELAY_LIKELY]),
        ("postfix-closed", []),
        ("mailpit", [Tag.ACCEPTS_ANY_DOMAIN, Tag.STARTTLS_MISSING]),
        ("variants-percent-accepted", [Tag.POSSIBLE_BYPASS, Tag.POSSIBLE_BYPASS]),
        ("qmail-closed", [Tag.STARTTLS_MISSING]),
        ("connection-refused", []),
        ("helo-only", []),
        ("implicit-tls-closed", []),
    ],
)
def test_transcript(name: str, expected: list[Tag]) -> None:
    """Each transcript shows what is expected of it, and nothing else."""
    recorded = load(name)

    found = judge(recorded.plan, recorded.exchanges).findings

    assert expected == [finding.tag for finding in found]
    assert all("192.0.2.25" == finding.args["ip"] for finding in found)


def test_bypass_names_the_form() -> None:
    """A possible bypass says which address was accepted."""
    recorded = load("variants-percent-accepted")

    found = judge(recorded.plan, recorded.exchanges).findings

    assert [
        "canary%outside.example@mx.example.com",
        "canary%outside.example@example.com",
    ] == [finding.args["form"] for finding in found]


def test_starttls_missing() -> None:
    """STARTTLS is missing where EHLO was answered without it; HELO and port 465 do not offer it."""
    assert Tag.STARTTLS_MISSING in tags(*GREETED, ehlo(250, "PIPELINING"))
    assert Tag.STARTTLS_MISSING not in tags(*GREETED, ehlo(250, "STARTTLS"))
    assert Tag.STARTTLS_MISSING not in tags(*GREETED, ehlo(500))
    assert Tag.STARTTLS_MISSING not in tags(*GREETED)
    implicit = tags(*GREETED, ehlo(250, "PIPELINING"), tls=TlsMode.IMPLICIT)
    assert Tag.STARTTLS_MISSING not in implicit


@pytest.mark.parametrize(
    ("error", "args"),
    [
        ("self_signed", {"error": "self_signed"}),
        ("expired 2026-11-22", {"error": "expired", "date": "2026-11-22"}),
        ("it is self-signed", {"error": "it is self-signed"}),
    ],
)
def test_certificate(error: str, args: dict[str, str]) -> None:
    """What is wrong with a certificate, and since when; words of an earlier version stay words."""
    shaken = Exchange(stage=Stage.TLS, tls=True, certificate_error=error)

    found = tags(*GREETED, shaken)

    assert {"ip": "192.0.2.25", **args} == found[Tag.TLS_CERTIFICATE_INVALID]
    assert Tag.TLS_CERTIFICATE_INVALID not in tags(*GREETED, Exchange(stage=Stage.TLS, tls=True))


@pytest.mark.parametrize(("took_ms", "slow"), [(SLOW_GREETING_MS, True), (6000, False)])
def test_slow_greeting(took_ms: int, slow: bool) -> None:
    """A greeting that takes longer than postscreen's is slow."""
    greeting = Exchange(stage=Stage.GREETING, reply=Reply(220, ("mx",)), took_ms=took_ms)

    found = tags(Exchange(stage=Stage.CONNECT), greeting)

    assert ({"ip": "192.0.2.25", "seconds": "8"} if slow else None) == found.get(Tag.SLOW_GREETING)


@pytest.mark.parametrize(
    ("mx_host", "ptr", "mismatch"),
    [
        ("mx.example.com", (), True),
        ("mx.example.com", ("host7.isp.example",), True),
        ("mx.example.com", ("Mail7.Example.com.",), False),
        ("mail7.example.com", (), False),
    ],
)
def test_greeting_name(mx_host: str, ptr: tuple[str, ...], mismatch: bool) -> None:
    """A greeting's name should be the MX name or a PTR of the address."""
    finding = Finding(
        Tag.GREETING_NAME_MISMATCH, {"name": "mail7.example.com", "host": "mx.example.com"}
    )

    assert ((finding,) if mismatch else ()) == greeting_name(GREETED, (mx_host,), ptr)
    assert () == greeting_name((), (mx_host,), ptr)
