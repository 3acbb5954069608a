# shellcheck shell=bash disable=SC2034
# What the client scripts share. Each is started by Tests/Clients/run, which sets
#   REGISTRY   host:port of the registry under test, plain HTTP
#   WORK       an empty folder for this client
#   RESULTS    the file that gets one line for each case: ok, FAIL or skip, a tab, the name
# A script declares its cases with `check NAME FUNCTION` and ends with a skip by `cannot_start REASON`.

: "${REGISTRY:?is set by Tests/Clients/run}" "${WORK:?is set by Tests/Clients/run}"
: "${RESULTS:?is set by Tests/Clients/run}"
CLIENT=$(basename "$0" .sh)
CASE_SECONDS=${CASE_SECONDS:-240}
ARCHITECTURE=$(case $(uname -m) in x86_64) echo amd64 ;; aarch64) echo arm64 ;; *) uname -m ;; esac)
OTHER_ARCHITECTURE=$([ "$ARCHITECTURE" = arm64 ] && echo amd64 || echo arm64)
DEBIAN_BUSYBOX=/bin/busybox

report() {
  printf '%s\t%s: %s\n' "$1" "$CLIENT" "$2" >>"$RESULTS"
  printf '%-4s %s: %s\n' "$1" "$CLIENT" "$2"
}

# check NAME FUNCTION: runs the function with `set -e` in a process group of its own, for CASE_SECONDS at most.
check() {
  local name=$1 function=$2 log=$WORK/case.log status=0 started=$SECONDS body watchdog
  set -m
  (
    set -euo pipefail
    shopt -s inherit_errexit
    "$function"
  ) >"$log" 2>&1 </dev/null &
  body=$!
  (
    sleep "$CASE_SECONDS"
    echo "stopped after $CASE_SECONDS seconds" >>"$log"
    kill -KILL -- "-$body"
  ) >/dev/null 2>&1 &
  watchdog=$!
  set +m
  wait "$body" 2>/dev/null || status=$?
  kill -KILL -- "-$watchdog" 2>/dev/null
  wait "$watchdog" 2>/dev/null
  if [ "$status" -eq 0 ]; then
    report ok "$name ($((SECONDS - started)) s)"
  else
    report FAIL "$name (status $status)"
    sed 's/^/     | /' "$log" | tail -n 40
  fi
}

# The client is not on this machine, or it cannot run on it.
cannot_start() {
  report skip "cannot start: $1"
  exit 0
}

needs() {
  local command
  for command in "$@"; do
    command -v "$command" >/dev/null || cannot_start "$command is not installed"
  done
}

equal() {
  if [ "$1" != "$2" ]; then
    echo "expected: $1"
    echo "found:    $2"
    return 1
  fi
}

contains() {
  if [[ $2 != *"$1"* ]]; then
    echo "expected to contain: $1"
    echo "found: $2"
    return 1
  fi
}

# until_true SECONDS COMMAND...: waits for a condition.
until_true() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.1
  done
}

digest_of() { echo "sha256:$(sha256sum <"$1" | cut -d ' ' -f 1)"; }
size_of() { stat --format %s "$1"; }

# status METHOD PATH [curl arguments...]: the status code of a request to the registry; the body goes to $WORK/body, the
# head to $WORK/head.
status() {
  local method=$1 path=$2
  shift 2
  local verb=(--request "$method")
  [ "$method" != HEAD ] || verb=(--head)
  curl --silent --show-error --max-time 120 "${verb[@]}" --output "$WORK/body" --dump-header "$WORK/head" \
    --write-out '%{http_code}' "$@" "http://$REGISTRY$path"
}

header() { sed -n "s/^$1: *//Ip" "$WORK/head" | tr -d '\r' | tail -n 1; }

