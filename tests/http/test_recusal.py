"""Who must keep out of a case neither acts on it nor sees it: at every route of every service there is."""

from typing import Any

import pytest

from libs.host.rebuild import rebuild
from services.list import all_services
from tests.http.city import UNIT, City
from tests.http.test_rights_matrix import ALONE, MATRIX, ask, method_of

BARRED = "barred-1"
NOT_THERE = "There is no such case, or it is not yours to see."
OF_NO_CASE = ("ReleaseCase", "RecuseSelf")
"""Operations look after records, not at cases; the other is asked about another case here."""
STAFF_ROUTES = [
    (action, role)
    for action, row in MATRIX.items()
    for role in dict.fromkeys(row["any"] + row["own unit"])
    if role != "*" and role not in ALONE[action]
]


def claim(city: City, case: str, **more: Any) -> str:
    """The citizen asks that somebody keep out: the number of the claim."""
    token = city.token("citizen", case_id=case)
    path = f"/intake/cases/{case}/recusal-claims"
    assert city.post(path, token, {"reason": "与被投诉的物业经理是亲属"} | more).is_success
    city.settle()
    found = city.get(f"/intake/cases/{case}/recusals?purpose=recusal", token).json()
    number: str = found["claims"][-1]["claim_id"]
    return number


def bar(city: City, case: str, account: str = BARRED) -> None:
    """A supervisor grants what the citizen asked for."""
    decision = {"claim_id": claim(city, case), "outcome": "granted", "reason": "属实，已回避"}
    city.do(
        f"/intake/cases/{case}/recusal-decisions", "supervisor", decision | {"account": account}
    )


@pytest.fixture(scope="module")
def barred_case(city: City) -> str:
    """A delivered case from which one account was recused."""
    case: str = city.delivered()["case_id"]
    bar(city, case)
    return case


def as_barred(city: City, role: str) -> str:
    return city.token(role, BARRED, unit_id=UNIT)


def test_who_must_keep_out_gets_nowhere_at_any_route_of_a_case(
    city: City, barred_case: str
) -> None:
    tried = set()
    for action, role in STAFF_ROUTES:
        if "{case_id}" in city.operations[action][2] and action not in OF_NO_CASE:
            answer = ask(city, action, as_barred(city, role), barred_case)
            assert (answer.status_code, answer.json()["detail"]) == (403, NOT_THERE), (action, role)
            tried.add(action)
    assert {"case_words", "case_file", "ErasePersonalData", "case_clocks"} <= tried


def test_no_list_shows_the_case_to_who_must_keep_out(city: City, barred_case: str) -> None:
    for action, role in STAFF_ROUTES:
        if method_of(city, action) == "GET":
            answer = ask(city, action, as_barred(city, role), barred_case)
            told = answer.text.replace(f"/{barred_case}", "")  # the address that was asked for
            assert barred_case not in told, (action, role)


def test_a_list_shows_the_case_to_everybody_else(city: City, barred_case: str) -> None:
    """Or the test above could not fail."""
    for path in ("/evaluation/callbacks", f"/dispatch/units/{UNIT}/assignments"):
        assert barred_case in city.get(path, city.token("supervisor")).text
        assert barred_case not in city.get(path, as_barred(city, "supervisor")).text


def test_who_must_keep_out_of_one_case_does_all_others(city: City, barred_case: str) -> None:
    other = city.register()["case_id"]
    assert city.get(f"/intake/cases/{other}", as_barred(city, "acceptor")).is_success


def test_the_key_of_an_earlier_command_tells_nothing_after_the_recusal(city: City) -> None:
    case = city.register()["case_id"]
    path, body = f"/intake/cases/{case}/classification", {"category": "0105"}
    token = city.token("acceptor", "acceptor-9")
    assert city.post(path, token, body, key="one-key-for-both").is_success
    bar(city, case, "acceptor-9")
    assert city.post(path, token, body, key="one-key-for-both").status_code == 403


