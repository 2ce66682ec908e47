"""The runbook on a key store of yesterday: what was erased is erased again, whose words are lost is said."""

from pathlib import Path

from tests.http.city import MESSAGE, City
from tests.runbook.book import Chapter
from tests.runbook.conftest import embedded_home
from tests.runbook.losing import back_up, put_back

CHAPTER = Chapter("Yesterday's database must be restored")
ERASURE = {"ground": "citizen_request"}

REFERRED = {"ground": "D02", "organ": "市中级人民法院", "channel": "诉讼", "remedy": "向法院起诉"}


def title(city: City, case_id: str) -> str | None:
    """The title, as a clerk may read it."""
    path = f"/intake/cases/{case_id}/words?purpose=handling"
    found: str | None = city.get(path, city.token("operator")).json()["title"]
    return found


def has_key(city: City, case_id: str) -> bool:
    """Whether what was sealed for a case, here or in any backup, could be opened."""
    return case_id in city.whole.host.worlds[""].vault.read([case_id])


def test_a_key_store_of_yesterday_is_as_erased_as_the_log_says(tmp_path: Path) -> None:
    home = embedded_home(tmp_path)
    with home.open() as city:
        ended, kept = city.register()["case_id"], city.register()["case_id"]
        city.do(f"/intake/cases/{ended}/referral", "acceptor", REFERRED)
    back_up(home, CHAPTER, "vault")
    with home.open() as city:
        today = city.register()["case_id"]
        city.do(f"/intake/cases/{ended}/erasure", "privacy_officer", ERASURE)
        assert not has_key(city, ended)
    put_back(home, CHAPTER, "vault")
    with home.open() as city:
        assert has_key(city, ended), "the backup brought it back"

    CHAPTER.says("Before anything is started, destroy them again, and be told whose words are lost")
    command = CHAPTER.command("python -m tools.restore_keys")
    said = home.operator.must(command)
    assert "1 cases were erased; 1 of them had to be erased again." in said
    assert f"1 cases have no key: what was written under it is lost for ever.\n  {today}\n" in said
    with home.open() as city:
        assert not has_key(city, ended)
        assert title(city, kept) == MESSAGE["title"]
        CHAPTER.says("their words cannot be read by anybody again")
        assert title(city, today) is None
        CHAPTER.says("what is written on them from now on gets a new key")
        city.do(f"/intake/cases/{today}/acceptance", "acceptor", {"category": "0107"})
        city.do(f"/dispatch/cases/{today}/assignment", "dispatcher")
    assert "0 of them had to be erased again" in home.operator.must(command)
