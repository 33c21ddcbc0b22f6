"""When silence is our own network's."""

from __future__ import annotations

from bot.network.egress import REMEMBERED_S, Egress


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def silent(egress: Egress, *pairs: tuple[str, str]) -> None:
    """Note servers that did not answer at port 25."""
    for domain, ip in pairs:
        egress.note(domain, ip, 25, answered=False)


SEVERAL = (("a.example", "192.0.2.1"), ("b.example", "198.51.100.1"), ("b.example", "203.0.113.1"))


def test_several_silent_domains_in_several_networks_are_our_fault() -> None:
    """Two domains and three networks that are all silent speak of us."""
    egress = Egress(Clock())
    assert not egress.is_blocked(25)

    silent(egress, *SEVERAL)

    assert egress.is_blocked(25)
    assert not egress.is_blocked(587)


def test_one_domain_is_not_enough() -> None:
    """A domain whose every host is down is its own trouble."""
    egress = Egress(Clock())
    silent(egress, *(("a.example", f"192.0.{n}.1") for n in range(9)))

    assert not egress.is_blocked(25)


def test_one_network_is_not_enough() -> None:
    """Two domains behind one silent provider are the provider's trouble."""
    egress = Egress(Clock())
    silent(egress, *((f"{n}.example", f"192.0.2.{n}") for n in range(9)))
    silent(egress, ("c.example", "2001:db8::1"), ("d.example", "2001:db8::2"))

    assert not egress.is_blocked(25)


def test_one_answer_clears_us_for_an_hour() -> None:
    """Whoever reached a server lately is not blocked; an old answer proves nothing today."""
    clock = Clock()
    egress = Egress(clock)
    silent(egress, *SEVERAL)
    egress.note("c.example", "192.0.2.9", 25, answered=True)
    assert not egress.is_blocked(25)

    silent(egress, *SEVERAL)
    assert not egress.is_blocked(25)

    clock.now = REMEMBERED_S - 1
    silent(egress, *SEVERAL)
    clock.now = REMEMBERED_S
    assert egress.is_blocked(25)


def test_silences_grow_old() -> None:
    """Dead domains that were asked hours apart say nothing about us together."""
    clock = Clock()
    egress = Egress(clock)
    silent(egress, *SEVERAL[:1])
    clock.now = REMEMBERED_S - 1
    silent(egress, *SEVERAL[1:])
    assert egress.is_blocked(25)

    clock.now = REMEMBERED_S
    assert not egress.is_blocked(25)

    silent(egress, *SEVERAL[:1])
    assert egress.is_blocked(25)


def test_old_silences_are_forgotten() -> None:
    """What no longer counts is kept no longer: a process that runs for months does not grow."""
    clock = Clock()
    egress = Egress(clock)
    for hour in range(50):
        clock.now = hour * REMEMBERED_S
        silent(egress, (f"{hour}.example", f"192.0.{hour}.1"))

    assert 1 == len(egress._ports[25].silences)
