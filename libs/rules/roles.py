"""Who may act: the roles of the platform (domain 2.3). It grants no right."""

from libs.rules.states import Word


class Role(Word):
    """A role in which a person, a unit's system or a timer acts on a case.

    A `contractor` never holds what decides: 诉求办理等主体业务不得外包 (国办函〔2025〕66号(三)).
    """

    CITIZEN = "citizen", "诉求人", "Citizen"
    REPRESENTATIVE = "representative", "代表", "Representative"
    OPERATOR = "operator", "话务/受理员", "Operator"
    ACCEPTOR = "acceptor", "审定员", "Acceptor"
    DISPATCHER = "dispatcher", "派单员", "Dispatcher"
    DISPUTE_JUDGE = "dispute_judge", "异议审核员", "Dispute judge"
    COORDINATOR = "coordinator", "协调员", "Coordinator"
    UNIT_CLERK = "unit_clerk", "经办人", "Unit clerk"
    UNIT_HEAD = "unit_head", "单位负责人", "Head of unit"
    AUDITOR = "auditor", "答复审核员", "Reply auditor"
    CALLBACK_AGENT = "callback_agent", "回访员", "Callback agent"
    SUPERVISOR = "supervisor", "督办员", "Supervisor"
    LEADER = "leader", "包案领导", "Leader in charge"
    REVIEW_OFFICER = "review_officer", "复查/复核员", "Review officer"
    XINFANG_OFFICER = "xinfang_officer", "信访干部", "Petition officer"
    DISCIPLINE_OFFICER = "discipline_officer", "纪检监察干部", "Discipline officer"
    THIRD_PARTY = "third_party", "第三方评价员", "Third-party assessor"
    PRIVACY_OFFICER = "privacy_officer", "个人信息保护负责人", "Privacy officer"
    REFERENCE_OFFICER = "reference_officer", "制度数据管理员", "Reference-data officer"
    INSPECTOR = "inspector", "审计员", "Inspector"
    ANALYST = "analyst", "统计分析员", "Analyst"
    CONTRACTOR = "contractor", "外包人员", "Contractor"
    SYSTEM = "system", "系统", "System"
    OPS = "ops", "平台运维", "Platform operations"
    CHANNEL = "channel", "渠道接入", "Channel adapter"
