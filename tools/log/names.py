"""What codes are called, in Chinese or English. A code that it does not know stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from libs.events.base import Actor
from libs.rules.calendar import SHANGHAI
from libs.rules.roles import Role
from libs.rules.rules import Rules
from libs.rules.states import (
    Channel,
    DeclineGround,
    Identity,
    Kind,
    SlaClass,
    Step,
    TerminationGround,
    Track,
    Word,
)

Lang = Literal["zh", "en"]

ENGLISH_GROUNDS: Mapping[str, str] = {
    "D01": "an emergency, for 110, 119, 120 or 122",
    "D02": "a matter for a court",
    "D03": "a matter for arbitration",
    "D04": "a matter for administrative reconsideration",
    "D05": "a report for the discipline organ",
    "D06": "a request for government information",
    "D07": "already handled as a petition",
    "D08": "the same matter is handled or closed, and nothing is new",
    "D09": "finally reviewed",
    "D10": "ended in law",
    "D11": "a secret or another's privacy",
    "D12": "against law or public order",
    "D13": "outside this city",
    "D14": "for another system than the government",
    "D15": "a civil relation, for market or society",
    "D16": "too little information, and none came in time",
    "D17": "an appeal of a party member",
}
SMALL: Mapping[str, tuple[str, str]] = {
    "new_facts": ("有新情况", "new facts"),
    "remedy_succeeded": ("救济成立", "a remedy succeeded"),
    "officer_error": ("工作差错", "an officer's error"),
    "supported": ("支持", "supported"),
    "partly": ("部分支持", "partly supported"),
    "explained": ("解释说明", "explained"),
    "not_supported": ("不支持", "not supported"),
    "resolved": ("已解决", "resolved"),
    "unreachable": ("联系不上", "unreachable"),
    "yes": ("已解决", "resolved"),
    "no": ("未解决", "not resolved"),
    "very_satisfied": ("非常满意", "very satisfied"),
    "satisfied": ("满意", "satisfied"),
    "basically": ("基本满意", "basically satisfied"),
    "dissatisfied": ("不满意", "dissatisfied"),
    "very_dissatisfied": ("非常不满意", "very dissatisfied"),
    "perfunctory": ("敷衍", "perfunctory"),
    "not_responsive": ("答非所问", "does not answer the matter"),
    "no_legal_basis": ("无法律依据", "without basis in law"),
    "false": ("不实", "untrue"),
    "wrong_person_data": ("信息有误", "wrong personal data"),
    "contains_pii": ("含个人信息", "holds personal data"),
    "phone": ("电话", "by telephone"),
    "visit": ("上门", "in person"),
    "online": ("网上", "online"),
    "letter": ("书面", "by letter"),
    "relay": ("热线转接", "through the hotline"),
    "sms": ("短信", "by SMS"),
    "uphold": ("维持", "upheld"),
    "change": ("变更", "changed"),
    "revoke": ("撤销", "revoked"),
    "human": ("人工", "by a person"),
    "rule": ("规则建议", "suggested by a rule"),
    "model": ("模型建议", "suggested by a model"),
    "catalogue": ("按派单目录", "by the catalogue"),
    "competence": ("按职责", "by competence"),
    "designated": ("指定", "designated"),
    "intake": ("受理单位", "the intake office"),
    "handling": ("承办单位", "the handling unit"),
    "coordination": ("经会商确定", "named by coordination"),
    "not_our_duty": ("不属本单位职责", "not its duty"),
    "not_our_territory": ("不属本区域", "not its territory"),
    "other_lead": ("应由其他单位主办", "another unit leads"),
    "duplicate": ("重复派单", "a duplicate"),
    "no_facts": ("事实不清", "facts are missing"),
    "whistle": ("街乡吹哨", "units called together by a unit"),
    "consultation": ("会商", "units called together"),
    "establishment_office": ("提请编办确定", "put to the establishment office"),
    "government": ("提请政府确定", "put to the government"),
    "hearing": ("听证", "a hearing"),
    "appraisal": ("鉴定检测", "an appraisal"),
    "third_party_opinion": ("征求第三方意见", "a third party's opinion"),
    "force_majeure": ("不可抗力", "force majeure"),
    "policy_limit": ("现行政策无法解决", "no policy allows it"),
    "objective": ("客观条件暂无法解决", "circumstances do not allow it yet"),
    "recheck": ("到期复查", "time to look again"),
    "policy_change": ("政策变化", "the policy changed"),
    "leader": ("领导要求", "a leader asked"),
    "dissatisfied_unresolved": ("群众不满意且未解决", "unsolved"),
    "false_reply": ("虚假答复", "a false reply"),
    "rating": ("满意度评价", "a rating"),
    "rework": ("重办", "a rework"),
    "breach": ("超期", "a missed limit"),
    "each_own_word": ("各执一词", "whose account holds"),
    "for_unit": ("支持承办单位", "for the unit"),
    "for_citizen": ("支持诉求人", "for the citizen"),
    "undecided": ("无多数意见", "nothing by majority"),
    "not_counted": ("不计入", "does not count"),
    "stands": ("维持", "stands"),
    "none": ("不变", "changes nothing"),
    "false_content": ("经核实不实", "found to be untrue"),
    "out_of_remit": ("不属职责范围", "outside its remit"),
    "third_party_fault": ("第三方原因", "the fault of others"),
    "duplicate_merged": ("重复并单", "handled with another"),
    "citizen_withdrew": ("群众撤回", "the citizen withdrew"),
    "approved": ("同意", "agreed to"),
    "rejected": ("不同意", "not agreed to"),
    "interest_in_matter": ("与事项有利害关系", "an interest in the matter"),
    "relation_to_person": ("与当事人有关系", "a relation to somebody in it"),
    "other": ("其他原因", "another reason"),
    "court": ("法院", "a court"),
    "prosecution": ("检察机关", "the prosecution"),
    "discipline": ("纪检监察机关", "the discipline organ"),
    "audit": ("审计", "an audit"),
    "legal_hold": ("依法留存", "it is held by law"),
    "statutory_retention": ("法定保存期未满", "the law says how long it is kept"),
    "review_revoked": ("上级机关撤销答复", "the level above revoked the answer"),
}
"""Values of events' closed lists that no rule needs a word for."""
RELATIONS: Mapping[str, tuple[str, str]] = {
    "merged_into": ("并入另一件", "merged into another case"),
    "leads": ("另一件并入本件", "another case is merged into this one"),
    "unmerged": ("撤销并单，单独办理", "unmerged; it goes by itself again"),
    "released": ("从件已撤出", "a case that was merged goes by itself again"),
    "concluded": ("随主件办结", "ended with the case that led"),
    "concludes": ("从件随本件办结", "the merged case has ended with this one"),
    "related": ("关联另一件", "related to another case"),
}
UNPUBLISHED: Mapping[str, tuple[str, str]] = {
    "consent_withdrawn": ("群众撤回同意", "the citizen withdrew the consent"),
    "personal_data": ("含个人信息", "it held personal data"),
    "wrong": ("内容有误", "it was wrong"),
    "outdated": ("内容已过时", "it was outdated"),
    "by_law": ("依法撤下", "by law"),
    "erased": ("个人信息已删除", "the personal data were erased"),
}
"""``wrong`` and ``erased`` say too little by themselves to stand in ``SMALL``."""


