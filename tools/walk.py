"""One case's way in curl, ready to be pasted. It calls nothing itself."""

from collections.abc import Mapping
from pathlib import Path

HEAD = """\
Lianxin 连心 is ready at {base}

  health   {base}/healthz   readiness {base}/readyz   metrics {base}/metrics
  OpenAPI  {base}/intake/openapi.json  (also dispatch, supervision, feedback, evaluation, analytics, reference)
  history  .venv/bin/python -m tools.log list --limit 20
           .venv/bin/python -m tools.log history RECEIPT_NO

One case from message to close: paste these lines into another shell, or run them all at once with
  bash {script}
"""

STEPS = """\
B={base}
{tokens}
NOTHING='{{}}'
ask() {{ curl -sS -X POST "$B$1" -H "Authorization: Bearer $2" -H "Idempotency-Key: $(date +%s%N)" \\
  -H 'Content-Type: application/json' -d "${{3:-$NOTHING}}"; echo; }}
see() {{ curl -sS "$B$1" -H "Authorization: Bearer $2"; echo; }}
field() {{ .venv/bin/python -c 'import json,sys; print(json.load(sys.stdin)["'"$1"'"])'; }}

# 受理 A citizen writes; the message is registered and gets a receipt number and a query code.
R=$(ask /intake/cases $CHANNEL '{{"channel":"web_portal","privacy_notice":true,"kind":"K3","title":"夜市出摊占道",
  "text":"每晚八点后人行道被摊贩占满，行人只能走车道，请处理。"}}'); echo "$R"
CASE=$(echo "$R" | field case_id)
# An acceptor confirms category 0101 and accepts.
ask /intake/cases/$CASE/acceptance $ACCEPTOR '{{"category":"0101"}}'
# 交办 The dispatch catalogue finds the unit, unless the policy has let it go by itself; the unit signs.
sleep 1; ask /dispatch/cases/$CASE/assignment $DISPATCHER
sleep 1; ask /dispatch/cases/$CASE/signature $CLERK
# 反馈 The unit reaches the citizen. Its clerk drafts the answer; its head sends that back and signs the next.
sleep 1; ask /feedback/cases/$CASE/contacts $CLERK '{{"mode":"online","reached":true}}'
ask /feedback/cases/$CASE/drafts $CLERK '{{"answers":[{{"claim":1,"outcome":"supported"}}],"text":"已处理。"}}'
ask /feedback/cases/$CASE/draft-returns $HEAD '{{"draft_id":"'$CASE.r1.d1'","reason":"请写明今后怎么办。"}}'
ask /feedback/cases/$CASE/drafts $CLERK '{{"answers":[{{"claim":1,"outcome":"supported"}}],
  "text":"经核查属实，已劝离占道摊贩并每晚安排巡查。"}}'
sleep 1; see "/feedback/cases/$CASE/draft?purpose=signing" $HEAD
ask /feedback/cases/$CASE/replies $HEAD '{{"draft_id":"'$CASE.r1.d2'"}}'
# Someone who is not of the unit reviews; the answer is delivered.
ask /feedback/cases/$CASE/approval $AUDITOR
# 评价 Someone who is not of the unit calls back; the citizen rates office and unit; the case closes itself.
sleep 1; ask /evaluation/cases/$CASE/callbacks $AGENT '{{"reached":true,"resolved":"yes"}}'
CITIZEN=$(curl -sS -X POST $B/intake/citizen-tokens -H 'Content-Type: application/json' \\
  -d "{{\\"receipt_no\\":\\"$(echo "$R" | field receipt_no)\\",\\
       \\"query_code\\":\\"$(echo "$R" | field query_code)\\"}}" | field token)
ask /evaluation/cases/$CASE/evaluations $CITIZEN '{{"target":"handling","level":"satisfied"}}'
ask /evaluation/cases/$CASE/evaluations $CITIZEN '{{"target":"intake","level":"satisfied"}}'
sleep 1; see /intake/cases/$CASE $CITIZEN
see "/feedback/cases/$CASE/reply?purpose=reading_my_reply" $CITIZEN
# 督办 What was promised and how it was kept; what is overdue in the city. 分析 The city's totals.
see /supervision/cases/$CASE/clocks $CITIZEN
see "/supervision/overdue?limit=3" $SUPERVISOR
see /analytics/totals $ANALYST
"""


def walk(base: str, tokens: Mapping[str, str], directory: Path = Path("var")) -> str:
    """Write the walk as a script that only we can read, for it holds tokens, and say where it is."""
    script = directory / "walk.sh"
    lines = "\n".join(f"{name}={token}" for name, token in tokens.items())
    script.unlink(missing_ok=True)
    script.touch(mode=0o600)
    script.write_text(STEPS.format(base=base, tokens=lines))
    return HEAD.format(base=base, script=script) + "\n" + STEPS.format(
        base=base, tokens=f". <(grep -E '^[A-Z]+=ey' {script})   # a day's token for each part"
    )
