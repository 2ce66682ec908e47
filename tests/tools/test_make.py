"""The few words that one types here do what they say, also the second time and after a kill."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(*words: str) -> subprocess.CompletedProcess[str]:
    # When these tests run under make, it must not speak to the make that they start.
    environment = {
        k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    command = ["make", "--no-print-directory", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_help_is_the_default_and_names_every_target() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    (targets,) = [line.split()[1:] for line in lines if line.startswith(".PHONY")]
    assert [line.split()[1] for line in make().stdout.splitlines()] == targets


def test_a_missing_python_is_said_in_words(tmp_path: Path) -> None:
    done = make("install", "PYTHON=python3.none", f"VENV={tmp_path}/venv")
    assert done.returncode != 0
    assert "Python 3.11 with venv is needed, and 'python3.none' is not that" in done.stderr
    assert "make install PYTHON=" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_an_install_is_done_once_and_anew_after_a_kill_or_another_lock(tmp_path: Path) -> None:
    venv, lock = tmp_path / "venv", tmp_path / "lock"
    lock.write_text("# nothing\n")
    words = ("install", f"PYTHON={sys.executable}", f"VENV={venv}", f"LOCK={lock}")
    assert make(*words).returncode == 0
    assert (venv / "installed.lock").read_text() == lock.read_text()
    assert make(*words).stdout == ""

    lock.write_text("# something else\n")
    assert "Installing" in make(*words).stdout
    assert make(*words).stdout == ""

    (venv / "installing").touch()  # as a kill in the middle leaves it
    (venv / "left-over").touch()
    done = make(*words)
    assert "Making" in done.stdout
    assert done.returncode == 0
    assert not (venv / "left-over").exists()


@pytest.mark.parametrize(
    ("reason", "status"), [("SKIPPED: no Java here.", 1), ("only on another system", 0)]
)
def test_in_ci_a_test_that_cannot_run_fails_the_run(
    tmp_path: Path, reason: str, status: int
) -> None:
    test = tmp_path / "test_it.py"
    test.write_text(f"import pytest\ndef test_it():\n    pytest.skip({reason!r})\n")
    words = ["-q", "-p", "no:cacheprovider", "-p", "tools.pytest_no_skips", "--rootdir", tmp_path]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "-c", os.devnull, test],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("1 skipped in")
    assert ("test_it.py::test_it: no Java here." in done.stdout) == bool(status)
