# shellcheck shell=bash
# What the scripts share that drive berth's commands on images: berth itself, and CNCF Distribution beside it.

# berth ARGUMENTS...: the executable under test, with settings of its own.
berth() { XDG_STATE_HOME=$WORK/state "$BERTH" "$@"; }

# raw_digest PLACE: what Skopeo says a manifest's digest is, by its bytes.
raw_digest() { echo "sha256:$(skopeo inspect --tls-verify=false --raw "$1" | sha256sum | cut -d ' ' -f 1)"; }

# start_distribution: Debian's docker-registry on a free port of 127.0.0.1, as $DISTRIBUTION.
start_distribution() {
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  cat >"$WORK/distribution.yml" <<CONFIGURATION
version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: $WORK/distribution }
  delete: { enabled: true }
http: { addr: 127.0.0.1:$port }
CONFIGURATION
  # It takes every variable that begins with REGISTRY_ for a setting.
  env --unset REGISTRY_AUTH_FILE docker-registry serve "$WORK/distribution.yml" >"$WORK/distribution.log" 2>&1 </dev/null &
  DISTRIBUTION_PROCESS=$!
  DISTRIBUTION=127.0.0.1:$port
  trap stop_distribution EXIT
  until_true 20 curl --silent --fail "http://$DISTRIBUTION/v2/" ||
    cannot_start "docker-registry did not get ready: $(tail -n 1 "$WORK/distribution.log")"
}

stop_distribution() { kill -TERM "$DISTRIBUTION_PROCESS" 2>/dev/null; }
