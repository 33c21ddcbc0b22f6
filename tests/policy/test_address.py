"""Who may be asked what, decided before any connection."""

from __future__ import annotations

import pytest

from bot.model.exchange import TlsMode
from bot.model.finding import Tag
from bot.model.verdict import Judgement, Reason, Verdict
from bot.policy import Rule, Ruling, admit, over_limit, refused, ruled


def test_a_forbidden_address_is_named_with_its_class() -> None:
    """The finding says which address and why; there is no endpoint."""
    address = refused("10.0.0.5", "private network (RFC 1918)")

    assert address.skipped == Judgement(Verdict.NOT_PROBED, Reason.ADDRESS_FORBIDDEN)
    assert [(f.tag, f.args) for f in address.findings] == [
        (Tag.ADDRESS_FORBIDDEN, {"ip": "10.0.0.5", "class": "private network (RFC 1918)"})
    ]
    assert address.endpoints == ()


def test_what_is_over_the_limit_is_named_only() -> None:
    """An address beyond the limit is never called closed."""
    assert over_limit("192.0.2.1").judgement == Judgement(Verdict.NOT_PROBED, Reason.OVER_LIMIT)


@pytest.mark.parametrize(
    ("ports", "exempt", "asked"),
    [
        ((25,), False, [25]),
        ((25, 465, 587), False, [25, 465, 587]),
        ((2525, 25), False, [25]),
        ((2525, 25), True, [2525, 25]),
    ],
)
def test_other_ports_only_where_the_operator_allows(
    ports: tuple[int, ...], exempt: bool, asked: list[int]
) -> None:
    """Beyond 25, 465 and 587 the address must be in RELAYCHECK_ALLOW_NETWORKS."""
    address = admit("192.0.2.1", ports, probe=True, exempt=exempt)

    assert [endpoint.port for endpoint in address.endpoints] == asked
    assert address.skipped is None
    assert address.judgement is None


@pytest.mark.parametrize(("ports", "probe"), [((25,), False), ((2525,), True)])
def test_nothing_to_ask_is_disabled(ports: tuple[int, ...], probe: bool) -> None:
    """Without a probe, or without a port that may be asked, the address is not probed."""
    address = admit("192.0.2.1", ports, probe=probe, exempt=False)

    assert address.judgement == Judgement(Verdict.NOT_PROBED, Reason.DISABLED)


def test_port_465_speaks_tls_first() -> None:
    """Implicit TLS is for 465 alone (RFC 8314)."""
    address = admit("192.0.2.1", (25, 465), probe=True, exempt=False)

    assert [e.tls for e in address.endpoints] == [TlsMode.NONE, TlsMode.IMPLICIT]


def test_a_ruling_is_told_on_the_address() -> None:
    """Who may not be asked has no endpoint left and a reason in words; others keep theirs."""
    address = admit("192.0.2.1", (25,), probe=True, exempt=False)

    refused_one = ruled(address, Ruling(Reason.OPTED_OUT, why="asked not to be"))
    assert refused_one.judgement == Judgement(Verdict.NOT_PROBED, Reason.OPTED_OUT)
    assert refused_one.endpoints == ()
    plain = ruled(address, Ruling(plainly=True, why="asked without forms"))
    assert plain.endpoints == address.endpoints
    assert plain.judgement is None
    for one, why in ((refused_one, "asked not to be"), (plain, "asked without forms")):
        assert [(f.tag, f.args["why"]) for f in one.findings] == [(Tag.PROBE_WITHHELD, why)]
    assert ruled(address, Ruling()) is address
    withheld = ruled(address, Ruling(Reason.POLICY, rule=Rule.RATE, why="too often"))
    assert "rate" == withheld.findings[-1].args["rule"]
