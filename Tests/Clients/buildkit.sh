#!/usr/bin/env bash
# The shapes that BuildKit pushes: registry caches and attestations.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
needs curl jq

INDEX=application/vnd.oci.image.index.v1+json
MANIFEST=application/vnd.oci.image.manifest.v1+json

# descriptor MEDIA-TYPE FILE
descriptor() {
  jq --null-input --compact-output --arg type "$1" --arg digest "$(digest_of "$2")" --argjson size "$(size_of "$2")" \
    '{ mediaType: $type, digest: $digest, size: $size }'
}

cache_blobs() {
  head --bytes 40000 /dev/urandom >"$WORK/layer"
  jq --null-input --compact-output --arg layer "$(digest_of "$WORK/layer")" '{
    layers: [{ blob: $layer, parent: -1 }],
    records: [{ digest: $layer, layers: [{ layer: 0, createdAt: "2024-01-01T00:00:00Z" }] }]
  }' >"$WORK/cacheconfig"
  push_blob "$1" "$WORK/layer"
  push_blob "$1" "$WORK/cacheconfig"
}

# --cache-to type=registry: an index whose entries are layer blobs, and a configuration among them.
check_cache_index() {
  cache_blobs buildkit/cache
  jq --null-input --compact-output \
    --argjson layer "$(descriptor application/vnd.oci.image.layer.v1.tar+gzip "$WORK/layer")" \
    --argjson config "$(descriptor application/vnd.buildkit.cacheconfig.v0 "$WORK/cacheconfig")" '{
    schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [
      $layer + { annotations: {
        "buildkit/createdat": "2024-01-01T00:00:00Z",
        "containerd.io/uncompressed": $layer.digest
      } },
      $config
    ]
  }' >"$WORK/cache.json"
  push_manifest buildkit/cache main "$WORK/cache.json" "$INDEX"
  same_manifest buildkit/cache main "$WORK/cache.json" "$INDEX"
  same_blob buildkit/cache "$(digest_of "$WORK/layer")"
}

# --cache-to type=registry,image-manifest=true: the same as an image manifest.
check_cache_manifest() {
  cache_blobs buildkit/cache-image
  jq --null-input --compact-output \
    --argjson layer "$(descriptor application/vnd.oci.image.layer.v1.tar+gzip "$WORK/layer")" \
    --argjson config "$(descriptor application/vnd.buildkit.cacheconfig.v0 "$WORK/cacheconfig")" '{
    schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config, layers: [$layer]
  }' >"$WORK/cache.json"
  push_manifest buildkit/cache-image main "$WORK/cache.json" "$MANIFEST"
  same_manifest buildkit/cache-image main "$WORK/cache.json" "$MANIFEST"
}

# image REPOSITORY: pushes the blobs and the manifest of an image by digest; prints its descriptor.
image() {
  local layout digest image manifest
  layout=$(mktemp -d "$WORK/layout.XXXXXX")
  image=$(oci_image "$layout" attested "$ARCHITECTURE")
  manifest=$layout/blobs/sha256/$(jq --raw-output '.digest | ltrimstr("sha256:")' <<<"$image")
  for digest in $(jq --raw-output '.config.digest, .layers[].digest' "$manifest"); do
    push_blob "$1" "$layout/blobs/sha256/${digest#sha256:}" >/dev/null
  done
  push_manifest "$1" "$(digest_of "$manifest")" "$manifest" "$MANIFEST" >/dev/null
  echo "$image"
}

# attestation REPOSITORY IMAGE-DESCRIPTOR [SUBJECT]: pushes an attestation manifest by digest; prints its descriptor.
attestation() {
  jq --null-input --compact-output --argjson image "$2" '{
    _type: "https://in-toto.io/Statement/v0.1", predicateType: "https://slsa.dev/provenance/v0.2",
    subject: [{ name: "image", digest: { sha256: $image.digest | ltrimstr("sha256:") } }],
    predicate: { buildType: "https://mobyproject.org/buildkit@v1" }
  }' >"$WORK/statement"
  push_blob "$1" "$WORK/statement" >/dev/null
  jq --null-input --compact-output --arg layer "$(digest_of "$WORK/statement")" \
    '{ architecture: "unknown", os: "unknown", rootfs: { type: "layers", diff_ids: [$layer] } }' >"$WORK/config"
  push_blob "$1" "$WORK/config" >/dev/null
  jq --null-input --compact-output --argjson subject "${3:-null}" \
    --argjson config "$(descriptor application/vnd.oci.image.config.v1+json "$WORK/config")" \
    --argjson layer "$(descriptor application/vnd.in-toto+json "$WORK/statement")" '{
    schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config,
    layers: [$layer + { annotations: { "in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2" } }]
  } + (if $subject then { subject: $subject } else {} end)' >"$WORK/attestation.json"
  push_manifest "$1" "$(digest_of "$WORK/attestation.json")" "$WORK/attestation.json" "$MANIFEST" >/dev/null
  jq --null-input --compact-output --argjson image "$2" \
    --argjson descriptor "$(descriptor "$MANIFEST" "$WORK/attestation.json")" '$descriptor + {
    platform: { architecture: "unknown", os: "unknown" },
    annotations: {
      "vnd.docker.reference.digest": $image.digest, "vnd.docker.reference.type": "attestation-manifest"
    }
  }'
}

check_attestation_index() {
  local image attestation
  image=$(image buildkit/attested)
  attestation=$(attestation buildkit/attested "$image")
  jq --null-input --compact-output --argjson image "$image" --argjson attestation "$attestation" '{
    schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [$image, $attestation]
  }' >"$WORK/index.json"
  push_manifest buildkit/attested latest "$WORK/index.json" "$INDEX"
  same_manifest buildkit/attested latest "$WORK/index.json" "$INDEX"
}

# BuildKit pushes the attestation before the image that it is about.
check_absent_subject() {
  local subject
  subject=$(jq --null-input --compact-output '{
    mediaType: "application/vnd.oci.image.manifest.v1+json", size: 420,
    digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
  }')
  attestation buildkit/early "$subject" "$subject"
  same_manifest buildkit/early "$(digest_of "$WORK/attestation.json")" "$WORK/attestation.json" "$MANIFEST"
}

check "a cache index of layer blobs is taken" check_cache_index
check "a cache manifest is taken" check_cache_manifest
check "an index with an attestation is taken" check_attestation_index
check "an attestation is taken before its subject" check_absent_subject
