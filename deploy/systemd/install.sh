#!/usr/bin/env bash
# Installs a built program as a systemd service:
#
#   deploy/systemd/install.sh [--program build/release/bin/lineal] [--root DIR] [--no-start]
#
# Makes the user lineal, a random API key in /etc/lineal/api-key (once), /etc/lineal/lineal.yaml (once), the unit, and
# starts it. Run again, it replaces the program and the unit and restarts; settings, key and data stay. --root installs
# below another directory and starts nothing, for packages and tests.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source_root=$(cd "$here/../.." && pwd)
program=$source_root/build/release/bin/lineal
root=
start=yes

fail() {
  echo "install: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --program) program=${2:?--program wants a path}; shift 2 ;;
    --root) root=${2:?--root wants a directory}; start=no; shift 2 ;;
    --no-start) start=no; shift ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) fail "unknown argument $1" ;;
  esac
done

[ -x "$program" ] || fail "there is no program at $program; ./dev build makes it"
"$program" version >/dev/null || fail "$program does not run on this machine"
if [ -z "$root" ]; then
  [ "$(id -u)" = 0 ] || fail "this changes /usr/local, /etc and systemd: run it as root"
  command -v systemctl >/dev/null || [ $start = no ] || fail "there is no systemd here; --no-start installs the files only"
  getent passwd lineal >/dev/null ||
    useradd --system --user-group --home-dir /var/lib/lineal --no-create-home --shell /usr/sbin/nologin lineal
fi

# owner MODE FILE: to the service's group, where there is one.
for_service() {
  chmod "$1" "$2"
  [ -n "$root" ] || chown root:lineal "$2"
}

install -d -m 755 "$root/usr/local/bin" "$root/etc/systemd/system" "$root/usr/local/share/doc/lineal"
install -d -m 750 "$root/etc/lineal"
for_service 750 "$root/etc/lineal"
# Beside, then over: a program that runs cannot be written to.
install -m 755 "$program" "$root/usr/local/bin/lineal.new"
mv -f "$root/usr/local/bin/lineal.new" "$root/usr/local/bin/lineal"
install -m 644 "$source_root/docs/configuration.md" "$root/usr/local/share/doc/lineal/configuration.md"
install -m 644 "$here/lineal.service" "$root/etc/systemd/system/lineal.service"

if [ ! -e "$root/etc/lineal/lineal.yaml" ]; then
  install -m 640 "$here/lineal.yaml" "$root/etc/lineal/lineal.yaml"
  for_service 640 "$root/etc/lineal/lineal.yaml"
fi
if [ ! -e "$root/etc/lineal/api-key" ]; then
  (umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$root/etc/lineal/api-key" && echo >>"$root/etc/lineal/api-key")
  for_service 640 "$root/etc/lineal/api-key"
fi

if [ $start = yes ]; then
  systemctl daemon-reload
  systemctl enable lineal.service
  systemctl restart lineal.service
  systemctl --no-pager --lines=3 status lineal.service
fi
cat <<END
Installed ${root}/usr/local/bin/lineal with settings in ${root}/etc/lineal/lineal.yaml.
  key     sudo cat ${root}/etc/lineal/api-key
  try     LINEAL_API_KEY=\$(sudo cat ${root}/etc/lineal/api-key) lineal collections list
  logs    journalctl -u lineal -f
END
