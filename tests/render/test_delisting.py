"""The way off each blocklist stands beside the listing."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.model.report import AddressReport, Listing, ListingStatus, MxReport
from bot.render.delisting import delisting, listed
from tests.render import samples
from tests.render.test_mx_card import words

LISTED = ListingStatus.LISTED


def host_on(*listings: Listing, ip: str = "192.0.2.1") -> MxReport:
    """Return a host with these listings."""
    return samples.host("mx.example", AddressReport(ip=ip, listings=listings))


def test_a_listing_and_the_way_off() -> None:
    """What the list says, where removal is asked for, what they want to see, how long it lasts."""
    mx = host_on(Listing("zen.spamhaus.org", LISTED, ("127.0.0.3",), "CSS"))
    (block,) = delisting(mx)

    assert "zen.spamhaus.org has 192.0.2.1 (127.0.0.3 CSS). Removal: check.spamhaus.org." in (
        words([block])
    )
    assert '"url": "https://check.spamhaus.org/results/?query=192.0.2.1"' in json.dumps(block)
    assert (
        "Wanted: what was wrong and what was changed, in a sentence. Lasts: about three days"
        in (words([block]))
    )


def test_what_a_part_of_a_list_wants() -> None:
    """Parts of one list differ in what they want; an unknown part has the list's own words."""
    own, provider = (
        words([*delisting(host_on(Listing("zen.spamhaus.org", LISTED, (code,))))])
        for code in ("127.0.0.4", "127.0.0.10")
    )

    assert "Lasts: until it is removed there." in own
    assert "Wanted: a static address with its own PTR; your provider made the listing." in provider


def test_only_listings_count() -> None:
    """Neither clean nor unknown is a listing."""
    mx = host_on(
        Listing("zen.spamhaus.org", ListingStatus.CLEAN),
        Listing("bl.spamcop.net", ListingStatus.UNKNOWN, ("127.255.255.254",)),
    )

    assert [] == list(listed(mx))
    assert [] == list(delisting(mx))


def test_an_open_host_that_no_list_names_yet() -> None:
    """Who closes a relay looks at the lists once more; unknown is not counted as clean."""
    (mx,) = samples.open_postfix().mx
    clean = [
        Listing(name, ListingStatus.CLEAN) for name in ("zen.spamhaus.org", "psbl.surriel.com")
    ]
    unknown = Listing("bl.spamcop.net", ListingStatus.UNKNOWN)

    def told(*listings: Listing) -> str:
        (address,) = mx.addresses
        return words([*delisting(replace(mx, addresses=(replace(address, listings=listings),)))])

    assert "Not on a blocklist yet, by 2 lists. Look again a day after" in told(*clean, unknown)
    assert "by the one list that answered" in told(clean[0], unknown)
    assert "" == told(unknown)


def test_a_list_of_the_operator_s_own() -> None:
    """A list that is not ours is named without a link."""
    (block,) = delisting(host_on(Listing("<!here>.example", LISTED, ("127.0.0.2",))))

    assert "<!here>.example has 192.0.2.1 (127.0.0.2). \n" in words([block])
    assert "link" not in json.dumps(block)


def test_no_link_with_what_is_no_address() -> None:
    """A link is made with an IP address alone."""
    for ip in ("<!here>", "fe80::1%eth0"):
        (block,) = delisting(host_on(Listing("zen.spamhaus.org", LISTED), ip=ip))
        assert "link" not in json.dumps(block)


def test_a_list_without_a_way_off_has_no_link() -> None:
    """Many listings are cut short."""
    (block,) = delisting(host_on(*(Listing(f"{n}.example", LISTED) for n in range(5))))

    assert "2 more listings are in the exported report." in words([block])
