"""Every event ever released can be read for ever, and the gate refuses what would end that."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

import jsonschema
import pytest
from pydantic import create_model

from libs.events.base import Event
from libs.events.catalog import CATALOG, UPCASTS, load
from libs.events.dispatch import CaseAssigned
from libs.events.envelope import decode, read_attributes, to_headers
from libs.events.intake import CasePublished
from tools.schemas.__main__ import main
from tools.schemas.released import (
    SAMPLES,
    SCHEMAS,
    Refused,
    problems,
    schema_of,
    versions_released,
    write,
)
from tools.schemas.shape import fields_of

ROOT = Path(__file__).parents[2]
RELEASED = [(t, version) for t, versions in versions_released(ROOT).items() for version in versions]

_KNOWLEDGE = (
    "entry.answer entry.answers_topic entry.category entry.from_publication entry.keywords[] "
    "entry.question entry.sources[] entry.unit"
)
CODES_AND_IDS = {
    "*": "case_id actor.id actor.role actor.org actor.on_behalf_of decided_with.policy "
    "decided_with.calendar decided_with.taxonomy decided_with.organisations",
    "intake.CaseRegistered": "receipt_no channel mailbox external_id kind place.adcode",
    "intake.CaseClassified": "category kind sla_class words[]",  # words of our own key word list
    "intake.CaseAccepted": "mailbox category kind sla_class adcode",
    "intake.DeclineProposed": "ground evidence[]",
    "intake.DeclineRejected": "ground",
    "intake.CaseDeclined": "ground approver2 proposed_by evidence[]",
    "intake.WithdrawalRequested": "through_org",
    "intake.CaseWithdrawn": "confirmed_by",
    "intake.CaseReopened": "from_state category kind sla_class adcode",
    "dispatch.TerminationProposed": "ground",
    "dispatch.CaseTerminated": "ground proposed_by",
    "dispatch.DispatchStopped": "link_id assignment_id org",
    "intake.CaseReferred": "ground category sla_class",
    "intake.AnsweredAtDesk": "category entries[].entry kind sla_class",
    "intake.PraiseForwarded": "category org sla_class",
    "intake.PersonalDataErased": "scope[] key_ids_destroyed[]",
    "intake.CaseLinkChanged": "link_id other_case",
    "intake.InformationRequested": "missing[]",
    "intake.RecusalClaimed": "claim_id account",
    "intake.RecusalDecided": "claim_id",
    "intake.RecusalRecorded": "account claim_id",
    "intake.RecusalLifted": "account",
    "intake.RedactionProposed": "redaction_id",
    "intake.RedactionReturned": "redaction_id",
    "intake.CasePublished": "category publication_id redaction_id reviewers[0] reviewers[1] unit_id",
    "intake.CaseUnpublished": "publication_id",
    "intake.CaseArchived": "retention_class",
    "intake.ContactDataErased": "key_ids_destroyed[]",
    "dispatch.DisputeProposed": "assignment_id org suggested_org",
    "dispatch.DisputeWithheld": "assignment_id org",
    "dispatch.AssignmentDisputed": "assignment_id org signer suggested_org",
    "dispatch.DisputeDecided": "assignment_id designated_org org",
    "dispatch.CoordinationOpened": "coordination_id parties[]",
    "dispatch.CoordinationResolved": "assists[] coordination_id lead",
    "dispatch.AssignmentPassedOn": "assignment_id from_org org organisations",
    "dispatch.CaseAssigned": "assignment_id org catalogue_basis law prev_assignment sla_class track",
    "dispatch.AssignmentSigned": "assignment_id org",
    "feedback.CitizenContacted": "assignment_id",
    "feedback.ReplyDrafted": "assignment_id org draft_id evidence[] traces[]",
    "feedback.DraftReturned": "assignment_id org draft_id",
    "feedback.ReplySubmitted": "assignment_id org reply_id evidence[] signer traces[]",
    "feedback.ReplyApproved": "assignment_id reply_id",
    "feedback.ReplyReturned": "assignment_id reply_id",
    "feedback.ReplyDelivered": "assignment_id org reply_id remedies[] handled_by[]",
    "feedback.CommitmentMade": "assignment_id commitment_id org reply_id",
    "feedback.CommitmentFellDue": "commitment_id org",
    "feedback.CommitmentReported": "commitment_id org",
    "feedback.ProgressReported": "assignment_id",
    "feedback.ExtensionRequested": "assignment_id extension_id org",
    "feedback.ExtensionDecided": "assignment_id extension_id org",
    "feedback.ClockAdjusted": "approver2 assignment_id law_ref org",
    "feedback.ClockAdjustmentRequested": "adjustment_id assignment_id law_ref org",
    "feedback.ClockAdjustmentRefused": "adjustment_id assignment_id org",
    "feedback.HoldRequested": "assignment_id hold_id org",
    "feedback.HoldRefused": "assignment_id hold_id org",
    "feedback.CaseHeld": "asked_by assignment_id org",
    "feedback.HoldLifted": "assignment_id org",
    "evaluation.ReworkOrdered": "assignment_id org reply_id rework_id",
    "evaluation.CallbackRecorded": "reason_code",
    "evaluation.EvaluationSubmitted": "reason_code",
    "evaluation.ReviewRequested": "reply_id review_id",
    "evaluation.ReviewAccepted": "org review_id",
    "evaluation.ReviewDeclined": "org review_id",
    "evaluation.HearingOpened": "hearing_id review_id",
    "evaluation.HearingClosed": "hearing_id review_id",
    "evaluation.ReviewDecisionProposed": "org proposal_id review_id",
    "evaluation.ReviewDecisionReturned": "org proposal_id review_id",
    "evaluation.ReviewDecided": "org proposed_by review_id",
    "evaluation.ScoreAppealed": "appeal_id evidence[] fact_id org",
    "evaluation.AppealDismissed": "appeal_id org",
    "evaluation.PanelConvened": "appeal_id members[].account members[].org org panel_id",
    "evaluation.PanelMemberRecused": "account panel_id",
    "evaluation.PanelFindingFiled": "panel_id",
    "evaluation.ThirdPartyAssessed": "appeal_id fact_id org panel[].account panel[].org panel_id",
    "evaluation.ExclusionProposed": "evidence[] exclusion_id org",
    "evaluation.ExclusionDecided": "exclusion_id org proposed_by",
    "evaluation.UnitCallbackRecorded": "assignment_id difficulty org reply_id",
    "supervision.DeadlineWarned": "timer assignment_id owner_org",
    "supervision.DeadlineBreached": "timer assignment_id owner_org",
    "supervision.BreachRetracted": "timer assignment_id owner_org",
    "supervision.SupervisionIssued": "supervision_id addressee",
    "supervision.SupervisionAnswered": "evidence[] supervision_id",
    "supervision.EscalationProposed": "proposal_id timer addressee",
    "supervision.EscalationDismissed": "proposal_id",
    "supervision.LeaderAssigned": "leadership_id leader team[]",  # an official's account, and units
    "supervision.LeaderReleased": "leadership_id",
    "supervision.InstructionGiven": "addressee instruction_id of",
    "supervision.InstructionAnswered": "evidence[] instruction_id org",
    "supervision.RecommendationMade": "addressee recommendation_id",
    "supervision.RecommendationAnswered": "evidence[] org recommendation_id",
    "supervision.DeadlineMoved": "assignment_id owner_org step timer",
    # Reference data are public: official notices, units, categories. No person stands in them.
    "reference.CalendarYearProposed": "holidays makeup notice proposal_id unread[]",
    "reference.CalendarYearRejected": "proposal_id reason",
    "reference.CalendarPublished": "digest source settles[]",
    "reference.PolicyPublished": "accepted_unusual[] digest source",
    # What tells who somebody is was refused before an entry was stated (libs/rules/pii.py).
    "reference.KnowledgeProposed": f"proposal_id {_KNOWLEDGE}",
    "reference.KnowledgePublished": f"proposal_id proposed_by {_KNOWLEDGE}",
    "reference.KnowledgeRejected": "proposal_id reason",
    "reference.KnowledgeWithdrawn": "reason",
    **dict.fromkeys(
        (
            "reference.AdoptionsPublished",
            "reference.CataloguePublished",
            "reference.LeadersPublished",
            "reference.MailboxesPublished",
            "reference.OrganisationsPublished",
            "reference.TaxonomyPublished",
        ),
        "digest source",
    ),
}
"""Text that events hold in clear: a code, an id, a unit, a paragraph of law. Whoever adds a field
here says with it that no word of or about a person can stand in it; otherwise it is SealedText."""


def sample(type_: str, version: int) -> dict[str, Any]:
    text = (ROOT / SAMPLES / f"{type_}.v{version}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def schema(type_: str, version: int) -> dict[str, Any]:
    text = (ROOT / SCHEMAS / f"{type_}.v{version}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def test_every_event_is_as_it_was_released() -> None:
    assert problems(ROOT) == []


@pytest.mark.parametrize(("type_", "version"), RELEASED)
def test_a_stored_event_is_what_its_schema_says(type_: str, version: int) -> None:
    judge = jsonschema.Draft202012Validator(schema(type_, version))
    judge.check_schema(judge.schema)
    judge.validate(sample(type_, version)["value"])
    with pytest.raises(jsonschema.ValidationError, match="case_id"):
        judge.validate({k: v for k, v in sample(type_, version)["value"].items() if k != "case_id"})


@pytest.mark.parametrize(("type_", "version"), RELEASED)
def test_a_stored_event_is_read_and_stored_again_the_same(type_: str, version: int) -> None:
    stored = sample(type_, version)
    headers = tuple((name, text.encode()) for name, text in stored["headers"].items())
    body = json.dumps(stored["value"], ensure_ascii=False, separators=(",", ":")).encode()
    recorded = decode(read_attributes(headers), body)
    assert isinstance(recorded.event, CATALOG[type_])
    if version == CATALOG[type_].version:
        assert to_headers(recorded) == headers
        assert recorded.event.model_dump_json().encode() == body
        assert decode(read_attributes(to_headers(recorded)), body) == recorded


def test_no_event_holds_words_in_clear() -> None:
    common = set(CODES_AND_IDS["*"].split())
    for type_, event in CATALOG.items():
        texts = {
            path
            for path, field in fields_of(schema_of(type_, event)).items()
            if field.types & {"string", "anything"} and field.values is None
            if not field.bounds.get("pattern", "").startswith(r"^lx1\.")
        }
        assert texts - common == set(CODES_AND_IDS.get(type_, "").split()), type_


# The gate, seen to refuse. Each test releases one event anew, then changes it.


def thing(version_: int = 1, **fields: Any) -> type[Event]:
    """An event of the tests' own, of any shape."""
    made = create_model("Thing", __base__=Event, __module__="tests.dispatch", **fields)
    made.version = version_
    return made


