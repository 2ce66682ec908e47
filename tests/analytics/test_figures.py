"""Each figure by its definition, in either home: what it is made of, leaves out, and does not show."""

from datetime import timedelta
from decimal import Decimal

import pytest

from libs.events.evaluation import (
    CallbackRecorded,
    EvaluationSubmitted,
    ExclusionDecided,
    ReworkOrdered,
    ThirdPartyAssessed,
)
from libs.events.intake import AnsweredAtDesk, CaseLinkChanged, CaseRegistered
from libs.rules.figures import corrected, month_of, value_of
from libs.rules.rules import shipped_rules
from services.analytics.cells import cells, figures_shown
from services.analytics.figures import ALL, definitions, figures, reply_times
from services.analytics.projection import MEASURES, totals
from services.analytics.volumes import volume, volumes
from tests.analytics.ledger import Ledger
from tests.analytics.march import MARCH, NOW, OTHER, SECOND, case, late, of_march, value
from tests.spec import UNIT, china, fact


def test_86_of_97_ratings_are_88_66_per_cent_and_silence_is_none(ledger: Ledger) -> None:
    for n in range(97):
        rated = ("satisfied", "basically")[n % 2] if n < 86 else "dissatisfied"
        ledger.hear(*case(n, (EvaluationSubmitted, {"level": rated})))
    ledger.hear(*case(97), *case(98, (EvaluationSubmitted, {"target": "intake"})), *case(99))
    found = of_march(ledger)
    assert (found["K09a"][ALL].denominator, value(found, "K09a")) == (97, Decimal("88.66"))
    assert value(found, "K25") == Decimal("97.00")


def test_each_case_counts_in_the_month_of_what_the_figure_asks_for(ledger: Ledger) -> None:
    end = china("2026-03-30 09:00")
    ledger.hear(*case(1, (CallbackRecorded, {"resolved": "yes"}), late(1), at=end, days=5))
    found = of_march(ledger)
    assert [found[name][ALL].denominator for name in ("K01", "K07", "K10")] == [1, 1, 1]
    assert [name for name in ("K08", "K11", "K14") if found[name]] == []
    april = ledger.asked(figures, month_of(china("2026-04-15 00:00")), NOW, None)
    assert [value(april, name) for name in ("K08", "K11", "K14")] == [100, 5, 0]


def test_only_who_was_promised_an_answer_by_now_waits_for_one(ledger: Ledger) -> None:
    ledger.hear(*case(1), *case(2, days=None), *case(3, at=china("2026-03-30 09:00"), days=None))
    assert value(of_march(ledger), "K07") == Decimal("33.33")
    early = ledger.asked(figures, MARCH, china("2026-04-01 09:00"), None)
    assert value(early, "K07") == Decimal("50.00")


def test_merged_cases_and_praise_are_volume_and_nobodys_handling(ledger: Ledger) -> None:
    merged = (CaseLinkChanged, {"relation": "merged_into"})
    ledger.hear(*case(1), *case(2, merged, days=None), *case(3, days=None, kind="K6"))
    found = of_march(ledger)
    assert (value(found, "K01"), found["K10"][ALL].denominator) == (3, 1)


def test_the_mean_the_median_and_the_ninetieth_of_a_hundred(ledger: Ledger) -> None:
    for number in range(10):
        ledger.hear(*case(number, days=number + 1))
    assert value(of_march(ledger), "K11") == Decimal("5.50")
    day = 24 * 3600
    assert ledger.asked(reply_times, MARCH, None) == {"median": 5 * day, "p90": 9 * day}
    assert ledger.asked(reply_times, MARCH.before(), None) is None


def test_what_was_left_out_of_a_score_is_in_no_rate_and_stands_beside_it(ledger: Ledger) -> None:
    left_out = (ExclusionDecided, {"org": UNIT, "outcome": "approved", "reason": "objective"})
    ledger.hear(*case(1), *case(2, late(2), left_out))
    found = of_march(ledger)
    k10 = found["K10"][ALL]
    assert (value(found, "K10"), k10.denominator, k10.excluded) == (0, 1, {"objective": 1})
    assert value(found, "K01") == 2, "it is volume"


@pytest.mark.parametrize(
    ("name", "before", "after", "facts", "question", "fact_id"),
    [
        ("K10", 50, 0, [late(1)], "breach", "HANDLE.c1.1"),
        ("K14", 50, 0, [(ReworkOrdered, {"rework_id": "c1.w1"})], "rework", "c1.w1"),
        ("K09a", 0, None, [(EvaluationSubmitted, {"level": "dissatisfied"})], "rating", ""),
        ("K08", 0, None, [(CallbackRecorded, {"resolved": "no"})], "each_own_word", ""),
    ],
)
def test_a_panel_corrects_a_figure_beside_the_value_that_stays(
    ledger: Ledger, name: str, before: int, after: int | None, facts: list, question: str, fact_id: str
) -> None:
    said = {"question": question, "fact_id": fact_id, "score_effect": "not_counted"}
    ledger.hear(*case(1, *facts, (ThirdPartyAssessed, said)), *case(2))
    counted = of_march(ledger)[name][ALL]
    assert value_of(counted, "percent") == before
    assert value_of(corrected(counted), "percent") == after


