"""One sentence per event, in Chinese. It shows no citizen's word: those stand as 〔密〕."""

from libs.events import dispatch, evaluation, feedback, intake, supervision
from libs.events.base import Event
from tools.log.names import Names
from tools.log.reading import SEALED


def tell(event: Event, n: Names) -> str:
    """What happened. An event without a sentence of its own is told by its name."""
    match event:
        case intake.CaseRegistered() as e:
            return (
                f"收到{n.channel(e.channel)}{n.kind(e.kind)}（{n.identity(e.identity_mode)}），"
                f"登记为 {e.receipt_no}，标题{SEALED}；{n.at(e.due_accept)} 前决定是否受理"
            )
        case intake.CaseClassified() as e:
            return f"归类为“{n.category(e.category)}”，{n.kind(e.kind)}（{n.small(e.source)}）"
        case intake.CaseAccepted() as e:
            return (
                f"受理：{n.category(e.category)}，{n.sla(e.sla_class)}；"
                f"{n.at(e.due.dispatch)} 前交办，{n.at(e.due.citizen)} 前答复群众"
            )
        case intake.CaseDeclined() as e:
            return f"不予受理：{n.ground(e.ground)}，理由、其他渠道和救济途径{SEALED}"
        case intake.CaseReferred() as e:
            due = f"；{n.at(e.due.dispatch)} 前转交" if e.due else ""
            return f"引导/移送至{SEALED}：{n.ground(e.ground)}{due}"
        case intake.PersonalDataErased() as e:
            return f"个人信息已销毁，密文永不可读（{e.ground}）"
        case dispatch.CaseAssigned() as e:
            how = "自动" if e.automatic else ""
            part = "协办" if e.role == "assist" else "主办"
            return (
                f"{how}交办{n.org(e.org)}{part}（{n.small(e.basis)}）；{n.at(e.due_sign)} 前签收，"
                f"{n.at(e.due_contact)} 前联系群众，{n.at(e.due_handle)} 前办结"
            )
        case dispatch.AssignmentSigned() as e:
            return f"{n.org(e.org)}签收"
        case feedback.CitizenContacted() as e:
            result = "已联系上" if e.reached else "未联系上"
            return f"第 {e.attempt_no} 次联系群众（{n.small(e.mode)}），{result}"
        case feedback.ReplySubmitted() as e:
            claims = "、".join(f"诉求{a.claim}{n.small(a.outcome)}" for a in e.answers)
            return f"{n.org(e.org)}报结：{claims}，答复{SEALED}；{n.at(e.due_audit)} 前审核"
        case feedback.ReplyApproved():
            return "答复审核通过"
        case feedback.ReplyReturned() as e:
            return f"答复退回：{n.small(e.reason)}"
        case feedback.ReplyDelivered() as e:
            due = f"；{n.at(e.due_callback)} 前回访" if e.due_callback else ""
            until = f"，{n.at(e.evaluation_until)} 前可评价" if e.evaluation_until else ""
            return f"{n.org(e.org)}答复群众（{n.small(e.mode)}）：{n.small(e.outcome)}{due}{until}"
        case evaluation.CallbackRecorded() as e:
            said = [n.small(e.resolved), n.small(e.level)] if e.reached else ["未接通"]
            return f"第 {e.attempt_no} 次回访：{'，'.join(filter(None, said)) or '已接通'}"
        case evaluation.EvaluationSubmitted() as e:
            return f"群众评价{n.small(e.target)}：{n.small(e.level)}"
        case evaluation.ReviewRequested() as e:
            late = "" if e.in_time else "（逾期提出）"
            return (
                f"申请{'复查' if e.level == 1 else '复核'}{late}；{n.at(e.due_decide)} 前作出意见"
            )
        case evaluation.ReviewDecided() as e:
            return f"{'复查' if e.level == 1 else '复核'}意见：{n.small(e.outcome)}（文号{SEALED}）"
        case evaluation.CaseClosed() as e:
            return f"办结：{n.small(e.outcome)}"
        case supervision.DeadlineWarned() as e:
            colour = "黄灯" if e.threshold == "amber" else "红灯"
            return f"{colour}预警：{n.timer(e.timer)}限 {n.at(e.due_at)}（{n.org(e.owner_org)}）"
        case supervision.DeadlineBreached() as e:
            return f"超期：{n.timer(e.timer)}限 {n.at(e.due_at)} 已过（{n.org(e.owner_org)}）"
        case supervision.BreachRetracted() as e:
            return f"撤回超期：{n.timer(e.timer)}已于 {n.at(e.done_at)} 按时完成（{n.org(e.owner_org)}）"
        case supervision.SupervisionIssued() as e:
            level = {1: "催办", 2: "督办", 3: "挂牌督办"}[e.level]
            return f"{level}{n.org(e.addressee)}：{e.ground}；{n.at(e.due_at)} 前答复"
        case supervision.SupervisionAnswered() as e:
            return f"督办答复{SEALED if e.measures else ''}，{'已解除' if e.lifted else '未解除'}"
        case _:
            return event.type()
