"""The command ``reachback``: makes sure that our own packages run, then hands over to the command line."""

from __future__ import annotations

import os
import sys

from reachback.foreign_packages import find_foreign_package, refusal

__all__ = ["main"]

WRONG_USAGE = 2


def main() -> None:
    """Run the command line, unless a foreign package stands in our place."""
    foreign = find_foreign_package()
    if foreign is not None:
        sys.stderr.write(refusal(foreign) + "\n")
        raise SystemExit(WRONG_USAGE)
    # Small matrices are slower on several threads, on a busy machine ten times; to be said before numpy loads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Only now: this import already reaches into the packages that were just checked.
    from reachback.commands.app import run

    run()


if __name__ == "__main__":
    main()
