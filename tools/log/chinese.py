"""One sentence per event, in Chinese. It shows no citizen's word: those stand as 〔密〕."""

from libs.events import dispatch, evaluation, feedback, intake, reference, supervision
from libs.events.base import Event
from libs.events.edition import Edition
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
        case intake.DeclineProposed() as e:
            return f"拟不予受理：{n.ground(e.ground)}，理由{SEALED}；待第二人审核"
        case intake.DeclineRejected() as e:
            return f"第二人不同意不予受理（{n.ground(e.ground)}），继续审定"
        case intake.CaseDeclined() as e:
            return f"不予受理：{n.ground(e.ground)}，理由、其他渠道和救济途径{SEALED}"
        case intake.CaseReferred() as e:
            due = f"；{n.at(e.due.dispatch)} 前转交" if e.due else ""
            return f"引导/移送至{SEALED}：{n.ground(e.ground)}{due}"
        case intake.InformationRequested() as e:
            return f"请群众补充{'、'.join(e.missing)}，问题{SEALED}；{n.at(e.due_supplement)} 前补充"
        case intake.CaseSupplemented() as e:
            due = f"；{n.at(e.due_accept)} 前决定是否受理" if e.due_accept else ""
            return f"补充了材料{SEALED}{due}"
        case intake.AnsweredAtDesk() as e:
            used = "、".join(f"{one.entry}第 {one.edition} 版" for one in e.entries)
            return f"依据知识库{used}直接解答{SEALED}，{n.at(e.evaluation_until)} 前可评价或提出未得到答复"
        case intake.PraiseForwarded() as e:
            return f"表扬转送{n.org(e.org)}，已致谢{SEALED}，{n.at(e.object_until)} 前可提出异议"
        case intake.AnswerContested() as e:
            return f"诉求人提出未得到答复{SEALED}，转入受理，应于 {n.at(e.due_accept)} 前受理"
        case intake.WithdrawalRequested() as e:
            through = f"{n.org(e.through_org)}转达：" if e.through_org else ""
            ask = "，须由他人电话核实" if e.through_org else ""
            return f"{through}群众要求撤回{ask}，{n.at(e.cooling_end)} 前可反悔"
        case intake.WithdrawalConfirmed() as e:
            return f"经电话核实，确系群众本人要求撤回，{n.at(e.cooling_end)} 前可反悔"
        case intake.WithdrawalCancelled():
            return "群众不撤回，继续办理"
        case intake.CaseWithdrawn():
            return "已撤回"
        case intake.ReopeningAsked():
            return f"群众要求重新办理，理由{SEALED}"
        case intake.ReopeningDeclined():
            return f"不重新办理，理由和救济途径{SEALED}"
        case intake.CaseReopened() as e:
            return (
                f"重新办理（{n.small(e.ground)}），第 {e.round + 1} 轮，理由{SEALED}；"
                f"{n.at(e.due.dispatch)} 前交办，{n.at(e.due.citizen)} 前答复群众"
            )
        case intake.CaseLinkChanged() as e:
            return f"{n.relation(e.relation)}（{e.other_case}）{f'，理由{SEALED}' if e.reason else ''}"
        case intake.ConsentChanged() as e:
            return "群众同意隐去身份后公开问答" if e.publish else "群众撤回公开同意"
        case intake.RedactionProposed():
            return f"已去标识化{SEALED}，待另一名审核员复核"
        case intake.RedactionReturned():
            return f"去标识化复核退回，理由{SEALED}"
        case intake.CasePublished() as e:
            return f"公开问答{SEALED}，公开编号 {e.publication_id}"
        case intake.CaseUnpublished() as e:
            return f"撤下公开内容 {e.publication_id}：{n.unpublished(e.ground)}"
        case intake.RecusalClaimed():
            return f"群众申请工作人员回避，理由{SEALED}"
        case intake.RecusalDecided() as e:
            return f"{'同意' if e.outcome == 'granted' else '不同意'}回避申请，理由{SEALED}"
        case intake.RecusalRecorded() as e:
            how = "经申请" if e.claim_id else "主动"
            return f"一名工作人员{how}回避（{n.small(e.ground)}），不再办理和查看本件"
        case intake.RecusalLifted():
            return f"一名工作人员解除回避，理由{SEALED}"
        case intake.CaseArchived() as e:
            return (
                f"归档（{n.track(e.retention_class)}）：联系信息保存至 {n.at(e.contact_until)}，"
                f"内容保存至 {n.at(e.retain_until)}"
            )
        case intake.LegalHoldPut() as e:
            return f"依法留存（{n.small(e.ground)}），文号{SEALED}，不得删除"
        case intake.LegalHoldLifted():
            return "解除依法留存"
        case intake.ProcessingRestricted() as e:
            until = f"，至 {n.at(e.until)}" if e.until else ""
            return f"限制处理：内容只存储不使用（{n.small(e.ground)}）{until}"
        case intake.RestrictionLifted():
            return "解除限制处理"
        case intake.ContactDataErased():
            return "姓名、电话等联系信息已销毁"
        case intake.PersonalDataErased() as e:
            return f"个人信息已销毁，密文永不可读（{e.ground}）"
        case dispatch.CaseAssigned() as e:
            how = ("自动" if e.automatic else "") + ("直" if e.direct else "")
            part = "协办" if e.role == "assist" else "主办"
            law = f"，{e.law}" if e.law else ""
            return (
                f"{how}交办{n.org(e.org)}{part}（{n.small(e.basis)}{law}）；{n.at(e.due_sign)} 前签收，"
                f"{n.at(e.due_contact)} 前联系群众，{n.at(e.due_handle)} 前办结"
            )
        case dispatch.AssignmentSigned() as e:
            return f"{n.org(e.org)}签收"
        case dispatch.DisputeProposed() as e:
            until = f"（{n.at(e.countersign_until)} 前）" if e.countersign_until else ""
            return f"{n.org(e.org)}拟提派单异议：{n.small(e.reason_code)}，依据{SEALED}，待单位负责人会签{until}"
        case dispatch.DisputeWithheld() as e:
            return f"{n.org(e.org)}负责人不同意提出派单异议，理由{SEALED}"
        case dispatch.AssignmentDisputed() as e:
            instead = f"，建议由{n.org(e.suggested_org)}承办" if e.suggested_org else ""
            return (
                f"{n.org(e.org)}提出派单异议：{n.small(e.reason_code)}，依据{SEALED}{instead}；"
                f"{n.at(e.due_decide)} 前审核"
            )
        case dispatch.DisputeDecided() as e:
            to = f"，指定{n.org(e.designated_org)}承办" if e.designated_org else ""
            return f"派单异议{'成立，重新派单' if e.outcome == 'upheld' else '不成立'}{to}，理由{SEALED}"
        case dispatch.CoordinationOpened() as e:
            who = "、".join(n.org(one) for one in e.parties)
            return f"{n.small(e.level)}{f'（{who}）' if who else ''}；{n.at(e.due_resolve)} 前确定承办单位"
        case dispatch.CoordinationResolved() as e:
            if e.lead is None:
                return f"会商未能确定承办单位，纪要{SEALED}"
            with_ = "、".join(n.org(one) for one in e.assists)
            return f"会商确定{n.org(e.lead)}主办{f'，{with_}协办' if with_ else ''}，纪要{SEALED}"
        case dispatch.TerminationProposed() as e:
            return f"拟终止办理：{n.ground(e.ground)}，理由、其他渠道和救济途径{SEALED}，待另一人审核"
        case dispatch.TerminationRejected():
            return "不同意终止办理，继续办理"
        case dispatch.CaseTerminated() as e:
            return f"终止办理：{n.ground(e.ground)}，理由、其他渠道和救济途径{SEALED}"
        case dispatch.DispatchStopped() as e:
            unit = f"，{n.org(e.org)}不再办理" if e.org else ""
            return f"已并单，停止派单{unit}"
        case dispatch.DispatchResumed() as e:
            return f"已拆单，重新派单；{n.at(e.due_dispatch)} 前交办"
        case dispatch.AssignmentPassedOn() as e:
            return f"{n.org(e.from_org)}已撤并，由{n.org(e.org)}继续办理，期限不变"
        case feedback.CommitmentMade() as e:
            return f"{n.org(e.org)}承诺{SEALED}，{n.at(e.due_at)} 前兑现"
        case feedback.CommitmentFellDue() as e:
            return f"{n.org(e.org)}的承诺于 {n.at(e.due_at)} 到期，提醒说明兑现情况"
        case feedback.CommitmentReported() as e:
            kept = "已兑现" if e.outcome == "kept" else "未兑现"
            again = f"，下次 {n.at(e.next_due_at)}" if e.next_due_at else ""
            return f"{n.org(e.org)}说明承诺{kept}{SEALED}{again}"
        case feedback.ProgressReported() as e:
            until = f"，预计 {n.at(e.expected_at)}" if e.expected_at else ""
            return f"报告进展{SEALED}{until}"
        case feedback.ExtensionRequested() as e:
            return f"{n.org(e.org)}申请延期至 {n.at(e.new_due)}，理由{SEALED}"
        case feedback.ExtensionDecided() as e:
            if e.outcome == "rejected":
                return f"延期未获批准，已告知群众{SEALED}"
            to = f"至 {n.at(e.due_handle)}" if e.due_handle else ""
            return f"批准延期{to}，理由已告知群众{SEALED}"
        case feedback.ClockAdjusted() as e:
            why = f"{n.small(e.ground)}（{e.law_ref}）"
            if e.action == "suspend":
                return f"暂停计算办理期限：{why}"
            return f"恢复计算办理期限：{why}{f'；{n.at(e.due_handle)} 前办结' if e.due_handle else ''}"
        case feedback.ClockAdjustmentRequested() as e:
            what = "中止" if e.action == "suspend" else "恢复"
            return f"{n.org(e.org)}申请{what}计算办理期限：{n.small(e.ground)}（{e.law_ref}）"
        case feedback.ClockAdjustmentRefused():
            return f"不同意调整办理期限，理由{SEALED}"
        case feedback.HoldRequested() as e:
            return f"{n.org(e.org)}申请挂账：{n.small(e.reason_code)}，理由{SEALED}"
        case feedback.HoldRefused():
            return f"不同意挂账，继续办理，理由{SEALED}"
        case feedback.CaseHeld() as e:
            told = f"理由、其他渠道和救济途径{SEALED}"
            return f"挂账：{n.small(e.reason_code)}，{told}；{n.at(e.next_check_at)} 前复查"
        case feedback.HoldLifted() as e:
            return f"解除挂账（{n.small(e.reason_code)}）；{n.at(e.due_handle)} 前办结"
        case feedback.CitizenContacted() as e:
            result = "已联系上" if e.reached else "未联系上"
            return f"第 {e.attempt_no} 次联系群众（{n.small(e.mode)}），{result}"
        case feedback.ReplyDrafted() as e:
            return f"{n.org(e.org)}经办人拟稿{SEALED}，待单位负责人签发"
        case feedback.DraftReturned() as e:
            return f"{n.org(e.org)}负责人退回拟稿，理由{SEALED}"
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
        case evaluation.ReviewAccepted() as e:
            return f"{n.org(e.org)}受理{'复查' if e.level == 1 else '复核'}申请"
        case evaluation.ReviewDeclined() as e:
            return f"{n.org(e.org)}不予受理{'复查' if e.level == 1 else '复核'}：逾期提出"
        case evaluation.HearingOpened():
            return "开始听证，听证时间不计入期限"
        case evaluation.HearingClosed() as e:
            return f"听证结束；{n.at(e.due_decide)} 前作出意见"
        case evaluation.ReviewDecisionProposed() as e:
            return f"{n.org(e.org)}拟{n.small(e.outcome)}，待另一人确认"
        case evaluation.ReviewDecisionReturned():
            return "复核拟办意见退回"
        case evaluation.ReviewDecided() as e:
            return f"{'复查' if e.level == 1 else '复核'}意见：{n.small(e.outcome)}（文号{SEALED}）"
        case evaluation.ReworkOrdered() as e:
            return f"第 {e.ordinal} 次要求{n.org(e.org)}重办：{n.small(e.reason)}；{n.at(e.due_rework)} 前答复"
        case evaluation.ScoreAppealed() as e:
            return f"{n.org(e.org)}对考核提出异议：{n.small(e.against)}"
        case evaluation.AppealDismissed():
            return "考核异议无扣分事实，不组织评议"
        case evaluation.PanelConvened() as e:
            return f"组织 {len(e.members)} 人第三方评议：{n.small(e.question)}；{n.at(e.due_assess)} 前评议"
        case evaluation.PanelMemberRecused():
            return "一名评议员回避"
        case evaluation.PanelFindingFiled():
            return f"一名评议员提交意见{SEALED}"
        case evaluation.ThirdPartyAssessed() as e:
            return f"第三方评议：{n.small(e.finding)}，考核{n.small(e.score_effect)}"
        case evaluation.ExclusionProposed() as e:
            return f"{n.org(e.org)}申请考核剔除：{n.small(e.reason)}"
        case evaluation.ExclusionDecided() as e:
            return f"{n.org(e.org)}考核剔除申请：{n.small(e.outcome)}"
        case evaluation.UnitCallbackRecorded() as e:
            return f"第 {e.attempt_no} 次回访{n.org(e.org)}：{'已接通' if e.reached else '未接通'}"
        case evaluation.CaseClosed() as e:
            return f"办结：{n.small(e.outcome)}"
        case supervision.DeadlineWarned() as e:
            colour = "黄灯" if e.threshold == "amber" else "红灯"
            return f"{colour}预警：{n.timer(e.timer)}限 {n.at(e.due_at)}（{n.org(e.owner_org)}）"
        case supervision.DeadlineBreached() as e:
            return f"超期：{n.timer(e.timer)}限 {n.at(e.due_at)} 已过（{n.org(e.owner_org)}）"
        case supervision.BreachRetracted() as e:
            return f"撤回超期：{n.timer(e.timer)}已于 {n.at(e.done_at)} 按时完成（{n.org(e.owner_org)}）"
        case supervision.DeadlineMoved() as e:
            moved = f"改为 {n.at(e.due_at)}（原 {n.at(e.was_due_at)}）"
            now = f"仍为 {n.at(e.due_at)}" if e.due_at == e.was_due_at else moved
            return f"工作日历公布，{n.timer(e.timer)}期限{now}{'，暂定' if e.provisional else ''}"
        case supervision.SupervisionIssued() as e:
            level = {1: "催办", 2: "督办", 3: "挂牌督办"}[e.level]
            return f"{level}{n.org(e.addressee)}：{e.ground}；{n.at(e.due_at)} 前答复"
        case supervision.SupervisionAnswered() as e:
            return f"督办答复{SEALED if e.measures else ''}，{'已解除' if e.lifted else '未解除'}"
        case supervision.EscalationProposed() as e:
            to = "挂牌督办" if e.to == "listed" else "领导包案"
            return f"建议对{n.org(e.addressee)}{to}，待人决定：{n.timer(e.timer)}期限已过"
        case supervision.EscalationDismissed() as e:
            return f"不采纳提级建议 {e.proposal_id}：{SEALED}"
        case supervision.OldCaseListed() as e:
            return f"列入积案：{'超过规定年限' if e.ground == 'age' else '督办员列入'}"
        case supervision.OldCaseDelisted():
            return f"积案销号，理由{SEALED}"
        case supervision.LeaderAssigned() as e:
            level = {"city": "市级", "county": "县级", "section": "科级"}[e.level]
            return f"{level}领导包案；{n.at(e.due_at)} 前化解"
        case supervision.LeaderReleased() as e:
            why = {"resolved": "已化解", "handed_over": "移交", "released": "解除"}[e.ground]
            return f"领导包案结束：{why}"
        case supervision.InstructionGiven() as e:
            kind = {"instruct": "批示", "similar": "要求举一反三", "progress": "询问进展"}[e.kind]
            return f"领导{kind}{SEALED}；{n.org(e.addressee)}应于 {n.at(e.due_at)} 前答复"
        case supervision.InstructionAnswered() as e:
            like = "" if e.found is None else f"，发现同类问题 {e.found} 个"
            return f"{n.org(e.org)}答复批示{SEALED}{like}"
        case supervision.RecommendationMade() as e:
            about = {
                "improve_work": "改进工作",
                "improve_policy": "完善政策",
                "hold_accountable": "追究责任",
            }[e.kind]
            return f"向{n.org(e.addressee)}提出{about}建议{SEALED}；{n.at(e.due_at)} 前书面反馈"
        case supervision.RecommendationAnswered() as e:
            verdict = {"adopted": "采纳", "partly": "部分采纳", "declined": "未采纳"}[e.outcome]
            return f"{n.org(e.org)}反馈建议：{verdict}，理由{SEALED}"
        case reference.CalendarYearProposed() as e:
            return f"从通知中读出 {e.year} 年放假 {e.holidays}，上班 {e.makeup or '无'}，待人工确认"
        case reference.CalendarYearRejected() as e:
            return f"否定读出的 {e.year} 年日历：{e.reason}"
        case reference.KnowledgeProposed() as e:
            return f"{n.org(e.entry.unit)}的知识条目待审核：{e.entry.question}"
        case reference.KnowledgeRejected() as e:
            return f"知识条目 {e.proposal_id} 未通过：{e.reason}"
        case reference.KnowledgePublished() as e:
            until = n.at(e.entry.valid_until)
            return f"知识条目第 {e.edition} 版生效至 {until}：{e.entry.question}"
        case reference.KnowledgeWithdrawn() as e:
            return f"知识条目停用：{e.reason}"
        case Edition() as e:
            c = e.changes
            unusual = e.accepted_unusual if isinstance(e, reference.PolicyPublished) else ()
            accepted = f"；发布人确认异常时限：{'；'.join(unusual)}" if unusual else ""
            return (
                f"发布{e.case_id}第 {e.edition} 版（增 {c.added}，改 {c.changed}，减 {c.removed}），"
                f"依据：{e.source}{accepted}"
            )
        case _:
            return event.type()
