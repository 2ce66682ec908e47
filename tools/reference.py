"""``python -m tools.reference`` shows, changes and publishes reference data over HTTP. It decides nothing.

A token comes from LIANXIN_TOKEN; ``python -m tools.token reference_officer`` makes one on this machine.
"""

import argparse
import os
import sys
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from libs.rules.calendar import SHANGHAI
from libs.rules.reference import ReferenceKind

BASE = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/reference"
FORMS = {".csv": "csv", ".yaml": "yaml", ".yml": "yaml"}
KINDS = [kind.value for kind in ReferenceKind]


class Told(Exception):
    """What the service answered that is no success, in its own words."""


def main(words: Sequence[str] | None = None, through: httpx.BaseTransport | None = None) -> int:
    """0: done, or nothing was to do; 1: refused, each mistake in a line; 2: the platform does not answer."""
    given = _parser().parse_args(words)
    token = given.token or os.environ.get("LIANXIN_TOKEN", "")
    if not token:
        print("There is no token: LIANXIN_TOKEN=$(python -m tools.token reference_officer)", file=sys.stderr)
        return 2
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=given.base, headers=headers, timeout=60, transport=through) as client:
        try:
            given.do(client, given)
        except Told as error:
            print(error, file=sys.stderr)
            return 1
        except (OSError, UnicodeDecodeError) as error:
            print(f"The file cannot be used: {error}", file=sys.stderr)
            return 1
        except httpx.HTTPError as error:
            print(f"{given.base} does not answer: {error}", file=sys.stderr)
            return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.reference", description=__doc__)
    parser.add_argument("--base", default=BASE, metavar="URL")
    parser.add_argument("--token", metavar="T", help="else LIANXIN_TOKEN")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    one = _verb(verbs, "list", list_editions, "what was published, and which years wait for a person")
    one.add_argument("--subject", metavar="KIND/NAME")

    one = _verb(verbs, "export", export, "write what is in force to a file")
    _subject(one)
    one.add_argument("file", type=Path, help="its ending chooses: .csv or .yaml")

    one = _verb(verbs, "import", import_file, "publish a file, or see what it would change")
    _subject(one)
    one.add_argument("file", type=Path, help="its ending says: .csv or .yaml")
    one.add_argument("--dry-run", action="store_true", help="only say what would change")
    one.add_argument("--source", help="the decision, notice or law that it follows")
    one.add_argument("--based-on", type=int, metavar="N", help="edition it was made from, as export said")
    one.add_argument("--accept-unusual", action="store_true", help="what is told as unusual is meant")

    one = _verb(verbs, "publish-year", publish_year, "publish one calendar year")
    _year(one)
    one.add_argument("--holidays", required=True, metavar="DAYS", help="'01-01..01-03 02-05..02-11'")
    one.add_argument("--makeup", default="", metavar="DAYS", help="'01-24 02-14'")
    one.add_argument("--source", required=True, help="the number of the official notice")
    one.add_argument("--incomplete", action="store_true", help="statutory days off are missing on purpose")

    one = _verb(verbs, "propose-year", propose_year, "read a year out of the text of the notice")
    _year(one)
    one.add_argument("file", type=Path, help="the text of the notice, UTF-8")

    one = _verb(verbs, "confirm-year", confirm_year, "publish a proposed year")
    one.add_argument("--calendar", default="CN-GOV")
    one.add_argument("proposal")
    one.add_argument("--holidays", metavar="DAYS", help="corrects what was read")
    one.add_argument("--makeup", metavar="DAYS", help="corrects what was read")
    one.add_argument("--source", required=True, help="the number of the official notice")
    one.add_argument("--incomplete", action="store_true", help="statutory days off are missing on purpose")

    one = _verb(verbs, "reject-year", reject_year, "put a proposed year away")
    one.add_argument("--calendar", default="CN-GOV")
    one.add_argument("proposal")
    one.add_argument("--reason", required=True)
    return parser


def _verb(verbs: Any, name: str, do: Any, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=words, description=words)
    parser.set_defaults(do=do)
    return parser


