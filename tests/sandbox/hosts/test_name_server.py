"""The name server: the answer of RFC 1034 §4.3.2, and the two sockets."""

from __future__ import annotations

import asyncio
import socket

import dns.asyncquery
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.zone
import pytest

from bot.sandbox.hosts.name_server import answer, name_server, responder, zone_of

SOA = "@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\n"


def zone(apex: str, records: str) -> dns.zone.Zone:
    """Read a zone."""
    return dns.zone.from_text(f"$TTL 60\n{SOA}{records}\n", origin=apex, relativize=False)


MANY = "\n".join(f"many MX 10 mail-host-number-{number}" for number in range(60))
OUTER = zone("sandbox.test", f"deep.down A 127.0.10.1\n{MANY}")
INNER = zone("dnsbl.sandbox.test", "here A 127.0.0.2")
ZONES = (OUTER, INNER)
IP = "127.0.10.1"


def respond(qname: str, qtype: str = "A") -> dns.message.Message:
    """Ask without a socket."""
    return answer(ZONES, dns.message.make_query(qname, qtype))


def test_records_are_answered_with_authority() -> None:
    """An RRset of the zone comes with AA set and nothing else."""
    response = respond("deep.down.sandbox.test")

    assert ["deep.down.sandbox.test. 60 IN A 127.0.10.1"] == [str(one) for one in response.answer]
    assert response.flags & dns.flags.AA
    assert [] == response.authority


@pytest.mark.parametrize(
    ("qname", "qtype", "rcode"),
    [
        ("gone.sandbox.test", "A", dns.rcode.NXDOMAIN),
        ("deep.down.sandbox.test", "MX", dns.rcode.NOERROR),
        ("down.sandbox.test", "A", dns.rcode.NOERROR),
    ],
)
def test_negative_answers_carry_the_soa(qname: str, qtype: str, rcode: dns.rcode.Rcode) -> None:
    """NXDOMAIN and NODATA come with the SOA (RFC 2308 §2); what has names below it exists."""
    response = respond(qname, qtype)

    assert rcode == response.rcode()
    assert [dns.rdatatype.SOA] == [one.rdtype for one in response.authority]


def test_the_deepest_zone_answers() -> None:
    """A name below two zones belongs to the deeper one."""
    assert INNER is zone_of(ZONES, dns.name.from_text("x.dnsbl.sandbox.test"))
    assert OUTER is zone_of(ZONES, dns.name.from_text("x.sandbox.test"))
    assert zone_of(ZONES, dns.name.from_text("example.com")) is None


def test_a_zone_needs_an_apex() -> None:
    """A zone without an origin is our own mistake."""
    with pytest.raises(ValueError, match="origin"):
        zone_of([dns.zone.Zone(None)], dns.name.from_text("example.com"))


def test_names_outside_and_other_classes_are_refused() -> None:
    """The server answers for its zones alone, in class IN alone."""
    chaos = dns.message.make_query("version.bind", "TXT", rdclass=dns.rdataclass.CH)
    inside = dns.message.make_query("sandbox.test", "SOA", rdclass=dns.rdataclass.CH)

    assert dns.rcode.REFUSED == respond("example.com").rcode()
    assert dns.rcode.REFUSED == answer(ZONES, chaos).rcode()
    assert dns.rcode.REFUSED == answer(ZONES, inside).rcode()


def test_other_operations_are_not_implemented() -> None:
    """Only a query with one question is understood."""
    notify = dns.message.make_query("sandbox.test", "SOA")
    notify.set_opcode(dns.opcode.NOTIFY)
    empty = dns.message.QueryMessage()

    assert dns.rcode.NOTIMP == answer(ZONES, notify).rcode()
    assert dns.rcode.NOTIMP == answer(ZONES, empty).rcode()


