"""A real authoritative name server, NSD, on loopback: zones are texts in master file format.

NSD answers over UDP and TCP, truncates what does not fit, refuses zones that it does not have, and
follows no alias out of a zone: what a resolver must cope with, from a server that is not ours.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.servers.daemon import Endpoint, daemon, free_endpoint, scratch_folder
from tests.servers.requirements import require

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

_CONFIG = """\
server:
  ip-address: {ip}
  port: {port}
  zonesdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  username: ""
  chroot: ""
  server-count: 1
  hide-version: yes
  rrl-ratelimit: 0
remote-control:
  control-enable: no
"""
_ZONE = """\
zone:
  name: "{name}"
  zonefile: "{file}"
"""
_APEX = """\
$ORIGIN {origin}
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
"""


@asynccontextmanager
async def serve(
    zones: Mapping[str, str], endpoint: Endpoint | None = None
) -> AsyncIterator[Endpoint]:
    """Serve zones while the block runs; SOA and NS are added.

    Args:
        zones: zone name (no final dot; "." is the root) to records in master file format; names
            without a final dot are relative to the zone.
        endpoint: where to listen; otherwise a free one.

    Yields:
        Where NSD answers, over UDP and TCP.

    Raises:
        RuntimeError: NSD did not start; the message holds its log.
    """
    program = require("nsd", "nsd")
    endpoint = endpoint or free_endpoint()
    with scratch_folder() as folder:
        config = _CONFIG.format(ip=endpoint.ip, port=endpoint.port, folder=folder)
        for number, (name, records) in enumerate(zones.items()):
            file = folder / f"{number}.zone"
            origin = name.rstrip(".") + "."
            file.write_text(f"{_APEX.format(origin=origin)}{records}\n", encoding="utf-8")
            config += _ZONE.format(name=name, file=file.name)
        (folder / "nsd.conf").write_text(config, encoding="utf-8")
        argv = [program, "-d", "-c", str(folder / "nsd.conf")]
        async with daemon(argv, answers_at=[endpoint], log=folder / "nsd.log"):
            yield endpoint
