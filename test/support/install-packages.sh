#!/usr/bin/env bash
# The real clients and servers that the tests drive. As root on Debian they are installed; otherwise this says what to do.
set -euo pipefail

# command → Debian package
declare -A packages=(
  [sipp]=sip-tester
  [ffprobe]=ffmpeg
  [tshark]=tshark
  [redis-server]=redis-server
  [openssl]=openssl
  [chromium]=chromium
  [ceph]=ceph-common
  [ceph-mon]=ceph-mon
  [ceph-osd]=ceph-osd
  [radosgw]=radosgw
  [baresip]="baresip-core baresip-ffmpeg"
  [g++]=g++
  [make]=make
  [python3]=python3
)

missing=()
for command in "${!packages[@]}"; do
  command -v "$command" >/dev/null && continue
  read -ra names <<<"${packages[$command]}"
  missing+=("${names[@]}")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need: ${missing[*]}. On Debian: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

# RUNLEVEL=1 keeps Debian from starting the services: the tests start their own.
export RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null

# Where a compiler was missing, npm ci could not build the addon.
case " ${missing[*]} " in *" g++ "* | *" make "* | *" python3 "*) npm run --silent install ;; esac
