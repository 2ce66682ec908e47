"""Only locked jars reach the broker. Maven is played by a script that copies the real cache."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tools.cluster import PartMissing, jars
from tools.cluster.fixtures import need_broker

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def real() -> Path:
    """The folder of real jars."""
    need_broker()
    return jars.cache() / "jars"


@pytest.fixture
def place(real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a Maven that fills it; its calls are counted in a file."""
    script = tmp_path / "bin" / "mvn"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\necho called >> "{tmp_path}/calls"\n'
        'for word; do case "$word" in -DoutputDirectory=*) to="${word#*=}";; esac; done\n'
        f'mkdir -p "$to" && cp "{real}"/*.jar "$to"\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("LIANXIN_CACHE", str(tmp_path / "cache"))
    return tmp_path


def calls(place: Path) -> int:
    return (place / "calls").read_text().count("called")


def test_jars_are_fetched_once(place: Path) -> None:
    folder = jars.bring()
    assert jars.bring() == folder
    assert {path.name for path in folder.iterdir()} == jars.locked().keys()
    assert calls(place) == 1


def test_a_fetch_left_incomplete_is_made_again(place: Path) -> None:
    folder = jars.bring()
    (folder / "kafka_2.13-4.3.1.jar").unlink()
    jars.bring()
    assert (folder / "kafka_2.13-4.3.1.jar").exists()
    assert calls(place) == 2


def test_a_changed_jar_is_refused_by_name(place: Path) -> None:
    changed = jars.bring() / "kafka-clients-4.3.1.jar"
    changed.write_bytes(changed.read_bytes() + b"x")
    with pytest.raises(PartMissing, match=r"kafka-clients-4\.3\.1\.jar has sha256"):
        jars.bring()


def test_a_jar_nobody_locked_is_refused_by_name(place: Path) -> None:
    (jars.bring() / "stranger.jar").write_bytes(b"x")
    with pytest.raises(PartMissing, match=r"stranger\.jar is not in the lock"):
        jars.bring()


def test_a_wrong_jar_from_maven_never_reaches_the_cache(place: Path) -> None:
    script = place / "bin" / "mvn"
    script.write_text(script.read_text() + 'echo x >> "$to/kafka-clients-4.3.1.jar"\n')
    with pytest.raises(PartMissing, match="local repository"):
        jars.bring()
    assert not jars.are_there()
    assert list(jars.cache().iterdir()) == []


def test_a_repository_out_of_reach_is_told_in_maven_s_words(place: Path) -> None:
    (place / "bin" / "mvn").write_text("#!/bin/sh\necho '[ERROR] no route to host'\nexit 1\n")
    with pytest.raises(PartMissing, match=r"could not fetch Kafka .* no route to host"):
        jars.bring()


def test_two_processes_at_once_fetch_once(place: Path) -> None:
    code = "from tools.cluster import jars; jars.bring()"
    both = [subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    assert calls(place) == 1
