"""What a notice says, in Chinese or English: a case's number, a step, an instant and counts. No person's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from libs.rules.calendar import SHANGHAI
from libs.rules.organisations import Organisations
from libs.rules.states import Step, Word
from services.supervision.beyond import LEADERS
from services.supervision.decider import PLATFORM


class NoticeKind(Word):
    """What a notice is about. From ``overdue`` on it is a schedule's and not a fact's
    (每周会商、每月通报、每季讲评、半年小结、年度考核: domain 1.4, Wuhan)."""

    ASSIGNED = "assigned", "新派单", "New case"
    PASSED_ON = "passed_on", "承接办理", "Case passed on"
    AMBER = "amber", "临近到期", "Nearly due"
    RED = "red", "即将到期", "Due very soon"
    BREACH = "breach", "已超期", "Overdue"
    RETRACTED = "retracted", "超期更正", "Not overdue after all"
    URGED = "urged", "催办", "Urged"
    SUPERVISED = "supervised", "督办", "Supervised"
    LISTED = "listed", "挂牌督办", "Listed"
    INSTRUCTED = "instructed", "领导批示", "Instructed"
    RECOMMENDED = "recommended", "工作建议", "Recommended"
    LED = "led", "领导包案", "Leader's case"
    PROPOSED = "proposed", "提级建议", "Escalation proposed"
    PROMISED = "promised", "承诺到期", "Promise due"
    OVERDUE = "overdue", "逾期提醒", "Still overdue"
    DAILY = "daily", "每日清单", "Daily list"
    WEEK = "week", "每周会商", "Weekly report"
    MONTH = "month", "每月通报", "Monthly report"
    QUARTER = "quarter", "每季讲评", "Quarterly report"
    HALF_YEAR = "half_year", "半年小结", "Half-year report"
    YEAR = "year", "年度考核", "Yearly report"


NAMED = 20
"""Cases whose numbers a message names; the rest are counted. A list in the platform names more."""
ZH = {
    "new": "新交办",
    "due_today": "今日到期",
    "due_soon": "即将到期",
    "overdue": "已超期",
    "unsigned": "无人签收",
    "supervised": "被督办",
    "to_answer": "待答复督办",
    "instructions": "批示未结",
    "recommendations": "建议未反馈",
}
EN = {
    "new": "new",
    "due_today": "due today",
    "due_soon": "due soon",
    "overdue": "overdue",
    "unsigned": "unsigned",
    "supervised": "supervised",
    "to_answer": "to be answered",
    "instructions": "instructions open",
    "recommendations": "recommendations open",
}
ZH_REPORT = {
    "warned": "预警",
    "breached": "超期",
    "retracted": "超期更正",
    "supervised": "督办",
    "instructed": "批示",
    "recommended": "建议",
}
EN_REPORT = {
    "warned": "warned",
    "breached": "overdue",
    "retracted": "taken back",
    "supervised": "supervised",
    "instructed": "instructed",
    "recommended": "recommended",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What there is to say. ``content`` is what a schedule made."""

    kind: NoticeKind
    unit_id: str | None = None
    receipt_no: str | None = None
    timer: str | None = None
    due_at: datetime | None = None
    content: Mapping[str, Any] | None = None


def say(notice: Notice, language: str, units: Organisations) -> tuple[str, str]:
    """Title and body."""
    zh = language == "zh"
    kind = notice.kind.zh if zh else notice.kind.en
    if notice.content is not None:
        return _say_list(notice, notice.content, zh, kind, units)
    number = notice.receipt_no or "—"
    due = due_words(notice.due_at, zh) if notice.due_at else ""
    who = unit_name(notice.unit_id, zh, units)
    step = step_name(notice.timer, zh)
    if zh:
        return f"【{kind}】{number}", f"{who}：工单{number}{_zh_sentence(notice.kind, step, due)}"
    return f"[{kind}] {number}", f"{who}: case {number}: {_en_sentence(notice.kind, step, due)}"