OLD: dict[str, Any] = {"unit": (str, ...), "level": (Literal["a", "b"], "a"), "count": (int, 0)}


@pytest.fixture
def release(tmp_path: Path) -> Iterator[Any]:
    """Puts a class into the catalog in place of all others; the first one is released."""
    kept = dict(CATALOG)

    def put(event: type[Event], name: str = "dispatch.Thing") -> list[str]:
        CATALOG.clear()
        CATALOG[name] = event
        return problems(tmp_path)

    put(thing(**OLD))
    write(tmp_path)
    assert problems(tmp_path) == []
    yield put
    CATALOG.clear()
    CATALOG.update(kept)  # in the old order: the page of events is written in it


NEVER = "Put it back: an event is added to, never changed"


@pytest.mark.parametrize(
    ("changed", "said", "advice"),
    [
        ({"unit": None}, "field unit was removed", NEVER),
        ({"unit": (int, ...)}, "field unit was string and is now integer", NEVER),
        ({"unit": (str | None, ...)}, "field unit was string and is now null or string", NEVER),
        ({"unit": (str, "x")}, "field unit may now be missing", NEVER),
        ({"reason": (str, ...)}, "field reason was added without a default", NEVER),
        ({"reason": (str, "")}, "field reason was added with a default", "ClassVar[int] = 2"),
        ({"level": (Literal["a"], "a")}, "field level no longer takes 'b'", NEVER),
        (
            {"level": (Literal["a", "b", "c"], "a")},
            "field level now takes 'c' too",
            "ClassVar[int] = 2",
        ),
        ({"count": (int, 1)}, "field count had the default 0", NEVER),
    ],
)
def test_a_change_under_the_same_version_is_refused(
    release: Any, tmp_path: Path, changed: dict[str, Any], said: str, advice: str
) -> None:
    fields = {name: kind for name, kind in (OLD | changed).items() if kind is not None}
    (refusal, *_) = release(thing(**fields))
    assert f"dispatch.Thing version 1 was released: {said}" in refusal
    assert advice in refusal
    with pytest.raises(Refused, match="Thing version 1"):
        write(tmp_path)


