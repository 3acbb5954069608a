#!/usr/bin/env bash
# Docker Engine: the daemon that is reachable, or one of this test with its own socket, data and process file.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
# shellcheck source=dockerd.bash
. "$(dirname "$0")/dockerd.bash"
needs docker curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"

PORT=${REGISTRY##*:}
NAME=localhost:$PORT
export DOCKER_CONFIG=$WORK/config DOCKER_CLI_EXPERIMENTAL=enabled

# build TAG MARKER: an image that says MARKER.
build() {
  build_context "$WORK/$2" "$2"
  DOCKER_BUILDKIT=0 "$DOCKER" build --network none --tag "$1" "$WORK/$2"
}

run() { "$DOCKER" run --rm --network none "$@"; }
image_id() { "$DOCKER" image inspect --format '{{.Id}}' "$1"; }
repository_digest() { "$DOCKER" image inspect --format '{{index .RepoDigests 0}}' "$1" | cut -d @ -f 2; }

check_round_trip() {
  local id
  build ai-stack-aidb:dev round-trip
  "$DOCKER" tag ai-stack-aidb:dev "$NAME/ai-stack-aidb:dev"
  "$DOCKER" push "$NAME/ai-stack-aidb:dev"
  id=$(image_id ai-stack-aidb:dev)
  "$DOCKER" rmi ai-stack-aidb:dev "$NAME/ai-stack-aidb:dev"
  "$DOCKER" pull "$NAME/ai-stack-aidb:dev"
  equal "$id" "$(image_id "$NAME/ai-stack-aidb:dev")"
  equal round-trip "$(run "$NAME/ai-stack-aidb:dev")"
  equal 200 "$(status HEAD /v2/ai-stack-aidb/manifests/dev \
    --header 'Accept: application/vnd.docker.distribution.manifest.v2+json')"
  equal "$(header Docker-Content-Digest)" "$(repository_digest "$NAME/ai-stack-aidb:dev")"
}

check_pull_by_digest() {
  local digest
  build "$NAME/docker/by-digest:1" by-digest
  "$DOCKER" push "$NAME/docker/by-digest:1"
  digest=$(repository_digest "$NAME/docker/by-digest:1")
  "$DOCKER" rmi "$NAME/docker/by-digest:1"
  "$DOCKER" pull "$NAME/docker/by-digest@$digest"
  equal by-digest "$(run "$NAME/docker/by-digest@$digest")"
}

check_retag() {
  build "$NAME/docker/retag:1.0.0" retag
  "$DOCKER" push "$NAME/docker/retag:1.0.0"
  "$DOCKER" tag "$NAME/docker/retag:1.0.0" "$NAME/docker/retag:latest"
  contains 'Layer already exists' "$("$DOCKER" push "$NAME/docker/retag:latest")"
  equal 200 "$(status GET /v2/docker/retag/tags/list)"
  equal '["1.0.0","latest"]' "$(jq --compact-output '.tags | sort' "$WORK/body")"
  "$DOCKER" tag "$NAME/docker/retag:1.0.0" "$NAME/docker/elsewhere:1"
  contains 'Mounted from docker/retag' "$("$DOCKER" push "$NAME/docker/elsewhere:1")"
}

check_moved_tag() {
  build "$NAME/docker/moved:latest" before
  "$DOCKER" push "$NAME/docker/moved:latest"
  build "$NAME/docker/moved:latest" after
  "$DOCKER" push "$NAME/docker/moved:latest"
  "$DOCKER" rmi "$NAME/docker/moved:latest"
  "$DOCKER" pull "$NAME/docker/moved:latest"
  equal after "$(run "$NAME/docker/moved:latest")"
}

check_delete() {
  local digest output
  build "$NAME/docker/deleted:1" deleted
  "$DOCKER" push "$NAME/docker/deleted:1"
  digest=$(repository_digest "$NAME/docker/deleted:1")
  "$DOCKER" rmi "$NAME/docker/deleted:1"
  equal 202 "$(status DELETE "/v2/docker/deleted/manifests/$digest")"
  if output=$("$DOCKER" pull "$NAME/docker/deleted:1" 2>&1); then
    echo "the deleted image was pulled"
    return 1
  fi
  contains 'manifest unknown' "$output"
  build "$NAME/docker/deleted:1" deleted
  "$DOCKER" push "$NAME/docker/deleted:1"
  "$DOCKER" rmi "$NAME/docker/deleted:1"
  "$DOCKER" pull "$NAME/docker/deleted:1"
  equal deleted "$(run "$NAME/docker/deleted:1")"
}

check_index() {
  local architecture
  for architecture in "$ARCHITECTURE" "$OTHER_ARCHITECTURE"; do
    build_context "$WORK/$architecture" "for-$architecture"
    DOCKER_BUILDKIT=1 "$DOCKER" build --platform "linux/$architecture" --tag "$NAME/docker/index:$architecture" \
      "$WORK/$architecture"
    "$DOCKER" push "$NAME/docker/index:$architecture"
  done
  "$DOCKER" manifest create --insecure "$NAME/docker/index:all" \
    "$NAME/docker/index:$ARCHITECTURE" "$NAME/docker/index:$OTHER_ARCHITECTURE"
  "$DOCKER" manifest push --insecure "$NAME/docker/index:all"
  "$DOCKER" rmi "$NAME/docker/index:$ARCHITECTURE" "$NAME/docker/index:$OTHER_ARCHITECTURE"
  "$DOCKER" pull "$NAME/docker/index:all"
  equal "for-$ARCHITECTURE" "$(run "$NAME/docker/index:all")"
  "$DOCKER" rmi "$NAME/docker/index:all"
  "$DOCKER" pull --platform "linux/$OTHER_ARCHITECTURE" "$NAME/docker/index:all"
  equal "$OTHER_ARCHITECTURE" "$("$DOCKER" image inspect --format '{{.Architecture}}' "$NAME/docker/index:all")"
}

check_buildkit() {
  build_context "$WORK/buildkit" buildkit
  echo 'RUN ["/bin/busybox", "sh", "-c", "echo run-once > /made"]' >>"$WORK/buildkit/Dockerfile"
  DOCKER_BUILDKIT=1 "$DOCKER" build --network none --build-arg BUILDKIT_INLINE_CACHE=1 \
    --tag "$NAME/docker/buildkit:1" "$WORK/buildkit"
  "$DOCKER" push "$NAME/docker/buildkit:1"
  "$DOCKER" rmi "$NAME/docker/buildkit:1"
  "$DOCKER" builder prune --all --force
  DOCKER_BUILDKIT=1 "$DOCKER" build --network none --progress plain --cache-from "$NAME/docker/buildkit:1" \
    --tag "$NAME/docker/buildkit:2" "$WORK/buildkit" 2>&1 | tee "$WORK/second-build"
  grep -q CACHED "$WORK/second-build"
  equal run-once "$(run "$NAME/docker/buildkit:2" cat /made)"
}

check_large_layer() {
  local digest layers
  build_context "$WORK/large" large
  head --bytes 1G /dev/urandom >"$WORK/large/content"
  echo 'COPY content /content' >>"$WORK/large/Dockerfile"
  digest=$(sha256sum <"$WORK/large/content" | cut -d ' ' -f 1)
  DOCKER_BUILDKIT=0 "$DOCKER" build --network none --tag "$NAME/docker/large:1" "$WORK/large"
  rm -rf "$WORK/large"
  layers=$("$DOCKER" image inspect --format '{{.RootFS.Layers}}' "$NAME/docker/large:1")
  "$DOCKER" push "$NAME/docker/large:1"
  "$DOCKER" rmi "$NAME/docker/large:1"
  "$DOCKER" image prune --force
  "$DOCKER" pull "$NAME/docker/large:1"
  equal "$layers" "$("$DOCKER" image inspect --format '{{.RootFS.Layers}}' "$NAME/docker/large:1")"
  equal "$digest  /content" "$(run "$NAME/docker/large:1" sha256sum /content)"
  "$DOCKER" rmi "$NAME/docker/large:1"
}

check_ten_pushes() {
  local number pushes=() push
  for number in {1..10}; do
    build "$NAME/docker/together:$number" "together-$number"
  done
  for number in {1..10}; do
    "$DOCKER" push "$NAME/docker/together:$number" &
    pushes+=($!)
  done
  for push in "${pushes[@]}"; do
    wait "$push"
  done
  for number in {1..10}; do
    "$DOCKER" rmi "$NAME/docker/together:$number"
    "$DOCKER" pull --quiet "$NAME/docker/together:$number"
    equal "together-$number" "$(run "$NAME/docker/together:$number")"
  done
}

timeout 20 docker info >/dev/null 2>&1 || start_dockerd
check "build, tag, push, pull and run" check_round_trip
check "pull by digest" check_pull_by_digest
check "a second tag and a second repository send no layer again" check_retag
check "a tag that is pushed again moves" check_moved_tag
check "a deleted image cannot be pulled until it is pushed again" check_delete
check "an index of two platforms gives each its image" check_index
check "a BuildKit build takes its cache from the registry" check_buildkit
check "a layer of 1 GiB comes back whole" check_large_layer
check "ten pushes at once" check_ten_pushes
