#!/usr/bin/env bash
# berth copy: what Docker, Buildah and Podman make goes between Berth, CNCF Distribution, layouts and archives, three
# times, and every digest stays.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
# shellcheck source=images.bash
. "$(dirname "$0")/images.bash"
needs skopeo buildah docker-registry curl jq python3
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
containers_configuration
start_distribution
export DOCKER_CONFIG=$WORK/config

# kept_digest PLACE: the digest in a layout or an archive. Skopeo sees no manifests of Docker's types in there.
kept_digest() { if [[ $1 = *schema* ]]; then berth digest "$1"; else raw_digest "$1"; fi; }

# round_trips NAME: what is at $REGISTRY/images/NAME:1 goes to Distribution, a layout, an archive of a layout, and back,
# three times.
round_trips() {
  local name=$1 digest round
  digest=$(raw_digest "docker://$REGISTRY/images/$name:1")
  for round in 1 2 3; do
    berth copy "$REGISTRY/images/$name:$round" "$DISTRIBUTION/images/$name:$round"
    equal "$digest" "$(raw_digest "docker://$DISTRIBUTION/images/$name:$round")"
    berth copy "$DISTRIBUTION/images/$name:$round" "oci:$WORK/layout-$name:$round"
    equal "$digest" "$(kept_digest "oci:$WORK/layout-$name:$round")"
    berth copy "oci:$WORK/layout-$name:$round" "oci-archive:$WORK/$name-$round.tar:$round"
    equal "$digest" "$(kept_digest "oci-archive:$WORK/$name-$round.tar:$round")"
    berth copy "oci-archive:$WORK/$name-$round.tar:$round" "$REGISTRY/images/$name:$((round + 1))"
    equal "$digest" "$(raw_digest "docker://$REGISTRY/images/$name:$((round + 1))")"
    rm "$WORK/$name-$round.tar"
  done
  berth check "$REGISTRY/images/$name:4"
  berth check "oci:$WORK/layout-$name:3"
  rm -r "$WORK/layout-$name"
}

build() {
  build_context "$WORK/context-$1" "$1"
  buildah bud --isolation chroot --network host --tls-verify=false "${@:2}" "$WORK/context-$1"
}

check_buildah() {
  build buildah --tag "$REGISTRY/images/buildah:1"
  buildah push --tls-verify=false "$REGISTRY/images/buildah:1"
  round_trips buildah
}

check_docker_schema() {
  build schema --format docker --tag "$REGISTRY/images/schema:1"
  buildah push --tls-verify=false --format v2s2 "$REGISTRY/images/schema:1"
  round_trips schema
}

check_zstd() {
  build zstd --tag "$REGISTRY/images/zstd:1"
  buildah push --tls-verify=false --compression-format zstd "$REGISTRY/images/zstd:1"
  contains zstd "$(berth manifest "$REGISTRY/images/zstd:1" | jq --raw-output '.layers[0].mediaType')"
  round_trips zstd
}

check_index() {
  local architecture
  buildah manifest create images-index
  for architecture in "$ARCHITECTURE" "$OTHER_ARCHITECTURE"; do
    build "index-$architecture" --platform "linux/$architecture" --manifest images-index
  done
  buildah manifest push --all --tls-verify=false images-index "docker://$REGISTRY/images/index:1"
  round_trips index
  equal 2 "$(berth inspect --json "$REGISTRY/images/index:4" | jq '.images | length')"
}

check_platform() {
  local digest
  digest=$(berth digest --platform "linux/$OTHER_ARCHITECTURE" "$REGISTRY/images/index:1")
  berth copy --platform "linux/$OTHER_ARCHITECTURE" "$REGISTRY/images/index:1" "$DISTRIBUTION/images/one:1"
  equal "$digest" "$(raw_digest "docker://$DISTRIBUTION/images/one:1")"
  berth copy --platform "linux/$ARCHITECTURE" --platform "linux/$OTHER_ARCHITECTURE" \
    "$REGISTRY/images/index:1" "$DISTRIBUTION/images/both:1"
  equal "$(raw_digest "docker://$REGISTRY/images/index:1")" "$(raw_digest "docker://$DISTRIBUTION/images/both:1")"
}

