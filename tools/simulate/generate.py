"""Invents the messages of a demonstration city. Deterministic by its seed; no person stands behind them."""

import random
from datetime import datetime, timedelta

from libs.rules.organisations import OrgType
from libs.rules.rules import Rules
from libs.rules.taxonomy import Leaf
from tools.simulate.messages import Message

CHANNELS = ("web_portal", "app", "wechat", "phone_12345", "board_local", "mailbox_mayor", "letter")
HOURS = (9, 11, 14, 16)
"""Messages and answers fall on few hours of the day, so that a whole city is played in seconds."""
TEXTS = (
    "{place}的{matter}问题已经持续{days}天，影响周边居民，请尽快派人处理。",
    "本人住在{place}附近，最近遇到{matter}的情况，打过几次电话没有结果，希望有个明确答复。",
    "请问{place}关于{matter}由哪个部门负责？我们小区{households}户都很关心。",
    "{place}{matter}，早晚高峰尤其明显，建议相关单位到现场看一看，并告知整改时间。",
)
REPLIES = (
    "经核实，您反映的{matter}情况属实。我单位已于当日到{place}现场处理，责令整改，预计三日内完成，并将持续跟进。",
    "感谢您的来信。关于{matter}，经调查，依据有关规定答复如下：该事项已列入本季度计划，完成后将向您反馈。",
    "您反映的{place}{matter}一事，经现场核查，现有条件下暂不能完全解决，具体原因和政策依据已向您电话说明。",
)
REPORT = (
    "检举{place}某站所工作人员以权谋私",
    "该工作人员利用职务便利收受好处费，在{matter}审批中优亲厚友，请纪检监察机关调查。",
)
STAGES = (
    ("closed", 52),
    ("called", 8),
    ("delivered", 7),
    ("submitted", 5),
    ("contacted", 7),
    ("handling", 7),
    ("assigned", 4),
    ("accepted", 3),
    ("registered", 3),
    ("declined", 4),
)
"""How far a message goes, and how many in a hundred."""


def generate(rules: Rules, count: int, until: datetime, seed: int = 12345) -> list[Message]:
    """So many messages of the eight weeks before ``until``; the unfinished ones are the youngest."""
    dice = random.Random(seed)
    leaves = [leaf for leaf in rules.taxonomy.leaves if not leaf.restricted and leaf.code != "9901"]
    streets = [u.zh for u in rules.organisations if u.type in (OrgType.STREET, OrgType.TOWN)]
    stages, weights = zip(*STAGES, strict=True)
    found = []
    for number in range(count):
        stage = dice.choices(stages, weights)[0]
        place = f"{dice.choice(streets)}{dice.choice(('一小区', '农贸市场旁', '小学门口', '主干道', '广场'))}"
        age = dice.uniform(20, 56) if stage in ("closed", "declined") else dice.uniform(0.5, 12)
        registered_at = _at(until - timedelta(days=age), dice)
        days = min(dice.lognormvariate(1.4, 0.8), age - 0.2)
        replied_at = max(_at(registered_at + timedelta(days=days), dice), registered_at + timedelta(hours=2))
        restricted = number % 60 == 59
        leaf = dice.choice(leaves)
        words = {
            "place": place,
            "matter": _matter(leaf),
            "days": dice.randint(2, 40),
            "households": dice.randint(30, 900),
        }
        title, text = REPORT if restricted else ("{place}{matter}", dice.choice(TEXTS))
        found.append(
            Message(
                id=f"demo-{number:04d}",
                title=title.format(**words),
                text=text.format(**words),
                registered_at=min(registered_at, until),
                reply=dice.choice(REPLIES).format(**words),
                replied_at=min(replied_at, until),
                stage=stage,
                channel=dice.choice(CHANNELS),
            )
        )
    return found


def _matter(leaf: Leaf) -> str:
    return leaf.zh.split("（")[0].split("、")[0]


def _at(day: datetime, dice: random.Random) -> datetime:
    return day.replace(hour=dice.choice(HOURS), minute=0, second=0, microsecond=0)
