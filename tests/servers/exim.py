"""Exim, from Debian's package as ``.ci/servers.sh`` unpacked it, in a folder of its own.

The RCPT ACL asks what Debian's asks, in its order; what a test wants to see differently is a setup
in ``setups.toml``.
"""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.servers.mail_server import (
    LOCAL_USERS,
    LOGIN,
    PASSWORD,
    TRUSTED_NETWORK,
    UNPACKED,
    MailServer,
    prepared,
)
from tests.servers.requirements import require, require_root

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.servers.daemon import Endpoint
    from tests.servers.namespace import Cable

_EXIM = str(UNPACKED / "exim4-daemon-light/usr/sbin/exim4")
_USER = "Debian-exim"

# Written as str.format fields in angle quotes, since Exim's own language is full of braces.
_CONFIGURATION = r"""
exim_path = «program»
primary_hostname = «host»
spool_directory = «folder»/spool
log_file_path = «folder»/spool/%slog
pid_file_path = «folder»/spool/pid
domainlist local_domains = «domain» : «host»
domainlist relay_to_domains = «relay_to_domains»
hostlist relay_from_hosts = «relay_from_hosts»
acl_smtp_rcpt = «acl_smtp_rcpt»
tls_advertise_hosts = *
tls_certificate = «folder»/spool/tls.pem
rfc1413_query_timeout = 0s
qualify_domain = «domain»
keep_environment =
never_users = root
«main»

begin acl

acl_check_rcpt:
  «acl»
  deny    domains = +local_domains
          local_parts = ^[.] : ^.*[@%!/|]
          message = Restricted characters in address
  deny    domains = !+local_domains
          local_parts = ^[./|] : ^.*[@%!`#&?] : ^.*/\\.\\./
          message = Restricted characters in address
  accept  local_parts = postmaster
          domains = +local_domains
  require verify = sender
  accept  hosts = +relay_from_hosts
          control = submission/sender_retain
  accept  authenticated = *
          control = submission/sender_retain
  require message = relay not permitted
          domains = +local_domains : +relay_to_domains
  require verify = recipient
  accept
«acls»

begin routers

local_user:
  driver = manualroute
  domains = +local_domains
  local_parts = «users»
  transport = to_sink
  route_list = * «sink_ip»
  self = send

unknown_user:
  driver = redirect
  domains = +local_domains
  allow_fail
  data = :fail: Unrouteable address

outside:
  driver = manualroute
  transport = to_sink
  route_list = * «sink_ip»
  self = send

begin transports

to_sink:
  driver = smtp
  port = «sink_port»
  allow_localhost
  hosts_try_fastopen =
  hosts_avoid_tls = *

begin authenticators

plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{«login»}}{eq{$auth3}{«password»}}}}
  server_set_id = $auth2
"""


@asynccontextmanager
async def exim(
    domain: str,
    *,
    relay: str = "closed",
    endpoint: Endpoint | None = None,
    cable: Cable | None = None,
) -> AsyncIterator[MailServer]:
    """Run Exim for ``domain`` while the block runs.

    Args:
        domain: the domain whose mail it takes.
        relay: the setup, a name under ``[exim]`` in ``setups.toml``.
        endpoint: where it listens; None: port 25 at the cable, or a free loopback endpoint.
        cable: what it stands at the inner end of; None: it runs where we run.
    """
    program = require(_EXIM, "exim4-daemon-light")
    require_root("Exim reads a configuration of ours only as root")
    async with prepared("exim", relay, domain, endpoint, cable) as server:
        configuration = _lay_out(server, program)
        where = f"<; [{server.ip}]:{server.port}"
        argv = (program, "-C", configuration, "-bdf", "-oX", where)
        async with server.running(*argv) as running:
            yield running


def _lay_out(server: MailServer, program: str) -> str:
    """Write the configuration, make the spool; return the configuration's path."""
    values = {
        "program": program,
        "host": server.host,
        "domain": server.domain,
        "folder": str(server.folder),
        "relay_from_hosts": server.part("relay_from_hosts", TRUSTED_NETWORK),
        "relay_to_domains": server.part("relay_to_domains"),
        "acl_smtp_rcpt": server.part("acl_smtp_rcpt", "acl_check_rcpt"),
        "main": server.part("main"),
        "acl": server.part("acl"),
        "acls": server.part("acls"),
        "login": LOGIN,
        "password": PASSWORD,
        "users": " : ".join(LOCAL_USERS),
        "sink_ip": server.sink.endpoint.ip,
        "sink_port": str(server.sink.endpoint.port),
    }
    text = _CONFIGURATION
    for name, value in values.items():
        text = text.replace(f"«{name}»", value)
    configuration = server.folder / "exim.conf"
    configuration.write_text(text)
    server.log.touch()
    spool = server.folder / "spool"
    spool.mkdir()
    # Exim reads the key after it dropped its privileges.
    for path in (spool, (server.folder / "tls.pem").rename(spool / "tls.pem")):
        shutil.chown(path, _USER, _USER)
    return str(configuration)
