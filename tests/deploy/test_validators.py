"""Each validator passes the real deployment, and is seen to refuse a planted error."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, Check, environment, plant

NAMES = ("compose", "dockerfile", "edge", "kustomize", "kubernetes", "strimzi", "install")

PLANTED = {
    "an image without an exact tag": (
        "compose", "docker-compose.yml", "apache/kafka:4.3.1", "apache/kafka:latest",
        "service-image-require-explicit-tag",
    ),
    "a service that is there twice": (
        "compose", "docker-compose.yml", "  dispatch:\n", "  intake:\n", "invalid-yaml",
    ),
    "a misspelt key of a service": (
        "compose", "docker-compose.yml", "stop_grace_period: 45s", "stop_grace_time: 45s",
        "invalid-schema",
    ),
    "a directory that one RUN changes in vain": (
        "dockerfile", "deploy/Dockerfile", "USER 10001", "RUN cd /app\nUSER 10001", "DL3003",
    ),
    "a package without a version": (
        "dockerfile", "deploy/Dockerfile", "USER 10001",
        "RUN apt-get update && apt-get install -y --no-install-recommends curl\nUSER 10001",
        "DL3008",
    ),
    "a copy by ADD": ("dockerfile", "deploy/Dockerfile", "COPY tools", "ADD tools", "DL3020"),
    "a base image without an exact tag": (
        "dockerfile", "deploy/Dockerfile", "python:3.11.16-slim-bookworm", "python", "DL3006",
    ),
    "a directive that the edge does not know": (
        "edge", "deploy/compose/Caddyfile", "respond 404", "answer 404", "answer",
    ),
    "a resource that is not there": (
        "kustomize", "deploy/k8s/base/kustomization.yaml", "  - intake.yaml", "  - accept.yaml",
        "accept.yaml",
    ),
    "a field that Kubernetes does not know": (
        "kubernetes", "deploy/k8s/base/shared-patch.yaml", "  replicas: 2",
        "  replica: 2", "'replica' was unexpected",
    ),
    "a number in words": (
        "kubernetes", "deploy/k8s/base/shared-patch.yaml",
        "terminationGracePeriodSeconds: 45", "terminationGracePeriodSeconds: long",
        "terminationGracePeriodSeconds",
    ),
    "a kind that nobody knows": (
        "kubernetes", "deploy/k8s/base/service-account.yaml", "kind: ServiceAccount",
        "kind: ServiceAcount", "serviceacount",
    ),
    "a topic whose partitions are a text": (
        "strimzi", "deploy/k8s/base/topics.yaml", "partitions: 24", 'partitions: "24"',
        "'24' is not of type 'integer'",
    ),
    "a topic that forgets": (
        "strimzi", "deploy/k8s/base/topics.yaml", "retention.ms: -1", "retention.ms: 604800000",
        "-1 was expected",
    ),
    "a topic that no operator would see": (
        "strimzi", "deploy/k8s/base/topics.yaml", "{strimzi.io/cluster: lianxin}", "{}",
        "strimzi.io/cluster",
    ),
    "a broker that makes topics by itself": (
        "strimzi", "deploy/k8s/base/kafka.yaml", "auto.create.topics.enable: false",
        "auto.create.topics.enable: true", "False was expected",
    ),
    "a package that pyproject wants and the lock does not pin": (
        "install", "requirements.lock", "uvicorn==0.54.0", "uvicorn==0.53.0", "uvicorn",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_real_deployment_passes(check: Check, name: str) -> None:
    done = check(name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"ok {name}")


@pytest.mark.parametrize("error", PLANTED)
def test_a_planted_error_is_refused(check: Check, deployment: Path, error: str) -> None:
    name, file, old, new, complaint = PLANTED[error]
    plant(deployment / file, old, new)
    done = check(name)
    assert done.returncode == 1, f"{name} let through {error}"
    assert done.stdout.startswith(f"FAILED {name}"), done.stdout
    assert complaint.lower() in done.stdout.lower(), done.stdout


def test_every_check_is_seen_to_refuse() -> None:
    assert {planted[0] for planted in PLANTED.values()} == set(NAMES)


def test_a_file_of_the_wrong_hash_is_not_installed(tmp_path: Path, deployment: Path) -> None:
    lock = deployment / "requirements.lock"
    entry = re.compile(r"^anyio==.*\n( .*\n)+", re.MULTILINE)  # nobody asks for it by name
    forged = entry.sub(lambda found: found[0].replace("sha256:", "sha256:0"), lock.read_text())
    lock.write_text(re.sub(r"(sha256:\w{64})\w", r"\1", forged))
    command = ["sh", deployment / "deploy/install.sh", tmp_path / "venv"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0
    assert "anyio" in done.stderr
    assert "DO NOT MATCH THE HASHES" in done.stderr


def test_a_check_that_cannot_run_says_so_and_fails_in_ci(tmp_path: Path) -> None:
    def without_tools(ci: str) -> subprocess.CompletedProcess[str]:
        nothing = environment(PATH=str(tmp_path), LIANXIN_CACHE=str(tmp_path / "cache"), CI=ci)
        command = [sys.executable, ROOT / "deploy/check.py", "compose"]
        return subprocess.run(command, env=nothing, capture_output=True, text=True)

    assert without_tools("").stdout == "SKIPPED compose: npm is not on this machine\n"
    assert (without_tools("").returncode, without_tools("true").returncode) == (0, 1)
    assert os.listdir(tmp_path / "cache" / "deploy-tools") == []
