#!/bin/sh
# Makes the virtual environment that requirements.lock describes; never touches any other Python.
# Done once per lock. Cut off in the middle, the next run begins anew; two at once take turns.
set -eu
: "${PYTHON:=python3.11}" "${VENV:=.venv}" "${LOCK:=requirements.lock}"
done="$VENV/installed.lock" begun="$VENV/installing"

is_done() {
  cmp -s "$LOCK" "$done" && [ ! -e "$begun" ] && "$VENV/bin/python" -c '' 2>/dev/null
}

is_done && exit 0
if [ -z "${INSTALL_TURN:-}" ] && command -v flock >/dev/null; then
  mkdir -p var
  INSTALL_TURN=1 exec flock var/install.lock sh "$0"
fi
is_done && exit 0  # whoever had the turn before did it

if ! said=$("$PYTHON" -c 'import ensurepip, sys, venv; assert sys.version_info[:2] == (3, 11)' 2>&1); then
  echo "Python 3.11 with venv is needed, and '$PYTHON' is not that: $(echo "$said" | tail -n 1)" >&2
  echo "On Debian 12: apt-get install python3.11 python3.11-venv. Elsewhere install Python 3.11 as you" >&2
  echo "like and say where it is: make install PYTHON=/path/to/python3.11" >&2
  exit 1
fi
if [ -e "$begun" ] || ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
  echo "Making $VENV ..."
  rm -rf "$VENV"
  "$PYTHON" -m venv "$VENV"
fi
touch "$begun"
echo "Installing what $LOCK names into $VENV ..."
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$LOCK"
cp "$LOCK" "$done"
rm "$begun"
echo "Installed."
