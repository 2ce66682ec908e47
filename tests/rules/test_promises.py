"""What a citizen is told of a case's limits: the pack it keeps, what was stated, and the law."""

from dataclasses import replace

from libs.rules.calendar import SHANGHAI
from libs.rules.promises import Course, Promise, promises
from libs.rules.rules import shipped_rules
from tests.spec import MONDAY, china

RULES = shipped_rules()
NEW = Course("cn-generic-2026/1", "hotline", "hotline", None, MONDAY, china("2026-03-04 00:00"))
ACCEPTED = replace(NEW, sla_class="G", due_citizen=china("2026-03-10 00:00"))
PETITION = replace(
    NEW,
    accept_track="xinfang",
    track="xinfang",
    sla_class="X",
    due_citizen=china("2026-05-06 00:00"),
)


def by_step(case: Course) -> dict[str, Promise]:
    return {promise.step: promise for promise in promises(case, RULES)}


def test_before_acceptance_only_the_limit_for_accepting_is_known() -> None:
    (accept,) = promises(NEW, RULES)
    assert accept == Promise(
        "ACCEPT", "1个工作日", NEW.due_accept, False, "平台默认，待运营单位确认"
    )


def test_an_accepted_case_has_its_own_clock_with_its_source() -> None:
    citizen = by_step(ACCEPTED)["CITIZEN"]
    assert (citizen.words, citizen.due_at) == ("5个工作日", ACCEPTED.due_citizen)
    assert "Art. 24" in citizen.source


def test_an_instant_that_the_words_alone_do_not_give_says_so() -> None:
    assert not by_step(ACCEPTED)["CITIZEN"].moved
    extended = replace(ACCEPTED, due_citizen=china("2026-03-24 00:00"))
    assert by_step(extended)["CITIZEN"].moved
    assert not by_step(extended)["ACCEPT"].moved


def test_the_limits_are_those_of_the_pack_that_the_case_keeps() -> None:
    citizen = by_step(replace(ACCEPTED, policy="wuhan-7wd/1"))["CITIZEN"]
    assert citizen.words == "7个工作日"
    assert "武汉" in citizen.source
    assert citizen.due_at == ACCEPTED.due_citizen, "what was stated stands"


def test_a_petitioner_is_told_of_review_before_there_is_an_answer() -> None:
    found = by_step(PETITION)
    assert list(found) == ["ACCEPT", "CITIZEN", "REVIEW_REQ", "REVIEW", "RR_REQ", "REREVIEW"]
    assert found["REVIEW_REQ"].due_at is None
    assert [found[step].source for step in ("CITIZEN", "REVIEW_REQ", "RR_REQ")] == [
        "信访工作条例 Art. 34",
        "信访工作条例 Art. 35",
        "信访工作条例 Art. 36(1)",
    ]
    assert not any(step.startswith("RE") for step in by_step(ACCEPTED))


def test_after_the_answer_a_petitioner_is_told_until_when_review_can_be_asked_for() -> None:
    asked = by_step(replace(PETITION, delivered_at=china("2026-04-01 10:00")))["REVIEW_REQ"]
    assert asked.due_at is not None
    # thirty days end on 1 May, a holiday, and roll to the 6th
    assert asked.due_at.astimezone(SHANGHAI) == china("2026-05-07 00:00")
    assert not asked.provisional


def test_of_a_case_on_hold_it_is_told_when_it_is_looked_at_again_and_by_what() -> None:
    held = by_step(replace(ACCEPTED, next_check_at=china("2026-06-02 00:00")))["RECHECK"]
    assert (held.words, held.due_at) == ("90日", china("2026-06-02 00:00"))
    assert held.source
    assert not held.provisional
    assert "RECHECK" not in by_step(ACCEPTED)
    assert by_step(replace(ACCEPTED, next_check_at=china("2027-06-02 00:00")))["RECHECK"].provisional


def test_who_is_asked_for_something_is_told_how_long_it_is_waited_for_and_by_what() -> None:
    asked = by_step(replace(NEW, due_supplement=china("2026-03-10 00:00")))["SUPPLEMENT"]
    assert (asked.words, asked.due_at) == ("5个工作日", china("2026-03-10 00:00"))
    assert asked.source
    assert not asked.provisional
    assert by_step(replace(NEW, due_supplement=china("2027-01-10 00:00")))["SUPPLEMENT"].provisional


def test_after_the_answer_the_citizen_is_told_how_long_it_can_be_rated() -> None:
    told = china("2026-05-07 00:00")
    answered = replace(ACCEPTED, delivered_at=china("2026-04-01 10:00"), rating_until=told)
    rate = by_step(answered)["EVAL"]
    assert (rate.words, rate.due_at, bool(rate.source)) == ("30日", told, True)
    at_desk = replace(answered, due_citizen=None)
    assert list(by_step(at_desk)) == ["ACCEPT", "EVAL"]
    assert "EVAL" not in by_step(replace(answered, rating_until=None)), "a report is not rated"


def test_a_petitioner_keeps_the_time_for_review_that_was_told() -> None:
    told = china("2026-05-20 00:00")
    case = replace(PETITION, delivered_at=china("2026-04-01 10:00"), review_until=told)
    assert by_step(case)["REVIEW_REQ"].due_at == told
    rules = replace(RULES, published={"calendar/CN-GOV": MONDAY})
    for until, now in ((told, told), (china("2026-05-01 00:00"), china("2026-05-07 00:00"))):
        (asked,) = [
            one for one in promises(replace(case, review_until=until), rules) if one.step == "REVIEW_REQ"
        ]
        assert asked.due_at == now


def test_a_limit_in_an_unpublished_year_is_said_to_be_provisional() -> None:
    late = replace(PETITION, registered_at=china("2026-12-28 09:00"))
    assert by_step(late)["ACCEPT"].provisional
    delivered = by_step(replace(PETITION, delivered_at=china("2026-12-28 09:00")))
    assert delivered["REVIEW_REQ"].provisional
    assert by_step(replace(ACCEPTED, citizen_provisional=True))["CITIZEN"].provisional
    assert not by_step(ACCEPTED)["CITIZEN"].provisional


def test_a_case_that_changed_its_procedure_had_to_be_accepted_under_the_first_one() -> None:
    changed = replace(PETITION, accept_track="hotline")
    assert by_step(changed)["ACCEPT"].words == "1个工作日"
    assert by_step(changed)["CITIZEN"].words == "60日"
