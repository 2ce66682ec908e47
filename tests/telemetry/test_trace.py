"""One trace leads from the HTTP call to every service that heard of it, over outbox and log."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from libs.host.settings import Settings
from libs.host.tracing import Tracing
from services.list import service_named
from tests.conftest import embedded
from tests.http.city import MESSAGE, open_city
from tests.whole import Platform, platform, run

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
HEARERS = {
    "intake hears intake.CaseRegistered",
    "supervision hears intake.CaseRegistered",
    "analytics hears intake.CaseRegistered",
}


def ids(span: ReadableSpan) -> tuple[str, str | None]:
    """A span's own id and its parent's."""
    assert span.context is not None
    parent = None if span.parent is None else f"{span.parent.span_id:016x}"
    return f"{span.context.span_id:016x}", parent


async def registered(whole: Platform, traceparent: str | None, **message: Any) -> str:
    """A citizen's message over HTTP, heard by everyone. The case id."""
    headers = {"Authorization": f"Bearer {whole.token('channel')}", "Idempotency-Key": "k" * 12}
    if traceparent is not None:
        headers["traceparent"] = traceparent
    answer = await whole.http.post("/intake/cases", json=MESSAGE | message, headers=headers)
    assert answer.status_code == 201, answer.text
    await whole.settle()
    case_id: str = answer.json()["case_id"]
    return case_id


def traced(settings: Settings, share: float, traceparent: str | None) -> Sequence[ReadableSpan]:
    """The spans of one registration."""
    exporter = InMemorySpanExporter()
    tracing = Tracing(share, exporter)

    async def story() -> None:
        async with platform(settings, tracing=tracing) as whole:
            await registered(whole, traceparent)
            tracing.flush()

    run(story())
    return exporter.get_finished_spans()


def test_one_trace_leads_from_the_caller_to_every_service_that_heard(settings: Settings) -> None:
    spans = traced(settings, 1.0, f"00-{TRACE}-{CALLER}-01")
    assert {span.name for span in spans} >= HEARERS | {"intake RegisterCase"}
    assert {f"{span.context.trace_id:032x}" for span in spans if span.context} == {TRACE}
    parents = dict(ids(span) for span in spans)
    (asked,) = (span for span in spans if span.name == "intake RegisterCase")
    asked_id, caller = ids(asked)
    assert caller == CALLER, "the call is a part of the caller's own trace"
    for span in spans:
        here, steps = ids(span)[0], 0
        while here != asked_id:
            here, steps = str(parents[here]), steps + 1
            assert steps < 10
    for span in spans:
        assert (span.end_time or 0) >= (span.start_time or 0) > 0


def test_a_reaction_goes_on_in_the_trace_of_what_it_answers(tmp_path: Path) -> None:
    """Feedback delivers by itself what an auditor approved, and others hear of that in turn."""
    exporter = InMemorySpanExporter()
    tracing = Tracing(1.0, exporter)
    with open_city(tmp_path, tracing=tracing) as city:
        case_id = city.submitted()["case_id"]
        tracing.flush()
        exporter.clear()
        headers = {
            "Authorization": f"Bearer {city.token('auditor')}",
            "Idempotency-Key": "approval-1",
            "traceparent": f"00-{TRACE}-{CALLER}-01",
        }
        path = f"/feedback/cases/{case_id}/approval"
        answer = city.request("POST", path, headers=headers)
        assert answer.is_success, answer.text
        city.settle()
        tracing.flush()
    spans = exporter.get_finished_spans()
    names = {span.name for span in spans}
    assert {
        "feedback ApproveReply",
        "feedback hears feedback.ReplyApproved",
        "supervision hears feedback.ReplyApproved",
        "evaluation hears feedback.ReplyDelivered",
        "intake hears feedback.ReplyDelivered",
    } <= names
    assert {f"{span.context.trace_id:032x}" for span in spans if span.context} == {TRACE}


def test_a_caller_that_is_not_sampled_costs_no_span(settings: Settings) -> None:
    assert traced(settings, 1.0, f"00-{TRACE}-{CALLER}-00") == ()


def test_a_platform_that_samples_nothing_records_nothing(settings: Settings) -> None:
    assert traced(settings, 0.0, None) == ()


def test_a_call_without_a_trace_begins_one(settings: Settings) -> None:
    spans = traced(settings, 1.0, None)
    assert {span.name for span in spans} >= HEARERS
    assert len({span.context.trace_id for span in spans if span.context}) == 1


@pytest.mark.parametrize("nonsense", ["", "hello", f"00-{'0' * 32}-{CALLER}-01", "x" * 5000])
def test_a_traceparent_that_is_none_does_no_harm(settings: Settings, nonsense: str) -> None:
    spans = traced(settings, 1.0, nonsense)
    assert {span.name for span in spans} >= HEARERS


def test_a_span_names_the_case_and_the_event_and_no_more(settings: Settings) -> None:
    spans = traced(settings, 1.0, f"00-{TRACE}-{CALLER}-01")
    shown = "".join(span.to_json() for span in spans)
    for word in (MESSAGE["title"], MESSAGE["text"], "垃圾", "\\u5783"):
        assert word not in shown
    for span in spans:
        assert set(span.attributes or {}) <= {"case.id", "event.id"}


def test_a_deadline_begins_a_trace_of_its_own(settings: Settings) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(1.0, exporter)

    async def story() -> None:
        async with platform(settings, tracing=tracing) as whole:
            await registered(whole, f"00-{TRACE}-{CALLER}-01")
            await whole.wait(days=40)
            tracing.flush()

    run(story())
    spans = exporter.get_finished_spans()
    woke = [span for span in spans if span.name == "supervision deadline"]
    heard = [span for span in spans if span.name == "analytics hears supervision.DeadlineBreached"]
    assert woke
    assert heard
    began = {span.context.trace_id for span in woke if span.context}
    own = {
        span.context.trace_id
        for span in spans
        if span.context and span.name.startswith("supervision hears supervision.")
    }
    assert own
    assert own <= began, "what a deadline led to stands in the deadline's trace"


def test_two_platforms_pass_a_trace_on_over_the_log_alone(settings: Settings, tmp_path: Path) -> None:
    """What is read long after it was written stands in the trace it was written in."""
    traced(settings, 0.0, f"00-{TRACE}-{CALLER}-01")
    later = embedded(tmp_path / "later").model_copy(update={"log_url": settings.log_url})
    exporter = InMemorySpanExporter()
    tracing = Tracing(1.0, exporter)

    async def story() -> None:
        async with platform(later, services=[service_named("analytics")], tracing=tracing) as whole:
            await whole.settle()
            tracing.flush()

    run(story())
    spans = exporter.get_finished_spans()
    assert "analytics hears intake.CaseRegistered" in {span.name for span in spans}
    assert {f"{span.context.trace_id:032x}" for span in spans if span.context} == {TRACE}
