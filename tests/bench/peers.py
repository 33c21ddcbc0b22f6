"""nmap's smtp-open-relay, swaks and relaycheck beside each other on real mail servers.

As root, after ``.ci/servers.sh bench``::

    .venv/bin/python -m tests.bench.peers [--only postfix.closed,exim.open]

Each setup of ``tests/servers/setups.toml`` is started in turn on port 25 of a network namespace
that has a loopback interface and nothing else, and each tool is asked about it as its manual says,
with the same stranger and the same outside recipient. The truth is what the setup really relays,
which ``tests/servers/test_servers.py`` proves by messages that arrive. Prints two Markdown tables:
the counts, and every setup with each tool's word.

``false open``: said open, and no stranger's mail gets through. ``false closed``: said closed, and
some does. ``no answer``: said neither.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import dns.zone

from bot.sandbox.hosts.name_server import name_server, responder
from tests.servers.daemon import Endpoint
from tests.servers.products import PRODUCTS
from tests.servers.setups import Setup, setups

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tests.servers.mail_server import MailServer

_INSIDE = "--inside-namespace"
_SUFFIX = "peers.test"
_PROBE = f"probe.{_SUFFIX}"
_SENDER, _RECIPIENT = f"stranger@{_PROBE}", f"someone@outside.{_SUFFIX}"
_DNS_ADDRESS = "127.60.255.1"
_TOOL_S = 200.0


class Word(StrEnum):
    """What a tool says of a server."""

    OPEN = "open"
    CLOSED = "closed"
    NONE = "no answer"


@dataclass(frozen=True, slots=True)
class Asked:
    """One tool's word on one server, and how long it took."""

    word: Word
    seconds: float


async def nmap(server: MailServer, _resolver: str) -> Word:
    """Ask nmap's script; it says nothing where it was refused a connection or an answer."""
    values = (
        f"smtp-open-relay.domain={_PROBE},smtp-open-relay.from=stranger,smtp-open-relay.to=someone"
    )
    _, output = await _run(
        "nmap",
        "-n",
        "-Pn",
        "-p",
        "25",
        "--script",
        "smtp-open-relay",
        "--script-args",
        values,
        server.ip,
    )
    if "Server is an open relay" in output:
        return Word.OPEN
    closed = re.search(r"doesn't seem to be an open relay|isn't an open relay", output)
    return Word.CLOSED if closed else Word.NONE


async def swaks(server: MailServer, _resolver: str) -> Word:
    """Ask swaks to go as far as RCPT, over TLS where offered: 0 says accepted, 24 refused."""
    status, _ = await _run(
        *("swaks", "--server", f"{server.ip}:25", "--tls-optional", "--ehlo", _PROBE),
        *("--from", _SENDER, "--to", _RECIPIENT, "--quit-after", "RCPT"),
    )
    return {0: Word.OPEN, 24: Word.CLOSED}.get(status, Word.NONE)


async def relaycheck(server: MailServer, resolver: str) -> Word:
    """Ask relaycheck, by the exit status that scripts rely on."""
    return await _check(server, resolver)


async def relaycheck_prove(server: MailServer, resolver: str) -> Word:
    """Ask relaycheck for proof; its canary takes the place of the server's sink."""
    server.sink.stand_aside()
    canary = f"{server.sink.endpoint.ip}:{server.sink.endpoint.port}"
    return await _check(server, resolver, "--prove", RELAYCHECK_CANARY_LISTEN=canary)


async def _check(server: MailServer, resolver: str, *flags: str, **settings: str) -> Word:
    command = (sys.executable, "-m", "bot", "check", server.domain, "--json", *flags)
    status, _ = await _run(
        *(*command, "--resolver", resolver),
        RELAYCHECK_EHLO_NAME=_PROBE,
        RELAYCHECK_MAIL_FROM=_SENDER,
        RELAYCHECK_RCPT_TO=_RECIPIENT,
        RELAYCHECK_ALLOW_DOMAINS=_SUFFIX,
        RELAYCHECK_ALLOW_NETWORKS="127.60.0.0/16",
        RELAYCHECK_BLOCKLISTS="off",
        **settings,
    )
    return {0: Word.CLOSED, 1: Word.OPEN}.get(status, Word.NONE)


TOOLS: dict[str, Callable[[MailServer, str], Awaitable[Word]]] = {
    "relaycheck": relaycheck,
    "nmap smtp-open-relay": nmap,
    "swaks": swaks,
    "relaycheck --prove": relaycheck_prove,  # the last: nothing reaches the sink after it
}