def _subject(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("name", help="which of that kind, such as mingchuan or CN-GOV")


def _year(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--calendar", default="CN-GOV")
    parser.add_argument("year", type=int)


def list_editions(client: httpx.Client, given: argparse.Namespace) -> None:
    """Editions, the latest first, then proposed years: a few short lines of each."""
    params = {"subject": given.subject} if given.subject else {}
    found = _got(client.get("/editions", params=params)).json()
    for row in found:
        print(f"{_minute(row['published_at'])}  {row['case_id']}, edition {row['edition']}")
        print(f"    +{row['added']} ~{row['changed']} -{row['removed']}, by {row['published_by']}")
        print(f"    {row['source']}")
        for unusual in row["accepted_unusual"].splitlines():
            print(f"    accepted though unusual: {unusual}")
    if not found:
        print("Nothing was published; what ships is in force.")
    answer = client.get("/proposals")
    waiting = answer.json() if answer.is_success else []  # not everybody may see them
    for row in waiting:
        print(f"to confirm: {row['id']}")
        print(f"    off: {row['holidays']}")
        print(f"    make-up: {row['makeup'] or 'none'}")
        for unread in row["unread"].splitlines():
            print(f"    look at the notice: {unread}")


def export(client: httpx.Client, given: argparse.Namespace) -> None:
    """The content in force, as a file."""
    answer = _got(client.get(_path(given), params={"form": _form(given.file)}))
    given.file.write_bytes(answer.content)
    print(f"edition {answer.headers['Lianxin-Edition']}: {given.file}, {len(answer.content)} bytes")


def import_file(client: httpx.Client, given: argparse.Namespace) -> None:
    """The dry run first, always; then the publication, if there is anything to publish."""
    body, params = given.file.read_bytes(), {"form": _form(given.file)}
    answer = client.post(f"{_path(given)}/drafts", params=params, content=body)
    draft = _got(answer, given.file.name).json()
    counts = {name: draft[name] for name in ("added", "changed", "removed")}
    if not any(counts.values()):
        print(f"{given.file.name} says what edition {draft['based_on']} says: nothing is published.")
        return
    print("\n".join(draft["lines"]))
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    print(f"against edition {draft['based_on']}: {told}")
    for unusual in draft["unusual"]:
        print(f"unusual: {unusual}")
    if given.dry_run:
        return
    if draft["unusual"] and not given.accept_unusual:
        raise Told("--accept-unusual says that this is meant; it is stated who accepted it.")
    if not given.source:
        raise Told("--source says which decision, notice or law it follows.")
    if given.based_on is None:
        raise Told("--based-on says which edition the file was made from; export printed it.")
    params |= {"source": given.source, "based_on": str(given.based_on)}
    params |= {"accept_unusual": "true"} if given.accept_unusual else {}
    _done(client.post(f"{_path(given)}/editions", params=params, content=body, headers=_key()))


def publish_year(client: httpx.Client, given: argparse.Namespace) -> None:
    """One year of a calendar."""
    body = {"year": given.year, "holidays": given.holidays, "makeup": given.makeup}
    body |= {"source": given.source, "incomplete": given.incomplete}
    _done(client.post(f"/data/calendar/{given.calendar}/years", json=body, headers=_key()))


def propose_year(client: httpx.Client, given: argparse.Namespace) -> None:
    """What the text of a notice says, for a person to confirm."""
    body = {"year": given.year, "notice": given.file.read_text("utf-8")}
    _done(client.post(f"/data/calendar/{given.calendar}/proposals", json=body, headers=_key()))
    list_editions(client, argparse.Namespace(subject=f"calendar/{given.calendar}"))


def confirm_year(client: httpx.Client, given: argparse.Namespace) -> None:
    """A proposal becomes the calendar's next edition."""
    told = {"holidays": given.holidays, "makeup": given.makeup}
    body = {k: v for k, v in told.items() if v is not None}
    body |= {"proposal_id": given.proposal, "source": given.source, "incomplete": given.incomplete}
    _done(client.post(f"/data/calendar/{given.calendar}/confirmations", json=body, headers=_key()))


def reject_year(client: httpx.Client, given: argparse.Namespace) -> None:
    """A proposal is put away."""
    body = {"proposal_id": given.proposal, "reason": given.reason}
    _done(client.post(f"/data/calendar/{given.calendar}/rejections", json=body, headers=_key()))


def _path(given: argparse.Namespace) -> str:
    return f"/data/{given.kind}/{given.name}"


def _form(file: Path) -> str:
    form = FORMS.get(file.suffix.lower())
    if form is None:
        raise Told(f"{file.name}: its ending says how it is written, .csv or .yaml")
    return form


def _minute(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def _done(answer: httpx.Response) -> None:
    stated = _got(answer).json()["events"]
    said = [f"{one['type']}, number {one['seq']}" for one in stated]
    print("\n".join(said) or "It stood so already; nothing was stated.")


def _got(answer: httpx.Response, file: str = "") -> httpx.Response:
    """The answer, if it is a success. ``file`` is what was sent, for the service knows it as a body only."""
    if answer.is_success:
        return answer
    try:
        problem = answer.json()
        errors = problem.get("errors", [])
        lines = [f"{_place(one['field'], file)}: {one['message']}" for one in errors]
        raise Told("\n".join(lines or [problem.get("detail", answer.text)]))
    except ValueError:
        raise Told(f"{answer.status_code}: {answer.text[:500]}") from None


def _place(field: str, file: str) -> str:
    return file + field.removeprefix("body") if file and field.startswith("body") else field


if __name__ == "__main__":
    sys.exit(main())
