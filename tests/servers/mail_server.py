"""What all products have in common: a name, an address, a sink, and where they stand."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import trustme

from tests.servers.daemon import Daemon, Endpoint, daemon, free_endpoint, scratch_folder
from tests.servers.setups import Setup, setups
from tests.servers.sink import Sink, mail_sink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

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


@asynccontextmanager
async def prepared(
    product: str, name: str, domain: str, endpoint: Endpoint | None, cable: Cable | None
) -> AsyncIterator[MailServer]:
    """Find the setup, and make the folder, the certificate and the sink of a server about to start.

    Args:
        product: its name in ``setups.toml``.
        name: the setup's name in ``setups.toml``.
        domain: the server's own domain; its host name is ``mx.`` before it.
        endpoint: where it shall listen; None: port 25 of the inner end of the cable, or any free
            loopback address.
        cable: what it shall stand at the inner end of; None: it runs where we run.
    """
    host = f"mx.{domain}"
    with scratch_folder() as folder:
        certificate = trustme.CA().issue_cert(host)
        certificate.private_key_and_cert_chain_pem.write_to_path(folder / "tls.pem")
        async with mail_sink(cable.outside if cable else "127.0.0.1") as sink:
            yield MailServer(
                setup=setups()[product, name],
                domain=domain,
                host=host,
                endpoint=endpoint or _endpoint(cable),
                sink=sink,
                folder=folder,
                cable=cable,
            )


def _endpoint(cable: Cable | None) -> Endpoint:
    return Endpoint(cable.inside, 25) if cable else free_endpoint()
