#!/usr/bin/env bash
# berth's commands on images, with Skopeo, tar and ORAS to compare with.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
# shellcheck source=images.bash
. "$(dirname "$0")/images.bash"
# shellcheck source=oras.bash
. "$(dirname "$0")/oras.bash"
needs skopeo buildah docker-registry curl jq python3 tar
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
containers_configuration
start_distribution
export DOCKER_CONFIG=$WORK/config
IMAGE=$REGISTRY/commands/app

# An image of three layers, in which a file is removed and another one changed.
build_image() {
  mkdir -p "$WORK/context"
  cp "$DEBIAN_BUSYBOX" "$WORK/context/busybox"
  cp "$WORK/context/busybox" "$WORK/context/removed"
  echo first >"$WORK/context/first"
  echo second >"$WORK/context/second"
  cat >"$WORK/context/Dockerfile" <<'DOCKERFILE'
FROM scratch
COPY busybox /bin/busybox
COPY removed /data/removed
COPY first /data/changed
RUN ["/bin/busybox", "rm", "/data/removed"]
RUN ["/bin/busybox", "ln", "/bin/busybox", "/bin/sh"]
RUN ["/bin/busybox", "ln", "-s", "changed", "/data/link"]
COPY second /data/changed
LABEL org.opencontainers.image.version=1.2.3
ENTRYPOINT ["/bin/busybox"]
DOCKERFILE
  buildah bud --isolation chroot --network host --layers --tag "$IMAGE:1" "$WORK/context"
  buildah push --tls-verify=false "$IMAGE:1"
}

check_inspection() {
  build_image
  equal "$(raw_digest "docker://$IMAGE:1")" "$(berth digest "$IMAGE:1")"
  equal "$(raw_digest "docker://$IMAGE:1")" "sha256:$(berth manifest "$IMAGE:1" | sha256sum | cut -d ' ' -f 1)"
  skopeo inspect --tls-verify=false --config --raw "docker://$IMAGE:1" >"$WORK/config.json"
  berth config "$IMAGE:1" | cmp - "$WORK/config.json"
  equal 1.2.3 "$(berth inspect --json "$IMAGE:1" |
    jq --raw-output '.images[0].labels["org.opencontainers.image.version"]')"
  contains "linux/$ARCHITECTURE" "$(berth inspect "$IMAGE:1")"
  local layer
  layer=$(berth manifest "$IMAGE:1" | jq --raw-output '.layers[0].digest')
  berth blob "$IMAGE@$layer" --output "$WORK/layer"
  equal "$layer" "$(digest_of "$WORK/layer")"
  equal 1 "$(berth ls "$IMAGE")"
  contains commands/app "$(berth catalog "$REGISTRY")"
}

check_contents() {
  equal second "$(berth cat "$IMAGE:1" /data/changed)"
  equal second "$(berth cat "$IMAGE:1" data/link)"
  berth cat "$IMAGE:1" bin/busybox | cmp - "$DEBIAN_BUSYBOX"
  if berth cat "$IMAGE:1" /data/removed; then return 1; fi
  contains "/data/link -> changed" "$(berth files "$IMAGE:1")"
  equal 0 "$(berth files "$IMAGE:1" | grep --count removed || true)"
  contains "LABEL org.opencontainers.image.version=1.2.3" "$(berth history --full "$IMAGE:1")"
}

check_export() {
  mkdir "$WORK/root" "$WORK/mounted"
  berth export "$IMAGE:1" | tar --extract --directory "$WORK/root"
  equal second "$(cat "$WORK/root/data/changed")"
  equal "$(stat --format %i "$WORK/root/bin/busybox")" "$(stat --format %i "$WORK/root/bin/sh")"
  [ ! -e "$WORK/root/data/removed" ]
  berth export "$IMAGE:1" --output "$WORK/root.tar"
  tar --list --file "$WORK/root.tar" >"$WORK/names"
  equal "$(sort "$WORK/names" | uniq --repeated)" ""
}

