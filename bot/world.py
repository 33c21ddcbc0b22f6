"""Wiring of a check's world from the settings, for the command line and for the Slack app alike.

Apart from ``bot.app`` so that ``relaycheck check`` does not import Slack. The edges are joined
here; what they do is told in ``bot.network``, what is done with them in ``bot.check``.
"""

from __future__ import annotations

import ipaddress
import secrets
import time
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from bot.apart import open_apart
from bot.edges import World
from bot.identity import identify
from bot.network.address_filter import forbidden_class
from bot.network.blocklists import open_blocklists
from bot.network.canary import open_canary
from bot.network.egress import Egress
from bot.network.own_host import is_own_address, source_address
from bot.network.resolver import make_resolver
from bot.network.smtp import Limits, Target, converse
from bot.network.turns import Turns
from bot.settings import SettingsError, variable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.edges import Converse, Script
    from bot.model.exchange import Exchange
    from bot.model.report import Vantage
    from bot.network.canary import Canary
    from bot.posture.walk import Ask, AskLists
    from bot.relay.attempts import Plan
    from bot.settings import Settings


@asynccontextmanager
async def open_world(
    settings: Settings, *, resolver: str | None = None, apart: bool = False
) -> AsyncIterator[World]:
    """Open the edges that the settings name, and close them at the end.

    Args:
        settings: the whole environment.
        resolver: what the command line says instead of RELAYCHECK_RESOLVER.
        apart: whether DNS and mail servers are asked from a process of their own.

    Raises:
        ValueError: the resolver's address cannot be read; the message says what to write.
        SettingsError: the operator's file of blocklists cannot be read, or the canary cannot
            listen.
    """
    vantage = identify(settings)
    async with (
        _sockets(resolver or settings.resolver, apart=apart) as (ask, converse),
        _canary(settings, vantage) as canary,
    ):
        yield World(
            ask=ask,
            ask_lists=_blocklists(settings, ask),
            converse=converse,
            turns=Turns(),
            egress=Egress(time.monotonic),
            vantage=vantage,
            canary=canary,
            forbidden=partial(
                forbidden_class, allowed=settings.allow_networks, is_own=is_own_address
            ),
            exempt=partial(_is_exempt, settings),
            source=source_address,
            now=_now,
            new_id=lambda: secrets.token_hex(4).upper(),
            new_nonce=lambda _: secrets.token_hex(8),
            ports=settings.ports,
        )


@asynccontextmanager
async def _sockets(setting: str, *, apart: bool) -> AsyncIterator[tuple[Ask, Converse]]:
    """Open the two edges that talk to strangers, in this process or in one of their own."""
    async with aclosing(make_resolver(setting)) as edge:
        if not apart:  # a setting that cannot be read is said here in either case
            yield edge.ask, _converse
            return
    async with open_apart(setting) as child:
        yield child.ask, child.converse


@asynccontextmanager
async def _canary(settings: Settings, vantage: Vantage) -> AsyncIterator[Canary | None]:
    """Run the canary where the settings say; without them there is no proof by delivery."""
    if not settings.canary_listen:
        yield None
        return
    mailboxes = (vantage.forward_path, vantage.reverse_path)
    async with AsyncExitStack() as stack:
        try:
            canary = await stack.enter_async_context(
                open_canary(settings.canary_listen, mailboxes, name=vantage.ehlo, now=_now)
            )
        except OSError as error:
            where = ", ".join(f"{host}:{port}" for host, port in settings.canary_listen)
            raise SettingsError(
                (f"{variable('canary_listen')}: cannot listen at {where} ({error.strerror}).",)
            ) from None
        yield canary


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock of the edge


def _blocklists(settings: Settings, ask: Ask) -> AskLists | None:
    """Return what asks the blocklists that the settings name; None where none is to be asked."""
    secrets_by_name = {"spamhaus_dqs": settings.spamhaus_dqs_key, "abusix": settings.abusix_key}
    keys = {name: key.get_secret_value() for name, key in secrets_by_name.items() if key}
    try:
        lists = open_blocklists(settings.blocklists, ask, clock=time.monotonic, keys=keys)
    except ValueError as error:
        raise SettingsError((f"{variable('blocklists')}: {error}",)) from None
    return lists.listings if lists else None


async def _converse(
    plan: Plan, script: Script, on_exchange: Callable[[Exchange], None]
) -> tuple[Exchange, ...]:
    target = Target(ip=plan.ip, port=plan.port, host=plan.mx_host)
    return await converse(target, script, limits=Limits(), on_exchange=on_exchange)


def _is_exempt(settings: Settings, ip: str) -> bool:
    """Whether the operator's RELAYCHECK_ALLOW_NETWORKS names the address."""
    address = ipaddress.ip_address(ip)
    return any(address in network for network in settings.allow_networks)
