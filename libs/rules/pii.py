"""Which places of a text may tell who somebody is: regular expressions, recall first. It changes no text
by itself, and it does not find a bare name without a context: a human still reads what is published.

    places(find_personal("联系人：欧阳晓明，138 0013 8000"))  # what to tell who wrote it, without their words
    masked(text)                                             # the same text with 〔手机号〕 in their stead

Kinds, order and contexts: domain 7.1; what must not be published: 个人信息保护法 Art. 4, 25, 51;
政府信息公开条例 Art. 15.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from libs.rules.states import Word


class Trace(Word):
    """What kind of thing tells who somebody is, in the order in which they are looked for."""

    ID_CARD = "id_card", "身份证号", "an identity card number"
    BANK = "bank", "银行卡号", "a bank account number"
    MOBILE = "mobile", "手机号", "a mobile number"
    LANDLINE = "landline", "固定电话", "a telephone number"
    PLATE = "plate", "车牌号", "a number plate"
    EMAIL = "email", "电子邮箱", "an e-mail address"
    ACCOUNT = "account", "QQ或微信号", "a QQ or WeChat account"
    PASSPORT = "passport", "护照或通行证号", "a passport or permit number"
    HOUSE = "house", "门牌住址", "a house and room number"
    NAME = "name", "姓名", "a person's name"


OF_A_PERSON = frozenset(Trace) - {Trace.LANDLINE}
"""All but landlines: an office's own number may stand in what the public reads."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a text: characters ``start`` up to before ``end``, in line ``line``, from 1."""

    kind: Trace
    start: int
    end: int
    line: int

    def __str__(self) -> str:
        return f"line {self.line}, characters {self.start + 1}-{self.end}: {self.kind.en} ({self.kind.zh})"


def find_personal(text: str, kinds: Collection[Trace] = OF_A_PERSON) -> tuple[Found, ...]:
    """The places that may be personal, by position; no two overlap.

    A number counts even when its check digit is wrong. Full-width and Chinese digits are read as digits.
    """
    rest = text.translate(_HALF_WIDTH)
    lines = [match.start() for match in _LINE_ENDS.finditer(text)]
    found: list[Found] = []
    for kind, pattern in _PATTERNS:
        spans = [match.span() for match in pattern.finditer(_digits(kind, rest))]
        rest = _without(rest, spans)
        if kind in kinds:
            found += [Found(kind, *span, bisect_left(lines, span[0]) + 1) for span in spans]
    return tuple(sorted(found, key=lambda one: one.start))


def kinds_found(text: str, kinds: Collection[Trace] = OF_A_PERSON) -> tuple[str, ...]:
    """Which kinds stand in a text, in the order of ``Trace``: codes that can be kept where no word may be."""
    found = {one.kind for one in find_personal(text, kinds)}
    return tuple(str(kind) for kind in Trace if kind in found)


def places(found: Sequence[Found], most: int = 5) -> str:
    """Where they stand, in words that hold none of theirs."""
    more = f"; and {len(found) - most} more" if len(found) > most else ""
    return "; ".join(map(str, found[:most])) + more


def masked(text: str, kinds: Collection[Trace] = OF_A_PERSON) -> str:
    """The text with the kind of each place in its stead."""
    parts, end = [], 0
    for found in find_personal(text, kinds):
        parts += [text[end : found.start], f"〔{found.kind.zh}〕"]
        end = found.end
    return "".join([*parts, text[end:]])


_TAKEN = "\0"
"""Stands where something was found already, so that no later pattern finds it again."""
_LINE_ENDS = re.compile("\n")
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_CHINESE = str.maketrans("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with these spans taken out, in one pass however many they are."""
    parts, end = [], 0
    for start, stop in spans:
        parts += [text[end:start], _TAKEN * (stop - start)]
        end = stop
    return "".join([*parts, text[end:]])


def _digits(kind: Trace, text: str) -> str:
    """Numbers are sometimes spelled (一三八…); names and places are not read that way."""
    return text.translate(_CHINESE) if kind in (Trace.ID_CARD, Trace.MOBILE) else text


_GAP = r"[\s.·•_\-‐-―−\u200b-\u200d\u2060\ufeff]"
"""What people put between the digits of a number, also where it cannot be seen."""
_BEFORE, _AFTER = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_MOBILE = (
    rf"1[3-9][0-9]{_GAP}{{0,3}}[0-9]{{4}}{_GAP}{{0,3}}[0-9]{{4}}",
    rf"1[3-9][0-9]{_GAP}{{1,3}}[0-9]{{3}}{_GAP}{{1,3}}[0-9]{{5}}",
    rf"1[3-9][0-9]{{2}}{_GAP}{{1,3}}[0-9]{{3}}{_GAP}{{1,3}}[0-9]{{4}}",
    rf"1[3-9][0-9]{{4}}{_GAP}{{1,3}}[0-9]{{5}}",
    rf"1{_GAP}{{1,2}}[3-9](?:{_GAP}{{1,2}}[0-9]){{9}}",
)
_HAN = r"[\u3400-\u9fff]"
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎鲁韦"
    "昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安乐傅皮卞齐康伍余元卜顾孟黄穆萧尹姚邵"
    "汪祁毛禹狄米贝明臧计戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄江童颜郭梅盛林刁钟徐邱骆高夏"
    "蔡田樊胡凌霍虞万支柯管卢莫经裘缪解丁邓郁杭洪包诸左石崔吉龚程邢裴陆荣翁荀羊惠曲封储靳段富巫焦谷"
    "车侯全班仰秋仲伊宫宁仇甘武符刘景詹束龙叶幸司黎蒲卓池乔阴白邹欧耿关闫肖覃辛涂阳冉庄晏柴瞿阎游"
)
_COMPOUND = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|令狐|慕容|司徒|夏侯|端木|独孤|南宫"
_SURNAME = rf"(?:{_COMPOUND}|[{_SURNAMES}])"
_NO_NAME = (
    "申请|应当|单位|常住|居住|房产|符合|有效|车辆|户口|银行|经办|经过|全部|全体|关于|安全|管理|支付|计算|"
    "包括|解决|强制|明确"
)
"""What follows such a context and begins like a surname without being a name."""
_TITLES = "先生|女士|小姐|阿姨|大爷|大妈|大娘|大姐|大哥|师傅|老师|奶奶|爷爷"

