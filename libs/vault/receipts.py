"""Receipt numbers and query codes. A receipt number reveals no volume; a code opens one case only."""

import base64
import hashlib
import hmac
import uuid

from stdnum.iso7064 import mod_37_36

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and capitals that are not mistaken for one another on paper or on the telephone."""
HALF = 10**5
ROUNDS = 8
PREFIX = "LX"
CODE_LENGTH = 10


class Receipts:
    """``secret`` is the server's key; with another one all numbers and codes would be others."""

    def __init__(self, secret: bytes, realm: str = "") -> None:
        self._secret = hashlib.sha256(secret + realm.encode()).digest()
        self._prefix = PREFIX if not realm else f"{PREFIX}{realm[0].upper()}"

    def number(self, sequence: int) -> str:
        """The receipt number of the n-th case: a keyed permutation of ten digits, a check character.

        Raises ``ValueError`` past ten thousand million.
        """
        if not 0 <= sequence < HALF * HALF:
            raise ValueError("the sequence of receipt numbers is used up")
        left, right = divmod(sequence, HALF)
        for step in range(ROUNDS):  # a Feistel network: whatever the rounds do, it stays one to one
            left, right = right, (left + self._round(step, right)) % HALF
        body = f"{self._prefix}{left:05d}{right:05d}"
        return body + str(mod_37_36.calc_check_digit(body))

    def sequence(self, receipt_no: str) -> int:
        """The number in the sequence that a receipt number stands for: the permutation backwards."""
        body = receipt_no.removeprefix(self._prefix)[:-1]
        left, right = int(body[:5]), int(body[5:])
        for step in reversed(range(ROUNDS)):
            left, right = (right - self._round(step, left)) % HALF, left
        return left * HALF + right

    def _round(self, step: int, half: int) -> int:
        digest = hmac.digest(self._secret, f"receipt|{step}|{half}".encode(), "sha256")
        return int.from_bytes(digest[:8], "big") % HALF

    def query_code(self, case_id: str) -> str:
        """Ten characters that only who was given them can know."""
        digest = hmac.digest(self._secret, f"query|{case_id}".encode(), "sha256")
        number, code = int.from_bytes(digest, "big"), ""
        for _ in range(CODE_LENGTH):
            number, letter = divmod(number, len(ALPHABET))
            code += ALPHABET[letter]
        return code

    def publication_id(self, redaction_id: str) -> str:
        """Under what a published text is found. Without our secret nobody can tell which case it is of."""
        digest = hmac.digest(self._secret, f"publication|{redaction_id}".encode(), "sha256")
        return base64.b32encode(digest)[:16].decode()

    def opens(self, case_id: str, code: str) -> bool:
        """Whether a code is the one of the case, in constant time; case and spaces do not matter."""
        given = "".join(code.split()).upper()
        return hmac.compare_digest(self.query_code(case_id).encode(), given.encode())


def well_formed(receipt_no: str) -> bool:
    """Whether the check character fits: a typing error is found without a look at the database."""
    return bool(mod_37_36.is_valid(receipt_no.strip().upper()))


def case_id_of(scope: str, name: str) -> str:
    """The id of a case: uuid5 of where it comes from and what it is called there."""
    return str(uuid.uuid5(uuid.UUID("3f1d7f0e-2b44-5c55-8d3b-90b1f6f1c2aa"), f"{scope}|{name}"))
