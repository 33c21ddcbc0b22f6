"""A remedy fits the server, and the attempt that got through."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from importlib import resources

import pytest

from bot.model.report import AddressReport, EndpointReport, Mta, Outcome
from bot.model.verdict import Judgement, Reason, Verdict
from bot.relay import attempts
from bot.render.card import MAX_CHARACTERS, characters
from bot.render.mx_card import closing, mx_card
from bot.render.remedies import (
    ANY,
    EVERY_OTHER,
    REMEDIES,
    Remedy,
    RemedyError,
    load,
    remediation,
    remedies_for,
)
from tests.render import samples
from tests.render.golden import CONTEXT
from tests.render.test_cards import BUTTONS
from tests.render.test_evidence import attempt

TOML = (resources.files("bot.render") / "remedies.toml").read_text("utf-8")


def endpoint(product: str, *kinds: str, port: int = 25) -> EndpointReport:
    """Return an open endpoint where these attempts got through."""
    return replace(
        samples.endpoint("mx.example", (), port=port),
        judgement=Judgement(Verdict.LIKELY_OPEN, Reason.FOREIGN_ACCEPTED),
        mta=Mta(product, None, "banner") if product else None,
        attempts=tuple(attempt(kind, Outcome.ACCEPTED) for kind in kinds),
    )


CLOSED = replace(
    samples.endpoint("mx.example", ()), judgement=Judgement(Verdict.CLOSED, Reason.RELAY_DENIED)
)


def ids(*addresses: AddressReport) -> list[str]:
    """Return the ids of the remedies for a host."""
    return [remedy.id for remedy in remedies_for(samples.host("mx.example", *addresses))]


@pytest.mark.parametrize(
    ("product", "kinds", "first"),
    [
        ("Postfix", ("control", "foreign", "own_domain", "null"), "postfix-relay-restrictions"),
        ("Postfix", ("control", "own_domain"), "postfix-own-domain"),
        ("Exim", ("foreign",), "exim-relay-acl"),
        ("Exim", ("own_domain",), "exim-own-domain"),
        ("OpenSMTPD", ("foreign",), "opensmtpd-match"),
        ("Postfix", ("null",), "postfix-null-sender"),
        ("Postfix", ("variant:sender-ip",), "postfix-own-domain"),
        ("Exim", ("null",), "exim-null-sender"),
        ("Sendmail", ("own_domain",), "sendmail-own-domain"),
        ("Sendmail", ("null",), "sendmail-own-domain"),
        ("qmail", ("own_domain",), "qmail-own-domain"),
        ("hMailServer", ("own_domain",), "hmailserver-own-domain"),
        ("MDaemon", ("own_domain",), "mdaemon-own-domain"),
        ("Zimbra", ("null",), "zimbra-own-domain"),
        ("Courier", ("own_domain",), "courier-smtpaccess"),
        ("Exchange", ("foreign",), "exchange-anonymous-relay"),
        ("Unheard-of", ("foreign",), "general"),
        ("", ("foreign",), "general"),
    ],
)
def test_by_server_and_by_attempt(product: str, kinds: tuple[str, ...], first: str) -> None:
    """What got through decides which of a server's remedies comes first."""
    assert first == ids(samples.address("192.0.2.1", endpoint(product, *kinds)))[0]


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("b%probe.example@mx.example", "postfix-routed"),
        ("probe.example!b", "postfix-routed"),
        ('"b@probe.example"', "postfix-routed"),
        ("@mx.example:b@probe.example", "postfix-routed"),
        ("b@probe.example", "postfix-relay-restrictions"),
    ],
)
def test_by_the_form_of_the_address(path: str, first: str) -> None:
    """A routed address that got through has its own remedy."""
    form = replace(attempt("variant:x", Outcome.ACCEPTED), forward_path=path)
    opened = replace(endpoint("Postfix"), attempts=(form,))

    assert first == ids(samples.address("192.0.2.1", opened))[0]


@pytest.mark.parametrize(
    ("product", "first"),
    [("Postfix", "postfix-ipv6"), ("Exim", "exim-ipv6"), ("Courier", "ipv6-listener")],
)
def test_open_over_ipv6_alone(product: str, first: str) -> None:
    """Where IPv4 is closed and IPv6 open, the cause is in what is trusted over IPv6."""
    opened = samples.address("2001:db8::1", endpoint(product, "foreign"))

    assert first == ids(samples.address("192.0.2.1", CLOSED), opened)[0]
    assert first != ids(opened)[0]


@pytest.mark.parametrize(
    ("product", "first"),
    [
        ("Postfix", "postfix-submission"),
        ("Exim", "exim-submission"),
        ("OpenSMTPD", "opensmtpd-submission"),
        ("Courier", "submission-logins"),
    ],
)
def test_open_on_a_submission_port_alone(product: str, first: str) -> None:
    """Where port 25 is closed and 587 open, the submission service has rules of its own."""
    opened = endpoint(product, "foreign", port=587)

    assert first == ids(samples.address("192.0.2.1", CLOSED, opened))[0]
    assert first != ids(samples.address("192.0.2.1", opened))[0]


