"""A sample host decides each RCPT by its data, and says it in its product's words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.hosts.mail_server import recipient_reply
from bot.sandbox.hosts.samples import load_samples

if TYPE_CHECKING:
    from bot.sandbox.hosts.samples import MailHost

CLOSED = next(
    host
    for sample in load_samples("sandbox.test")
    for host in sample.hosts
    if host.domain == "closed.sandbox.test"
)
STRANGER = "probe@probe.example"
OUTSIDE = "canary@probe.example"
OWN = "postmaster@closed.sandbox.test"
EVERYTHING = frozenset({"foreign", "null", "own_domain"})


def changed(**behaviour: object) -> MailHost:
    """Return the closed host with other behaviour."""
    return replace(CLOSED, **behaviour)  # type: ignore[arg-type] # the fields have several types


@pytest.mark.parametrize(
    ("host", "reverse_path", "forward_path", "expected"),
    [
        (CLOSED, STRANGER, OWN, "recipient_accepted"),
        (CLOSED, STRANGER, "Postmaster@CLOSED.sandbox.test", "recipient_accepted"),
        (CLOSED, STRANGER, "alice@mx1.closed.sandbox.test", "recipient_accepted"),
        (CLOSED, STRANGER, "nobody@closed.sandbox.test", "unknown_user"),
        (CLOSED, STRANGER, OUTSIDE, "relay_denied"),
        (CLOSED, "", OUTSIDE, "relay_denied"),
        (CLOSED, OWN, OUTSIDE, "relay_denied"),
        (changed(refusal="login_required"), STRANGER, OUTSIDE, "login_required"),
        (changed(relays=EVERYTHING), STRANGER, OUTSIDE, "recipient_accepted"),
        (changed(relays=EVERYTHING), "", OUTSIDE, "recipient_accepted"),
        (changed(relays=frozenset({"own_domain"})), OWN, OUTSIDE, "recipient_accepted"),
        (changed(relays=frozenset({"own_domain"})), STRANGER, OUTSIDE, "relay_denied"),
        (changed(relays=frozenset({"null"})), "", OUTSIDE, "recipient_accepted"),
        (changed(relays=EVERYTHING, blocks_client=True), STRANGER, OWN, "client_blocked"),
    ],
)
def test_the_recipient_decides(
    host: MailHost, reverse_path: str, forward_path: str, expected: str
) -> None:
    """Own mailboxes are taken, unknown ones refused, outside ones relayed where the sample says."""
    assert expected == recipient_reply(host, reverse_path=reverse_path, forward_path=forward_path)


@pytest.mark.parametrize(
    ("over_ipv6", "expected"), [(False, "relay_denied"), (True, "recipient_accepted")]
)
def test_ipv6_may_have_other_rules(expected: str, *, over_ipv6: bool) -> None:
    """A host may relay for IPv6 clients what it refuses over IPv4."""
    host = changed(relays_over_ipv6=EVERYTHING)

    assert expected == recipient_reply(
        host, reverse_path=STRANGER, forward_path=OUTSIDE, over_ipv6=over_ipv6
    )


@pytest.mark.parametrize(
    ("known_for_s", "expected"),
    [(None, "greylisted"), (19.9, "greylisted"), (20.0, "recipient_accepted")],
)
def test_greylisting_defers_the_unknown(known_for_s: float | None, expected: str) -> None:
    """A greylisting host accepts a triplet that first tried long enough ago."""
    host = changed(greylist_s=20.0, relays=EVERYTHING)

    assert expected == recipient_reply(
        host, reverse_path=STRANGER, forward_path=OUTSIDE, known_for_s=known_for_s
    )


def test_greylisting_does_not_hide_a_refusal() -> None:
    """Who may not relay is told so at once."""
    host = changed(greylist_s=20.0)

    assert "relay_denied" == recipient_reply(host, reverse_path=STRANGER, forward_path=OUTSIDE)
