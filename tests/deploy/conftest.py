"""What these tests share: a copy of the deployment, to plant errors in, and the checks on it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

Check = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    """A copy of what deploys the platform, for one planted error."""
    for name in ("docker-compose.yml", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    return tmp_path


@pytest.fixture
def check(deployment: Path) -> Check:
    """Runs one check on the copy; skips the test if the check's tool is not to be had."""

    def one(name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, ROOT / "deploy/check.py", "--root", deployment, name]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.stdout.startswith("SKIPPED"):
            pytest.skip("SKIPPED: " + done.stdout.partition(": ")[2].strip())
        return done

    return one


def plant(file: Path, old: str, new: str) -> None:
    """Puts one error into a file; the place must be there, once or more."""
    text = file.read_text()
    assert old in text, f"{file.name} no longer says {old!r}"
    file.write_text(text.replace(old, new, 1))


def environment(**more: str) -> dict[str, str]:
    return dict(os.environ) | more
