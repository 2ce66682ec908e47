"""``python -m tools.schemas check|write``: holds events to what was released; changes no file."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from libs.events.catalog import CATALOG
from tools.schemas.released import Refused, problems, write


def main(words: Sequence[str] | None = None) -> int:
    """0: all is well; 1: an event differs from what was released, each said in a line."""
    parser = argparse.ArgumentParser(prog="python -m tools.schemas", description=__doc__)
    parser.add_argument("what", choices=["check", "write"], help="write adds files only")
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[2])
    given = parser.parse_args(words)
    if given.what == "write":
        try:
            added = write(given.root)
        except Refused as refusal:
            print(f"Nothing was written.\n{refusal}", file=sys.stderr)
            return 1
        print("\n".join(added) or "Every event is released already.")
        return 0
    wrong = problems(given.root)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    print(f"{len(CATALOG)} events are as they were released.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
