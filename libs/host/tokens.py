"""Signed tokens: who calls. It checks signatures; what a caller may do is ``libs.rules.rights``."""

import json
import time
from collections import OrderedDict
from datetime import timedelta
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from libs.rules.rights import Principal
from libs.rules.roles import Role
from libs.vault.keys import write_once

AUDIENCE = "lianxin"
CITIZEN_KID = "citizen"
"""The key that intake alone holds; with it nothing but a citizen's token can be signed."""
CITIZEN_TOKEN_LASTS = timedelta(minutes=30)
REMEMBER = 2_000


class BadToken(Exception):
    """The token is missing, forged, over or says nothing we know. The words are for the caller."""


def make_key(path: Path, kid: str) -> OKPKey:
    """The private signing key in a file, made if there is none, readable by us alone."""


    def make() -> str:
        key = OKPKey.generate_key("Ed25519", {"kid": kid, "alg": "Ed25519", "use": "sig"})
        return json.dumps(key.as_dict(private=True))

    write_once(path, make)
    return OKPKey.import_key(json.loads(path.read_text()))


def write_jwks(path: Path, *keys: OKPKey) -> None:
    """The public halves, for everyone who checks tokens."""
    write_once(path, lambda: json.dumps({"keys": [key.as_dict(private=False) for key in keys]}))


def sign(key: OKPKey, principal: Principal, lasts: timedelta) -> str:
    """A token for a principal."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": AUDIENCE,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + int(lasts.total_seconds()),
        "sub": principal.id,
        "role": principal.role.value,
        "unit": principal.unit_id,
        "adcode": principal.adcode,
        "realm": principal.realm,
        "case_id": principal.case_id,
        "contractor": principal.contractor,
    }
    header = {"alg": "Ed25519", "kid": key.kid}
    return jwt.encode(
        header, {k: v for k, v in claims.items() if v is not None}, key, algorithms=["Ed25519"]
    )


class Tokens:
    """Checks tokens against public keys; a token that was good is remembered until it is over."""

    def __init__(self, jwks: Path) -> None:
        self._keys = KeySet.import_key_set(json.loads(jwks.read_text()))
        self._known: OrderedDict[str, tuple[float, Principal]] = OrderedDict()
        self._registry = jwt.JWTClaimsRegistry(
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
            role={"essential": True},
            leeway=10,
        )

    def principal(self, authorization: str | None) -> Principal:
        """Who calls. Raises ``BadToken``."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise BadToken("Send a token: Authorization: Bearer <token>.")
        known = self._known.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        try:
            decoded = jwt.decode(token, self._keys, algorithms=["Ed25519"])
            self._registry.validate(decoded.claims)
            principal = _principal(decoded.claims, str(decoded.header.get("kid")))
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise BadToken(f"The token is not valid: {error}") from error
        self._known[token] = (float(decoded.claims["exp"]), principal)
        if len(self._known) > REMEMBER:
            self._known.popitem(last=False)
        return principal


def _principal(claims: dict[str, Any], kid: str) -> Principal:
    role = Role(claims["role"])
    if (role is Role.CITIZEN) != (kid == CITIZEN_KID):
        raise ValueError("signed with a key that may not sign this role")
    return Principal(
        id=str(claims["sub"]),
        role=role,
        unit_id=claims.get("unit"),
        adcode=claims.get("adcode"),
        realm=str(claims.get("realm", "")),
        case_id=claims.get("case_id"),
        contractor=bool(claims.get("contractor", False)),
    )
