"""Reads the runbook, and runs what it says as an operator would. No test stands here."""

import contextlib
import io
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from libs.host.settings import Settings
from tools.cluster.postgres import binaries

CHECKOUT = Path(__file__).resolve().parents[2]
BOOK = CHECKOUT / "docs/runbook.md"
ENVIRONMENT = (
    "log_url",
    "database_url",
    "vault_url",
    "master_key_file",
    "server_key_file",
    "token_jwks_file",
    "citizen_key_file",
    "case_partitions",
)


@dataclass(frozen=True)
class Chapter:
    """One chapter, by its heading."""

    heading: str

    @property
    def text(self) -> str:
        """Its text on one line, so that a sentence is found however it is broken."""
        return " ".join(self._source.split())

    @property
    def _source(self) -> str:
        parts = re.split(r"^## (.+)\n", BOOK.read_text(), flags=re.MULTILINE)
        chapters = dict(zip(parts[1::2], parts[2::2], strict=True))
        return chapters[self.heading]

    def says(self, words: str) -> str:
        """Words that the chapter must hold; a test that relies on them fails when they change."""
        assert words in self.text, f"the runbook's {self.heading!r} does not say {words!r}"
        return words

    def command(self, begin: str, **names: str) -> str:
        """The one command of its blocks that begins so, for the main realm, with names filled in."""
        lines = re.findall(r"```sh\n(.*?)```", self._source, flags=re.DOTALL)
        found = [line for line in "".join(lines).splitlines() if line.startswith(begin)]
        assert len(found) == 1, f"{self.heading!r} has {len(found)} commands that begin {begin!r}"
        line = re.sub(r"\s*\[--realm restricted\]", "", found[0].partition("   #")[0].rstrip())
        for name, value in names.items():
            line = re.sub(rf"\b{name}\b", value, line)
        return line


@dataclass(frozen=True)
class Done:
    """What a command said, and how it ended."""

    code: int
    said: str


@dataclass(frozen=True)
class Operator:
    """Someone at a shell in a directory, with the settings of the services."""

    place: Path
    settings: Settings

    def run(self, command: str, **more: str) -> Done:
        """A command, as it is typed. A tool of ours runs in this process: it starts ten times faster."""
        words = shlex.split(command)
        if words[:2] == ["python", "-m"]:
            with pytest.MonkeyPatch.context() as patch, contextlib.chdir(self.place):
                for name, value in self.environment(more).items():
                    patch.setenv(name, value)
                patch.setattr(sys, "argv", words[2:])
                return _run_module(words[2])
        if words[0] == "curl" and shutil.which("curl") is None:
            command = f'curl() {{ python {CHECKOUT}/tests/runbook/curl.py "$@"; }}; {command}'
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.place,
            env=os.environ | self.environment(more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return Done(done.returncode, done.stdout)

    def must(self, command: str, **more: str) -> str:
        """A command that succeeds; what it says."""
        done = self.run(command, **more)
        assert done.code == 0, f"{command}\n{done.said}"
        return done.said

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """The services' settings; Python and PostgreSQL's programs are found."""
        given = {name: getattr(self.settings, name) for name in ENVIRONMENT}
        told = {name.upper(): str(value) for name, value in given.items() if value is not None}
        path = [str(Path(sys.executable).parent), str(binaries()), os.environ["PATH"]]
        return {**told, "PATH": ":".join(path), "PYTHONPATH": str(CHECKOUT), **more}


def _run_module(name: str) -> Done:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            for module in {name, f"{name}.__main__"} & sys.modules.keys():
                del sys.modules[module]  # else Python warns that it was imported before
            runpy.run_module(name, run_name="__main__")
        except SystemExit as end:
            return Done(int(end.code or 0), said.getvalue())
    return Done(0, said.getvalue())