@pytest.mark.parametrize(
    ("version", "first"),
    [
        ("2.9.6", "postfix-before-2-10"),
        ("2.10.1", "postfix-relay-restrictions"),
        ("3.7.11", "postfix-relay-restrictions"),
        (None, "postfix-relay-restrictions"),
        ("2.9-20120801", "postfix-before-2-10"),
        ("[U+0002]", "postfix-relay-restrictions"),
    ],
)
def test_by_version(version: str | None, first: str) -> None:
    """A remedy for old versions is shown where the version is known to be old."""
    opened = replace(endpoint("Postfix", "foreign"), mta=Mta("Postfix", version, "banner"))

    assert first == ids(samples.address("192.0.2.1", opened))[0]


def test_a_proxy_comes_last() -> None:
    """That a proxy makes everybody look local is said after the server's own causes."""
    assert "proxy-in-front" == ids(samples.address("192.0.2.1", endpoint("Exim", "foreign")))[-1]


@pytest.mark.parametrize("remedy", REMEDIES, ids=lambda remedy: remedy.id)
def test_every_remedy_fits_its_card(remedy: Remedy) -> None:
    """A remedy leaves room for all else on the card of an open host that is on a list."""
    report = samples.open_postfix()
    card = mx_card(report, report.mx[0], CONTEXT, BUTTONS)
    shown = characters([closing(*remedies_for(report.mx[0]))])
    room = MAX_CHARACTERS - len(card.text) - characters(card.blocks)

    assert characters([closing(remedy, REMEDIES[0])]) <= shown + room - 100


def test_nothing_open_needs_no_remedy() -> None:
    """A closed host is left alone, and so is one that is being asked."""
    assert [] == ids(samples.address("192.0.2.1", CLOSED, replace(CLOSED, judgement=None)))


def test_a_mail_sink_has_a_remedy() -> None:
    """A mail sink is worth closing; that a proxy opened it is no matter."""
    sink = replace(
        endpoint("Mailpit", "foreign"),
        judgement=Judgement(Verdict.INCONCLUSIVE, Reason.MAIL_SINK),
    )

    assert ["mail-sink-bind"] == ids(samples.address("192.0.2.1", sink))


@pytest.mark.parametrize(
    ("product", "first"), [("Postfix", "postfix-routed"), ("Exchange", "routed-address")]
)
def test_an_odd_form_that_may_be_a_mailbox(product: str, first: str) -> None:
    """A server that took a route, perhaps as a local name, is asked for proof before all else."""
    form = replace(
        attempt("variant:percent", Outcome.ACCEPTED), forward_path="b%probe.example@mx.example"
    )
    odd = replace(
        endpoint(product),
        attempts=(form,),
        judgement=Judgement(Verdict.INCONCLUSIVE, Reason.POSSIBLE_BYPASS),
    )

    assert first == ids(samples.address("192.0.2.1", odd))[0]


def test_remediation_names_every_host_once() -> None:
    """The same remedy for several hosts stands once, with all of them."""
    address = samples.address("192.0.2.1", endpoint("Postfix", "foreign"))
    told = remediation(
        samples.finished(*(samples.host(f"mx{n}.example", address, address) for n in (1, 2)))
    )

    assert ("postfix-relay-restrictions", ("mx1.example", "mx2.example")) == (
        told[0][0].id,
        told[0][1],
    )


def test_every_product_can_be_recognised() -> None:
    """A remedy for a product that no fingerprint names would never be shown."""
    text = (resources.files(attempts.__package__) / "fingerprints.toml").read_text("utf-8")
    known = set(re.findall(r'^product = "(.+)"$', text, re.MULTILINE))
    named = {product for remedy in REMEDIES for product in remedy.products}

    assert {EVERY_OTHER, ANY} == named - known


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (TOML + TOML, "two remedies have the same id"),
        (TOML.replace('through = ["null"]', 'through = ["luck"]', 1), "knows no luck"),
        (TOML.replace('reference = "https://', 'reference = "http://', 1), "https reference"),
        (TOML.replace('products = ["*"]', 'products = ["Other"]'), "every other server"),
    ],
)
def test_broken_remedies_are_refused(broken: str, message: str) -> None:
    """An entry that cannot be used is found at the start."""
    with pytest.raises(RemedyError, match=message):
        load(broken)


def test_texts_are_whole() -> None:
    """Every remedy says what it is for, why, what to do, where traces are, and the way back."""
    for entry in tomllib.loads(TOML)["remedy"]:
        assert all(entry[key] for key in ("title", "cause", "steps", "after", "undo")), entry["id"]
        assert re.search(r"\blog|Log\b|trace|tracking", entry["after"]), entry["id"]
        assert "copy" not in entry["undo"], "a copy is made before the change"


def test_commands_are_marked_in_pairs() -> None:
    """What stands between backticks is to be typed; a program reads the words without them."""
    for remedy in REMEDIES:
        for told, step in zip(remedy.told, remedy.steps, strict=True):
            assert step == "".join(text for text, _ in told)
        assert remedy.after == "".join(text for text, _ in remedy.looked_at)
    texts = [t for each in tomllib.loads(TOML)["remedy"] for t in (*each["steps"], each["after"])]
    assert [] == [text for text in texts if text.count("`") % 2]
