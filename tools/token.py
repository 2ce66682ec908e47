"""``python -m tools.token ROLE`` prints a staff token for this machine's platform. It makes no key.

For trying things out and for scripts: ``curl -H "Authorization: Bearer $(python -m tools.token operator)"``.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import timedelta

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from libs.host.settings import Settings
from libs.host.tokens import sign
from libs.log.topics import RESTRICTED
from libs.rules.rights import CONTRACTOR_ROLES, Principal
from libs.rules.roles import Role
from libs.rules.rules import shipped_rules

STAFF = sorted(set(Role) - {Role.CITIZEN, Role.SYSTEM})


class CannotSign(Exception):
    """There is no token for what was asked; the words say why."""


def main(words: Sequence[str] | None = None) -> int:
    """0: the token is on standard output, alone; 2: the words on standard error say why not."""
    given = _parser().parse_args(words)
    try:
        print(sign(_key(Settings()), _principal(given), timedelta(days=given.days)))
    except CannotSign as reason:
        print(reason, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.token", description=__doc__)
    parser.add_argument("role", metavar="ROLE", help=", ".join(STAFF))
    parser.add_argument("--unit", metavar="U", help="the unit, such as mc.chengguan")
    parser.add_argument("--name", metavar="N", help="the account; default: ROLE-1")
    parser.add_argument("--adcode", metavar="A", help="the jurisdiction, such as 510104")
    parser.add_argument("--realm", metavar="R", default="", help=f"'' or {RESTRICTED}")
    parser.add_argument("--days", metavar="D", type=float, default=1.0, help="it lasts; default 1")
    parser.add_argument("--contractor", action="store_true", help="of a contractor's staff")
    return parser


def _key(settings: Settings) -> OKPKey:
    path = settings.token_jwks_file.parent / "staff.jwk.json"
    if not path.exists():
        raise CannotSign(
            f"There is no key at {path}. The first `python -m services` on a machine makes it; in "
            "production the city's sign-in signs, and no such key exists."
        )
    try:
        return OKPKey.import_key(json.loads(path.read_text()))
    except (ValueError, TypeError, KeyError, JoseError) as error:
        raise CannotSign(f"{path} is not a key: {error}") from error


def _principal(given: argparse.Namespace) -> Principal:
    if given.role not in STAFF:
        raise CannotSign(f"There is no staff role {given.role}. There are: {', '.join(STAFF)}.")
    role = Role(given.role)
    if given.realm not in ("", RESTRICTED):
        raise CannotSign(f"There is no realm {given.realm}; there are '' and {RESTRICTED}.")
    if given.days <= 0:
        raise CannotSign("--days says how long it lasts, so it is more than 0.")
    if given.contractor and role not in CONTRACTOR_ROLES:
        outsourced = ", ".join(sorted(CONTRACTOR_ROLES))
        raise CannotSign(f"A contractor may not be {role}; only {outsourced} (国办函〔2025〕66号).")
    settings = Settings()
    units = shipped_rules(settings.policy, settings.city).organisations
    if given.unit is not None and given.unit not in units:
        raise CannotSign(f"There is no unit {given.unit} in {settings.city}.")
    return Principal(
        id=given.name or f"{role}-1",
        role=role,
        unit_id=given.unit,
        adcode=given.adcode,
        realm=given.realm,
        contractor=given.contractor,
    )


if __name__ == "__main__":
    sys.exit(main())
