"""``pytest -p tools.pytest_no_skips``: a test that a machine could not run fails the run. For CI.

It counts skips whose reason begins with ``SKIPPED:``: a real broker, database or tool is missing.
"""

import pytest

missed: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a test that was skipped."""
    note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note a file that was skipped as a whole."""
    note(report)


def note(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Remember a skip that says that something is missing."""
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason.startswith("SKIPPED:"):
            missed.append(f"{report.nodeid}: {reason.removeprefix('SKIPPED:').strip()}")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that would have passed."""
    if missed and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which, before pytest's own last line."""
    if missed:
        terminalreporter.section("could not run here, which is a failure in CI", red=True)
        for line in missed:
            terminalreporter.line(line)