def test_a_field_with_a_default_is_let_in_under_a_new_version(release: Any, tmp_path: Path) -> None:
    second = thing(2, **OLD, reason=(str, ""))
    assert release(second) == [
        "dispatch.Thing version 2 is not released yet: run: python -m tools.schemas write, and "
        "commit what it adds."
    ]
    before = (tmp_path / SCHEMAS / "dispatch.Thing.v1.json").read_bytes()
    assert len(write(tmp_path)) == 2
    assert problems(tmp_path) == []
    assert (tmp_path / SCHEMAS / "dispatch.Thing.v1.json").read_bytes() == before


def test_a_new_version_does_not_excuse_a_field_without_a_default(release: Any) -> None:
    refusals = release(thing(2, **OLD, reason=(str, ...)))
    assert "field reason was added without a default" in refusals[0]
    assert "dispatch.Thing version 1 can no longer be read" in refusals[1]


def test_an_older_reader_must_find_all_that_it_knows(release: Any) -> None:
    (refusal, _) = release(thing(2, level=OLD["level"], count=OLD["count"]))
    assert "field unit was removed" in refusal


def test_a_renamed_or_removed_event_is_refused(release: Any) -> None:
    refusals = release(thing(**OLD), "dispatch.Other")
    assert refusals[0].startswith("dispatch.Thing was released, and no class is called so")


