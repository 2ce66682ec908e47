"""The rules of contesting a score before a panel of third parties (transition 48). Nothing here waits, reads
or writes. A panel changes what counts for a unit, never what the citizen may ask for."""

from datetime import datetime

from libs.events.base import Event, in_round
from libs.events.evaluation import (
    AppealDismissed,
    PanelConvened,
    PanelFindingFiled,
    PanelMember,
    PanelMemberRecused,
    ScoreAppealed,
    ThirdPartyAssessed,
)
from libs.rules.calendar import is_late
from libs.rules.policy import ScoreAppeal
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.evaluation.commands import (
    AppealScore,
    ConvenePanel,
    DismissAppeal,
    FilePanelFinding,
    RecuseFromPanel,
    SettlePanel,
)
from services.evaluation.guards import answering_now, close_to, must_be_answered, units
from services.evaluation.rework import is_dissatisfied
from services.evaluation.score_state import Appeal, Panel
from services.evaluation.state import Verdict
from services.evaluation.windows import rating_until


def appeal_score(command: AppealScore, case: Verdict, rules: Rules) -> list[Event]:
    """The head of a unit contests, once in a case, a rework, a breach or how its work was rated, within the
    pack's limit. Of a unit that was merged or split, that of the unit that has the matter now."""
    limits, org = _limits(case, rules), command.by.org or ""
    before = case.scores.appeal
    if before is not None and (before.org, before.against) == (org, command.against):
        return []
    if before is not None:
        raise Refused("The score of this case has been contested already; that is done once.")
    fact_id, start = _contested(command, case, rules)
    last = rules.calendar(case.policy).due(start, limits.within)
    if is_late(command.occurred_at, last.at):
        raise Refused(f"The time to contest this ended at {last.at.isoformat()}.")
    return [
        ScoreAppealed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            appeal_id=f"{in_round(command.case_id, case.round)}.a1",
            org=org,
            against=command.against,
            fact_id=fact_id,
            reason=command.reason,
            evidence=command.evidence,
        )
    ]


def dismiss_appeal(command: DismissAppeal, case: Verdict, rules: Rules) -> list[Event]:
    """What is about nothing that counts needs no panel. To the unit it reads like a score that stands."""
    appeal = _open_appeal(command.appeal_id, case)
    _must_not_be_of_the_unit(command, appeal.org, rules)
    if case.scores.panel is not None and case.scores.panel.appeal_id == appeal.appeal_id:
        raise Refused("A panel looks at it already.")
    if appeal.against != "rating" or is_dissatisfied(case):
        raise Refused("What is contested counts; convene a panel.")
    return [
        AppealDismissed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            appeal_id=appeal.appeal_id,
            org=appeal.org,
            note=command.note,
        )
    ]


def convene_panel(command: ConvenePanel, case: Verdict, rules: Rules) -> list[Event]:
    """A coordinator or supervisor asks a panel about an appeal; a supervisor also where citizen and unit
    say opposite things (各执一词). Who was recused is replaced, nobody else."""
    limits, panel = _limits(case, rules), case.scores.panel
    appeal = None if command.appeal_id is None else _open_appeal(command.appeal_id, case)
    if appeal is None:
        must_be_answered(case)
        if command.by.role != "supervisor":
            raise Refused("Where accounts differ (各执一词) a supervisor asks a panel.")
    org = appeal.org if appeal is not None else case.unit_id or case.org
    again = panel is not None and not panel.settled
    if panel is not None and again:
        if panel.appeal_id != command.appeal_id:
            raise Refused("A panel looks at another question of this case; it comes first.")
        if {m.account for m in panel.members} == {m.account for m in command.members}:
            return []
        if not panel.recused or not set(panel.seated) <= {m.account for m in command.members}:
            raise Refused("members: only who was recused is replaced.")
    _must_not_be_of_the_unit(command, org, rules)
    members = tuple(
        PanelMember(account=m.account, kind=m.kind, org=m.unit_id) for m in command.members
    )
    _must_be_a_panel(command, members, org, case, limits, rules)
    number = case.scores.panels + (0 if again else 1)
    due = rules.calendar(case.policy).due(command.occurred_at, limits.assess)
    return [
        PanelConvened(
            **command.stamp(rules.versions_of(case.policy), case.round),
            panel_id=f"{in_round(command.case_id, case.round)}.j{number}",
            appeal_id=command.appeal_id,
            org=org,
            question=appeal.against if appeal is not None else "each_own_word",
            members=members,
            brief=command.brief,
            due_assess=due.at,
        )
    ]


def recuse_from_panel(command: RecuseFromPanel, case: Verdict, rules: Rules) -> list[Event]:
    """A member leaves for an interest in the matter; a member leaves only the own seat (回避)."""
    panel = _open_panel(command.panel_id, case)
    account = command.account or command.by.id
    if command.by.role == "third_party" and account != command.by.id:
        raise Refused("account: a member leaves only the own seat.")
    if account != command.by.id:
        _must_not_be_of_the_unit(command, panel.org, rules)
    if account in panel.recused:
        return []
    if account not in panel.seated:
        raise Refused("account: this account is not a member of the panel.")
    facts = command.stamp(rules.versions_of(case.policy), case.round)
    return [PanelMemberRecused(**facts, panel_id=panel.panel_id, account=account)]


