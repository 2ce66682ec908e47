"""A case as intake knows it, and what each fact makes of it. It decides nothing."""

from dataclasses import dataclass, replace
from datetime import datetime

from libs.events.base import Event
from libs.events.evaluation import CaseClosed
from libs.events.intake import (
    CaseAccepted,
    CaseClassified,
    CaseDeclined,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseSupplemented,
    IdentityMode,
    InformationRequested,
    PersonalDataErased,
    Secrecy,
    Track,
)
from libs.sourcing.decider import Refused
from libs.sourcing.rounds import in_rounds
from services.intake.linked import NOTHING_ELSE, UNLINKED, Elsewhere, Links


@dataclass(frozen=True, slots=True)
class Question:
    """What the citizen was asked for, and until when the answer is waited for."""

    asked_at: datetime
    missing: tuple[str, ...]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Registration:
    """A case as intake knows it. ``closed`` is evaluation's word, ``elsewhere`` that of several; all else is
    intake's own.

    ``first_track`` is that of the acceptance limit, which a later category does not change.
    ``pauses``: when the citizen was asked, and had answered. ``promised``: by when, at acceptance.
    """

    round: int = 0
    registered_at: datetime | None = None
    policy: str = ""
    first_track: Track = "hotline"
    track: Track = "hotline"
    kind: str = ""
    identity_mode: IdentityMode = "real"
    secrecy: Secrecy = "normal"
    adcode: str | None = None
    claims: int = 0
    category: str | None = None
    classified_by: str = ""
    stage: str = ""
    question: Question | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    promised: datetime | None = None
    erased: bool = False
    closed: bool = False
    links: Links = UNLINKED
    elsewhere: Elsewhere = NOTHING_ELSE

    @property
    def ended(self) -> bool:
        """Whether nothing more is done about the case: a merged one has ended when its lead was closed."""
        return self.closed or self.links.concluded or self.stage in ("declined", "referred")

    @property
    def due_citizen(self) -> datetime | None:
        """Until when the citizen was promised an answer, once it was accepted."""
        elsewhere = self.elsewhere
        return self.promised and (elsewhere.extended_to or elsewhere.recounted or self.promised)


def _evolve(case: Registration, event: Event) -> Registration:
    """The case after an event."""
    match event:
        case CaseRegistered():
            return replace(
                case,
                registered_at=event.occurred_at,
                policy=event.decided_with.policy,
                first_track=event.track,
                track=event.track,
                kind=event.kind,
                identity_mode=event.identity_mode,
                secrecy=event.secrecy,
                adcode=event.place.adcode,
                claims=len(event.claims),
                stage="registered",
            )
        case CaseClassified():
            return replace(
                case,
                category=event.category,
                kind=event.kind,
                track=event.track,
                classified_by=event.source,
            )
        case InformationRequested():
            asked = Question(event.occurred_at, event.missing, event.due_supplement)
            return replace(case, stage="info_requested", question=asked)
        case CaseSupplemented():
            return _supplemented(case, event)
        case CaseAccepted():
            promised = event.due.citizen
            return replace(case, stage="accepted", adcode=event.adcode, promised=promised)
        case CaseDeclined():
            return replace(case, stage="declined")
        case CaseReferred():
            return replace(case, stage="referred")
        case PersonalDataErased():
            return replace(case, erased=True)
        case CaseLinkChanged():
            return replace(case, links=case.links.after(event))
        case CaseClosed():
            return replace(case, closed=True)
        case _:
            elsewhere = case.elsewhere.after(event)
            return case if elsewhere is case.elsewhere else replace(case, elsewhere=elsewhere)


def must_be_open(case: Registration) -> None:
    """Refuse what is decided about a case that waits for nobody and about which nothing was decided."""
    if not case.stage:
        raise Refused("There is no such case.")
    if case.stage == "info_requested":
        raise Refused(
            "The citizen was asked for what is missing; the answer is waited for (待补充)."
        )
    if case.stage != "registered":
        raise Refused(f"The case is {case.stage} already.")


def _supplemented(case: Registration, event: CaseSupplemented) -> Registration:
    claims = max(case.claims, 1) + len(event.claims) if event.claims else case.claims
    if case.question is None:
        return replace(case, claims=claims)
    pauses = (*case.pauses, (case.question.asked_at, event.occurred_at))
    stage = "registered" if case.stage == "info_requested" else case.stage
    return replace(case, claims=claims, question=None, pauses=pauses, stage=stage)


def _anew(case: Registration, round_: int) -> Registration:
    """What was registered stays; what was decided about it does not."""
    links = replace(case.links, lead=None, concluded=False)
    again = replace(case, round=round_, stage="", question=None, closed=False, promised=None)
    return replace(again, links=links, elsewhere=NOTHING_ELSE)


evolve = in_rounds(_evolve, _anew)
