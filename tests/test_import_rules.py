"""The import rules hold, and each was seen to refuse. A rule that never failed is no rule."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.list import EVERY

ROOT = Path(__file__).parents[1]
PYDANTIC = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions"}

FORBIDDEN = [
    ("services", "services/dispatch/policy.py", "services.intake.commands"),
    ("services", "services/analytics/projection.py", "services.feedback.projection"),
    ("floors", "libs/events/base.py", "libs.rules.states"),
    ("floors", "libs/rules/limit.py", "libs.sourcing.words"),
    ("floors", "libs/sourcing/tables.py", "libs.vault.receipts"),
    ("floors", "libs/vault/keys.py", "libs.log.port"),
    ("floors", "libs/log/topics.py", "libs.host.settings"),
    ("floors", "libs/notify/sender.py", "libs.host.settings"),
    ("floors", "libs/host/settings.py", "services.list"),
    ("pure", "services/intake/commands.py", "fastapi"),
    ("pure", "services/dispatch/decider.py", "sqlalchemy"),
    ("pure", "services/feedback/clock.py", "sqlalchemy"),
    ("pure", "services/intake/information.py", "libs.host.settings"),
    ("pure", "services/evaluation/state.py", "libs.log.port"),
    ("pure", "services/feedback/policy.py", "libs.host.settings"),
    ("pure", "services/supervision/decider.py", "libs.sourcing.store"),  # there SQLAlchemy waits
    ("pure", "libs/rules/limit.py", "libs.log.port"),
    ("events", "libs/events/base.py", "yaml"),
    ("events", "libs/events/catalog.py", "sqlalchemy"),
    ("kafka", "services/intake/service.py", "aiokafka"),
    ("kafka", "libs/host/run.py", "faststream"),
    ("kafka", "libs/log/port.py", "aiokafka"),
    ("apprise", "services/supervision/telling.py", "apprise"),
    ("inside", "services/intake/commands.py", "services.intake.decider"),
    ("inside", "services/dispatch/decider.py", "services.dispatch.policy"),
    ("inside", "services/feedback/state.py", "services.feedback.clock"),
    ("inside", "services/intake/information.py", "services.intake.decider"),
    ("inside", "services/feedback/projection.py", "services.feedback.policy"),
    ("inside", "services/supervision/policy.py", "services.supervision.api"),
    ("inside", "services/evaluation/api.py", "services.evaluation.service"),
]


def contracts() -> dict[str, dict[str, list[str]]]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {contract["id"]: contract for contract in config["tool"]["importlinter"]["contracts"]}


def lint(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"COLUMNS": "200"}
    program = Path(sys.executable).with_name("lint-imports")
    command = [program, "--no-cache", "--no-logo", *words]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, by absolute name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def channels_that_import_a_service(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)} imports {module}"
        for path in sorted((root / "channels").rglob("*.py"))
        for module in imported(path)
        if module.split(".")[0] == "services"
    ]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("libs", "services"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_import_rule_holds() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(("contract", "file", "module"), FORBIDDEN)
def test_a_forbidden_import_is_refused(copy: Path, contract: str, file: str, module: str) -> None:
    with (copy / file).open("a") as end:
        end.write(f"\nimport {module}\n")
    done = lint(copy, "--contract", contract)
    assert done.returncode == 1, done.stdout
    assert "1 broken" in done.stdout
    assert file.removesuffix(".py").replace("/", ".") in done.stdout


def test_no_rule_was_never_seen_to_refuse() -> None:
    assert {contract for contract, _, _ in FORBIDDEN} == contracts().keys()


def test_the_rules_name_every_service_and_every_floor() -> None:
    folders = {path.parent.name for path in ROOT.glob("services/*/service.py")}
    services = {f"services.{name}" for name in folders}
    assert folders == set(EVERY)
    assert services == set(contracts()["services"]["modules"])
    assert services == set(contracts()["inside"]["containers"])
    floors = {layer.strip("()") for layer in contracts()["floors"]["layers"]}
    assert {f"libs.{p.parent.name}" for p in ROOT.glob("libs/*/__init__.py")} <= floors


def test_the_rule_for_events_names_every_package_that_we_use() -> None:
    """A new dependency must be refused to events too, so its name is asked for here."""
    ours = {"libs", "services", "tools"}
    used = {
        module.split(".")[0]
        for folder in ("libs", "services")
        for path in (ROOT / folder).rglob("*.py")
        for module in imported(path)
    }
    others = used - ours - PYDANTIC - sys.stdlib_module_names
    assert others <= set(contracts()["events"]["forbidden_modules"])


def test_events_import_pydantic_the_standard_library_and_nothing_else() -> None:
    used = {m.split(".")[0] for path in (ROOT / "libs/events").glob("*.py") for m in imported(path)}
    assert used - sys.stdlib_module_names <= {"libs", "pydantic"}


def test_no_channel_imports_a_service(tmp_path: Path) -> None:
    assert channels_that_import_a_service(ROOT) == []
    (tmp_path / "channels/letters").mkdir(parents=True)
    planted = tmp_path / "channels/letters/read.py"
    planted.write_text("from services.intake import commands\n")
    assert channels_that_import_a_service(tmp_path) == [
        "channels/letters/read.py imports services.intake",
        "channels/letters/read.py imports services.intake.commands",
    ]
