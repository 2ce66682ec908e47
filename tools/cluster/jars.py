"""Brings the broker's jars into a cache outside the checkout. Never accepts an unlocked one."""

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.cluster import children
from tools.cluster.errors import PartMissing

VERSION = "4.3.1"
_PLACE = Path(__file__).resolve().parents[2] / "deploy" / "kafka"
POM = _PLACE / "pom.xml"
LOCK = _PLACE / "jars.sha256"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_FETCH_LIMIT_S = 900.0


def cache() -> Path:
    """Where the jars are kept: `$LIANXIN_CACHE`, else ~/.cache/lianxin, one folder per version."""
    home = os.environ.get("LIANXIN_CACHE") or Path.home() / ".cache" / "lianxin"
    return Path(home).expanduser().resolve() / f"kafka-{VERSION}"


def locked() -> dict[str, str]:
    """File name to sha256, as in deploy/kafka/jars.sha256."""
    pairs = (line.split() for line in LOCK.read_text().splitlines())
    return {name: digest for digest, name in pairs}


def java() -> Path:
    """The Java that will run the broker: `$JAVA_HOME`, else the path's.

    Raises PartMissing when there is none of version 17 or later.
    """
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    wanted = "Java 17 or later is needed for the Kafka broker (Debian: openjdk-17-jre-headless)"
    if not found or not Path(found).exists():
        raise PartMissing(f"{wanted}; no java was found.")
    _, said = children.run([found, "-version"], limit_s=30)
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < 17:
        raise PartMissing(f"{wanted}; {found} says: {said.splitlines()[0] if said else 'nothing'}")
    return Path(found)


def are_there() -> bool:
    """Whether every locked jar is in the cache (their sums are not looked at)."""
    folder = cache() / "jars"
    return all((folder / name).is_file() for name in locked())


def bring() -> Path:
    """The folder of verified jars, fetched by Maven where missing. Safe for processes at once.

    Raises PartMissing: no Maven, its repository not reached, or a jar that is not the locked one.
    """
    folder = cache() / "jars"
    with alone(cache()):
        if not are_there():
            _fetch(folder)
        _verify(folder, f"Delete {cache()}, and look who changed it.")
    return folder


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Only one process at a time is inside, for the same place."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(place.name + ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise PartMissing("Maven is needed to fetch the Kafka jars once (Debian: maven).")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as scratch:
        fresh = Path(scratch) / "jars"
        scope = ["-DincludeScope=runtime", f"-DoutputDirectory={fresh}"]
        code, said = children.run(
            [maven, "-q", "-B", "-f", POM, _COPY, *scope], limit_s=_FETCH_LIMIT_S
        )
        if code != 0 or not fresh.is_dir():
            said = re.sub(r"\x1b\[[0-9;]*m", "", said)
            reason = next((line for line in said.splitlines() if "ERROR" in line), said)
            raise PartMissing(f"Maven could not fetch Kafka {VERSION}: {reason[:600]}")
        _verify(fresh, "Delete that jar from Maven's own local repository and try again.")
        shutil.rmtree(folder, ignore_errors=True)  # what an earlier fetch left incomplete
        for archive in folder.parent.glob("classes-*.jsa"):
            archive.unlink()  # Java refuses one that is not of exactly these files
        fresh.rename(folder)


def _verify(folder: Path, advice: str) -> None:
    wanted = locked()
    found = {path.name: path for path in folder.iterdir()}
    problems = [f"{name} is missing" for name in wanted.keys() - found.keys()]
    problems += [f"{name} is not in the lock" for name in found.keys() - wanted.keys()]
    for name in wanted.keys() & found.keys():
        digest = hashlib.sha256(found[name].read_bytes()).hexdigest()
        if digest != wanted[name]:
            problems.append(f"{name} has sha256 {digest}, and {wanted[name]} is locked")
    if problems:
        listed = "; ".join(sorted(problems))
        raise PartMissing(f"The jars in {folder} are not those of {LOCK.name}: {listed}. {advice}")
