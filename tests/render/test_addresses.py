"""How the addresses of a host are shown."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.model.report import AddressReport, Fcrdns, HostnameClass, Listing, ListingStatus, Mta
from bot.model.verdict import Judgement, Reason, Verdict
from bot.render.addresses import address_facts, posture
from tests.render import samples

CLEAN, LISTED = ListingStatus.CLEAN, ListingStatus.LISTED


def test_one_address_is_fields() -> None:
    """One address is shown as labels and values, foreign ones escaped."""
    mx = samples.hostile().mx[0]
    (block,) = posture(mx)

    assert "*203.0.113.26*\nPTR &lt;!here&gt;.example and 1 more" in [
        field["text"]
        for field in block["fields"]  # type: ignore[attr-defined]
    ]


def test_what_is_known_of_an_address() -> None:
    """Each fact has its label and its words."""
    mx = samples.open_postfix().mx[0]

    assert {
        "203.0.113.26": "PTR 203-0-113-26.dsl.isp.example",
        "Reverse DNS": "leads back to the address, a residential line's name",
        "Server": "Postfix (by its banner)",
        "Blocklists": "listed: zen.spamhaus.org",
    } == dict(address_facts(mx, mx.addresses[0]))


def test_what_is_not_known_yet() -> None:
    """While DNS is asked the PTR is being looked up, and nothing else is said."""
    address = AddressReport(ip="192.0.2.1")

    assert {"192.0.2.1": "PTR being looked up"} == dict(
        address_facts(samples.host("mx.example", address), address)
    )


def test_a_version_is_told() -> None:
    """A server's version is told where its greeting gives it."""
    mx = samples.own_domain_exim().mx[0]

    assert "Exim 4.96 (by its banner)" == dict(address_facts(mx, mx.addresses[0]))["Server"]


def test_many_lists_are_counted() -> None:
    """Few lists are named, many counted; listings first."""
    listings = [Listing("zen.example", LISTED), *(Listing(f"{n}", CLEAN) for n in range(9))]
    address = AddressReport(ip="192.0.2.1", listings=tuple(listings))
    facts = dict(address_facts(samples.host("mx.example", address), address))

    assert "listed: zen.example; clean: 9 lists" == facts["Blocklists"]


def test_several_addresses_are_a_list() -> None:
    """Several addresses are lines, the worst first, and many are cut short."""
    forbidden = Judgement(Verdict.NOT_PROBED, Reason.ADDRESS_FORBIDDEN)
    addresses = [
        *samples.closed().mx[1].addresses,
        AddressReport(ip="10.0.0.1", fcrdns=Fcrdns.NONE, skipped=forbidden),
        *(AddressReport(ip=f"192.0.2.{n}") for n in range(9)),
    ]
    (block,) = posture(samples.host("mx.example", *addresses))
    told = json.dumps(block)

    assert told.index("NOT ASKED") < told.index("CLOSED") < told.index("ASKING")
    assert "PTR mx2.example.com, leads back to the address, a mail host's name, Postfix (by" in told
    assert "2 more addresses: in the exported report" in told


def test_two_addresses_are_two_lines() -> None:
    """Few addresses are all shown."""
    (block,) = posture(samples.closed().mx[1])

    assert "more addresses" not in json.dumps(block)


def test_no_address_no_block() -> None:
    """A host without addresses has nothing to show here."""
    assert [] == list(posture(samples.host("mx.example")))


def test_servers_are_told_of_their_own_address() -> None:
    """What answered on one address is not said of another."""
    mx = samples.closed().mx[1]
    unknown = replace(mx.addresses[1], endpoints=(), hostname_class=HostnameClass.NONE)
    two = replace(mx, addresses=(mx.addresses[0], unknown))

    assert "Server" not in dict(address_facts(two, unknown))
    assert Mta("Postfix", None, "banner") == mx.addresses[0].endpoints[0].mta


def test_an_address_that_no_transcript_named() -> None:
    """What is known of the server is shown without it, and nothing where nothing is."""
    server = samples.open_postfix().mx[0].addresses[0].endpoints[0]
    nameless = AddressReport(ip="", endpoints=(server,))

    assert ["Server"] == [
        label for label, _ in address_facts(samples.host("mx", nameless), nameless)
    ]
    assert [] == [*posture(samples.host("mx", AddressReport(ip="")))]
