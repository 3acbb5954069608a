#!/usr/bin/env bash
# Skopeo: copies in every direction, with digests kept.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
needs skopeo curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
containers_configuration

copy() { skopeo --insecure-policy copy --src-tls-verify=false --dest-tls-verify=false "$@"; }
inspect() { skopeo inspect --tls-verify=false "$@"; }
descriptor_digest() { jq --raw-output .digest <<<"$1"; }

# image LAYOUT MARKER: a layout with one image under the tag `image`; prints the digest.
image() {
  local descriptor
  descriptor=$(oci_image "$1" "$2" "$ARCHITECTURE")
  oci_layout "$1" image "$descriptor"
  descriptor_digest "$descriptor"
}

check_round_trip() {
  local digest
  digest=$(image "$WORK/one" round-trip)
  copy --preserve-digests "oci:$WORK/one:image" "docker://$REGISTRY/skopeo/one:1"
  equal "$digest" "$(inspect --format '{{.Digest}}' "docker://$REGISTRY/skopeo/one:1")"
  copy --preserve-digests "docker://$REGISTRY/skopeo/one:1" "oci:$WORK/back:image"
  equal "$digest" "$(jq --raw-output '.manifests[0].digest' "$WORK/back/index.json")"
  diff --recursive "$WORK/one/blobs" "$WORK/back/blobs"
}

check_copy_across() {
  local digest
  digest=$(image "$WORK/across" across)
  copy --preserve-digests "oci:$WORK/across:image" "docker://$REGISTRY/ai-stack/across:dev"
  copy --preserve-digests "docker://$REGISTRY/ai-stack/across:dev" "docker://$REGISTRY/team/across:1.0.0"
  equal "$digest" "$(inspect --format '{{.Digest}}' "docker://$REGISTRY/team/across:1.0.0")"
}

check_index() {
  local digest
  digest=$(descriptor_digest "$(two_platforms "$WORK/index")")
  copy --all --preserve-digests "oci:$WORK/index:all" "docker://$REGISTRY/skopeo/index:all"
  equal "$digest" "sha256:$(inspect --raw "docker://$REGISTRY/skopeo/index:all" | sha256sum | cut -d ' ' -f 1)"
  copy --all --preserve-digests "docker://$REGISTRY/skopeo/index:all" "docker://$REGISTRY/skopeo/index-copy:all"
  copy --all --preserve-digests "docker://$REGISTRY/skopeo/index-copy:all" "oci:$WORK/index-back:all"
  equal "$digest" "$(jq --raw-output '.manifests[0].digest' "$WORK/index-back/index.json")"
  diff --recursive "$WORK/index/blobs" "$WORK/index-back/blobs"
  equal "$OTHER_ARCHITECTURE" "$(skopeo --override-arch "$OTHER_ARCHITECTURE" inspect --tls-verify=false \
    --format '{{.Architecture}}' "docker://$REGISTRY/skopeo/index:all")"
}

two_platforms() {
  local descriptor
  descriptor=$(oci_index "$1" "$(oci_image "$1" first "$ARCHITECTURE")" "$(oci_image "$1" second "$OTHER_ARCHITECTURE")")
  oci_layout "$1" all "$descriptor"
  echo "$descriptor"
}

check_formats() {
  image "$WORK/format" format
  copy --format v2s2 "oci:$WORK/format:image" "docker://$REGISTRY/skopeo/format:v2s2"
  equal application/vnd.docker.distribution.manifest.v2+json \
    "$(inspect --raw "docker://$REGISTRY/skopeo/format:v2s2" | jq --raw-output .mediaType)"
  copy --format oci "docker://$REGISTRY/skopeo/format:v2s2" "docker://$REGISTRY/skopeo/format:oci"
  equal application/vnd.oci.image.manifest.v1+json \
    "$(inspect --raw "docker://$REGISTRY/skopeo/format:oci" | jq --raw-output .mediaType)"
}

