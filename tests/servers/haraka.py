"""Haraka, from npm as ``.ci/servers.sh`` installed it, with a configuration folder of its own.

The plugins are Haraka's, and one of the tests' that knows its users; everything goes to the sink.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from tests.servers.mail_server import LOCAL_USERS, LOGIN, PASSWORD, UNPACKED, MailServer, product
from tests.servers.requirements import require

if TYPE_CHECKING:
    from tests.servers.daemon import Endpoint

_PACKAGE = UNPACKED / "haraka/node_modules/Haraka"
_PROGRAM = str(_PACKAGE / "bin/haraka")
RELAY_INI, RELAY_ACL_ALLOW = "config/relay.ini", "config/relay_acl_allow"

_PLUGINS = "relay\ntls\nauth/flat_file\nusers\nrcpt_to.in_host_list\nqueue/smtp_forward\n"
# Refuses a local recipient whom nobody knows; what is not local is for other plugins.
_USERS_JS = """
exports.hook_rcpt = function (next, connection, params) {{
  const [to] = params
  const local = to.host === {domain} && !{users}.includes(to.user)
  if (local) next(DENY, 'no such user')
  else next()
}}
"""


@product("haraka")
def haraka(server: MailServer) -> tuple[str, ...]:
    """Lay Haraka out; return what runs it."""
    node = require("node", "nodejs")
    program = require(_PROGRAM, "npm")
    _lay_out(server)
    return (node, program, "-c", str(server.folder))


def _lay_out(server: MailServer) -> None:
    """Copy Haraka's sample configuration, as ``haraka -i`` does, and write what is ours."""
    shutil.copytree(_PACKAGE / "config", server.folder / "config")
    (server.folder / "plugins").mkdir()
    files = {
        "config/plugins": _PLUGINS,
        "config/me": f"{server.host}\n",
        "config/host_list": f"{server.domain}\n",
        "config/smtp.ini": f"listen={','.join(map(_listener, server.listens))}\nnodes=0\n",
        "config/log.ini": "[main]\nlevel=notice\n",
        "config/auth_flat_file.ini": f"[core]\nmethods=PLAIN\n[users]\n{LOGIN}={PASSWORD}\n",
        "config/tls_key.pem": (server.folder / "tls.pem").read_text(),
        "config/tls_cert.pem": (server.folder / "tls.pem").read_text(),
        "config/smtp_forward.ini": (
            f"host={server.sink.endpoint.ip}\nport={server.sink.endpoint.port}\n"
            "enable_outbound=true\n"
        ),
        RELAY_INI: server.part("relay_ini", "[relay]\nacl=true\n"),
        RELAY_ACL_ALLOW: server.part("relay_acl_allow"),
        "plugins/users.js": _USERS_JS.format(
            domain=json.dumps(server.domain), users=json.dumps(LOCAL_USERS)
        ),
    }
    for path, text in files.items():
        (server.folder / path).write_text(text)
    server.log.touch()


def _listener(endpoint: Endpoint) -> str:
    return endpoint.bracketed if ":" in endpoint.ip else f"{endpoint.ip}:{endpoint.port}"