check_analysis() {
  local status=0 output
  output=$(berth analyze --json "$IMAGE:1")
  # The removed program is there in one layer and taken away by another.
  equal "$(size_of "$DEBIAN_BUSYBOX")" "$(jq '.wastefulFiles[] | select(.path == "/data/removed") | .bytes' <<<"$output")"
  [ "$(jq .hiddenBytes <<<"$output")" -ge "$(size_of "$DEBIAN_BUSYBOX")" ]
  berth analyze --highest-wasted-bytes 1KB "$IMAGE:1" || status=$?
  equal 1 "$status"
  printf 'rules:\n  lowest-efficiency: 0.1\n  highest-user-wasted-percent: disabled\n' >"$WORK/.dive-ci"
  berth analyze --ci-config "$WORK/.dive-ci" "$IMAGE:1"
}

check_difference() {
  berth tag "$IMAGE:1" before
  echo third >"$WORK/context/second"
  echo 'ENV ANSWER=42' >>"$WORK/context/Dockerfile"
  buildah bud --isolation chroot --network host --layers --tag "$IMAGE:2" "$WORK/context"
  buildah push --tls-verify=false "$IMAGE:2"
  local output
  output=$(berth diff --json "$IMAGE:before" "$IMAGE:2")
  equal '{"path":"/data/changed","change":"changed","before":7,"after":6}' \
    "$(jq --compact-output '.files[] | { path, change, before, after }' <<<"$output")"
  equal 42 "$(jq --raw-output '.config[] | select(.name == "Env.ANSWER") | .after' <<<"$output")"
}

check_deletion() {
  local status=0 digest
  berth tag "$IMAGE:1" v1 v1.0
  berth delete "$IMAGE:v1"
  equal 200 "$(status GET /v2/commands/app/manifests/v1.0 --header 'Accept: */*')"
  equal 404 "$(status GET /v2/commands/app/manifests/v1 --header 'Accept: */*')"
  # Distribution deletes no tag alone: nothing goes, and what would go is said.
  berth copy "$IMAGE:1" "$DISTRIBUTION/commands/app:a"
  berth tag "$DISTRIBUTION/commands/app:a" b
  berth delete "$DISTRIBUTION/commands/app:a" 2>"$WORK/refusal" || status=$?
  equal 1 "$status"
  contains "the tags a, b" "$(cat "$WORK/refusal")"
  equal "$(printf 'a\nb')" "$(berth ls "$DISTRIBUTION/commands/app" | sort)"
  digest=$(berth digest "$DISTRIBUTION/commands/app:a")
  status=0
  berth delete "$DISTRIBUTION/commands/app@$digest" 2>"$WORK/refusal" </dev/null || status=$?
  equal 1 "$status"
  contains "with its tag b" "$(berth delete --dry-run "$DISTRIBUTION/commands/app@$digest")"
  berth delete --yes "$DISTRIBUTION/commands/app:a" --digest
  status=0
  berth digest "$DISTRIBUTION/commands/app:b" || status=$?
  equal 1 "$status"
}

check_artifacts() {
  mkdir -p "$WORK/artifact/reports" "$WORK/pulled"
  cd "$WORK/artifact" || return
  echo '{"answer": 42}' >reports/answer.json
  head --bytes 5M /dev/urandom >data.bin
  local digest
  digest=$(berth push --json "$REGISTRY/commands/artifact:1" reports/answer.json:application/json data.bin \
    --artifact-type application/vnd.example.report --annotation org.example.kind=report | jq --raw-output .digest)
  # The same files are the same artifact.
  equal "$digest" "$(berth push --json "$REGISTRY/commands/artifact:2" reports/answer.json:application/json data.bin \
    --artifact-type application/vnd.example.report --annotation org.example.kind=report | jq --raw-output .digest)"
  berth pull "$REGISTRY/commands/artifact:1" --output "$WORK/pulled"
  diff --recursive "$WORK/artifact" "$WORK/pulled"
  berth check "$REGISTRY/commands/artifact:1"
}

check_oras() {
  install_oras
  mkdir "$WORK/by-oras" "$WORK/of-oras"
  oras pull "$(jq --null-input --arg target "$REGISTRY/commands/artifact:1" --arg outdir "$WORK/by-oras" \
    '{ target: $target, outdir: $outdir }')"
  diff --recursive "$WORK/artifact" "$WORK/by-oras"
  cd "$WORK/artifact" || return
  oras push "$(jq --null-input --arg target "$REGISTRY/commands/oras:1" \
    '{ target: $target, files: ["data.bin:application/octet-stream"] }')"
  berth pull "$REGISTRY/commands/oras:1" --output "$WORK/of-oras"
  cmp data.bin "$WORK/of-oras/data.bin"
}

