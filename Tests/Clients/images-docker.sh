#!/usr/bin/env bash
# Docker Engine loads the archives that berth writes, and berth takes what Docker saves and pushes.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
# shellcheck source=images.bash
. "$(dirname "$0")/images.bash"
# shellcheck source=dockerd.bash
. "$(dirname "$0")/dockerd.bash"
needs docker skopeo curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
export DOCKER_CONFIG=$WORK/config
NAME=localhost:${REGISTRY##*:}

config_of() { berth manifest "$1" | jq --raw-output .config.digest; }

check_push() {
  build_context "$WORK/pushed" pushed
  DOCKER_BUILDKIT=0 "$DOCKER" build --network none --tag "$NAME/images/pushed:1" "$WORK/pushed"
  "$DOCKER" push "$NAME/images/pushed:1"
  berth copy "$REGISTRY/images/pushed:1" "oci:$WORK/pushed-layout:1"
  berth copy "oci:$WORK/pushed-layout:1" "$REGISTRY/images/pushed:2"
  equal "$(berth digest "$REGISTRY/images/pushed:1")" "$(berth digest "$REGISTRY/images/pushed:2")"
}

check_load() {
  local id
  id=$("$DOCKER" image inspect --format '{{.Id}}' "$NAME/images/pushed:1")
  "$DOCKER" rmi "$NAME/images/pushed:1"
  berth pull "$REGISTRY/images/pushed:1" "docker-archive:$WORK/load.tar:berth/loaded:1"
  "$DOCKER" load --input "$WORK/load.tar"
  equal "$id" "$("$DOCKER" image inspect --format '{{.Id}}' berth/loaded:1)"
  equal pushed "$("$DOCKER" run --rm --network none berth/loaded:1)"
}

check_name() {
  berth pull "$NAME/images/pushed:1" "docker-archive:$WORK/named.tar"
  "$DOCKER" load --input "$WORK/named.tar"
  equal pushed "$("$DOCKER" run --rm --network none "$NAME/images/pushed:1")"
}

check_save() {
  "$DOCKER" save --output "$WORK/save.tar" berth/loaded:1
  berth push "$WORK/save.tar" "$REGISTRY/images/saved:1"
  equal "$(config_of "$REGISTRY/images/pushed:1")" "$(config_of "$REGISTRY/images/saved:1")"
  berth check "$REGISTRY/images/saved:1"
  berth push "docker-archive:$WORK/save.tar:berth/loaded:1" "$REGISTRY/images/saved:2"
  equal "$(berth digest "$REGISTRY/images/saved:1")" "$(berth digest "$REGISTRY/images/saved:2")"
}

timeout 20 docker info >/dev/null 2>&1 || start_dockerd
check "what Docker pushes comes back from a layout with its digest" check_push
check "docker load takes our archive" check_load
check "an image keeps its name in an archive that names none" check_name
check "we take what docker save writes" check_save
