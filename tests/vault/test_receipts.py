"""Receipt numbers and query codes: they betray nothing, and a typing error is noticed."""

import itertools
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.vault.receipts import ALPHABET, HALF, Receipts, case_id_of, well_formed

RECEIPTS = Receipts(b"a server's key")
MANY = 120_000


@pytest.fixture(scope="module")
def numbers() -> list[str]:
    """The receipt numbers of the first cases of a city."""
    return [RECEIPTS.number(sequence) for sequence in range(MANY)]


def test_no_receipt_number_is_given_twice(numbers: list[str]) -> None:
    assert len(set(numbers)) == MANY


def test_receipt_numbers_tell_nothing_of_how_many_there_are(numbers: list[str]) -> None:
    bodies = [int(number[2:12]) for number in numbers[:10_000]]
    assert bodies != sorted(bodies)
    rising = sum(b > a for a, b in itertools.pairwise(bodies))
    assert 4_700 < rising < 5_300
    assert sum(body < HALF * HALF / 2 for body in bodies) in range(4_700, 5_300)


def test_a_receipt_number_has_one_shape(numbers: list[str]) -> None:
    for number in numbers[:1_000]:
        assert (len(number), number[:2]) == (13, "LX")
        assert number[2:12].isdigit()
        assert well_formed(number)
        assert well_formed(f" {number.lower()} ")


@given(st.integers(0, HALF * HALF - 1))
def test_every_single_wrong_character_is_noticed(sequence: int) -> None:
    number = RECEIPTS.number(sequence)
    for at, right in enumerate(number):
        for wrong in set(string.digits + string.ascii_uppercase) - {right}:
            assert not well_formed(number[:at] + wrong + number[at + 1 :])


def test_nearly_all_neighbours_that_were_swapped_are_noticed(numbers: list[str]) -> None:
    swaps = {
        number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        for number in numbers[:2_000]
        for at in range(len(number) - 1)
        if number[at] != number[at + 1]
    }
    noticed = sum(not well_formed(swapped) for swapped in swaps)
    assert noticed / len(swaps) > 0.98  # ISO 7064 MOD 37,36 promises all but a few


@pytest.mark.parametrize("number", ["", "LX", "*", "LX1234567890", "王", "LX00000\x0000000"])
def test_what_is_no_receipt_number_is_noticed(number: str) -> None:
    assert not well_formed(number)


@pytest.mark.parametrize("sequence", [-1, HALF * HALF])
def test_past_the_last_number_there_is_none(sequence: int) -> None:
    with pytest.raises(ValueError, match="used up"):
        RECEIPTS.number(sequence)


def test_another_key_and_another_realm_give_other_numbers_and_codes() -> None:
    others = [Receipts(b"another key"), Receipts(b"a server's key", "restricted")]
    for other in others:
        assert other.number(7)[-11:-1] != RECEIPTS.number(7)[-11:-1]
        assert other.query_code("case") != RECEIPTS.query_code("case")
    assert others[1].number(7).startswith("LXR")
    assert well_formed(others[1].number(7))


def test_a_query_code_opens_its_own_case_alone_however_it_is_typed() -> None:
    code = RECEIPTS.query_code("case-1")
    assert len(code) == 10
    assert set(code) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01ILOU")
    for typed in (code, code.lower(), f" {code[:5]} {code[5:]} "):
        assert RECEIPTS.opens("case-1", typed)
    for wrong in ("", code[:9], f"{code}A", code[::-1], RECEIPTS.query_code("case-2"), "王小明"):
        assert not RECEIPTS.opens("case-1", wrong)
    assert not RECEIPTS.opens("case-2", code)


def test_query_codes_do_not_repeat() -> None:
    assert len({RECEIPTS.query_code(f"case-{n}") for n in range(20_000)}) == 20_000


def test_a_case_is_named_by_where_it_comes_from_and_what_it_is_called_there() -> None:
    assert case_id_of("weibo", "1") == case_id_of("weibo", "1")
    assert len({case_id_of(*pair) for pair in [("weibo", "1"), ("weibo", "2"), ("app", "1")]}) == 3
