# shellcheck shell=bash disable=SC2034
# A containerd of a test's own, with its own socket and data in $WORK, and `ctr_` that speaks to it.

start_containerd() {
  [ "$(id -u)" -eq 0 ] || cannot_start "containerd needs root"
  cat >"$WORK/config.toml" <<CONFIGURATION
version = 2
root = "$WORK/containerd-root"
state = "$WORK/containerd-state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "$WORK/containerd.sock"
[ttrpc]
address = "$WORK/containerd.sock.ttrpc"
CONFIGURATION
  containerd --config "$WORK/config.toml" >"$WORK/containerd.log" 2>&1 </dev/null &
  DAEMON=$!
  trap stop_containerd EXIT
  if ! until_true 30 ctr_ version; then
    tail -n 20 "$WORK/containerd.log"
    cannot_start "containerd did not get ready in 30 seconds"
  fi
  SNAPSHOTTER=overlayfs
  ctr_ snapshots --snapshotter overlayfs list >/dev/null 2>&1 || SNAPSHOTTER=native
}

stop_containerd() {
  kill -TERM "$DAEMON" 2>/dev/null
  timeout 30 tail --pid "$DAEMON" -f /dev/null || kill -KILL "$DAEMON" 2>/dev/null
}

ctr_() { ctr --address "$WORK/containerd.sock" --namespace berth "$@"; }

# import NAME LAYOUT: an OCI layout becomes an image of containerd.
import() {
  tar --create --file "$WORK/import.tar" --directory "$2" .
  ctr_ images import --all-platforms --no-unpack --index-name "$1" "$WORK/import.tar"
}
