"""A staff token by a word on the command line, and a refusal that says why."""

import time
from pathlib import Path

import pytest

from libs.host.tokens import Tokens, make_key, write_jwks
from libs.rules.rights import Principal
from libs.rules.roles import Role
from tools.token import main


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The keys of a platform that has been started once."""
    jwks = tmp_path / "tokens.jwks.json"
    monkeypatch.setenv("TOKEN_JWKS_FILE", str(jwks))
    write_jwks(jwks, make_key(tmp_path / "staff.jwk.json", "staff"))
    return jwks


def test_a_token_says_who_it_is_for(keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operator"]) == 0
    token = capsys.readouterr().out.strip()
    assert Tokens(keys).principal(f"Bearer {token}") == Principal("operator-1", Role.OPERATOR)

    words = ["unit_clerk", "--unit", "mc.chengguan", "--name", "wang", "--adcode", "510104"]
    assert main([*words, "--realm", "restricted", "--days", "30"]) == 0
    token = capsys.readouterr().out.strip()
    tokens = Tokens(keys)
    assert tokens.principal(f"Bearer {token}") == Principal(
        "wang", Role.UNIT_CLERK, "mc.chengguan", "510104", "restricted"
    )
    (until, _) = tokens._known.popitem()[1]
    assert until == pytest.approx(time.time() + 30 * 24 * 3600, abs=60)


def test_a_contractor_is_only_what_a_contractor_may_be(
    keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["operator", "--contractor"]) == 0
    token = capsys.readouterr().out.strip()
    assert Tokens(keys).principal(f"Bearer {token}").contractor
    assert main(["acceptor", "--contractor"]) == 2
    assert "A contractor may not be acceptor" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mayor"], "There is no staff role mayor. There are: acceptor, "),
        (["citizen"], "There is no staff role citizen"),
        (["operator", "--realm", "secret"], "There is no realm secret"),
        (["operator", "--unit", "mc.none"], "There is no unit mc.none in mingchuan"),
        (["operator", "--days", "0"], "more than 0"),
    ],
)
def test_what_cannot_be_signed_is_refused_in_words(
    keys: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


def test_without_a_key_it_says_where_keys_come_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKEN_JWKS_FILE", str(tmp_path / "tokens.jwks.json"))
    assert main(["operator"]) == 2
    assert "The first `python -m services` on a machine makes it" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "staff.jwk.json").write_text("{}")
    assert main(["operator"]) == 2
    assert "is not a key" in capsys.readouterr().err