# oras METHOD ARGUMENTS: a call of the Python client; keyword arguments are JSON.
oras() {
  "$ORAS_PYTHON" -c '
import json, os, sys
import oras.client
client = oras.client.OrasClient(hostname=os.environ["REGISTRY"], insecure=True)
getattr(client, sys.argv[1])(**json.loads(sys.argv[2]))
' "$@"
}

# A title that leads out of the folder writes nothing.
check_hostile_titles() {
  local status=0
  echo evil >"$WORK/evil"
  push_blob commands/evil "$WORK/evil" >/dev/null
  printf '{}' >"$WORK/empty"
  push_blob commands/evil "$WORK/empty" >/dev/null
  jq --null-input --compact-output --arg empty "$(digest_of "$WORK/empty")" --arg evil "$(digest_of "$WORK/evil")" '{
    schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", artifactType: "application/x",
    config: { mediaType: "application/vnd.oci.empty.v1+json", digest: $empty, size: 2 },
    layers: [{
      mediaType: "text/plain", digest: $evil, size: 5,
      annotations: { "org.opencontainers.image.title": "../escaped" }
    }]
  }' >"$WORK/evil.json"
  push_manifest commands/evil 1 "$WORK/evil.json" application/vnd.oci.image.manifest.v1+json
  mkdir "$WORK/safe"
  berth pull "$REGISTRY/commands/evil:1" --output "$WORK/safe" 2>"$WORK/refusal" || status=$?
  equal 1 "$status"
  contains "nothing was written" "$(cat "$WORK/refusal")"
  [ ! -e "$WORK/escaped" ]
}

check_faults() {
  local status=0 layer
  berth copy "$IMAGE:1" "oci:$WORK/broken:1"
  layer=$(berth manifest "oci:$WORK/broken:1" | jq --raw-output '.layers[0].digest | ltrimstr("sha256:")')
  printf x | dd of="$WORK/broken/blobs/sha256/$layer" bs=1 seek=10 conv=notrunc status=none
  berth check --presence "oci:$WORK/broken:1"
  berth check "oci:$WORK/broken:1" >"$WORK/faults" || status=$?
  equal 1 "$status"
  contains "$layer" "$(cat "$WORK/faults")"
  status=0
  berth copy "oci:$WORK/broken:1" "$REGISTRY/commands/broken:1" || status=$?
  equal 1 "$status"
  equal 404 "$(status GET /v2/commands/broken/manifests/1 --header 'Accept: */*')"
}

# Control-C in the middle of a transfer from a registry that does not answer any more.
check_interruption() {
  local copy status=0
  cd "$WORK" || return
  head --bytes 1G /dev/zero >zeros
  berth push --quiet "$DISTRIBUTION/commands/large:1" zeros
  rm zeros
  berth_in_background copy "$DISTRIBUTION/commands/large:1" "oci:$WORK/large:1"
  copy=$!
  until_true 20 has_staged_file "$WORK/large"
  kill -STOP "$DISTRIBUTION_PROCESS"
  kill -INT "$copy"
  wait "$copy" || status=$?
  kill -CONT "$DISTRIBUTION_PROCESS"
  equal 130 "$status"
  if has_staged_file "$WORK/large"; then return 1; fi
  berth copy "$DISTRIBUTION/commands/large:1" "oci:$WORK/large:1"
  berth check "oci:$WORK/large:1"
  rm -r "$WORK/large"
}

has_staged_file() { find "$1" -name '.berth-*' | grep --quiet .; }

# berth_in_background ARGUMENTS...: as berth, and SIGINT ends it, which processes in the background ignore else.
berth_in_background() {
  XDG_STATE_HOME=$WORK/state python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$BERTH" "$@" &
}

check "an image is inspected, and its parts come byte for byte" check_inspection
check "the file system is listed, and files are read through links" check_contents
check "the file system is exported with its hard links" check_export
check "waste is counted, and rules are checked" check_analysis
check "what changed between two images is shown" check_difference
check "a tag is deleted alone, and nothing goes unnamed" check_deletion
check "files become an artifact and files again" check_artifacts
check "ORAS and berth read each other's artifacts" check_oras
check "a title that leads out of the folder writes nothing" check_hostile_titles
check "a damaged layer is found, and not pushed" check_faults
check "Control-C ends a transfer and leaves nothing half done" check_interruption
