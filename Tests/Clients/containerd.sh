#!/usr/bin/env bash
# containerd through ctr, with a containerd of this test's own.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
# shellcheck source=containerd.bash
. "$(dirname "$0")/containerd.bash"
needs containerd ctr curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
start_containerd

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