check_compression() {
  local format
  for format in gzip zstd; do
    # Other content for each, or Skopeo takes the layer that it remembers with the other compression.
    image "$WORK/$format" "$format"
    copy --format oci --dest-compress --dest-compress-format "$format" \
      "oci:$WORK/$format:image" "docker://$REGISTRY/skopeo/compression:$format"
    contains "$format" "$(inspect --raw "docker://$REGISTRY/skopeo/compression:$format" |
      jq --raw-output '.layers[0].mediaType')"
    copy "docker://$REGISTRY/skopeo/compression:$format" "oci:$WORK/$format-back:image"
  done
}

check_list_tags() {
  local tag
  image "$WORK/tags" tags
  for tag in 1.0.0 1.0.1 latest; do
    copy "oci:$WORK/tags:image" "docker://$REGISTRY/skopeo/tags:$tag"
  done
  equal '["1.0.0","1.0.1","latest"]' \
    "$(skopeo list-tags --tls-verify=false "docker://$REGISTRY/skopeo/tags" | jq --compact-output '.Tags | sort')"
}

check_delete() {
  image "$WORK/delete" delete
  copy "oci:$WORK/delete:image" "docker://$REGISTRY/skopeo/delete:1"
  skopeo delete --tls-verify=false "docker://$REGISTRY/skopeo/delete:1"
  if inspect "docker://$REGISTRY/skopeo/delete:1"; then
    echo "the deleted image can be inspected"
    return 1
  fi
}

check_sync() {
  local tag
  image "$WORK/sync" sync
  for tag in a b; do
    copy "oci:$WORK/sync:image" "docker://$REGISTRY/skopeo/sync:$tag"
  done
  skopeo --insecure-policy sync --all --src docker --dest docker --src-tls-verify=false --dest-tls-verify=false \
    "$REGISTRY/skopeo/sync" "$REGISTRY/mirror"
  equal '["a","b"]' \
    "$(skopeo list-tags --tls-verify=false "docker://$REGISTRY/mirror/sync" | jq --compact-output '.Tags | sort')"
  equal "$(inspect --format '{{.Digest}}' "docker://$REGISTRY/skopeo/sync:a")" \
    "$(inspect --format '{{.Digest}}' "docker://$REGISTRY/mirror/sync:a")"
}

check_large_layer() {
  local descriptor
  mkdir "$WORK/content"
  head --bytes 1G /dev/urandom >"$WORK/content/content"
  tar --create --file "$WORK/large.tar" --directory "$WORK/content" content
  rm -r "$WORK/content"
  descriptor=$(oci_image "$WORK/large" large "$ARCHITECTURE" "$WORK/large.tar")
  oci_layout "$WORK/large" image "$descriptor"
  copy --preserve-digests "oci:$WORK/large:image" "docker://$REGISTRY/skopeo/large:1"
  copy --preserve-digests "docker://$REGISTRY/skopeo/large:1" "dir:$WORK/large-back"
  equal "$(descriptor_digest "$descriptor")" "$(digest_of "$WORK/large-back/manifest.json")"
  local layer
  layer=$(jq --raw-output '.layers[0].digest | ltrimstr("sha256:")' "$WORK/large-back/manifest.json")
  equal "sha256:$layer" "$(digest_of "$WORK/large-back/$layer")"
  rm -r "$WORK/large" "$WORK/large-back"
}

check "an image keeps its digest on the way in and out" check_round_trip
check "a copy across repositories keeps the digest" check_copy_across
check "an index of two platforms is copied with every image" check_index
check "Docker schema 2 and OCI manifests are both taken" check_formats
check "gzip and zstd layers are both taken" check_compression
check "the tags are listed" check_list_tags
check "a deleted tag is gone" check_delete
check "a repository is synchronised" check_sync
check "a layer of 1 GiB comes back whole" check_large_layer
