#!/usr/bin/env bash
# containerd through ctr, with a containerd of this test's own.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
needs containerd ctr curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
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
stop_daemon() {
  kill -TERM "$DAEMON" 2>/dev/null
  timeout 30 tail --pid "$DAEMON" -f /dev/null || kill -KILL "$DAEMON" 2>/dev/null
}
trap stop_daemon EXIT
ctr_() { ctr --address "$WORK/containerd.sock" --namespace berth "$@"; }
if ! until_true 30 ctr_ version; then
  tail -n 20 "$WORK/containerd.log"
  cannot_start "containerd did not get ready in 30 seconds"
fi

SNAPSHOTTER=overlayfs
ctr_ snapshots --snapshotter overlayfs list >/dev/null 2>&1 || SNAPSHOTTER=native

# import NAME LAYOUT: an OCI layout becomes an image of containerd.
import() {
  tar --create --file "$WORK/import.tar" --directory "$2" .
  ctr_ images import --all-platforms --no-unpack --index-name "$1" "$WORK/import.tar"
}

# digest NAME: of the image in containerd.
digest() { ctr_ images list "name==$1" | awk 'NR == 2 { print $3 }'; }

check_round_trip() {
  local name=$REGISTRY/containerd/round-trip:1 descriptor reference
  descriptor=$(oci_image "$WORK/one" round-trip "$ARCHITECTURE")
  reference=$(jq --raw-output .digest <<<"$descriptor")
  oci_layout "$WORK/one" image "$descriptor"
  import "$name" "$WORK/one"
  ctr_ images push --plain-http "$name"
  equal 200 "$(status HEAD "/v2/containerd/round-trip/manifests/$reference" \
    --header 'Accept: application/vnd.oci.image.manifest.v1+json')"
  pushed=$(digest "$name")
  ctr_ images rm --sync "$name"
  ctr_ content prune references
  ctr_ images pull --plain-http --snapshotter "$SNAPSHOTTER" "$name"
  equal "$pushed" "$(digest "$name")"
  equal round-trip "$(ctr_ run --rm --snapshotter "$SNAPSHOTTER" "$name" round-trip)"
}

check_index() {
  local name=$REGISTRY/containerd/index:all pushed
  local layout=$WORK/index
  oci_layout "$layout" all "$(oci_index "$layout" \
    "$(oci_image "$layout" first "$ARCHITECTURE")" "$(oci_image "$layout" second "$OTHER_ARCHITECTURE")")"
  import "$name" "$layout"
  ctr_ images push --plain-http "$name"
  pushed=$(digest "$name")
  ctr_ images rm --sync "$name"
  ctr_ images pull --plain-http --all-platforms --snapshotter "$SNAPSHOTTER" "$name"
  equal "$pushed" "$(digest "$name")"
  contains "linux/$OTHER_ARCHITECTURE" "$(ctr_ images list "name==$name")"
}

check_retag() {
  local name=$REGISTRY/containerd/retag
  local layout=$WORK/retag
  oci_layout "$layout" image "$(oci_image "$layout" retag "$ARCHITECTURE")"
  import "$name:1" "$layout"
  ctr_ images push --plain-http "$name:1"
  ctr_ images tag "$name:1" "$name:2"
  ctr_ images push --plain-http "$name:2"
  equal 200 "$(status GET /v2/containerd/retag/tags/list)"
  equal '["1","2"]' "$(jq --compact-output '.tags | sort' "$WORK/body")"
}

check "push, pull and run" check_round_trip
check "an index of two platforms comes back with both" check_index
check "a second tag is pushed" check_retag
