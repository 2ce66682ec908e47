"""Words sealed under the key of their case: opened with that key, for that case, unchanged."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from libs.events.base import Actor, SealedText
from libs.vault.contact import contact_key
from libs.vault.sealing import Unreadable, open_text, personal_fields, seal, seal_text
from services.feedback.commands import ContactCitizen
from services.intake.commands import AcceptCase, RegisterCase

KEY = bytes(range(32))
CASE, OTHER = "case-1", "case-2"


@given(st.text(max_size=300))
def test_what_was_sealed_is_opened_word_for_word(words: str) -> None:
    sealed = seal_text(words, CASE, KEY)
    assert open_text(sealed, CASE, KEY) == words
    TypeAdapter(SealedText).validate_python(sealed)  # it may stand in an event


@pytest.mark.parametrize(
    "words", ["王小明", "lx1.王小明", "lx1." + "A" * 37, "lx1." + "A" * 40 + "="]
)
def test_words_in_clear_cannot_stand_in_an_event(words: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(SealedText).validate_python(words)


def test_the_same_words_are_never_sealed_alike() -> None:
    assert len({seal_text("好", CASE, KEY) for _ in range(50)}) == 50


def test_words_of_one_case_are_not_opened_as_anothers() -> None:
    with pytest.raises(Unreadable):
        open_text(seal_text("王小明", CASE, KEY), OTHER, KEY)


def test_words_are_not_opened_with_another_key() -> None:
    with pytest.raises(Unreadable):
        open_text(seal_text("王小明", CASE, KEY), CASE, AESGCM.generate_key(256))


@pytest.mark.parametrize("at", [4, 20, -3])
def test_words_that_were_changed_are_not_opened(at: int) -> None:
    sealed = list(seal_text("王小明住在人民路", CASE, KEY))
    sealed[at] = "A" if sealed[at] != "A" else "B"
    with pytest.raises(Unreadable):
        open_text("".join(sealed), CASE, KEY)


@pytest.mark.parametrize("sealed", ["", "lx1.", "lx1.AAAA", "王小明", "lx1.!!!!"])
def test_what_was_never_sealed_is_not_opened(sealed: str) -> None:
    with pytest.raises(Unreadable):
        open_text(sealed, CASE, KEY)


def register(**more: object) -> RegisterCase:
    """A message."""
    words = {"title": "题", "text": "文", "claims": ("甲", "乙"), "name": "王小明"}
    stamp = {"case_id": CASE, "occurred_at": "2026-03-02T09:00:00+08:00"}
    by = Actor(id="op-1", role="operator")
    return RegisterCase(**stamp, by=by, channel="app", kind="K2", **words | more)


def test_every_personal_field_of_a_command_is_sealed_and_nothing_else() -> None:
    assert set(personal_fields(RegisterCase)) == {
        "title",
        "text",
        "name",
        "phone",
        "representatives",
        "proxy_name",
        "proxy_phone",
        "claims",
        "place",
    }
    assert personal_fields(ContactCitizen) == ("summary",)
    assert personal_fields(AcceptCase) == ()
    plain = register(adcode="990102")
    sealed = seal(plain, CASE, KEY)
    for name in ("title", "text", "name"):
        assert open_text(getattr(sealed, name), CASE, KEY) == getattr(plain, name)
    assert [open_text(one, CASE, KEY) for one in sealed.claims] == ["甲", "乙"]
    assert (sealed.phone, sealed.place) == (None, None)
    assert (sealed.channel, sealed.adcode, sealed.by) == (plain.channel, "990102", plain.by)
    assert "王小明" not in sealed.model_dump_json()


def test_who_speaks_for_many_goes_with_name_and_number_before_the_words() -> None:
    contact = bytes(reversed(KEY))
    sealed = seal(register(representatives=("李一", "赵二")), CASE, KEY, contact)
    apart = contact_key(CASE)
    assert [open_text(one, apart, contact) for one in sealed.representatives] == ["李一", "赵二"]
    assert open_text(sealed.name or "", apart, contact) == "王小明"
    for one in sealed.representatives:
        with pytest.raises(Unreadable):
            open_text(one, CASE, KEY)
    assert [open_text(one, CASE, KEY) for one in sealed.claims] == ["甲", "乙"]
