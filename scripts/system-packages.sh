#!/bin/bash
# What the tests need from Debian: a browser, a real RTSP server, a broker, promtool, a PostgreSQL and a C compiler for a clock that can be set. Without them their tests are skipped and say so.
set -euo pipefail

packages=(
  chromium mosquitto prometheus postgresql gcc libc6-dev
  python3-gi gir1.2-gst-rtsp-server-1.0 gir1.2-gst-plugins-base-1.0
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav
)

command -v dpkg-query > /dev/null || { echo "not Debian: the browser and RTSP tests run only if chromium and GStreamer are here" >&2; exit 0; }

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2> /dev/null | grep -q '^ii' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "tests that need these packages will be skipped: ${missing[*]}" >&2
  exit 0
fi
log=$(mktemp)
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; }
echo "installing for the tests: ${missing[*]}" >&2
if ! { install || { apt-get update && install; }; } > "$log" 2>&1 < /dev/null; then
  tail -n 3 "$log" >&2
  echo "they could not be installed; the tests that need them will be skipped" >&2
fi
rm -f "$log"
