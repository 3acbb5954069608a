#!/usr/bin/env bash
# The requests that a person types, with exact expectations.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
needs curl jq

image() {
  local layout=$WORK/layout descriptor manifest digest
  descriptor=$(oci_image "$layout" curl "$ARCHITECTURE")
  manifest=$layout/blobs/sha256/$(jq --raw-output '.digest | ltrimstr("sha256:")' <<<"$descriptor")
  for digest in $(jq --raw-output '.config.digest, .layers[].digest' "$manifest"); do
    equal "$digest" "$(push_blob curl/image "$layout/blobs/sha256/${digest#sha256:}")"
  done
  push_manifest curl/image dev "$manifest" application/vnd.oci.image.manifest.v1+json >"$WORK/image-digest"
  cp "$manifest" "$WORK/image-manifest"
}

check_base() {
  equal 200 "$(status GET /v2/)"
  equal registry/2.0 "$(header Docker-Distribution-Api-Version)"
}

check_image() {
  image
  same_manifest curl/image dev "$WORK/image-manifest" application/vnd.oci.image.manifest.v1+json
  same_manifest curl/image "$(cat "$WORK/image-digest")" "$WORK/image-manifest" \
    application/vnd.oci.image.manifest.v1+json
  same_blob curl/image "$(jq --raw-output '.layers[0].digest' "$WORK/image-manifest")"
}

check_lists() {
  equal 200 "$(status GET /v2/_catalog)"
  equal curl/image "$(jq --raw-output '.repositories[] | select(. == "curl/image")' "$WORK/body")"
  equal 200 "$(status GET /v2/curl/image/tags/list)"
  equal '{"name":"curl/image","tags":["dev"]}' "$(jq --compact-output --sort-keys . "$WORK/body")"
}

check_head() {
  equal 200 "$(status HEAD /v2/curl/image/manifests/dev \
    --header 'Accept: application/vnd.oci.image.manifest.v1+json')"
  equal "$(size_of "$WORK/image-manifest")" "$(header Content-Length)"
  equal "$(cat "$WORK/image-digest")" "$(header Docker-Content-Digest)"
}

check_range() {
  local layer
  layer=$(jq --raw-output '.layers[0].digest' "$WORK/image-manifest")
  equal 200 "$(status GET "/v2/curl/image/blobs/$layer")"
  mv "$WORK/body" "$WORK/whole"
  equal 206 "$(status GET "/v2/curl/image/blobs/$layer" --header 'Range: bytes=100-299')"
  equal "bytes 100-299/$(size_of "$WORK/whole")" "$(header Content-Range)"
  cmp "$WORK/body" <(tail --bytes +101 "$WORK/whole" | head --bytes 200)
}

check_chunks() {
  local location digest
  head --bytes 100000 /dev/urandom >"$WORK/blob"
  digest=$(digest_of "$WORK/blob")
  head --bytes 60000 "$WORK/blob" >"$WORK/first"
  tail --bytes +60001 "$WORK/blob" >"$WORK/second"
  equal 202 "$(status POST /v2/curl/chunks/blobs/uploads/ --data-binary '')"
  location=$(header Location)
  equal 202 "$(status PATCH "${location#http://"$REGISTRY"}" --data-binary "@$WORK/first" \
    --header 'Content-Type: application/octet-stream' --header 'Content-Range: 0-59999')"
  equal 0-59999 "$(header Range)"
  location=$(header Location)
  equal 204 "$(status GET "${location#http://"$REGISTRY"}")"
  equal 0-59999 "$(header Range)"
  equal 202 "$(status PATCH "${location#http://"$REGISTRY"}" --data-binary "@$WORK/second" \
    --header 'Content-Type: application/octet-stream' --header 'Content-Range: 60000-99999')"
  location=$(header Location)
  location=${location#http://"$REGISTRY"}
  local separator='?'
  [[ $location != *\?* ]] || separator='&'
  equal 201 "$(status PUT "$location${separator}digest=$digest" --data-binary '')"
  same_blob curl/chunks "$digest"
}

check_wrong_digest() {
  local location separator='?' wrong
  wrong=sha256:$(printf '0%.0s' {1..64})
  echo content >"$WORK/blob"
  equal 202 "$(status POST /v2/curl/wrong/blobs/uploads/ --data-binary '')"
  location=$(header Location)
  location=${location#http://"$REGISTRY"}
  [[ $location != *\?* ]] || separator='&'
  equal 400 "$(status PUT "$location${separator}digest=$wrong" --upload-file "$WORK/blob")"
  equal DIGEST_INVALID "$(jq --raw-output '.errors[0].code' "$WORK/body")"
}

check_sha512() {
  local location digest separator='?'
  echo content >"$WORK/blob"
  digest=sha512:$(sha512sum <"$WORK/blob" | cut -d ' ' -f 1)
  equal 202 "$(status POST /v2/curl/sha512/blobs/uploads/ --data-binary '')"
  location=$(header Location)
  location=${location#http://"$REGISTRY"}
  [[ $location != *\?* ]] || separator='&'
  equal 201 "$(status PUT "$location${separator}digest=$digest" --upload-file "$WORK/blob")"
  equal 200 "$(status GET "/v2/curl/sha512/blobs/$digest")"
  equal "$digest" "$(header Docker-Content-Digest)"
  cmp "$WORK/blob" "$WORK/body"
}

check_one_request() {
  local digest
  echo 'in one request' >"$WORK/blob"
  digest=$(digest_of "$WORK/blob")
  equal 201 "$(status POST "/v2/curl/one/blobs/uploads/?digest=$digest" --data-binary "@$WORK/blob" \
    --header 'Content-Type: application/octet-stream')"
  same_blob curl/one "$digest"
}

# curl sends `Expect: 100-continue` and waits a second for the answer, which must not be missed.
check_expect() {
  local digest
  head --bytes 8M /dev/urandom >"$WORK/blob"
  digest=$(digest_of "$WORK/blob")
  equal 201 "$(status POST "/v2/curl/expect/blobs/uploads/?digest=$digest" --data-binary "@$WORK/blob" \
    --header 'Content-Type: application/octet-stream' --header 'Expect: 100-continue')"
  grep -q '^HTTP/1.1 100' "$WORK/head"
  same_blob curl/expect "$digest"
}

check_referrers() {
  local subject digest
  subject=$(cat "$WORK/image-digest")
  jq --compact-output --arg digest "$subject" --argjson size "$(size_of "$WORK/image-manifest")" '. + {
    artifactType: "application/vnd.example.sbom",
    subject: { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $digest, size: $size }
  }' "$WORK/image-manifest" >"$WORK/referrer"
  digest=$(push_manifest curl/image "$(digest_of "$WORK/referrer")" "$WORK/referrer" \
    application/vnd.oci.image.manifest.v1+json)
  equal "$subject" "$(header OCI-Subject)"
  equal 200 "$(status GET "/v2/curl/image/referrers/$subject?artifactType=application/vnd.example.sbom")"
  equal artifactType "$(header OCI-Filters-Applied)"
  equal application/vnd.oci.image.index.v1+json "$(header Content-Type)"
  equal "$digest" "$(jq --raw-output '.manifests[].digest' "$WORK/body")"
  equal 200 "$(status GET "/v2/curl/image/referrers/$subject?artifactType=application/vnd.example.other")"
  equal 0 "$(jq '.manifests | length' "$WORK/body")"
}

check_mount() {
  local layer
  layer=$(jq --raw-output '.layers[0].digest' "$WORK/image-manifest")
  equal 201 "$(status POST "/v2/curl/mounted/blobs/uploads/?mount=$layer&from=curl/image" --data-binary '')"
  same_blob curl/mounted "$layer"
}

check_unknown() {
  equal 404 "$(status GET /v2/curl/image/manifests/none)"
  equal MANIFEST_UNKNOWN "$(jq --raw-output '.errors[0].code' "$WORK/body")"
  equal 404 "$(status GET "/v2/curl/image/blobs/sha256:$(printf '0%.0s' {1..64})")"
  equal BLOB_UNKNOWN "$(jq --raw-output '.errors[0].code' "$WORK/body")"
  equal 404 "$(status GET /v2/curl/nothing/tags/list)"
  equal NAME_UNKNOWN "$(jq --raw-output '.errors[0].code' "$WORK/body")"
}

check_delete() {
  local digest
  digest=$(push_manifest curl/image old "$WORK/image-manifest" application/vnd.oci.image.manifest.v1+json)
  equal 202 "$(status DELETE "/v2/curl/image/manifests/$digest")"
  equal 404 "$(status GET /v2/curl/image/manifests/old)"
  equal 404 "$(status GET /v2/curl/image/manifests/dev)"
}

check "the base answers 200 with the API version" check_base
check "an image comes back byte for byte by tag and by digest" check_image
check "the catalogue and the tags list the image" check_lists
check "HEAD of a manifest has length and digest" check_head
check "a range of a blob is those bytes" check_range
check "a blob sent in chunks is whole" check_chunks
check "a blob is pushed in one request" check_one_request
check "a blob that is announced by Expect is pushed" check_expect
check "a sha512 blob comes back" check_sha512
check "a wrong digest is DIGEST_INVALID" check_wrong_digest
check "a blob is mounted from another repository" check_mount
check "a referrer is listed and filtered by its type" check_referrers
check "what is unknown is 404 with the specification's code" check_unknown
check "a deleted digest takes its tags" check_delete