# An index with an attestation, as BuildKit pushes it.
check_attestations() {
  local layout=$WORK/attested image config layer attestation
  image=$(oci_image "$layout" attested "$ARCHITECTURE")
  echo '{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://slsa.dev/provenance/v0.2"}' >"$WORK/statement"
  jq --null-input --compact-output --arg layer "$(digest_of "$WORK/statement")" \
    '{ architecture: "unknown", os: "unknown", rootfs: { type: "layers", diff_ids: [$layer] } }' >"$WORK/attested-config"
  jq --null-input --compact-output \
    --arg config "$(digest_of "$WORK/attested-config")" --argjson config_size "$(size_of "$WORK/attested-config")" \
    --arg layer "$(digest_of "$WORK/statement")" --argjson layer_size "$(size_of "$WORK/statement")" '{
    schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: $config, size: $config_size },
    layers: [{ mediaType: "application/vnd.in-toto+json", digest: $layer, size: $layer_size }]
  }' >"$WORK/attestation"
  attestation=$(jq --null-input --compact-output --argjson image "$image" \
    --arg digest "$(digest_of "$WORK/attestation")" --argjson size "$(size_of "$WORK/attestation")" '{
    mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $digest, size: $size,
    platform: { architecture: "unknown", os: "unknown" },
    annotations: {
      "vnd.docker.reference.digest": $image.digest, "vnd.docker.reference.type": "attestation-manifest"
    }
  }')
  store_blob "$layout" "$WORK/statement" >/dev/null
  store_blob "$layout" "$WORK/attested-config" >/dev/null
  store_blob "$layout" "$WORK/attestation" >/dev/null
  oci_layout "$layout" 1 "$(oci_index "$layout" "$image" "$attestation")"
  berth push "oci:$layout:1" "$REGISTRY/images/attested:1"
  equal "$(raw_digest "oci:$layout:1")" "$(raw_digest "docker://$REGISTRY/images/attested:1")"
  round_trips attested
}

check_within_registry() {
  local output
  output=$(berth copy --json "$REGISTRY/images/buildah:1" "$REGISTRY/images/elsewhere:1")
  equal 0 "$(jq '.destinations[0].bytes' <<<"$output")"
  output=$(berth copy --json "$REGISTRY/images/buildah:1" "$REGISTRY/images/elsewhere:1")
  equal up-to-date "$(jq --raw-output '.destinations[0].outcome' <<<"$output")"
}

check_several() {
  local status=0 output
  output=$(berth copy --json "$REGISTRY/images/buildah:1" "$DISTRIBUTION/images/several:1" \
    "127.0.0.1:1/nobody/there:1" "oci:$WORK/several:1" --retries 0) || status=$?
  equal 1 "$status"
  equal '["copied","failed","copied"]' "$(jq --compact-output '[.destinations[].outcome]' <<<"$output")"
  equal "$(raw_digest "docker://$REGISTRY/images/buildah:1")" "$(raw_digest "oci:$WORK/several:1")"
}

check_referrers() {
  local digest
  echo '{"spdxVersion":"SPDX-2.3"}' >"$WORK/sbom.json"
  cd "$WORK" || return
  berth copy "$REGISTRY/images/buildah:1" "$REGISTRY/images/signed:1"
  digest=$(berth attach --json "$REGISTRY/images/signed:1" sbom.json:application/spdx+json \
    --artifact-type application/spdx+json | jq --raw-output .digest)
  berth copy --referrers "$REGISTRY/images/signed:1" "$DISTRIBUTION/images/signed:1"
  # Distribution 2.8 lists no referrers, so that they are under a tag.
  equal "$digest" "$(berth referrers --json "$DISTRIBUTION/images/signed:1" | jq --raw-output '.[0].digest')"
  berth copy --referrers "$DISTRIBUTION/images/signed:1" "$REGISTRY/images/signed-back:1"
  equal "$digest" "$(berth referrers --json "$REGISTRY/images/signed-back:1" | jq --raw-output '.[0].digest')"
}

