"""Which remedies were proved on real servers, and what was seen.

As root, after ``.ci/servers.sh``::

    .venv/bin/python -m tests.bench.remedies

Each open setup of ``tests/servers/setups.toml`` is closed as its card says and opened again, which
``tests/servers/test_remedies.py`` asserts. Prints a Markdown table.
"""

from __future__ import annotations

import sys

from tests.servers.proof import Proof, prove
from tests.servers.setups import Setup, setups

_HEAD = (
    "| server | opened by | got through | remedy | before | after | local mail | login | undone |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)


def _row(setup: Setup, proof: Proof) -> str:
    cells = (
        setup.product,
        setup.shows,
        ", ".join(kind.removeprefix("variant:") for kind in proof.through),
        f"`{proof.remedy}`",
        proof.before,
        proof.after,
        _came(proof.local),
        _came(proof.submitted),
        proof.undone or "not tried",
    )
    return f"| {' | '.join(cells)} |\n"


def _came(forward_paths: tuple[str, ...] | None) -> str:
    return "none by design" if forward_paths is None else "arrived"


def main() -> None:
    """Print the table, a row as soon as it is known."""
    sys.stdout.write(_HEAD)
    for setup in setups().values():
        if setup.is_open:
            sys.stdout.write(_row(setup, prove(setup)))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
