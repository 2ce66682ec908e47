"""The knowledge base: proposed by one, approved by another, searched at the desk, and never personal."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from libs.events.base import Actor, Recorded
from libs.events.reference import (
    Knowledge,
    KnowledgeProposed,
    KnowledgePublished,
    KnowledgeRejected,
    KnowledgeWithdrawn,
)
from libs.host.folding import MemoryViews
from libs.rules.knowledge import after, answered_categories, why_not
from libs.sourcing.database import open_database
from libs.sourcing.decider import Command, Refused
from libs.sourcing.views import Views
from services.reference.commands import (
    ApproveKnowledge,
    ProposeKnowledge,
    RejectKnowledge,
    WithdrawKnowledge,
)
from services.reference.decider import Shelf, decide, evolve
from services.reference.projection import TABLES, project
from services.reference.search import entries, excerpt, index_of, marked, search, words, words_of
from tests.http.city import UNIT, City, open_city
from tests.sourcing.empty import emptied
from tests.spec import CLERK, KNOWN, MONDAY, RULES, china, fact

LAMPS = "knowledge/street-lamps"
OFFICER = Actor(id="ref-1", role="reference_officer")
OTHER = Actor(id="ref-2", role="reference_officer")
SAID = KNOWN.model_dump()


class Shelved:
    """One entry: what is asked of it, one wish after another."""

    def __init__(self) -> None:
        self.shelf = Shelf()

    def ask(self, command: type[Command], by: Actor = OFFICER, **fields: Any) -> list[Any]:
        wish = command(case_id=LAMPS, occurred_at=MONDAY, by=by, **fields)
        events = list(decide(wish, self.shelf, RULES))  # type: ignore[arg-type]
        for event in events:
            self.shelf = evolve(self.shelf, event)
        return events

    def refused(self, command: type[Command], by: Actor = OFFICER, **fields: Any) -> str:
        with pytest.raises(Refused) as why:
            self.ask(command, by, **fields)
        return str(why.value)


def published() -> Shelved:
    entry = Shelved()
    entry.ask(ProposeKnowledge, CLERK, **SAID)
    entry.ask(ApproveKnowledge, proposal_id="street-lamps.1")
    return entry


def test_what_a_unit_proposes_holds_when_an_officer_has_approved_it() -> None:
    entry = Shelved()
    (proposed,) = entry.ask(ProposeKnowledge, CLERK, **SAID)
    assert isinstance(proposed, KnowledgeProposed)
    (stands,) = entry.ask(ApproveKnowledge, proposal_id=proposed.proposal_id)
    assert isinstance(stands, KnowledgePublished)
    assert (stands.edition, stands.proposed_by, stands.entry) == (1, CLERK.id, KNOWN)


def test_nobody_approves_what_they_proposed() -> None:
    entry = Shelved()
    entry.ask(ProposeKnowledge, **SAID)
    assert "may not approve" in entry.refused(ApproveKnowledge, proposal_id="street-lamps.1")
    assert entry.ask(ApproveKnowledge, OTHER, proposal_id="street-lamps.1")


def test_the_same_is_proposed_once_and_what_holds_is_not_proposed_again() -> None:
    entry = Shelved()
    assert entry.ask(ProposeKnowledge, CLERK, **SAID)
    assert entry.ask(ProposeKnowledge, **SAID) == []
    entry.ask(ApproveKnowledge, OTHER, proposal_id="street-lamps.1")
    assert entry.ask(ProposeKnowledge, **SAID) == []


def test_a_proposal_older_than_the_edition_that_holds_must_be_made_again() -> None:
    entry = Shelved()
    entry.ask(ProposeKnowledge, CLERK, **SAID)
    entry.ask(ProposeKnowledge, CLERK, **SAID | {"answer": "由城管部门十二小时内到场维修。"})
    entry.ask(ApproveKnowledge, proposal_id="street-lamps.2")
    why = entry.refused(ApproveKnowledge, proposal_id="street-lamps.1")
    assert "Edition 1 holds" in why


def test_what_is_rejected_waits_no_more() -> None:
    entry = Shelved()
    entry.ask(ProposeKnowledge, CLERK, **SAID)
    (fact_,) = entry.ask(RejectKnowledge, proposal_id="street-lamps.1", reason="不准确")
    assert isinstance(fact_, KnowledgeRejected)
    assert "no proposal" in entry.refused(ApproveKnowledge, proposal_id="street-lamps.1")


def test_an_entry_is_withdrawn_once_and_can_be_proposed_again() -> None:
    entry = published()
    (fact_,) = entry.ask(WithdrawKnowledge, reason="规定已修改")
    assert isinstance(fact_, KnowledgeWithdrawn)
    assert entry.ask(WithdrawKnowledge, reason="规定已修改") == []
    assert entry.ask(ProposeKnowledge, CLERK, **SAID)
    (again,) = entry.ask(ApproveKnowledge, proposal_id="street-lamps.2")
    assert again.edition == 2


def test_what_was_never_there_is_not_withdrawn() -> None:
    assert "no entry" in Shelved().refused(WithdrawKnowledge, reason="已失效")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (
            "question",
            "请问13800138000是谁的电话",
            "question: it tells who somebody is, in line 1, characters 3-13",
        ),
        ("answer", "请找联系人：欧阳晓明办理。", "answer: it tells who somebody is"),
        ("keywords", ("路灯", "京A12345"), "keywords: it tells who somebody is, in line 2"),
        ("sources", ("zhang@example.cn",), "sources: it tells who somebody is"),
        ("category", "0000", "category: taxonomy"),
        ("category", "1602", "category: 1602 is restricted"),
        ("unit", "mc.nowhere", "unit: there is no unit"),
        ("valid_until", china("2026-03-01 00:00"), "valid_until: must lie ahead"),
        ("valid_until", china("2036-03-01 00:00"), "valid_until: must lie ahead"),
    ],
)
def test_a_wrong_entry_is_refused_with_the_field_and_without_its_words(
    field: str, value: Any, words: str
) -> None:
    why = Shelved().refused(ProposeKnowledge, **SAID | {field: value})
    assert words in why
    assert "13800138000" not in why
    assert "欧阳" not in why


def test_a_unit_proposes_only_what_it_answers_for() -> None:
    why = Shelved().refused(ProposeKnowledge, CLERK, **SAID | {"unit": "mc.shuiwu"})
    assert "only what it answers for" in why


# ------------------------------------------------------------------------ what every service knows


def test_no_unit_writes_over_what_another_answers_for() -> None:
    entry = published()
    water = Actor(id="clerk-2", role="unit_clerk", org="mc.shuiwu")
    theirs = SAID | {"unit": "mc.shuiwu", "answer": "由水务部门维修。"}
    assert f"{UNIT} answers for street-lamps" in entry.refused(ProposeKnowledge, water, **theirs)
    assert entry.ask(ProposeKnowledge, OTHER, **theirs), "an officer says whose it is"
    entry.ask(WithdrawKnowledge, OTHER, reason="规定已修改")
    assert entry.ask(ProposeKnowledge, water, **theirs | {"answer": "二十四小时内到场。"})


def test_every_service_knows_that_an_entry_holds_and_until_when() -> None:
    known = after({}, [fact(KnowledgePublished).model_copy(update={"case_id": LAMPS})])
    assert why_not(known, "street-lamps", 1, MONDAY) is None
    assert "edition 1" in str(why_not(known, "street-lamps", 2, MONDAY))
    assert "valid until" in str(why_not(known, "street-lamps", 1, KNOWN.valid_until))
    assert "no entry" in str(why_not(known, "water-price", 1, MONDAY))
    assert answered_categories(known, MONDAY) == {"0105"}
    assert answered_categories(known, KNOWN.valid_until) == set()
    gone = after(known, [fact(KnowledgeWithdrawn).model_copy(update={"case_id": LAMPS})])
    assert "withdrawn" in str(why_not(gone, "street-lamps", 1, MONDAY))
    assert after(known, []) is known


# --------------------------------------------------------------------------------------- the search


def stated(name: str, entry: Knowledge, edition: int = 1) -> Recorded:
    event = KnowledgePublished(
        case_id=f"knowledge/{name}",
        occurred_at=MONDAY,
        actor=OFFICER,
        decided_with=RULES.versions,
        edition=edition,
        proposal_id=f"{name}.1",
        proposed_by="clerk-1",
        entry=entry,
    )
    return Recorded(f"e-{name}-{edition}", event, edition, MONDAY, "c", "c")


def proposed(name: str, entry: Knowledge) -> Recorded:
    event = KnowledgeProposed(
        case_id=f"knowledge/{name}",
        occurred_at=MONDAY,
        actor=CLERK,
        decided_with=RULES.versions,
        proposal_id=f"{name}.1",
        entry=entry,
    )
    return Recorded(f"p-{name}", event, 1, MONDAY, "c", "c")


@pytest.mark.parametrize("batch", [1, 9])
def test_the_tables_are_built_anew_in_memory_as_the_log_tells_it(batch: int) -> None:
    gone = fact(KnowledgeWithdrawn).model_copy(update={"case_id": "knowledge/old"})
    changed = KNOWN.model_copy(update={"question": "井盖缺失怎么办"})
    heard = [proposed("old", KNOWN), stated("old", KNOWN), proposed("lamps", KNOWN)]
    heard += [stated("lamps", KNOWN), Recorded("w", gone, 3, MONDAY, "c", "c")]
    heard += [stated("lamps", changed, 2)]
    anew = MemoryViews(lambda case_id: 0)
    for first in range(0, len(heard), batch):
        project(heard[first : first + batch], anew)
    assert {name: row["withdrawn"] for name, row in anew.tables[entries].items()} == {
        "old": True,
        "lamps": False,
    }
    found = {(row["entry"], row["word"]) for row in anew.tables[words].values()}
    assert found == {("lamps", row["word"]) for row in index_of("lamps", changed)}


@pytest.fixture(params=["sqlite", "postgresql"])
def views(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Views]:
    """Empty tables of reference in either home."""
    url = f"sqlite:///{tmp_path}/reference.db"
    if request.param == "postgresql":
        url = emptied(request.getfixturevalue("postgres"), "knowledge")
    database = open_database(url)
    with database.begin() as db:
        TABLES.create_all(db)
        yield Views(database, db)
    database.dispose()


def put(views: Views, **said: tuple[str, str, str]) -> None:
    """Entries by name: question, keywords, answer."""
    heard = []
    for name, (question, keywords, answer) in said.items():
        entry = KNOWN.model_copy(
            update={"question": question, "keywords": tuple(keywords.split()), "answer": answer}
        )
        heard += [proposed(name, entry), stated(name, entry)]
    project(heard, views)


def found(views: Views, question: str, category: str | None = None) -> list[str]:
    return [row["id"] for row in search(views, question, category, MONDAY, 10)]


def test_the_question_weighs_more_than_keywords_and_they_more_than_the_answer(views: Views) -> None:
    put(
        views,
        answer=("其他事项如何办理", "综合", "公租房申请需要身份证明。"),
        keywords=("住房保障有哪些", "公租房 申请", "详见住房保障部门公告。"),
        question=("公租房申请需要什么材料", "住房", "身份证明、收入证明。"),
        nothing=("水价是多少", "水费", "每立方米三元。"),
    )
    assert found(views, "申请公租房要什么材料？") == ["question", "keywords", "answer"]


def test_what_is_in_no_dictionary_is_found_too(views: Views) -> None:
    put(
        views,
        ours=("公租房怎样轮候", "", "按登记先后。"),
        other=("租房补贴怎样领取", "", "按月发放。"),
    )
    assert found(views, "公租房")[0] == "ours"


def test_full_width_and_capital_letters_are_the_same_word(views: Views) -> None:
    put(views, card=("ＥＴＣ卡怎样办理", "", "在银行网点办理。"))
    assert found(views, "etc") == ["card"]


def test_a_question_of_words_that_tell_nothing_finds_nothing(views: Views) -> None:
    put(views, lamps=("路灯不亮怎么办", "", "拨打热线。"))
    assert found(views, "请问怎么办呢？") in ([], ["lamps"])
    assert found(views, "的了吗") == []


def test_only_what_holds_is_found(views: Views) -> None:
    put(views, lamps=("路灯不亮怎么办", "", "拨打热线。"))
    assert found(views, "路灯") == ["lamps"]
    assert found(views, "路灯", "01") == ["lamps"]
    assert found(views, "路灯", "02") == []
    late = search(views, "路灯", None, KNOWN.valid_until, 10)
    assert late == []
    gone = fact(KnowledgeWithdrawn).model_copy(update={"case_id": "knowledge/lamps"})
    project([Recorded("w", gone, 3, MONDAY, "c", "c")], views)
    assert found(views, "路灯") == []


def test_a_new_edition_is_found_by_its_own_words_alone(views: Views) -> None:
    put(views, lamps=("路灯不亮怎么办", "", "拨打热线。"))
    project([stated("lamps", KNOWN.model_copy(update={"question": "井盖缺失怎么办"}), 2)], views)
    assert found(views, "井盖") == ["lamps"]
    (row,) = search(views, "井盖", None, MONDAY, 10)
    assert row["edition"] == 2
    put(views, other=("停水通知在哪里看", "", "官网。"))
    assert found(views, "拨打") == []


def test_without_a_question_the_newest_of_a_category_are_shown(views: Views) -> None:
    put(views, a=("路灯不亮怎么办", "", "拨打热线。"), b=("井盖缺失怎么办", "", "拨打热线。"))
    assert found(views, "", "0105") == ["a", "b"]


def test_the_words_of_the_question_are_marked() -> None:
    assert marked("路灯不亮怎么办", "路灯") == "【路灯】不亮怎么办"
    assert "【维修】" in excerpt("很长的说明。" * 30 + "由城管维修。" + "其他。" * 60, "谁来维修")
    assert "路灯" in words_of("请问路灯不亮由谁修？")


def test_five_thousand_entries_are_searched_in_a_few_milliseconds(views: Views) -> None:
    matters = [
        "公积金提取",
        "居住证办理",
        "停车收费",
        "水价调整",
        "噪声扰民",
        "垃圾清运",
        "社保转移",
        "公交线路",
    ]
    whats = ["需要什么材料", "在哪里办理", "收费标准是什么", "多久办结", "由哪个部门负责"]
    heard = [
        stated(
            f"e{n}",
            KNOWN.model_copy(
                update={
                    "question": f"{matters[n % 8]}{whats[n % 5]}第{n}种情形",
                    "keywords": (matters[n % 8],),
                    "answer": f"{matters[(n + 1) % 8]}按规定办理，情形{n}。" * 6,
                }
            ),
        )
        for n in range(5_000)
    ]
    project(heard, views)
    (count,) = views.rows(
        sa.select(sa.func.count().label("n")).select_from(TABLES.tables["knowledge"])
    )
    assert count["n"] == 5_000
    times = []
    for question in ("居住证在哪里办理", "公积金提取需要什么材料", "水价"):
        began = time.perf_counter()
        assert len(search(views, question, None, MONDAY, 10)) == 10
        times.append(time.perf_counter() - began)
    assert min(times) < 0.1, times


# ------------------------------------------------------------------------------------- over HTTP


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with open_city(tmp_path) as opened:
        yield opened


def body(**more: Any) -> dict[str, Any]:
    said: dict[str, Any] = KNOWN.model_dump(mode="json")
    return said | more


def publish(city: City, name: str = "street-lamps", **more: Any) -> None:
    path = f"/reference/knowledge/{name}"
    city.do(f"{path}/proposals", "unit_clerk", body(**more), unit_id=UNIT)
    waits = city.get("/reference/knowledge-proposals", city.token("reference_officer")).json()
    (offer,) = [each["id"] for each in waits if each["entry"] == name]
    city.do(f"{path}/approvals", "reference_officer", {"proposal_id": offer})


def test_an_entry_goes_from_the_unit_over_the_officer_to_the_desk(city: City) -> None:
    publish(city)
    for running in city.whole.host.running:
        assert running.turns.rules.knowledge["street-lamps"].edition == 1
    token = city.token("operator")
    (shown,) = city.get("/reference/knowledge?q=路灯坏了谁来修", token).json()
    assert (shown["id"], shown["edition"]) == ("street-lamps", 1)
    assert "【路灯】" in shown["marked"]
    assert shown["holds"]
    assert city.get("/reference/knowledge?q=公积金", token).json() == []
    path = "/reference/knowledge/street-lamps"
    city.do(f"{path}/withdrawal", "reference_officer", {"reason": "规定已修改"})
    assert city.get("/reference/knowledge?q=路灯", token).json() == []
    shown = city.get(path, token).json()
    assert (shown["withdrawn"], shown["holds"]) == (True, False)
    assert "street-lamps" not in city.whole.host.find("intake").world.rules.knowledge


def test_a_unit_sees_its_own_proposals_alone(city: City) -> None:
    path = "/reference/knowledge/street-lamps/proposals"
    city.do(path, "unit_clerk", body(), unit_id=UNIT)
    token = city.token("unit_head", unit_id=UNIT)
    assert len(city.get(f"/reference/units/{UNIT}/knowledge-proposals", token).json()) == 1
    assert city.get("/reference/units/mc.shuiwu/knowledge-proposals", token).status_code == 403


def test_personal_words_never_enter_the_log_of_reference(city: City) -> None:
    path = "/reference/knowledge/street-lamps/proposals"
    token = city.token("unit_clerk", unit_id=UNIT)
    refused = city.post(path, token, body(answer="请联系13800138000处理此事。"))
    assert refused.status_code == 409
    assert "characters 4-14" in refused.json()["detail"]
    assert "13800138000" not in refused.text