async def test_udp_and_tcp_share_a_port() -> None:
    """The same answer comes over both transports, several over one connection."""
    query = dns.message.make_query("deep.down.sandbox.test", "A")
    async with name_server(responder(ZONES), IP) as port:
        over_udp = await dns.asyncquery.udp(query, IP, port=port, timeout=5)
        reader, writer = await asyncio.open_connection(IP, port)
        wire = query.to_wire()
        writer.write(2 * (len(wire).to_bytes(2, "big") + wire))
        over_tcp = [
            dns.message.from_wire(
                await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
            )
            for _ in range(2)
        ]
        writer.close()
        await writer.wait_closed()

    assert [over_udp.answer] * 2 == [one.answer for one in over_tcp]


@pytest.mark.parametrize("payload", [None, 512, 4096])
async def test_what_does_not_fit_is_truncated(payload: int | None) -> None:
    """An answer over the client's size, or over 1232 octets, has TC and no records; TCP has all."""
    query = dns.message.make_query("many.sandbox.test", "MX", payload=payload)
    async with name_server(responder(ZONES), IP) as port:
        over_udp = await dns.asyncquery.udp(query, IP, port=port, timeout=5)
        over_tcp = await dns.asyncquery.tcp(query, IP, port=port, timeout=5)

    assert over_udp.flags & dns.flags.TC
    assert [] == over_udp.answer
    assert 60 == len(over_tcp.answer[0])


async def test_what_is_no_query_gets_no_answer() -> None:
    """Noise and responses are ignored over UDP, and end a connection over TCP."""
    query = dns.message.make_query("deep.down.sandbox.test", "A")
    response = dns.message.make_response(query).to_wire()
    async with name_server(responder(ZONES), IP) as port:
        with socket.socket(type=socket.SOCK_DGRAM) as noise:
            noise.sendto(b"noise", (IP, port))
            noise.sendto(response, (IP, port))
        answered = await dns.asyncquery.udp(query, IP, port=port, timeout=5)
        reader, writer = await asyncio.open_connection(IP, port)
        writer.write(len(response).to_bytes(2, "big") + response)
        rest = await reader.read()
        writer.close()
        await writer.wait_closed()

    assert dns.rcode.NOERROR == answered.rcode()
    assert b"" == rest


async def test_half_a_query_ends_the_connection() -> None:
    """A client that goes away in the middle of a query is let go."""
    async with name_server(responder(ZONES), IP) as port:
        reader, writer = await asyncio.open_connection(IP, port)
        writer.write(b"\x00")
        writer.write_eof()
        rest = await reader.read()
        writer.close()
        await writer.wait_closed()

    assert b"" == rest


async def test_an_open_connection_does_not_keep_the_server() -> None:
    """At the end connections that are still open are closed."""
    async with name_server(responder(ZONES), IP) as port:
        reader, writer = await asyncio.open_connection(IP, port)
        query = dns.message.make_query("deep.down.sandbox.test", "A").to_wire()
        writer.write(len(query).to_bytes(2, "big") + query)
        await reader.readexactly(2)

    assert await reader.read()
    writer.close()
    await writer.wait_closed()


async def test_an_address_of_another_machine_is_an_error() -> None:
    """Where the address is not ours the caller is told."""
    with pytest.raises(OSError, match="is it an address of this machine"):
        async with name_server(responder(ZONES), "192.0.2.1"):
            pass


async def test_other_names_go_upstream_where_there_is_one() -> None:
    """With an upstream resolver the zones still answer for themselves, all else is passed on."""
    outside = zone("example.com", "www A 192.0.2.1")
    with_upstream = responder(ZONES, upstream=IP, upstream_port=0)
    ours = await with_upstream(dns.message.make_query("deep.down.sandbox.test", "A"))
    unreachable = await with_upstream(dns.message.make_query("www.example.com", "A"))
    async with name_server(responder([outside]), IP) as port:
        through = responder(ZONES, upstream=IP, upstream_port=port)
        passed_on = await through(dns.message.make_query("www.example.com", "A"))

    assert dns.rcode.NOERROR == ours.rcode()
    assert dns.rcode.SERVFAIL == unreachable.rcode()
    assert ["192.0.2.1"] == [str(one[0]) for one in passed_on.answer]