@dataclass(frozen=True, slots=True)
class Names:
    """The words of one language, with the city's organisations and the taxonomy."""

    rules: Rules
    lang: Lang

    def at(self, at: datetime | None) -> str:
        """An instant as the clock in China shows it."""
        return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else "?"

    def org(self, unit_id: str | None) -> str:
        """A unit's name."""
        if unit_id is None:
            return ""
        if unit_id not in self.rules.organisations:
            return unit_id
        unit = self.rules.organisations.unit(unit_id)
        return unit.zh if self.lang == "zh" else unit.en

    def who(self, actor: Actor) -> str:
        """In which role, and of which unit; never a person's name."""
        return self.desk(actor.role, actor.org)

    def desk(self, role: str, unit_id: str | None) -> str:
        """A role at a unit."""
        parts = [self.org(unit_id), self.of(Role, role)]
        if self.lang == "en":
            return ", ".join(part for part in reversed(parts) if part)
        return " ".join(part for part in parts if part)

    def of(self, words: type[Word], code: str) -> str:
        """The word of a code of one list."""
        try:
            word = words(code)
        except ValueError:
            return code
        return word.zh if self.lang == "zh" else word.en

    def small(self, code: str | None) -> str:
        """A value of an event's closed list."""
        if code is None:
            return ""
        return SMALL.get(code, (code, code))[0 if self.lang == "zh" else 1]

    def relation(self, code: str) -> str:
        """What a case has to do with another."""
        return RELATIONS.get(code, (code, code))[0 if self.lang == "zh" else 1]

    def unpublished(self, ground: str) -> str:
        """Why a published text is gone."""
        return UNPUBLISHED.get(ground, (ground, ground))[0 if self.lang == "zh" else 1]

    def category(self, code: str) -> str:
        """What a case is about."""
        try:
            leaf = self.rules.leaf(code)
        except ValueError:
            return code
        return leaf.zh if self.lang == "zh" else leaf.en

    def ground(self, code: str) -> str:
        """Why a case was declined, referred or ended."""
        if code in TerminationGround.__members__.values():
            own = TerminationGround(code)
            return own.zh if self.lang == "zh" else own.en
        try:
            ground = DeclineGround(code)
        except ValueError:
            return code
        return ground.zh if self.lang == "zh" else ENGLISH_GROUNDS.get(code, code)

    def timer(self, name: str) -> str:
        """Which limit; the name may go on with the assignment or review it is for."""
        return self.of(Step, name.partition(".")[0])

    def channel(self, code: str) -> str:
        return self.of(Channel, code)

    def kind(self, code: str) -> str:
        return self.of(Kind, code)

    def track(self, code: str) -> str:
        return self.of(Track, code)

    def sla(self, code: str) -> str:
        return self.of(SlaClass, code)

    def identity(self, code: str) -> str:
        return self.of(Identity, code)