def test_what_was_said_before_a_rework_is_resolved_no_more(ledger: Ledger) -> None:
    ledger.hear(*case(1, (CallbackRecorded, {"resolved": "yes"}), (ReworkOrdered, {})))
    assert value(of_march(ledger), "K08") == 0
    again = {"case_id": "c1", "at": SECOND + timedelta(days=9), "resolved": "yes"}
    ledger.hear(fact(CallbackRecorded, **again))
    assert value(of_march(ledger), "K08") == 100


def test_answers_at_the_desk_are_a_share_of_all(ledger: Ledger) -> None:
    ledger.hear(*case(1), fact(CaseRegistered, case_id="c2"), fact(AnsweredAtDesk, case_id="c2"))
    assert value(of_march(ledger), "K22") == 50


def test_each_unit_has_the_figures_of_its_own_cases(ledger: Ledger) -> None:
    for number in range(5):
        ledger.hear(*case(number, late(number)), *case(number + 5, unit=OTHER))
    found = of_march(ledger, by_unit=True)
    assert [value(found, "K10", unit) for unit in (UNIT, OTHER)] == [100, 0]


# --------------------------------------------------------------------------- what is not shown


def shown(ledger: Ledger, name: str) -> set[str]:
    """The units whose figure is shown."""
    (one,) = (definition for definition in definitions(NOW) if definition.id == name)
    found = figures_shown(one, of_march(ledger, by_unit=True)[name])
    return {unit for unit, counted in found.items() if counted is not None}


def test_a_unit_of_four_cases_has_no_figure_and_none_can_be_told_from_the_citys(ledger: Ledger) -> None:
    units = {"mc.a": 4, "mc.b": 6, "mc.c": 9}
    numbers = iter(range(100))
    for unit, count in units.items():
        for _ in range(count):
            ledger.hear(*case(next(numbers), unit=unit))
    assert shown(ledger, "K10") == shown(ledger, "K07") == {"mc.c"}


def test_one_dissatisfied_citizen_of_a_unit_is_not_to_be_found_but_one_late_case_is(
    ledger: Ledger,
) -> None:
    for n in range(40):
        bad = "dissatisfied" if n == 0 or n > 33 else "satisfied"
        unit = UNIT if n < 20 else OTHER
        ledger.hear(*case(n, (EvaluationSubmitted, {"level": bad}), *([late(0)] if n == 0 else []), unit=unit))
    assert shown(ledger, "K09a") == set()
    assert shown(ledger, "K10") == {UNIT, OTHER}


def test_totals_name_no_value_of_four_and_hide_what_tells_of_few(ledger: Ledger) -> None:
    numbers = iter(range(1_000))
    for unit, count, rated in (("mc.a", 4, 0), ("mc.b", 6, 0), ("mc.c", 30, 2), ("mc.d", 30, 20)):
        for n in range(count):
            said = [(EvaluationSubmitted, {})] if n < rated else []
            number = next(numbers)
            ledger.hear(*case(number, *said, *([late(number)] if n == 0 else []), unit=unit))
    found = cells(ledger.asked(totals, "unit"))
    assert found.keys() == {"mc.b", "mc.c", "mc.d"}
    assert set(found["mc.b"].values()) == {None}, "else the four could be told from the whole"
    assert (found["mc.c"]["registered"], found["mc.c"]["breached"]) == (30, 1)
    assert (found["mc.c"]["rated"], found["mc.d"]["rated"]) == (None, None)
    assert set(found["mc.c"]) == set(MEASURES)


def test_ten_are_the_fewest_of_a_sensitive_category() -> None:
    found = {code: dict.fromkeys(MEASURES, 9) for code in ("0105", "0106", "1201", "0901")}
    assert cells(found, by_category=True).keys() == {"0105", "0106"}


def test_the_table_of_a_report_hides_a_small_field_and_the_next(ledger: Ledger) -> None:
    rules = shipped_rules()
    table = volume("field", {"01": 30, "02": 20, "03": 11, "09": 9, "none": 5}, rules)
    assert {part.code: part.count for part in table.parts} == {
        "01": 30,
        "02": 20,
        "03": 11,
        "09": None,
        "none": None,
    }
    assert (table.total, table.top, table.top_count) == (75, ("01", "02", "03"), 61)
    assert table.faults == ()
    ledger.hear(*case(1), *case(2, channel="letter"))
    assert ledger.asked(volumes, MARCH)["channel"] == {"web_portal": 1, "letter": 1}
