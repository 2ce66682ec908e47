#!/bin/sh
# Installs what the platform runs on into a fresh venv. The Dockerfile and deploy/check.py both run
# this very file, so the image's install is tried in CI, where no container engine is.
set -eu
target=${1:?usage: deploy/install.sh TARGET_VENV}
root=$(cd "$(dirname "$0")/.." && pwd)

python3 -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed")'
python3 -m venv "$target"
pip() { "$target/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }

# The lock also holds the dev tools, which stay out of the image. A dry run says which of its
# packages pyproject's dependencies lead to; only those are installed, from the lock, by hash.
# (The lock as a plain constraints file will not do: this pip then refuses what is not asked for by name.)
cd "$target"
sed '/--hash=/d; s/ \\$//' "$root/requirements.lock" > pins.txt
python3 -c 'import sys, tomllib; print(*tomllib.load(sys.stdin.buffer)["project"]["dependencies"], sep="\n")' \
  < "$root/pyproject.toml" > wanted.txt
pip install --only-binary :all: --dry-run --report report.json -c pins.txt -r wanted.txt
python3 - "$root/requirements.lock" > runtime.lock <<'PYTHON'
import json, pathlib, re, sys

lock = pathlib.Path(sys.argv[1]).read_text()
locked = dict(re.findall(r"^([\w.-]+)(==(?:.*\\\n)*.*)", lock, re.M))
for item in json.loads(pathlib.Path("report.json").read_text())["install"]:
    name = re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower()
    print(name + locked[name])
PYTHON
pip install --only-binary :all: --no-deps --require-hashes -r runtime.lock
pip check
rm pins.txt wanted.txt report.json  # runtime.lock stays: what is in the image
