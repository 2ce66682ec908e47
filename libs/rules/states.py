"""The words of a case: states, grounds, kinds, channels, timers. It decides nothing."""

from enum import StrEnum


class Word(StrEnum):
    """A code with its Chinese and English words."""

    zh: str
    en: str

    def __new__(cls, code: str, zh: str = "", en: str = "") -> "Word":
        word = str.__new__(cls, code)
        word._value_ = code
        word.zh = zh
        word.en = en
        return word


class CaseState(StrEnum):
    """The main state of a case (诉求件). `seen` is what the citizen reads; `reopenable` ends can
    be reopened by `CaseReopened`, `final` ones cannot."""

    zh: str
    en: str
    seen: str
    final: bool
    reopenable: bool

    def __new__(
        cls, code: str, zh: str = "", en: str = "", seen: str = "", end: str = ""
    ) -> "CaseState":
        state = str.__new__(cls, code)
        state._value_ = code
        state.zh = zh
        state.en = en
        state.seen = seen
        state.final = end == "final"
        state.reopenable = end == "reopenable"
        return state

    @property
    def open(self) -> bool:
        """Whether the citizen still waits: neither final nor an end that can be reopened."""
        return not (self.final or self.reopenable)

    DRAFT = "draft", "草稿", "Draft", "草稿"
    REGISTERED = "registered", "已登记(待审定)", "Registered", "已收到"
    INFO_REQUESTED = "info_requested", "待补充", "Information requested", "请补充"
    ACCEPTED = "accepted", "已受理(待派单)", "Accepted", "已受理"
    DECLINED = "declined", "不予受理", "Not accepted", "不予受理", "reopenable"
    REFERRED = "referred", "已引导/移送", "Referred", "已转交", "reopenable"
    MERGED = "merged", "已并单(从件)", "Merged", "一并办理", "final"
    ASSIGNED = "assigned", "已派单(待签收)", "Assigned", "已转承办单位"
    DISPUTED = "disputed", "派单异议审核中", "Assignment disputed", "正在确定承办单位"
    COORDINATING = "coordinating", "协调会商中(吹哨)", "Being coordinated", "正在会商"
    HANDLING = "handling", "办理中(已签收)", "In hand", "办理中"
    REPLIED = "replied", "已报结(待审核)", "Reply under audit", "办理中"
    DELIVERED = "delivered", "已答复(待回访/评价)", "Answered", "已答复"
    REWORK = "rework", "重办/二次交办", "Being reworked", "重新办理"
    HELD = "held", "挂账(暂无法解决)", "On hold", "挂账"
    CLOSED = "closed", "已办结", "Closed", "已办结", "reopenable"
    WITHDRAWN = "withdrawn", "已撤回", "Withdrawn", "已撤回", "reopenable"
    TERMINATED = "terminated", "终止办理", "Terminated", "终止办理", "reopenable"
    IN_REVIEW = "in_review", "复查中", "Under review", "复查中"
    IN_REREVIEW = "in_rereview", "复核中", "Under second review", "复核中"
    FINALISED = "finalised", "三级终结", "Finalised", "已复核", "final"
    ARCHIVED = "archived", "已归档", "Archived", "已归档", "final"