check_docker_archive() {
  local config
  build archive --format docker --tag "$REGISTRY/images/archive:1"
  buildah push --tls-verify=false --format v2s2 "$REGISTRY/images/archive:1"
  config=$(berth manifest "$REGISTRY/images/archive:1" | jq --raw-output .config.digest)
  berth pull "$REGISTRY/images/archive:1" "docker-archive:$WORK/archive.tar:berth/archive:1"
  equal "$config" "sha256:$(skopeo inspect --config --raw "docker-archive:$WORK/archive.tar" | sha256sum | cut -d ' ' -f 1)"
  berth push "$WORK/archive.tar" "$DISTRIBUTION/images/archive:back"
  equal "$config" "$(berth manifest "$DISTRIBUTION/images/archive:back" | jq --raw-output .config.digest)"
  skopeo --insecure-policy copy --src-tls-verify=false "docker://$REGISTRY/images/archive:1" \
    "docker-archive:$WORK/skopeo.tar:berth/archive:1"
  berth push "docker-archive:$WORK/skopeo.tar" "$DISTRIBUTION/images/archive:skopeo"
  equal "$config" "$(berth manifest "$DISTRIBUTION/images/archive:skopeo" | jq --raw-output .config.digest)"
}

check_podman_load() {
  berth pull "$REGISTRY/images/archive:1" "docker-archive:$WORK/podman.tar:localhost/podman-archive:1"
  podman load --input "$WORK/podman.tar"
  podman save --format oci-archive --output "$WORK/podman-oci.tar" localhost/podman-archive:1
  berth push "oci-archive:$WORK/podman-oci.tar" "$REGISTRY/images/podman:1"
  berth check "$REGISTRY/images/podman:1"
}

check_sync() {
  local tag
  for tag in 1.0.0 1.1.0 2.0.0-rc1; do
    berth copy "$REGISTRY/images/buildah:1" "$DISTRIBUTION/sync/app:$tag"
    berth copy "$REGISTRY/images/index:1" "$DISTRIBUTION/sync/index:$tag"
  done
  cat >"$WORK/rules.yaml" <<RULES
target: $REGISTRY/mirror
rules:
  - registry: $DISTRIBUTION
    repositories: ["sync/**"]
    tags: { exclude: ["*-rc*"], semver: ">=1.0.0" }
    prune: true
RULES
  contains "4 to copy" "$(berth sync "$WORK/rules.yaml" --dry-run)"
  contains "4 copied" "$(berth sync "$WORK/rules.yaml")"
  equal "4 up to date, 0 copied, 0 removed, 0 failed" "$(berth sync "$WORK/rules.yaml")"
  equal "$(printf '1.0.0\n1.1.0')" "$(berth ls "$REGISTRY/mirror/sync/index")"
  equal "$(raw_digest "docker://$REGISTRY/images/index:1")" "$(raw_digest "docker://$REGISTRY/mirror/sync/index:1.1.0")"
  berth tag "$REGISTRY/mirror/sync/app:1.0.0" 0.9.0 1.2.0
  contains "removed $REGISTRY/mirror/sync/app:1.2.0" "$(berth sync "$WORK/rules.yaml")"
  # What the rule is not about stays.
  equal "$(printf '0.9.0\n1.0.0\n1.1.0')" "$(berth ls "$REGISTRY/mirror/sync/app")"
}

check_foreign_layouts() {
  skopeo --insecure-policy copy --all --src-tls-verify=false "docker://$REGISTRY/images/index:1" "oci:$WORK/skopeo:1"
  equal "$(raw_digest "docker://$REGISTRY/images/index:1")" "$(berth digest "oci:$WORK/skopeo:1")"
  berth copy "oci:$WORK/skopeo:1" "$DISTRIBUTION/images/skopeo:1"
  berth copy "$DISTRIBUTION/images/skopeo:1" "oci:$WORK/skopeo:2"
  equal "$(raw_digest "docker://$REGISTRY/images/index:1")" "$(raw_digest "oci:$WORK/skopeo:2")"
}

check "an image of Buildah goes three times around" check_buildah
check "an image of Docker's schema 2 goes three times around" check_docker_schema
check "an image with zstd layers goes three times around" check_zstd
check "an index of two platforms goes three times around" check_index
check "an index with attestations goes three times around" check_attestations
check "one platform, and all of them" check_platform
check "within a registry no bytes are moved" check_within_registry
check "a destination that fails leaves the others alone" check_several
check "repositories are made the same by rules" check_sync
check "referrers come along to a registry that lists none, and back" check_referrers
check "archives for docker load, and those of Skopeo" check_docker_archive
check "layouts that Skopeo makes, and takes" check_foreign_layouts
if command -v podman >/dev/null; then check "podman loads our archive, and we take what it saves" check_podman_load; fi
