"""What the deployments say of one thing agrees: topics, services, databases, time to stop."""

import importlib
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from libs.log.topics import MANIFEST

from .conftest import ROOT

STAGES = ["intake", "dispatch", "supervision", "feedback", "evaluation", "analytics"]
SERVICES = [*STAGES, "reference"]

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def base(file: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((ROOT / "deploy/k8s/base" / file).read_text()))


def compose_topics() -> dict[str, int]:
    listed = COMPOSE["services"]["topics"]["environment"]["TOPICS"].split()
    return {name: int(count) for name, count in (topic.split(":") for topic in listed)}


def kubernetes_topics() -> dict[str, int]:
    return {topic["metadata"]["name"]: topic["spec"]["partitions"] for topic in base("topics.yaml")}


def test_compose_and_kubernetes_make_the_same_topics_with_the_same_partitions() -> None:
    assert compose_topics() == kubernetes_topics()


def test_the_topics_are_those_that_the_platform_asserts_at_boot() -> None:
    assert compose_topics() == dict(MANIFEST)


def test_every_topic_is_kept_for_ever_and_written_to_two_of_three_nodes() -> None:
    forever = {"retention.ms": -1, "cleanup.policy": "delete", "min.insync.replicas": 2}
    for topic in base("topics.yaml"):
        assert topic["spec"]["config"] == forever
        assert topic["spec"]["replicas"] == 3


def test_compose_asks_kafka_for_each_topic_once_and_to_keep_it_for_ever(tmp_path: Path) -> None:
    script = (ROOT / "deploy/compose/topics.sh").read_text()
    assert "/opt/kafka/bin/kafka-topics.sh" in script
    (tmp_path / "topics.sh").write_text(script.replace("/opt/kafka/bin/kafka-topics.sh", "echo"))
    listed = COMPOSE["services"]["topics"]["environment"]["TOPICS"]
    command = ["bash", tmp_path / "topics.sh"]
    done = subprocess.run(command, env={"TOPICS": listed}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    asked = done.stdout.splitlines()
    for line, (name, partitions) in zip(asked, compose_topics().items(), strict=True):
        assert f"--create --if-not-exists --topic {name} --partitions {partitions} " in line
        assert "--config retention.ms=-1 --config cleanup.policy=delete" in line


def test_each_service_runs_in_both_homes_and_so_does_the_restricted_realm() -> None:
    hosted = {name: [name] for name in SERVICES} | {"restricted": STAGES}
    for name, services in hosted.items():
        (workload,) = [each for each in base(f"{name}.yaml") if each["kind"] == "Deployment"]
        (container,) = workload["spec"]["template"]["spec"]["containers"]
        assert container["args"] == COMPOSE["services"][name]["command"] == services
    assert COMPOSE["services"]["restricted"]["environment"]["REALM"] == "restricted"
    (patch,) = base("restricted-patch.yaml")
    (container,) = patch["spec"]["template"]["spec"]["containers"]
    assert {"name": "REALM", "value": "restricted"} in container["env"]


def test_the_restricted_realm_shares_no_database_and_no_key_with_the_main_one() -> None:
    main, restricted = (COMPOSE["services"][name] for name in ("intake", "restricted"))
    for setting in ("DATABASE_URL", "VAULT_URL", "MASTER_KEY_FILE", "SERVER_KEY_FILE"):
        assert main["environment"][setting] != restricted["environment"][setting]
    assert set(main["secrets"]) & set(restricted["secrets"]) == {"token_jwks", "citizen_key"}


def test_a_service_has_45_seconds_to_drain_before_it_is_killed() -> None:
    (patch,) = base("shared-patch.yaml")
    assert patch["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 45
    for name in SERVICES:
        assert COMPOSE["services"][name]["stop_grace_period"] == "45s"


def test_every_setting_that_we_set_is_one_that_the_platform_reads() -> None:
    settings = importlib.import_module("libs.host.settings").Settings
    known = {name.upper() for name in settings.model_fields} | {"FORWARDED_ALLOW_IPS"}  # uvicorn's
    (generator,) = base("kustomization.yaml")[0]["configMapGenerator"]
    assert {line.partition("=")[0] for line in generator["literals"]} <= known
    for name in ("shared-patch.yaml", "restricted-patch.yaml", "citizen-key-patch.yaml"):
        (container,) = base(name)[0]["spec"]["template"]["spec"]["containers"]
        assert {variable["name"] for variable in container["env"]} <= known
    for name in (*SERVICES, "restricted"):
        assert set(COMPOSE["services"][name]["environment"]) <= known


def test_supervision_alone_is_given_the_gateways_and_the_same_ones_in_both_homes() -> None:
    channels = {"NOTIFY_SMS", "NOTIFY_MAIL", "NOTIFY_WECOM", "NOTIFY_WEBHOOK"}
    for name in (*SERVICES, "restricted"):
        workload = base(f"{name}.yaml")[0]
        (container,) = workload["spec"]["template"]["spec"]["containers"]
        environment = COMPOSE["services"][name]["environment"]
        given = {each["name"] for each in container.get("env", ())}
        expected = channels if name == "supervision" else set()
        assert given == expected
        assert {each for each in environment if each.startswith("NOTIFY_")} == expected
        assert all(environment[each] is None for each in expected), "a secret has no value here"
        for each in container.get("env", ()):
            secret = {"name": "lianxin-notify", "key": each["name"], "optional": True}
            assert each["valueFrom"]["secretKeyRef"] == secret


def test_no_password_has_a_value_or_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert not re.findall(r"\$\{[^}:]*:?-[^}]*\}", text)
    for found in re.findall(r"\$\{[^}]*\}", text):
        assert ":?" in found, f"{found} would be empty without a word"
    files = [*(ROOT / "deploy").rglob("*.yaml")]
    assert files
    assert not [file for file in files if re.search(r"^kind: Secret$", file.read_text(), re.M)]


def test_both_images_of_a_kind_have_one_exact_tag() -> None:
    text = "".join(
        file.read_text()
        for file in (ROOT / "docker-compose.yml", *(ROOT / "deploy").rglob("*.yaml"))
    )
    images = set(re.findall(r"^ +image: (\S+:\S+)$", text, re.MULTILINE))
    assert len({image.split(":")[0] for image in images}) == len(images), images
    (kafka,) = [document for document in base("kafka.yaml") if document["kind"] == "Kafka"]
    assert f"apache/kafka:{kafka['spec']['kafka']['version']}" in images
    assert f"lianxin:{base('kustomization.yaml')[0]['images'][0]['newTag']}" in images