class DeclineGround(StrEnum):
    """Why a case is not accepted, referred or terminated: a closed list (domain 1.5). A named
    human chooses it, never a model (PIPL 24(3)). `effect` says where it leads."""

    zh: str
    effect: str
    source: str

    def __new__(
        cls, code: str, zh: str = "", effect: str = "", source: str = ""
    ) -> "DeclineGround":
        ground = str.__new__(cls, code)
        ground._value_ = code
        ground.zh = zh
        ground.effect = effect
        ground.source = source
        return ground

    D01 = "D01", "应急事项，请拨 110/119/120/122", "refer", "国办函〔2025〕66号(二)"
    D02 = "D02", "已经或依法应当通过诉讼解决", "refer", "信访工作条例 Art. 31(1)"
    D03 = "D03", "应当通过仲裁解决", "refer", "信访工作条例 Art. 31(2)"
    D04 = "D04", "应当通过行政复议、裁决等法定程序解决", "refer", "信访工作条例 Art. 31(4)"
    D05 = "D05", "属于纪检监察机关受理的检举控告", "refer", "信访工作条例 Art. 22, 30"
    D06 = "D06", "属于政府信息公开申请", "refer", "政府信息公开条例"
    D07 = "D07", "已进入信访渠道正在办理", "decline", "信访工作条例 Art. 19"
    D08 = "D08", "同一事项正在办理或已办结且无新情况新理由", "decline", "信访工作条例 Art. 19(3)"
    D09 = "D09", "已经复核终结", "decline", "信访工作条例 Art. 36(3)"
    D10 = "D10", "涉法涉诉事项已依法终结", "decline", "信访工作条例 Art. 31(1)"
    D11 = "D11", "涉及国家秘密、工作秘密、商业秘密或个人隐私", "decline", "国办函〔2025〕66号(二)"
    D12 = "D12", "违反法律法规或公序良俗", "decline", "国办函〔2025〕66号(二)"
    D13 = "D13", "不属于本行政区域", "refer", "地方热线管理办法"
    D14 = "D14", "属于党委、人大、政协、军队等其他系统职责", "refer", "信访工作条例 Art. 2"
    D15 = "D15", "应当通过市场或社会渠道解决的民事关系", "decline", "北京市接诉即办工作条例 Art. 11"
    D16 = "D16", "信息不足且补正期满未补正", "decline", "platform rule"
    D17 = "D17", "党员申诉、申请复审", "refer", "信访工作条例 Art. 31(3)"

    @property
    def declines(self) -> bool:
        """Whether a case can be declined on it (domain 2.4 row 9: D07 to D15, row 6: D16). What another place
        or system must do can be said to the citizen, or handed over (domain 1.5: D13, D14)."""
        return self.effect == "decline" or self in (DeclineGround.D13, DeclineGround.D14)

    @property
    def needs_two(self) -> bool:
        """Whether a second person must agree: no new facts, or finalised (domain 2.4 row 9)."""
        return self in (DeclineGround.D08, DeclineGround.D09)


class TerminationGround(Word):
    """Why a case ends that only its citizen could have carried on (domain 2.4 row 38)."""

    UNREACHABLE = "citizen_unreachable", "多次联系不上诉求人，无法继续办理", "Citizen cannot be reached"
    REFUSES = "citizen_refuses", "诉求人拒绝配合，无法继续办理", "Citizen refuses to take part"


TERMINATES: tuple[DeclineGround | TerminationGround, ...] = (
    *(ground for ground in DeclineGround if ground.value not in ("D01", "D05", "D16", "D17")),
    *TerminationGround,
)
"""The grounds to end a case that was dispatched: D02 to D15 and the citizen's own. A report on an official
(D05) is handed over, not terminated."""


class Kind(Word):
    """What a message wants (诉求类型). K4 is split before the first event: K4b is restricted."""

    CONSULTATION = "K1", "咨询", "Consultation"
    HELP = "K2", "求助", "Help"
    COMPLAINT = "K3", "投诉", "Complaint"
    REPORT = "K4", "举报", "Report"
    REPORT_ENTERPRISE = "K4a", "举报市场主体违法", "Report on an enterprise"
    REPORT_OFFICIAL = "K4b", "检举公职人员", "Report on an official"
    SUGGESTION = "K5", "建议", "Suggestion"
    PRAISE = "K6", "表扬", "Praise"
    OTHER = "K7", "其他", "Other"


class Missing(Word):
    """What a citizen can be asked for when a request cannot be judged yet (待补充)."""

    PLACE = "place", "地点", "Place"
    TIME = "time", "时间", "Time"
    FACTS = "facts", "事实经过", "What happened"
    SUBJECT = "subject", "被反映对象", "Whom it is about"
    CLAIM = "claim", "具体诉求", "What is wanted"
    CONTACT = "contact", "联系方式", "How to be reached"
    DOCUMENTS = "documents", "证明材料", "Documents"


class Track(Word):
    """Which procedure a case follows."""

    HOTLINE = "hotline", "热线", "Hotline"
    XINFANG = "xinfang", "信访", "Petition"
    MARKET = "market", "市场监管投诉", "Consumer complaint"
    PROPOSAL = "proposal", "人民建议", "Citizens' proposal"
    RESTRICTED = "restricted", "检举控告", "Restricted report"


class Identity(Word):
    """How the citizen appears. Anonymous cases are accepted if they can be verified (G03)."""

    REAL = "real", "实名", "Real name"
    CONFIDENTIAL = "confidential", "实名但要求保密", "Real name, kept secret"
    ANONYMOUS = "anonymous", "匿名", "Anonymous"


class Secrecy(Word):
    """Who may see a case at all."""

    NORMAL = "normal", "普通", "Normal"
    SEALED = "sealed", "限知", "Need to know"
    RESTRICTED = "restricted", "限制件", "Discipline only"


