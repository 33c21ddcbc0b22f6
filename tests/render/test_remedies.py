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
from bot.render.remedies import EVERY_OTHER, REMEDIES, RemedyError, load, remediation, remedies_for
from tests.render import samples
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
        ("Unheard-of", ("foreign",), "general"),
        ("", ("foreign",), "general"),
    ],
)
def test_by_server_and_by_attempt(product: str, kinds: tuple[str, ...], first: str) -> None:
    """What got through decides which of a server's remedies comes first."""
    assert first == ids(samples.address("192.0.2.1", endpoint(product, *kinds)))[0]


def test_nothing_open_needs_no_remedy() -> None:
    """A closed host is left alone, and so is one that is being asked."""
    assert [] == ids(samples.address("192.0.2.1", CLOSED, replace(CLOSED, judgement=None)))


@pytest.mark.parametrize("reason", [Reason.MAIL_SINK, Reason.POSSIBLE_BYPASS])
def test_what_may_be_open_has_a_remedy(reason: Reason) -> None:
    """A mail sink and an odd form that was accepted are worth closing."""
    sink = replace(
        endpoint("Mailpit", "foreign"), judgement=Judgement(Verdict.INCONCLUSIVE, reason)
    )

    assert ["mail-sink-bind"] == ids(samples.address("192.0.2.1", sink))


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
    named = {product for remedy in REMEDIES for product in remedy.products} - {EVERY_OTHER}

    assert set() == named - known


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (TOML + TOML, "two remedies have the same id"),
        (TOML.replace('through = ["own_domain"]', 'through = ["luck"]', 1), "knows no luck"),
        (TOML.replace('reference = "https://', 'reference = "http://', 1), "https reference"),
        (TOML.replace('products = ["*"]', 'products = ["Other"]'), "every other server"),
    ],
)
def test_broken_remedies_are_refused(broken: str, message: str) -> None:
    """An entry that cannot be used is found at the start."""
    with pytest.raises(RemedyError, match=message):
        load(broken)


def test_texts_are_whole() -> None:
    """Every remedy says what it is for, why, what to do, and what to look at after."""
    for entry in tomllib.loads(TOML)["remedy"]:
        assert all(entry[key] for key in ("title", "cause", "steps", "after", "undo")), entry["id"]
