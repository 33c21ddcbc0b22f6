"""What all products have in common: a start, a name, an address, a sink, and where they stand."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import trustme

from tests.servers.daemon import Daemon, Endpoint, daemon, free_endpoint, scratch_folder
from tests.servers.setups import Setup, setups
from tests.servers.sink import Sink, mail_sink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from tests.servers.namespace import Cable

# Where .ci/servers.sh unpacks the packages that Debian does not let stand side by side.
UNPACKED = Path("/opt/relaycheck-servers")
LOCAL_USERS = ("alice", "postmaster")
# Who may log in, and what with.
LOGIN, PASSWORD = "alice", "secret"
# crypt(3) of the password.
PASSWORD_HASH = (
    "$6$relaycheck$4vdfjTuJxEuU/EH9W3mP5ghLLy"
    "GIZDdE.6NqFiLIcfVdZH7E/FyoI1CBXnr.ksmLrKnbooKgL11SSmB7EtlLy."
)
# TEST-NET-1 (RFC 5737): the one network that a closed server trusts; nobody comes from there.
TRUSTED_NETWORK = "192.0.2.0/24"


@dataclass(frozen=True, slots=True)
class MailServer:
    """One running mail server.

    It accepts mail for ``alice`` and ``postmaster`` at ``domain`` and calls itself ``host``.
    Everything that it delivers or relays arrives in ``sink``. ``cable`` is what it stands at the
    inner end of, if any; on loopback it has none.
    """

    setup: Setup
    domain: str
    host: str
    endpoint: Endpoint
    sink: Sink
    folder: Path
    cable: Cable | None = None
    daemon: Daemon | None = None

    @property
    def ip(self) -> str:
        """The address it listens on."""
        return self.endpoint.ip

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.endpoint.port

    @property
    def listens(self) -> tuple[Endpoint, ...]:
        """Where it listens: ``endpoint``, and at a cable over IPv6 too."""
        also = (Endpoint(self.cable.inside6, self.port),) if self.cable else ()
        return (self.endpoint, *also)

    @property
    def log(self) -> Path:
        """The file that holds what it logged."""
        return self.folder / "log"

    def part(self, place: str, default: str = "") -> str:
        """Return the setup's text for one place of the configuration."""
        names = {
            "domain": self.domain,
            "host": self.host,
            "neighbours": self.neighbours,
            "prefix": self.neighbours.partition(".0")[0],
        }
        return self.setup.part(place, names, default=default)

    @property
    def neighbours(self) -> str:
        """The network that whoever asks it comes from."""
        return self.cable.network if self.cable else "127.0.0.0/8"

    def inside(self, *argv: str) -> tuple[str, ...]:
        """Return the arguments that run a program where the server runs."""
        return (*(self.cable.enter if self.cable else ()), *argv)

    @asynccontextmanager
    async def running(
        self, *argv: str, ends_at: signal.Signals = signal.SIGTERM
    ) -> AsyncIterator[MailServer]:
        """Run its daemon, which stays in the foreground, while the block runs."""
        async with daemon(
            self.inside(*argv), answers_at=self.listens, log=self.log, ends_at=ends_at
        ) as started:
            yield replace(self, daemon=started)

    async def logs(self, words: str, *, more_than: int = 0, within_s: float = 15.0) -> None:
        """Wait until it has logged ``words`` more often than ``more_than`` times.

        Raises:
            TimeoutError: it did not within ``within_s`` seconds.
        """
        async with asyncio.timeout(within_s):
            while self.log_text().count(words) <= more_than:  # noqa: ASYNC110 - another process writes the log
                await asyncio.sleep(0.02)

    def log_text(self) -> str:
        """Return what it logged so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


class Product(Protocol):
    """How every product is started."""

    def __call__(
        self,
        domain: str,
        *,
        relay: str = "closed",
        endpoint: Endpoint | None = None,
        cable: Cable | None = None,
    ) -> AbstractAsyncContextManager[MailServer]:
        """Run the product for ``domain`` while a block runs.

        Args:
            domain: the domain whose mail it takes; its host name is ``mx.`` before it.
            relay: the setup, a name under the product's in ``setups.toml``.
            endpoint: where it listens; None: port 25 at the cable, or a free loopback endpoint.
            cable: what it stands at the inner end of; None: it runs where we run.
        """
        ...


def product(
    name: str, *, ends_at: signal.Signals = signal.SIGTERM
) -> Callable[[Callable[[MailServer], Sequence[str]]], Product]:
    """Make a product of the function that lays a server out in its folder.

    The function returns the arguments that run the daemon in the foreground. Before it, the
    server's setup is found, and its folder, certificate and sink are made.

    Args:
        name: the product's name in ``setups.toml``.
        ends_at: the signal that ends the daemon.
    """

    def make(lay_out: Callable[[MailServer], Sequence[str]]) -> Product:
        @asynccontextmanager
        async def start(
            domain: str,
            *,
            relay: str = "closed",
            endpoint: Endpoint | None = None,
            cable: Cable | None = None,
        ) -> AsyncIterator[MailServer]:
            async with _prepared(setups()[name, relay], domain, endpoint, cable) as server:
                argv = lay_out(server)
                async with server.running(*argv, ends_at=ends_at) as running:
                    yield running

        return start

    return make


@asynccontextmanager
async def _prepared(
    setup: Setup, domain: str, endpoint: Endpoint | None, cable: Cable | None
) -> AsyncIterator[MailServer]:
    """Make the folder, the certificate and the sink of a server about to start."""
    host = f"mx.{domain}"
    with scratch_folder() as folder:
        certificate = trustme.CA().issue_cert(host)
        certificate.private_key_and_cert_chain_pem.write_to_path(folder / "tls.pem")
        async with mail_sink(cable.outside if cable else "127.0.0.1") as sink:
            yield MailServer(
                setup=setup,
                domain=domain,
                host=host,
                endpoint=endpoint or _endpoint(cable),
                sink=sink,
                folder=folder,
                cable=cable,
            )


def _endpoint(cable: Cable | None) -> Endpoint:
    return Endpoint(cable.inside, 25) if cable else free_endpoint()