async def _run(*argv: str, **environment: str) -> tuple[int, str]:
    """Run a tool to its end; return its exit status and its output."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **environment},  # noqa: TID251 - what the tools are given
    )
    async with asyncio.timeout(_TOOL_S):
        output, _ = await process.communicate()
    return process.returncode or 0, output.decode("utf-8", "replace")


async def ask_all(number: int, setup: Setup) -> dict[str, Asked]:
    """Start one server, and ask every tool about it in turn."""
    domain = f"{setup.name.replace('_', '-')}.{setup.product}.{_SUFFIX}"
    endpoint = Endpoint(f"127.60.0.{1 + number}", 25)
    async with (
        PRODUCTS[setup.product](domain, relay=setup.name, endpoint=endpoint) as server,
        name_server(responder([_zone(server)]), _DNS_ADDRESS) as port,
    ):
        answers = {}
        for name, ask in TOOLS.items():
            began = time.perf_counter()
            word = await ask(server, f"udp://{_DNS_ADDRESS}:{port}")
            answers[name] = Asked(word, time.perf_counter() - began)
        return answers


def _zone(server: MailServer) -> dns.zone.Zone:
    text = f"""$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
probe A 127.0.0.1
probe MX 10 probe
outside MX 10 probe
{server.domain}. MX 10 {server.host}.
{server.host}. A {server.ip}
"""
    return dns.zone.from_text(text, origin=_SUFFIX, relativize=False)


def truth(setup: Setup) -> Word:
    """Return what is true of a setup: whether a stranger's mail really gets through."""
    return Word.OPEN if setup.relays and setup.delivers else Word.CLOSED


def mark(said: Word, true: Word) -> str:
    """Return how a word compares with the truth."""
    if said is Word.NONE:
        return "no answer"
    return "right" if said is true else f"false {said}"


def counts(results: Sequence[tuple[Setup, dict[str, Asked]]]) -> str:
    """Return the table of how often each tool was right."""
    columns = ("right", "false open", "false closed", "no answer")
    lines = [
        f"| tool | {' | '.join(columns)} | seconds a server |",
        f"|---|{'---|' * len(columns)}---|",
    ]
    for tool in TOOLS:
        asked = [(truth(setup), answers[tool]) for setup, answers in results]
        tally = Counter(mark(one.word, true) for true, one in asked)
        cells = [f"{tally[column]}" for column in columns]
        seconds = sum(one.seconds for _, one in asked) / len(asked)
        lines.append(f"| {tool} | {' | '.join(cells)} | {seconds:.1f} |")
    return "\n".join(lines)


def details(results: Sequence[tuple[Setup, dict[str, Asked]]]) -> str:
    """Return the table of every setup: the truth, and each tool's word where it differs."""
    lines = [
        f"| server | set up so | truth | {' | '.join(TOOLS)} |",
        f"|---|---|---|{'---|' * len(TOOLS)}",
    ]
    for setup, answers in results:
        true = truth(setup)
        words = [
            "right" if answers[tool].word is true else f"**{answers[tool].word}**" for tool in TOOLS
        ]
        shows = setup.shows.replace("|", "\\|")
        lines.append(f"| {setup.product} {setup.name} | {shows} | {true} | {' | '.join(words)} |")
    return "\n".join(lines)


async def bench(only: Sequence[str]) -> None:
    """Ask about every setup, saying on stderr how far it is, and print the tables."""
    chosen = [
        setup
        for (product, name), setup in setups().items()
        if setup.is_plain and (not only or f"{product}.{name}" in only)
    ]
    results = []
    for number, setup in enumerate(chosen):
        answers = await ask_all(number, setup)
        results.append((setup, answers))
        said = {tool: f"{asked.word} {asked.seconds:.1f} s" for tool, asked in answers.items()}
        sys.stderr.write(f"{setup.product}.{setup.name}: {json.dumps(said)}\n")
    sys.stdout.write(f"{counts(results)}\n\n{details(results)}\n")


def main() -> int:
    """Enter a network namespace of its own, and run the bench there."""
    if _INSIDE not in sys.argv:
        missing = [
            program for program in ("unshare", "ip", "nmap", "swaks") if not shutil.which(program)
        ]
        if os.geteuid() != 0 or missing:
            sys.stderr.write(
                f"needs root, and .ci/servers.sh bench (missing: {missing or 'nothing'})\n"
            )
            return 2
        script = 'ip link set lo up && exec "$@"'
        again = (sys.executable, "-m", "tests.bench.peers", _INSIDE, *sys.argv[1:])
        os.execvp("unshare", ("unshare", "--net", "sh", "-c", script, "sh", *again))  # noqa: S606 - the same program again, in the namespace
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(_INSIDE, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", default="", help="setups, as product.name, separated by commas")
    asyncio.run(bench([name for name in parser.parse_args().only.split(",") if name]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
