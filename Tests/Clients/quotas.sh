#!/usr/bin/env bash
# Quotas, as those who push by Docker Engine and Skopeo meet them.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
# shellcheck source=dockerd.bash
. "$(dirname "$0")/dockerd.bash"
needs curl jq skopeo docker
[ -n "${BERTH:-}" ] || cannot_start "there is no executable of berth"
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
containers_configuration

export BERTH_SERVER=http://$REGISTRY DOCKER_CONFIG=$WORK/config
NAME=localhost:${REGISTRY##*:}
REFUSAL='of its quota of 1.0 KiB, and this takes'

# refused MESSAGE COMMAND...: the command fails, and says MESSAGE.
refused() {
  local message=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'this was not refused: %s\n%s\n' "$*" "$output"
    return 1
  fi
  contains "$message" "$output"
}

copy() { skopeo --insecure-policy copy --dest-tls-verify=false "oci:$WORK/image:image" "docker://$REGISTRY/$1"; }

check_skopeo() {
  "$BERTH" quota set full 1KiB
  refused "$REFUSAL" copy full/skopeo:v1
  "$BERTH" quota set full 1GiB
  copy full/skopeo:v1
  "$BERTH" quota set full 1KiB
  copy full/skopeo:again
  refused 'makes room at once' copy full/other:v1
  skopeo delete --tls-verify=false "docker://$REGISTRY/full/skopeo:v1"
  contains 'and has 0 B' "$("$BERTH" quota show full)"
}

check_docker() {
  build_context "$WORK/docker" "docker quota"
  DOCKER_BUILDKIT=0 "$DOCKER" build --network none --tag quota "$WORK/docker"
  "$DOCKER" tag quota "$NAME/full/docker:v1"
  # Docker Engine pushes the layers at the same time: a quota that the smaller one fits would count it, or not yet.
  "$BERTH" quota set full 10B
  refused 'denied: full has 0 B of its quota of 10 B' "$DOCKER" push "$NAME/full/docker:v1"
  "$BERTH" quota remove full
  "$DOCKER" push "$NAME/full/docker:v1"
}

oci_layout "$WORK/image" image "$(oci_image "$WORK/image" "quota image" "$ARCHITECTURE")"
start_dockerd
check "Skopeo is told the quota, and a deleted image makes room at once" check_skopeo
check "Docker Engine is told the quota, and pushes where there is none" check_docker