_SHAPES: dict[Trace, tuple[str, ...]] = {
    Trace.ID_CARD: (
        rf"{_BEFORE}[1-9][0-9]{{5}}{_GAP}{{0,2}}(?:18|19|20)[0-9]{{2}}{_GAP}{{0,2}}{_DAY}"
        rf"{_GAP}{{0,2}}[0-9]{{3}}[0-9Xx]{_AFTER}",
        rf"{_BEFORE}[1-9][0-9]{{7}}{_DAY}[0-9]{{3}}{_AFTER}",
    ),
    Trace.MOBILE: tuple(
        rf"(?:{_BEFORE}|(?<=[^0-9]86)|(?<=^86)){shape}(?!{_GAP}?[0-9A-Za-z])" for shape in _MOBILE
    ),
    Trace.LANDLINE: (
        rf"{_BEFORE}\(?0[1-9][0-9]{{1,2}}\)?{_GAP}{{0,3}}[2-9][0-9]{{2,3}}{_GAP}?[0-9]{{4}}(?![0-9])",
    ),
    Trace.BANK: (
        rf"{_BEFORE}[0-9]{{15,19}}{_AFTER}",
        rf"{_BEFORE}[0-9]{{4}}(?:{_GAP}[0-9]{{4}}){{3}}(?:{_GAP}[0-9]{{1,3}})?{_AFTER}",
        rf"{_BEFORE}62[0-9]{{4}}{_GAP}[0-9]{{10,13}}{_AFTER}",
    ),
    Trace.PLATE: (
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][\s·.]?"
        r"(?=[A-Za-z0-9]*[0-9])[A-HJ-NP-Za-hj-np-z0-9]{4,5}[A-HJ-NP-Za-hj-np-z0-9学警港澳挂]"
        r"(?![A-Za-z0-9])",
    ),
    Trace.EMAIL: (
        r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}",
    ),
    Trace.ACCOUNT: (
        r"(?i:QQ|扣扣)\s{0,3}(?:号码?|群)?\s{0,3}[:是为]?\s{0,3}[1-9][0-9]{4,11}(?![0-9])",
        r"(?i:微信|wechat|vx|weixin)\s{0,3}(?:号码?|id)?\s{0,3}[:是为]?\s{0,3}"
        r"[A-Za-z][A-Za-z0-9_-]{5,19}(?![A-Za-z0-9_-])",
    ),
    Trace.PASSPORT: (
        rf"{_BEFORE}(?:E[A-HJ-NP-Za-hj-np-z]|[DEGPSdegps])[0-9]{{7,8}}{_AFTER}",
        rf"{_BEFORE}[CHMWchmw][0-9]{{8,10}}{_AFTER}",
    ),
    Trace.HOUSE: (
        r"[0-9]{1,4}(?:号楼|栋|幢|座|号院|弄|号)[^，。；、\n\0]{0,8}?[0-9一二三四五六七八九十]{1,3}单元"
        r"(?:[^，。；、\n\0]{0,6}?[0-9]{1,5}(?:室|房|户|号)?)?",
        r"[0-9]{1,4}(?:号楼|栋|幢|座|弄|号院)[-—]?(?:[0-9]{1,3}(?:层|楼|号))?[-—]?[0-9]{3,5}(?:室|房|户|号)?",
        r"[0-9]{1,3}单元[-—]?(?:[0-9]{1,3}(?:层|楼))?[-—]?[0-9]{2,5}(?:室|房|户|号)?",
        r"[0-9]{1,4}号[-—]?[0-9]{2,5}(?:室|房)",
        r"(?<![0-9-])[0-9]{1,3}[-—][0-9]{1,2}[-—][0-9]{3,4}(?:室|房|户)",
    ),
    Trace.NAME: (
        rf"(?<=我叫)\s?{_HAN}{{2,4}}",
        rf"(?:姓名|联系人|反映人|举报人|投诉人|来信人|来电人|当事人|申请人|业主|户主)\s{{0,3}}"
        rf"(?:[:是为叫]|姓名)\s{{0,3}}{_HAN}{{2,4}}",
        rf"(?:本人|我是|联系人|反映人|举报人|投诉人|来信人|来电人)\s{{0,3}}(?!{_NO_NAME}){_SURNAME}{_HAN}{{1,2}}"
        rf"(?=[\s，,。；;、（(:0-9\0]|$|[男女系是住因在于])",
        rf"(?<![对由关至终等]){_SURNAME}{_HAN}{{0,2}}(?:{_TITLES})",
    ),
}
_PATTERNS = tuple(
    (kind, re.compile("|".join(f"(?:{shape})" for shape in _SHAPES[kind]))) for kind in Trace
)