def test_who_states_an_own_interest_is_out_at_once_and_comes_back_by_a_supervisor(
    city: City,
) -> None:
    case = city.register()["case_id"]
    me = city.token("acceptor", "acceptor-8")
    path, body = f"/intake/cases/{case}/recusal", {"ground": "relation_to_person"}
    stated = city.post(path, me, body, key="my-own-recusal")
    assert stated.is_success
    city.settle()
    again = city.post(path, me, body, key="my-own-recusal")  # the answer was lost on its way
    assert (again.status_code, again.json()) == (stated.status_code, stated.json())
    other = city.post(path, me, {"ground": "other"}, key="another-key")  # or forgotten, and said once more
    assert (other.status_code, other.json()) == (stated.status_code, stated.json())
    assert city.post(path, me, {"ground": "other"}, key="another-key").json() == stated.json()
    for again in (me, city.token("dispatcher", "acceptor-8")):  # in whatever role
        assert city.get(f"/intake/cases/{case}", again).status_code == 403
    lifting = {"account": "acceptor-8", "reason": "已不再负责该片区"}
    assert city.post(f"/intake/cases/{case}/recusal-end", me, lifting).status_code == 403
    city.do(f"/intake/cases/{case}/recusal-end", "supervisor", lifting)
    assert city.get(f"/intake/cases/{case}", me).is_success


def test_who_keeps_out_by_another_word_is_not_told_so_for_asking_to(city: City) -> None:
    case = city.register()["case_id"]
    bar(city, case)
    path, body = f"/intake/cases/{case}/recusal", {"ground": "other"}
    asked = city.post(path, as_barred(city, "acceptor"), body)
    assert (asked.status_code, asked.json()["detail"]) == (403, NOT_THERE)


def test_who_was_let_in_again_and_recused_by_another_is_told_nothing_of_the_first_time(
    city: City,
) -> None:
    case = city.register()["case_id"]
    path, body = f"/intake/cases/{case}/recusal", {"ground": "other"}
    me = city.token("acceptor", BARRED)
    assert city.post(path, me, body).is_success
    lifting = {"account": BARRED, "reason": "已不再负责该片区"}
    city.do(f"/intake/cases/{case}/recusal-end", "supervisor", lifting)
    bar(city, case)
    assert city.post(path, me, body).status_code == 403


def test_the_citizen_reads_what_was_decided_but_not_whose_account_it_was(city: City) -> None:
    case = city.register()["case_id"]
    bar(city, case)
    path = f"/intake/cases/{case}/recusals?purpose=recusal"
    seen = city.get(path, city.token("citizen", case_id=case)).json()
    assert seen["claims"][0]["answer"] == "属实，已回避"
    assert (seen["recused"], seen["accounts"], seen["claims"][0]["account"]) == (1, {}, None)
    assert city.get(path, city.token("supervisor")).json()["accounts"] == {
        BARRED: "interest_in_matter"
    }


def test_a_claim_waits_in_the_supervisors_queue_until_it_is_decided(city: City) -> None:
    case = city.register()["case_id"]
    number = claim(city, case, account="clerk-7")
    supervisor = city.token("supervisor")
    waiting = [row["case_id"] for row in city.get("/intake/recusal-claims", supervisor).json()]
    assert case in waiting
    denied = {"claim_id": number, "outcome": "denied", "reason": "没有直接利害关系"}
    city.do(f"/intake/cases/{case}/recusal-decisions", "supervisor", denied)
    assert case not in city.get("/intake/recusal-claims", supervisor).text


def test_every_service_of_cases_hears_who_must_keep_out() -> None:
    for service in all_services():
        heard = {event.__name__ for event in service.takes_in}
        assert ("RecusalRecorded" in heard) == (service.subject == "case"), service.name


def test_a_bar_holds_after_a_rebuild_of_every_service(city: City, barred_case: str) -> None:
    """The heads are derived: what bars must come back from the log."""
    host = city.whole.host
    for running in [r for r in host.running if r.labels[0] == "main"]:
        if running.service.subject == "case":
            settings = running.world.settings
            city.runner.run(rebuild(running.service, settings, running.world.rules))
    for path in (
        f"/intake/cases/{barred_case}",
        f"/feedback/cases/{barred_case}/reply?purpose=look",
    ):
        assert city.get(path, as_barred(city, "operator")).status_code == 403
