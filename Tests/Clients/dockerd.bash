# shellcheck shell=bash
# A Docker daemon of a test's own, with its own socket, data and process file in $WORK.

DOCKER=docker
DAEMON=

# start_dockerd [ARGUMENT...]: starts it, with further arguments.
# shellcheck disable=SC2120 # most tests have no further arguments
start_dockerd() {
  local dockerd
  dockerd=$(PATH=$PATH:/usr/sbin command -v dockerd) || cannot_start "dockerd is not installed"
  [ "$(id -u)" -eq 0 ] || cannot_start "dockerd needs root"
  # Debian's client is the one that fits Debian's daemon; another may come first in PATH.
  [ ! -x /usr/bin/docker ] || DOCKER=/usr/bin/docker
  export DOCKER_HOST=unix://$WORK/docker.sock
  local storage=()
  stat --file-system --format %T "$WORK" | grep -q overlay && storage=(--storage-driver vfs)
  # No bridge and no iptables: the containers of this test need no network, and a sandbox may forbid both.
  "$dockerd" --host "$DOCKER_HOST" --data-root "$WORK/docker-data" --exec-root "$WORK/docker-exec" \
    --pidfile "$WORK/docker.pid" --bridge none --iptables=false --ip6tables=false "${storage[@]}" "$@" \
    >"$WORK/dockerd.log" 2>&1 </dev/null &
  DAEMON=$!
  trap stop_dockerd EXIT
  if ! until_true 60 "$DOCKER" info; then
    tail -n 20 "$WORK/dockerd.log"
    cannot_start "dockerd did not get ready in 60 seconds"
  fi
}

stop_dockerd() {
  kill -TERM "$DAEMON" 2>/dev/null
  timeout 30 tail --pid "$DAEMON" -f /dev/null || kill -KILL "$DAEMON" 2>/dev/null
}
