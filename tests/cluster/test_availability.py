"""What is missing is said in sentences that name what to install. Nothing here starts a cluster."""

import os
import stat
from pathlib import Path

import pytest

from tools.cluster import missing_parts
from tools.cluster.availability import missing_for_broker, missing_for_postgres


def test_a_machine_without_java_is_told_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    (missing,) = missing_for_broker()
    assert missing == (
        "Java 17 or later is needed for the Kafka broker (Debian: openjdk-17-jre-headless); "
        "no java was found."
    )
    assert missing in missing_parts()


def test_an_old_java_is_named_with_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    (missing,) = missing_for_broker()
    assert missing.endswith('says: openjdk version "11.0.2"')


def test_an_empty_cache_without_maven_asks_for_maven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"17.0.1\"'\n")
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("LIANXIN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    (missing,) = missing_for_broker()
    assert missing == "Maven is needed to fetch the Kafka jars once (Debian: maven)."


@pytest.mark.skipif(os.geteuid() != 0, reason="SKIPPED: only root needs unshare")
def test_root_without_unshare_is_told_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "Root runs PostgreSQL through unshare (Debian: util-linux)." in missing_for_postgres()
