"""Why a citizen's words are read, as far as it has a name. What has none is shown as it was given."""

from libs.rules.states import Word


class Purpose(Word):
    """Why (PIPL Art. 6: for a purpose that is clear and reasonable, and no more than it needs)."""

    OWN_CASE = "own_case", "本人查看", "The citizen's own reading"
    ACCEPTANCE = "acceptance", "受理审定", "Acceptance"
    HANDLING = "handling", "办理", "Handling"
    COORDINATION = "coordination", "会商", "Coordination"
    PUBLICATION = "publication", "公开前脱敏", "Redaction before publication"
    REDACTION_CHECK = "redaction_check", "脱敏复核", "Check of a redaction"
    RECUSAL = "recusal", "回避审查", "Recusal"
    REVIEW = "review", "复查复核", "Review"
    EXCLUSION = "exclusion", "考核剔除审核", "Exclusion from a score"
    PANEL = "panel", "第三方评议", "Panel"
    AUDIT = "audit", "审计", "Audit"
    COURT = "court", "法院调取", "Court"
    PROSECUTION = "prosecution", "检察机关调取", "Prosecution"
    DISCIPLINE = "discipline", "纪检监察调取", "Discipline"
    LEGAL_CLAIM = "legal_claim", "法律请求", "Legal claim"


def in_words(purpose: str) -> str:
    """A purpose in Chinese, or as it was given."""
    return next((known.zh for known in Purpose if known == purpose), purpose)
