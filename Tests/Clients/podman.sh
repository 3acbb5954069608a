#!/usr/bin/env bash
# Podman, with storage and settings of its own.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
needs podman curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
containers_configuration
export BUILDAH_ISOLATION=chroot
clean_storage() { podman rm --all --force && podman rmi --all --force; }
trap 'clean_storage >/dev/null 2>&1' EXIT
podman info >"$WORK/info" 2>&1 || cannot_start "podman info says: $(tail -n 1 "$WORK/info")"

build() {
  build_context "$WORK/$2" "$2"
  podman build --network host --tag "$1" "$WORK/$2"
}

run() { podman run --rm --network none "$@"; }

# A sandbox may have control groups that one of the runtimes cannot use: the first that runs a container is taken.
choose_runtime() {
  local runtime cgroups
  cp "$CONTAINERS_CONF" "$WORK/containers.conf.base"
  build localhost/probe probe >"$WORK/probe.log" 2>&1 || return
  while read -r runtime cgroups; do
    sed -e "s/^\[engine\]/&\nruntime = \"$runtime\"/" -e "s/^\[containers\]/&\ncgroups = \"$cgroups\"/" \
      "$WORK/containers.conf.base" >"$CONTAINERS_CONF"
    run localhost/probe >"$WORK/probe.log" 2>&1 && return
  done <<'RUNTIMES'
crun enabled
crun disabled
runc enabled
runc disabled
RUNTIMES
  return 1
}

image_digest() { podman image inspect --format '{{.Digest}}' "$1"; }

check_round_trip() {
  local id
  build "$REGISTRY/podman/round-trip:1" round-trip
  id=$(podman image inspect --format '{{.Id}}' "$REGISTRY/podman/round-trip:1")
  podman push --tls-verify=false --digestfile "$WORK/digest" "$REGISTRY/podman/round-trip:1"
  podman rmi "$REGISTRY/podman/round-trip:1"
  podman pull --tls-verify=false "$REGISTRY/podman/round-trip:1"
  equal "$id" "$(podman image inspect --format '{{.Id}}' "$REGISTRY/podman/round-trip:1")"
  equal "$(cat "$WORK/digest")" "$(image_digest "$REGISTRY/podman/round-trip:1")"
  equal round-trip "$(run "$REGISTRY/podman/round-trip:1")"
  podman rmi "$REGISTRY/podman/round-trip:1"
  podman pull --tls-verify=false "$REGISTRY/podman/round-trip@$(cat "$WORK/digest")"
  equal round-trip "$(run "$REGISTRY/podman/round-trip@$(cat "$WORK/digest")")"
}

check_retag() {
  build "$REGISTRY/podman/retag:1" retag
  podman push --tls-verify=false "$REGISTRY/podman/retag:1"
  podman tag "$REGISTRY/podman/retag:1" "$REGISTRY/podman/retag:latest"
  podman push --tls-verify=false "$REGISTRY/podman/retag:latest"
  podman rmi "$REGISTRY/podman/retag:1" "$REGISTRY/podman/retag:latest"
  podman pull --tls-verify=false --all-tags "$REGISTRY/podman/retag"
  podman image exists "$REGISTRY/podman/retag:1"
  podman image exists "$REGISTRY/podman/retag:latest"
}

check_formats() {
  local format
  for format in oci v2s2; do
    build "$REGISTRY/podman/$format:1" "$format"
    podman push --tls-verify=false --format "$format" "$REGISTRY/podman/$format:1"
    podman rmi "$REGISTRY/podman/$format:1"
    podman pull --tls-verify=false "$REGISTRY/podman/$format:1"
    equal "$format" "$(run "$REGISTRY/podman/$format:1")"
  done
}

check_compression() {
  local format
  for format in zstd zstd:chunked; do
    build "$REGISTRY/podman/compression:${format/:/-}" "as-$format"
    podman push --tls-verify=false --format oci --compression-format "$format" \
      "$REGISTRY/podman/compression:${format/:/-}"
    equal 200 "$(status GET "/v2/podman/compression/manifests/${format/:/-}" \
      --header 'Accept: application/vnd.oci.image.manifest.v1+json')"
    contains zstd "$(jq --raw-output '.layers[].mediaType' "$WORK/body")"
    podman rmi "$REGISTRY/podman/compression:${format/:/-}"
    podman pull --tls-verify=false "$REGISTRY/podman/compression:${format/:/-}"
    equal "as-$format" "$(run "$REGISTRY/podman/compression:${format/:/-}")"
  done
}

check_index() {
  local architecture
  podman manifest create podman-index
  for architecture in "$ARCHITECTURE" "$OTHER_ARCHITECTURE"; do
    build_context "$WORK/index-$architecture" "for-$architecture"
    podman build --network host --platform "linux/$architecture" --tag "podman-index:$architecture" \
      "$WORK/index-$architecture"
    podman manifest add --arch "$architecture" podman-index "containers-storage:localhost/podman-index:$architecture"
  done
  podman manifest push --all --tls-verify=false podman-index "docker://$REGISTRY/podman/index:all"
  podman manifest rm podman-index
  podman rmi "podman-index:$ARCHITECTURE" "podman-index:$OTHER_ARCHITECTURE"
  podman pull --tls-verify=false "$REGISTRY/podman/index:all"
  equal "for-$ARCHITECTURE" "$(run "$REGISTRY/podman/index:all")"
  equal 200 "$(status GET /v2/podman/index/manifests/all \
    --header 'Accept: application/vnd.docker.distribution.manifest.list.v2+json' \
    --header 'Accept: application/vnd.oci.image.index.v1+json')"
  equal "$(printf '%s\n' "$ARCHITECTURE" "$OTHER_ARCHITECTURE" | sort)" \
    "$(jq --raw-output '.manifests[].platform.architecture' "$WORK/body" | sort)"
}

check_search() {
  build "$REGISTRY/podman/search:1" search
  podman push --tls-verify=false "$REGISTRY/podman/search:1"
  equal '["1"]' "$(podman search --tls-verify=false --list-tags --format json "$REGISTRY/podman/search" |
    jq --compact-output '.[0].Tags')"
}

choose_runtime || cannot_start "no runtime runs a container: $(tail -n 1 "$WORK/probe.log")"
check "build, push, pull and run" check_round_trip
check "a second tag is pushed and all tags are pulled" check_retag
check "OCI and Docker schema 2 images run" check_formats
check "zstd and zstd:chunked layers run" check_compression
check "a manifest list of two platforms" check_index
check "the tags are listed by a search" check_search