def test_a_version_that_shrinks_or_jumps_is_refused(release: Any, tmp_path: Path) -> None:
    assert release(thing(3, **OLD)) == [
        "dispatch.Thing jumps from version 1 to 3: take 2.",
        "dispatch.Thing version 3 is not released yet: run: python -m tools.schemas write, and "
        "commit what it adds.",
    ]
    release(thing(2, **OLD, reason=(str, "")))
    write(tmp_path)
    (refusal,) = [line for line in release(thing(1, **OLD)) if "only grows" in line]
    assert refusal.startswith("dispatch.Thing was released as version 2, and its class says 1")


@pytest.mark.parametrize("folder", [SCHEMAS, SAMPLES])
def test_an_edited_or_missing_file_is_refused(release: Any, tmp_path: Path, folder: Path) -> None:
    path = tmp_path / folder / "dispatch.Thing.v1.json"
    path.write_text(path.read_text().replace("unit", "organ"))
    (refusal,) = problems(tmp_path)
    assert refusal.startswith(f"{folder}/dispatch.Thing.v1.json was edited. It was released")
    path.unlink()
    (refusal,) = problems(tmp_path)
    assert refusal.startswith(f"{folder}/dispatch.Thing.v1.json is gone")
    with pytest.raises(Refused):
        write(tmp_path)


def test_an_old_shape_is_read_through_its_upcaster(
    release: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Thing(Event):
        """Version 2 calls the unit an org."""

        __module__ = "tests.dispatch"
        version: ClassVar[int] = 2
        org: str

    assert "can no longer be read" in release(Thing)[-2]
    monkeypatch.setitem(UPCASTS, ("dispatch.Thing", 1), lambda old: old | {"org": old["unit"]})
    assert write(tmp_path)[0].endswith("dispatch.Thing.v2.json")
    assert problems(tmp_path) == []
    stored = json.loads((tmp_path / SAMPLES / "dispatch.Thing.v1.json").read_text())["value"]
    read = load("dispatch.Thing", 1, json.dumps(stored).encode())
    assert isinstance(read, Thing)
    assert read.org == stored["unit"]


def test_words_may_be_put_better_at_any_time(release: Any) -> None:
    better = thing(**OLD)
    better.__doc__ = "The same fact, said more plainly."
    better.model_rebuild(force=True)
    assert release(better) == []


def test_a_write_that_was_cut_off_is_finished_by_the_next(release: Any, tmp_path: Path) -> None:
    release(thing(2, **OLD, reason=(str, "")))
    (tmp_path / SCHEMAS / "dispatch.Thing.v2.json").write_text('{"half": ')
    assert len(write(tmp_path)) == 2
    assert problems(tmp_path) == []
    assert write(tmp_path) == []


def test_the_command_names_event_field_and_remedy(
    release: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--root", str(tmp_path)]) == 0
    release(thing(level=OLD["level"], count=OLD["count"]))
    assert main(["check", "--root", str(tmp_path)]) == 1
    assert (
        "dispatch.Thing version 1 was released: field unit was removed" in capsys.readouterr().err
    )
    assert main(["write", "--root", str(tmp_path)]) == 1
    assert "Nothing was written." in capsys.readouterr().err


def test_a_field_of_a_value_inside_an_event_is_held_too() -> None:
    shapes = fields_of(schema_of("dispatch.CaseAssigned", CaseAssigned))
    assert {"actor.role", "decided_with.policy", "due_sign"} <= shapes.keys()
    assert shapes["due_sign"].types == {"string (date-time)"}


def test_the_parts_of_a_pair_are_held_too() -> None:
    shapes = fields_of(schema_of("intake.CasePublished", CasePublished))
    assert {"reviewers[0]", "reviewers[1]"} <= shapes.keys()
    assert shapes["reviewers[1]"].types == {"string"}


def test_a_pair_that_holds_something_else_is_refused(release: Any, tmp_path: Path) -> None:
    release(thing(2, **OLD, pair=(tuple[str, str], ("a", "b"))))
    write(tmp_path)
    (refusal, *_) = release(thing(2, **OLD, pair=(tuple[str, int], ("a", "b"))))
    assert "field pair[1] was string and is now integer" in refusal