class SlaClass(Word):
    """The time class of a taxonomy leaf; policy packs give each its limits."""

    Q = "Q", "即时答复", "At once"
    E = "E", "紧急", "Emergency"
    U = "U", "加急", "Urgent"
    G = "G", "一般", "General"
    C = "C", "复杂", "Complex"
    X = "X", "信访", "Petition"
    M = "M", "市场监管投诉", "Consumer complaint"
    P = "P", "人民建议", "Proposal"
    R = "R", "引导/移送", "Referral"


class Step(Word):
    """The timers of a case (domain 2.5), by what must happen before they end."""

    CITIZEN = "CITIZEN", "群众时限", "The citizen's own clock"
    ACCEPT = "ACCEPT", "受理", "Accept or decline"
    SUPPLEMENT = "SUPPLEMENT", "补充", "Citizen supplements"
    DISPATCH = "DISPATCH", "派单", "Dispatch"
    SIGN = "SIGN", "签收", "Sign"
    CONTACT = "CONTACT", "联系", "First contact"
    DISPUTE_WITHIN = "DISPUTE_WITHIN", "提出异议", "Raise a dispute"
    DISPUTE = "DISPUTE", "异议审核", "Decide a dispute"
    COORD = "COORD", "会商", "Coordinate"
    HANDLE = "HANDLE", "办理", "Handle and answer"
    AUDIT = "AUDIT", "审核", "Audit a reply"
    CALLBACK = "CALLBACK", "回访", "Call back"
    EVAL = "EVAL", "评价", "Citizen evaluates"
    REWORK = "REWORK", "重办", "Rework"
    RECHECK = "RECHECK", "挂账复查", "Check a held case"
    REVIEW_REQ = "REVIEW_REQ", "申请复查", "Ask for review"
    REVIEW = "REVIEW", "复查", "Review"
    RR_REQ = "RR_REQ", "申请复核", "Ask for second review"
    REREVIEW = "REREVIEW", "复核", "Second review"
    SUP = "SUP", "督办答复", "Answer a supervision"
    INSTRUCTION = "INSTRUCTION", "批示办理", "Answer an instruction"
    RECOMMENDATION = "RECOMMENDATION", "建议反馈", "Answer a recommendation"
    LEADER = "LEADER", "领导包案", "Leader resolves the case"


class Channel(Word):
    """Where a message came from (domain 3.4)."""

    PHONE_12345 = "phone_12345", "12345电话", "12345 hotline"
    PHONE_DEPT_MERGED = "phone_dept_merged", "部门并入热线", "Merged department line"
    MAILBOX_SECRETARY = "mailbox_secretary", "市委书记信箱", "Party secretary's mailbox"
    MAILBOX_MAYOR = "mailbox_mayor", "市政府信箱", "Mayor's mailbox"
    MAILBOX_COUNTY = "mailbox_county", "区(市)县信箱", "District mailbox"
    MAILBOX_TOWN = "mailbox_town", "乡镇(街道)信箱", "Town mailbox"
    WEB_PORTAL = "web_portal", "门户网站", "Web portal"
    APP = "app", "手机应用", "App"
    WECHAT = "wechat", "微信", "WeChat"
    WEIBO = "weibo", "微博", "Weibo"
    SMS = "sms", "短信", "SMS"
    EMAIL = "email", "电子邮件", "E-mail"
    FAX = "fax", "传真", "Fax"
    LETTER = "letter", "来信", "Letter"
    VISIT = "visit", "来访", "Visit"
    VIDEO_VISIT = "video_visit", "视频接访", "Video visit"
    QR_CODE = "qr_code", "信访二维码", "QR code"
    LEADER_RECEPTION = "leader_reception", "领导接访", "Leader's reception"
    BOARD_LOCAL = "board_local", "城市留言板", "City message board"
    BOARD_PEOPLE = "board_people", "人民网领导留言板", "People's Daily message board"
    FROM_110 = "from_110", "110转办", "From 110"
    FROM_PROVINCE = "from_province", "省级转办", "From the province"
    FROM_STATE_COUNCIL = "from_state_council", "互联网+督查", "From the State Council"
    GOOD_BAD_REVIEW = "good_bad_review", "好差评", "Good-or-bad review"
    GRID_WORKER = "grid_worker", "网格/监督员", "Grid worker"
    VIDEO_IOT = "video_iot", "视频与物联感知", "Video and sensors"
    ENTERPRISE_SEAT = "enterprise_seat", "企业专席", "Enterprise seat"
    MEDIA = "media", "媒体", "Media"
    IMPORT = "import", "批量导入", "Import"