def file_panel_finding(command: FilePanelFinding, case: Verdict, rules: Rules) -> list[Event]:
    """Each member says once what they find; with the last one, or with the majority once it is time, the
    panel has found."""
    panel = _open_panel(command.panel_id, case)
    if command.by.id not in panel.seated:
        raise Refused("Only a member of the panel says what it finds.")
    _must_not_be_of_the_unit(command, panel.org, rules)
    before = panel.found.get(command.by.id)
    if before is not None:
        if before == command.finding:
            return []
        raise Refused("You have said what you find.")
    filed = PanelFindingFiled(
        **command.stamp(rules.versions_of(case.policy), case.round),
        panel_id=panel.panel_id,
        finding=command.finding,
        reason=command.reason,
    )
    after = _with_finding(panel, command)
    over = after.majority is not None and is_late(command.occurred_at, panel.due_assess)
    if not (after.all_found or over):
        return [filed]
    return [filed, _assessed(command, case, after, rules)]


def settle_panel(command: SettlePanel, case: Verdict, rules: Rules) -> list[Event]:
    """At the end of its time a panel has found what the majority has, even if some have said nothing."""
    panel = case.scores.panel
    if panel is None or settles_at(case) != command.occurred_at:
        return []
    return [_assessed(command, case, panel, rules)]


def settles_at(case: Verdict) -> datetime | None:
    """When the open panel has found without those who have said nothing."""
    panel = case.scores.panel
    gone = case.over and case.ends.end != "closed"
    if gone or panel is None or panel.settled or panel.majority is None:
        return None
    return panel.due_assess


def _limits(case: Verdict, rules: Rules) -> ScoreAppeal:
    if not case.policy:
        raise Refused("There is no such case, or it was not accepted; it has no score.")
    limits = rules.pack(case.policy).appeal
    if limits is None:
        raise Refused(f"The policy {case.policy} knows no appeal against a score.")
    return limits


def _contested(command: AppealScore, case: Verdict, rules: Rules) -> tuple[str, datetime]:
    """The fact that is contested, and from when the limit counts. Whether there is a rating is not told
    here: a unit never learns who rated what (G01), so all it may say is how its work should be rated, once
    the citizen can rate no more."""
    org = command.by.org
    match command.against:
        case "rework":
            ordered = case.scores.ordered
            if ordered is None or answering_now(ordered.org, case, rules) != org:
                raise Refused("against: your unit was not ordered to do it again.")
            if ordered.revoked:
                raise Refused("against: what the level above revoked is not for a panel.")
            return ordered.rework_id, ordered.at
        case "breach":
            missed = {
                name: at
                for name, (owner, at) in case.breaches.items()
                if answering_now(owner, case, rules) == org
            }
            if command.fact_id not in missed:
                there = ", ".join(sorted(missed)) or "none"
                raise Refused(f"fact_id: name the limit that your unit missed; there are: {there}.")
            return command.fact_id, missed[command.fact_id]
        case "rating":
            until = rating_until(case, rules)
            if answering_now(case.org, case, rules) != org or until is None:
                raise Refused("against: your unit did not answer this case.")
            if not is_late(command.occurred_at, until):
                raise Refused("against: the citizen can still rate; wait until that is over.")
            return "", until


def _open_appeal(appeal_id: str, case: Verdict) -> Appeal:
    appeal = case.scores.appeal
    if appeal is None or appeal.appeal_id != appeal_id or appeal.settled:
        raise Refused("No such appeal is open.")
    return appeal


def _open_panel(panel_id: str, case: Verdict) -> Panel:
    panel = case.scores.panel
    if panel is None or panel.panel_id != panel_id or panel.settled:
        raise Refused("No such panel is open.")
    return panel


def _must_not_be_of_the_unit(command: Command, org: str, rules: Rules) -> None:
    if command.by.org is not None and command.by.org in close_to(org, rules):
        raise Refused(f"Who is of {org}, or close to it, has no part in this.")


def _must_be_a_panel(
    command: Command,
    members: tuple[PanelMember, ...],
    org: str,
    case: Verdict,
    limits: ScoreAppeal,
    rules: Rules,
) -> None:
    """An odd number of at least as many as the pack asks for, of three kinds at least, none of whom had to
    do with the case, with its unit, or with convening it, or keeps out of it (回避, 信访工作条例 Art. 28(3))."""
    accounts = [member.account for member in members]
    if len(set(accounts)) != len(accounts):
        raise Refused("members: an account has one seat.")
    if len(members) < limits.members or len(members) % 2 == 0:
        raise Refused(f"members: an odd number, at least {limits.members}.")
    if len({member.kind for member in members}) < 3:
        raise Refused("members: of at least three of the seven kinds.")
    panel = case.scores.panel
    left = panel.recused if panel is not None else ()
    concerned = {command.by.id, *case.everyone, *left, *case.recused}
    for member in members:
        if member.account in concerned:
            raise Refused(f"members: {member.account} acted on the case or was recused.")
        if member.org is not None and member.org in {*close_to(org, rules), *units(case)}:
            raise Refused(f"members: {member.account} is of the unit or close to it.")


def _with_finding(panel: Panel, command: FilePanelFinding) -> Panel:
    return Panel(
        panel.panel_id,
        panel.appeal_id,
        panel.org,
        panel.question,
        panel.members,
        panel.due_assess,
        panel.recused,
        {**panel.found, command.by.id: command.finding},
    )


def _assessed(command: Command, case: Verdict, panel: Panel, rules: Rules) -> ThirdPartyAssessed:
    """The majority's word; where there is none, nothing changes."""
    finding = panel.majority or "undecided"
    appeal = case.scores.appeal
    of_appeal = appeal is not None and appeal.appeal_id == panel.appeal_id
    stands = "stands" if panel.appeal_id or finding == "for_citizen" else "none"
    return ThirdPartyAssessed(
        **command.stamp(rules.versions_of(case.policy), case.round),
        panel_id=panel.panel_id,
        appeal_id=panel.appeal_id,
        org=panel.org,
        panel=panel.members,
        question=panel.question,
        fact_id=appeal.fact_id if appeal is not None and of_appeal else "",
        finding=finding,
        score_effect="not_counted" if finding == "for_unit" else stands,
    )
