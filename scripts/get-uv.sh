#!/bin/bash
# Puts uv into .tools/ from the Python package index, for machines that have none. Needs no root.
set -euo pipefail
cd "$(dirname "$0")/.."

python=""
for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
  if command -v "$candidate" > /dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "passerby needs Python 3.11 or later, and none was found. On Debian and Ubuntu: apt-get install python3" >&2
  exit 1
fi

with_pip() {
  rm -rf .tools
  "$python" -m venv .tools > /dev/null 2>&1 || return 1
  .tools/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
}
with_apt() {
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || return 1
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-venv; } > /dev/null 2>&1 < /dev/null
}

with_pip && exit 0
rm -rf .tools
"$python" scripts/get_uv_wheel.py "$UV_VERSION" .tools && exit 0 # Debian's Python without python3-venv
with_apt && with_pip && exit 0
echo "passerby needs uv $UV_VERSION and could not get it. Install uv (https://docs.astral.sh/uv) and run make again." >&2
exit 1
