#!/usr/bin/env bash
# Buildah, and its cache in the registry, with storage and settings of its own.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
needs buildah curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
containers_configuration
clean_storage() { buildah rm --all && buildah rmi --all --force; }
trap 'clean_storage >/dev/null 2>&1' EXIT
buildah info >"$WORK/info" 2>&1 || cannot_start "buildah info says: $(tail -n 1 "$WORK/info")"

build() {
  local context=$1
  shift
  buildah bud --isolation chroot --network host --tls-verify=false "$@" "$context"
}

check_round_trip() {
  local container
  build_context "$WORK/round-trip" round-trip
  build "$WORK/round-trip" --tag "$REGISTRY/buildah/round-trip:1"
  buildah push --tls-verify=false --digestfile "$WORK/digest" "$REGISTRY/buildah/round-trip:1"
  buildah rmi --all --force
  container=$(buildah from --tls-verify=false "$REGISTRY/buildah/round-trip@$(cat "$WORK/digest")")
  equal round-trip "$(buildah run --isolation chroot "$container" /bin/busybox cat /marker)"
  buildah rm "$container"
}

check_cache() {
  build_context "$WORK/cache" cache
  cat >>"$WORK/cache/Dockerfile" <<'DOCKERFILE'
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox date +%s%N > /made-first"]
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox date +%s%N > /made-second"]
DOCKERFILE
  local cache=(--layers --cache-to "$REGISTRY/buildah/cache" --cache-from "$REGISTRY/buildah/cache")
  build "$WORK/cache" "${cache[@]}" --tag buildah-cache:first
  local first second
  first=$(made buildah-cache:first)
  buildah rmi --all --force
  build "$WORK/cache" "${cache[@]}" --tag buildah-cache:second 2>&1 | tee "$WORK/second-build"
  grep -q 'Cache pulled from remote' "$WORK/second-build"
  second=$(made buildah-cache:second)
  equal "$first" "$second"
}

# made IMAGE: what the two RUN lines wrote, which is another value each time they are really run.
made() {
  local container
  container=$(buildah from --pull-never "$1")
  buildah run --isolation chroot "$container" /bin/busybox cat /made-first /made-second
  buildah rm "$container" >/dev/null
}

check_index() {
  local architecture
  buildah manifest create buildah-index
  for architecture in "$ARCHITECTURE" "$OTHER_ARCHITECTURE"; do
    build_context "$WORK/index-$architecture" "for-$architecture"
    build "$WORK/index-$architecture" --platform "linux/$architecture" --manifest buildah-index
  done
  buildah manifest push --all --tls-verify=false buildah-index "docker://$REGISTRY/buildah/index:all"
  buildah manifest rm buildah-index
  equal 200 "$(status GET /v2/buildah/index/manifests/all --header 'Accept: application/vnd.oci.image.index.v1+json')"
  equal "$(printf '%s\n' "$ARCHITECTURE" "$OTHER_ARCHITECTURE" | sort)" \
    "$(jq --raw-output '.manifests[].platform.architecture' "$WORK/body" | sort)"
  buildah rmi --all --force
  buildah pull --tls-verify=false --platform "linux/$OTHER_ARCHITECTURE" "$REGISTRY/buildah/index:all"
  equal "$OTHER_ARCHITECTURE" "$(buildah inspect --type image --format '{{.OCIv1.Architecture}}' \
    "$REGISTRY/buildah/index:all")"
}

check "build, push, pull and run" check_round_trip
check "a build on an empty machine takes its cache from the registry" check_cache
check "a manifest list of two platforms is pushed with every image" check_index