def _zh_sentence(kind: NoticeKind, step: str, due: str) -> str:
    match kind:
        case NoticeKind.ASSIGNED:
            return f"已交办，请及时签收，应于{due}前办结。"
        case NoticeKind.PASSED_ON:
            return "因机构调整由你单位承接，原时限不变。"
        case NoticeKind.BREACH:
            return f"的“{step}”时限已于{due}届满，已超期，请立即办理。"
        case NoticeKind.PROMISED:
            return f"答复中的承诺于{due}到期，请说明兑现情况。"
        case NoticeKind.RETRACTED:
            return f"的“{step}”经核实已按时完成，此前的超期已更正。"
        case NoticeKind.URGED | NoticeKind.SUPERVISED | NoticeKind.LISTED:
            return f"已被{kind.zh}，应于{due}前答复整改措施。"
        case NoticeKind.INSTRUCTED:
            return f"有领导批示，应于{due}前答复办理情况。"
        case NoticeKind.RECOMMENDED:
            return f"有一项工作建议，应于{due}前书面反馈采纳情况。"
        case NoticeKind.LED:
            return f"已确定领导包案，应于{due}前化解。"
        case NoticeKind.PROPOSED:
            return f"的“{step}”逾期已久，建议挂牌督办或领导包案，请研究决定。"
        case _:
            return f"的“{step}”{kind.zh}，应于{due}前完成。"


def _en_sentence(kind: NoticeKind, step: str, due: str) -> str:
    match kind:
        case NoticeKind.ASSIGNED:
            return f"is yours to act on; sign it, and answer before {due}."
        case NoticeKind.PASSED_ON:
            return "is now with you after a change of units; its limits stand."
        case NoticeKind.BREACH:
            return f'"{step}" was due at {due} and is overdue. Act at once.'
        case NoticeKind.PROMISED:
            return f"what its reply promised was due at {due}; say whether it was kept."
        case NoticeKind.RETRACTED:
            return f'"{step}" was done in time after all; the breach was taken back.'
        case NoticeKind.URGED | NoticeKind.SUPERVISED | NoticeKind.LISTED:
            return f"you are called to account ({kind.en.lower()}); answer before {due}."
        case NoticeKind.INSTRUCTED:
            return f"a leader has written on it; answer before {due}."
        case NoticeKind.RECOMMENDED:
            return f"a recommendation is made to you; answer in writing before {due}."
        case NoticeKind.LED:
            return f"a leader answers for it; it is to be resolved before {due}."
        case NoticeKind.PROPOSED:
            return f'"{step}" is long overdue; decide whether to list it or to give it to a leader.'
        case _:
            return f'"{step}" is due at {due}.'


def _say_list(
    notice: Notice, content: Mapping[str, Any], zh: bool, kind: str, units: Organisations
) -> tuple[str, str]:
    """A list or report: a line of counts for each unit, then the numbers of cases."""
    labels = _labels(notice.kind, zh)
    colon, stop = ("：", "，") if zh else (": ", ", ")
    lines = []
    for unit in content.get("units", ()):
        counts = [f"{label} {unit[name]}" for name, label in labels.items() if unit[name]]
        if counts:
            lines.append(unit_name(unit["unit_id"], zh, units) + colon + stop.join(counts))
    numbers = [case["receipt_no"] or "—" for case in content.get("cases", ())[:NAMED]]
    if numbers:
        lines.append(("工单" if zh else "Cases") + colon + stop.join(numbers))
    count = content.get("count", len(numbers))
    if count > len(numbers):
        lines.append(f"等共{count}件" if zh else f"{count} in all")
    title = f"【{kind}】{content['period']}" if zh else f"[{kind}] {content['period']}"
    return title, "\n".join(lines) or ("无" if zh else "Nothing.")


def _labels(kind: NoticeKind, zh: bool) -> Mapping[str, str]:
    if kind is NoticeKind.DAILY:
        return ZH if zh else EN
    return ZH_REPORT if zh else EN_REPORT


def due_words(due_at: datetime, zh: bool) -> str:
    """A due instant as people say it: midnight is 24:00 of the day before (民法典 Art. 203)."""
    local = due_at.astimezone(SHANGHAI)
    midnight = (local.hour, local.minute) == (0, 0)
    day = local - timedelta(days=1) if midnight else local
    time = "24:00" if midnight else f"{local:%H:%M}"
    return f"{day.year}年{day.month}月{day.day}日{time}" if zh else f"{day:%Y-%m-%d} {time}"


def step_name(timer: str | None, zh: bool) -> str:
    """The words of a timer: ``HANDLE.<assignment>`` is handling."""
    code = (timer or "").partition(".")[0]
    if code not in Step.__members__:
        return code
    return Step(code).zh if zh else Step(code).en


def unit_name(unit_id: str | None, zh: bool, units: Organisations) -> str:
    """A unit's name; one that the city no longer has goes by its id."""
    if unit_id is None or unit_id == PLATFORM:
        return "热线平台" if zh else "The hotline"
    if unit_id == LEADERS:
        return "领导" if zh else "Leaders"
    if unit_id not in units:
        return unit_id
    return units.unit(unit_id).zh if zh else units.unit(unit_id).en
