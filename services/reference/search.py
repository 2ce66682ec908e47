"""Chinese full text over the knowledge base: words, weights, ranks, marks. It decides nothing.

The index is a table of words, written with the entries in one transaction and built anew with them: it is the same
on SQLite and PostgreSQL, it cannot go stale (ADR 0013), and a process that starts has nothing to load. Which word
is how rare is counted when it is asked, over the words of the question alone.
"""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

import rjieba
import sqlalchemy as sa

from libs.events.reference import Knowledge
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views

TABLES = sa.MetaData()

entries = sa.Table(
    "knowledge",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("keywords", sa.Text, nullable=False),
    sa.Column("unit_id", sa.Text, nullable=False),
    sa.Column("sources", sa.Text, nullable=False),
    sa.Column("valid_until", UtcTime, nullable=False),
    sa.Column("answers_topic", sa.Text),
    sa.Column("from_publication", sa.Text),
    sa.Column("published_at", UtcTime, nullable=False),
    sa.Column("published_by", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False, default=False),
    sa.Index("knowledge_category", "category", "withdrawn", "valid_until"),
)
"""One row per entry: the newest edition. ``keywords`` and ``sources`` are lists, a line each."""

words = sa.Table(
    "knowledge_words",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("word", sa.Text, nullable=False),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("weight", sa.Integer, nullable=False),
    sa.Index("knowledge_words_asked", "word", "entry", "weight"),
    sa.Index("knowledge_words_of", "entry"),
)
"""One row per word of an entry that can be found. The index answers a question by itself."""

IN_QUESTION, IN_KEYWORDS, IN_ANSWER = 16, 6, 1
FEW = 100  # entries that a word may stand in and still be looked up beside rarer ones
MOST_WORDS = 24  # of a question; what is longer is a letter, not a question
MARK = "【", "】"
_NO_WORD = re.compile(r"[\W_]+")
_OF_EVERY_QUESTION = (
    "的 了 和 是 在 有 我 你 您 他 我们 你们 请 请问 吗 呢 吧 啊 怎么 怎样 如何 什么 哪些 哪里 多少 需要 可以 "
    "能 要 与 及 或 对 为 于 由 被 把 将 就 也 都 而 等 其 这 那 个 一个 应当 应 不"
)
_FREQUENT = frozenset(_OF_EVERY_QUESTION.split())
"""Words that stand in every question and tell none from another."""


def words_of(text: str) -> list[str]:
    """The words of a text that one may look for, each once: every word of the dictionary that stands in it.

    What no dictionary has falls into single characters (公 租房): such a one is kept with its neighbour too.
    """
    text = text.translate(_HALF_WIDTH).lower()
    row = rjieba.cut(text, False)
    joined = [a + b for a, b in pairwise(row) if 1 in (len(a), len(b)) and _may_join(a, b)]
    inside = [word for word in rjieba.cut_all(text) if len(word) > 1]
    return list(dict.fromkeys(filter(_tells, (*row, *inside, *joined))))


def index_of(entry_id: str, entry: Knowledge) -> list[Row]:
    """The rows by which an entry is found: a word weighs by the best place where it stands."""
    weights: dict[str, int] = {}
    for weight, text in (
        (IN_ANSWER, entry.answer),
        (IN_KEYWORDS, "\n".join(entry.keywords)),
        (IN_QUESTION, entry.question),
    ):
        weights |= dict.fromkeys(words_of(text), weight)
    return [
        {"id": f"{entry_id}|{word}", "word": word, "entry": entry_id, "weight": weight}
        for word, weight in sorted(weights.items())
    ]


def search(
    views: Views, question: str, category: str | None, at: datetime, limit: int
) -> list[Row]:
    """The entries that hold and answer a question best, best first; without a question the newest of a
    category. Each has its ``score``."""
    holds = entries.c.withdrawn.is_(False) & (entries.c.valid_until > at)
    if category:
        holds &= entries.c.category.startswith(category)
    asked = words_of(question)[:MOST_WORDS]
    if not asked:
        newest = sa.select(entries, sa.literal(0.0).label("score")).where(holds)
        newest = newest.order_by(entries.c.published_at.desc(), entries.c.id).limit(limit)
        return [] if question.strip() else views.rows(newest)
    rarity = _rarity(views, asked)
    if not rarity:
        return []
    weighed = sa.func.sum(words.c.weight * sa.case(rarity, value=words.c.word)).label("score")
    hits = sa.select(words.c.entry, weighed).where(words.c.word.in_(list(rarity)))
    best = hits.group_by(words.c.entry).subquery()
    query = (
        sa.select(best.c.entry, best.c.score)
        .join(entries, entries.c.id == best.c.entry)
        .where(holds)
        .order_by(best.c.score.desc(), best.c.entry)
        .limit(limit)
    )
    scores = {row["entry"]: float(row["score"]) for row in views.rows(query)}
    found = views.load(entries, scores)
    return [found[entry] | {"score": round(score, 2)} for entry, score in scores.items()]


def marked(text: str, question: str) -> str:
    """A text with the words of a question marked 【so】, longest first."""
    pattern = _pattern(tuple(words_of(question)[:MOST_WORDS]))
    return (
        text if pattern is None else pattern.sub(lambda m: f"{MARK[0]}{m.group()}{MARK[1]}", text)
    )


def excerpt(text: str, question: str, around: int = 60) -> str:
    """The part of a text where the first word of a question stands, marked."""
    pattern = _pattern(tuple(words_of(question)[:MOST_WORDS]))
    hit = pattern.search(text) if pattern else None
    start = max(0, hit.start() - around // 2) if hit else 0
    part = text[start : start + 2 * around]
    before, after = "…" if start else "", "…" if start + 2 * around < len(text) else ""
    return f"{before}{marked(part, question)}{after}"


def _rarity(views: Views, asked: Sequence[str]) -> Mapping[str, float]:
    """How much each word tells, of those that stand anywhere: the rarer, the more. What stands in every
    fourth entry is left out where a rarer word is asked too: it would only be looked up at length."""
    counted = (
        sa.select(words.c.word, sa.func.count().label("times"))
        .where(words.c.word.in_(asked))
        .group_by(words.c.word)
    )
    (all_,) = views.rows(sa.select(sa.func.count().label("times")).select_from(entries))
    times = {row["word"]: int(row["times"]) for row in views.rows(counted)}
    few = {word: n for word, n in times.items() if n <= max(FEW, all_["times"] // 4)}
    return {word: round(math.log(1 + all_["times"] / n), 4) for word, n in (few or times).items()}


@lru_cache(maxsize=64)
def _pattern(asked: tuple[str, ...]) -> re.Pattern[str] | None:
    if not asked:
        return None
    longest_first = sorted(asked, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)


def _tells(word: str) -> bool:
    return word not in _FREQUENT and not _NO_WORD.fullmatch(word)


def _may_join(one: str, other: str) -> bool:
    return _tells(one) and _tells(other) and len(one + other) <= 4


_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