# push_blob REPOSITORY FILE: POST, then PUT with the whole blob; prints the digest.
push_blob() {
  local digest location separator='?'
  digest=$(digest_of "$2")
  equal 202 "$(status POST "/v2/$1/blobs/uploads/" --data-binary '')" >&2 || return 1
  location=$(header Location)
  location=${location#http://"$REGISTRY"}
  [[ $location != *\?* ]] || separator='&'
  equal 201 "$(status PUT "$location${separator}digest=$digest" --upload-file "$2" \
    --header 'Content-Type: application/octet-stream')" >&2 || return 1
  echo "$digest"
}

# push_manifest REPOSITORY REFERENCE FILE MEDIA-TYPE: prints the digest, which is compared with the registry's.
push_manifest() {
  equal 201 "$(status PUT "/v2/$1/manifests/$2" --data-binary "@$3" --header "Content-Type: $4")" >&2 || {
    cat "$WORK/body" >&2
    return 1
  }
  equal "$(digest_of "$3")" "$(header Docker-Content-Digest)" >&2 || return 1
  digest_of "$3"
}

# same_manifest REPOSITORY REFERENCE FILE MEDIA-TYPE: the manifest comes back byte for byte with its media type.
same_manifest() {
  equal 200 "$(status GET "/v2/$1/manifests/$2" --header "Accept: $4")"
  equal "$4" "$(header Content-Type)"
  equal "$(digest_of "$3")" "$(header Docker-Content-Digest)"
  cmp "$3" "$WORK/body"
}

# same_blob REPOSITORY DIGEST: what comes back has that digest.
same_blob() {
  equal 200 "$(status GET "/v2/$1/blobs/$2")"
  equal "$2" "$(digest_of "$WORK/body")"
}

# build_context FOLDER MARKER: a Dockerfile for an image from scratch that says MARKER, and everything in it.
build_context() {
  mkdir -p "$1"
  cp "$DEBIAN_BUSYBOX" "$1/busybox"
  echo "$2" >"$1/marker"
  cat >"$1/Dockerfile" <<'DOCKERFILE'
FROM scratch
COPY busybox /bin/busybox
COPY marker /marker
ENTRYPOINT ["/bin/busybox"]
CMD ["cat", "/marker"]
DOCKERFILE
}

store_blob() {
  local digest
  digest=$(digest_of "$2")
  mkdir -p "$1/blobs/sha256"
  mv "$2" "$1/blobs/sha256/${digest#sha256:}"
  echo "$digest"
}

# oci_image LAYOUT MARKER ARCHITECTURE [LAYER-TAR]: adds an image to an OCI layout, prints its descriptor.
oci_image() {
  local layout=$1 marker=$2 architecture=$3 root layer config manifest layer_size
  root=$(mktemp -d "$WORK/root.XXXXXX")
  if [ $# -gt 3 ]; then
    mv "$4" "$root.tar"
  else
    mkdir -p "$root/bin"
    cp "$DEBIAN_BUSYBOX" "$root/bin/busybox"
    echo "$marker" >"$root/marker"
    tar --create --file "$root.tar" --directory "$root" --owner 0 --group 0 --numeric-owner bin marker
  fi
  layer_size=$(size_of "$root.tar")
  layer=$(store_blob "$layout" "$root.tar")
  jq --null-input --compact-output --arg architecture "$architecture" --arg layer "$layer" '{
    architecture: $architecture, os: "linux", created: "2024-01-01T00:00:00Z",
    config: { Entrypoint: ["/bin/busybox"], Cmd: ["cat", "/marker"] },
    rootfs: { type: "layers", diff_ids: [$layer] }
  }' >"$root.config"
  config=$(jq --null-input --arg digest "$(digest_of "$root.config")" --argjson size "$(size_of "$root.config")" \
    '{ mediaType: "application/vnd.oci.image.config.v1+json", digest: $digest, size: $size }')
  store_blob "$layout" "$root.config" >/dev/null
  jq --null-input --compact-output --argjson config "$config" --arg layer "$layer" --argjson size "$layer_size" '{
    schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config,
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest: $layer, size: $size }]
  }' >"$root.manifest"
  manifest=$(jq --null-input --compact-output --arg architecture "$architecture" \
    --arg digest "$(digest_of "$root.manifest")" --argjson size "$(size_of "$root.manifest")" '{
    mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $digest, size: $size,
    platform: { architecture: $architecture, os: "linux" }
  }')
  store_blob "$layout" "$root.manifest" >/dev/null
  rm -rf "$root"
  echo "$manifest"
}

# oci_layout LAYOUT TAG DESCRIPTOR: names one descriptor in the layout's index.
oci_layout() {
  echo '{"imageLayoutVersion":"1.0.0"}' >"$1/oci-layout"
  jq --null-input --compact-output --arg tag "$2" --argjson descriptor "$3" '{
    schemaVersion: 2,
    manifests: [$descriptor + { annotations: { "org.opencontainers.image.ref.name": $tag } }]
  }' >"$1/index.json"
}

# oci_index LAYOUT DESCRIPTOR...: adds an index of the images, prints its descriptor.
oci_index() {
  local layout=$1 file
  shift
  file=$(mktemp "$WORK/index.XXXXXX")
  printf '%s\n' "$@" | jq --slurp --compact-output '{
    schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: .
  }' >"$file"
  jq --null-input --compact-output --arg digest "$(digest_of "$file")" --argjson size "$(size_of "$file")" \
    '{ mediaType: "application/vnd.oci.image.index.v1+json", digest: $digest, size: $size }'
  store_blob "$layout" "$file" >/dev/null
}

# containers_configuration: Podman, Buildah and Skopeo with storage, registries and settings of their own in $WORK. The
# limits are small because Podman's own are higher than a sandbox may allow.
containers_configuration() {
  local driver=overlay mount=$WORK/overlay
  mkdir -p "$mount"/{lower,upper,work,merged}
  if mount -t overlay overlay -o "lowerdir=$mount/lower,upperdir=$mount/upper,workdir=$mount/work" \
    "$mount/merged" 2>/dev/null; then
    umount "$mount/merged"
  else
    driver=vfs
  fi
  cat >"$WORK/storage.conf" <<CONFIGURATION
[storage]
driver = "$driver"
graphroot = "$WORK/graph"
runroot = "$WORK/run"
CONFIGURATION
  cat >"$WORK/containers.conf" <<CONFIGURATION
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
CONFIGURATION
  cat >"$WORK/registries.conf" <<CONFIGURATION
[[registry]]
location = "$REGISTRY"
insecure = true
CONFIGURATION
  export CONTAINERS_STORAGE_CONF=$WORK/storage.conf CONTAINERS_CONF=$WORK/containers.conf
  export CONTAINERS_REGISTRIES_CONF=$WORK/registries.conf REGISTRY_AUTH_FILE=$WORK/auth.json TMPDIR=$WORK
  echo '{}' >"$REGISTRY_AUTH_FILE"
}
