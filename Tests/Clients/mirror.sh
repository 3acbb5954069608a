#!/usr/bin/env bash
# A server that mirrors another one as Docker Hub: Docker Engine with registry-mirrors, containerd with hosts.toml,
# Skopeo and 50 clients at once, and what they get when the upstream is gone.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
# shellcheck source=dockerd.bash
. "$(dirname "$0")/dockerd.bash"
# shellcheck source=containerd.bash
. "$(dirname "$0")/containerd.bash"
needs curl jq python3 skopeo docker containerd ctr
[ -n "${BERTH:-}" ] || cannot_start "there is no executable of berth"
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"

UPSTREAM_PROCESS='' MIRROR_PROCESS='' DOCKERD='' CONTAINERD=''
stop_all() {
  local process
  for process in "$UPSTREAM_PROCESS" "$MIRROR_PROCESS" "$DOCKERD" "$CONTAINERD"; do
    [ -z "$process" ] || kill -TERM "$process" 2>/dev/null
  done
  for process in "$DOCKERD" "$CONTAINERD"; do
    [ -z "$process" ] || timeout 30 tail --pid "$process" -f /dev/null || kill -KILL "$process" 2>/dev/null
  done
}
trap stop_all EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# serve NAME PORT SETTINGS...: starts a server; its process is in PROCESS then.
serve() {
  local name=$1 port=$2
  shift 2
  "$BERTH" serve --listen "127.0.0.1:$port" --data "$WORK/$name/data" "$@" >"$WORK/$name.log" 2>&1 </dev/null &
  PROCESS=$!
  until_true 30 curl --silent --fail "http://127.0.0.1:$port/readyz" || {
    cat "$WORK/$name.log"
    cannot_start "the server '$name' did not get ready"
  }
}

mkdir -p "$WORK/upstream" "$WORK/mirror"
UPSTREAM=127.0.0.1:$(free_port)
serve upstream "${UPSTREAM##*:}"
UPSTREAM_PROCESS=$PROCESS
cat >"$WORK/mirror.yaml" <<CONFIGURATION
upstreams:
  - registry: docker.io
    url: http://$UPSTREAM
    root: true
    revalidate-after: 0s
CONFIGURATION
MIRROR=127.0.0.1:$(free_port)
serve mirror "${MIRROR##*:}" --mirror "$WORK/mirror.yaml"
MIRROR_PROCESS=$PROCESS

# push_upstream NAME MARKER [LAYER-TAR]: an image in the upstream.
push_upstream() {
  local layout=$WORK/layout-$2
  oci_layout "$layout" image "$(oci_image "$layout" "$2" "$ARCHITECTURE" "${@:3}")"
  skopeo copy --quiet --dest-tls-verify=false "oci:$layout:image" "docker://$UPSTREAM/$1"
}

# gets_of_blobs: how many blobs the upstream was asked for, answered or not.
gets_of_blobs() {
  curl --silent "http://$UPSTREAM/metrics" |
    awk '/^berth_http_requests_total.*method="GET".*route="blob"/ { sum += $2 } END { print sum + 0 }'
}

check_many_clients() {
  local before pulls=() pull
  head --bytes 200M /dev/urandom >"$WORK/content"
  tar --create --file "$WORK/large.tar" --directory "$WORK" content
  rm "$WORK/content"
  push_upstream library/large:1 large "$WORK/large.tar"
  before=$(gets_of_blobs)
  curl --silent --fail --output "$WORK/manifest" "http://$UPSTREAM/v2/library/large/manifests/1"
  jq --raw-output '.config.digest, .layers[].digest' "$WORK/manifest" >"$WORK/digests"
  cat >"$WORK/pull" <<'PULL'
set -euo pipefail
curl --silent --fail "http://$1/v2/library/large/manifests/1" | cmp - "$2/manifest"
while read -r digest; do
  found=$(curl --silent --fail "http://$1/v2/library/large/blobs/$digest" | sha256sum | cut -d ' ' -f 1)
  [ "sha256:$found" = "$digest" ]
done <"$2/digests"
PULL
  for _ in {1..50}; do
    bash "$WORK/pull" "$MIRROR" "$WORK" &
    pulls+=($!)
  done
  for pull in "${pulls[@]}"; do
    wait "$pull"
  done
  equal "$(wc -l <"$WORK/digests")" "$(($(gets_of_blobs) - before))"
}

check_skopeo() {
  push_upstream team/app:1 skopeo
  skopeo copy --quiet --src-tls-verify=false "docker://$MIRROR/docker.io/team/app:1" "oci:$WORK/copied:image"
  skopeo copy --quiet --src-tls-verify=false "docker://$MIRROR/team/app:1" "oci:$WORK/copied-from-root:image"
  equal "$(jq --raw-output '.manifests[0].digest' "$WORK/copied/index.json")" \
    "$(jq --raw-output '.manifests[0].digest' "$WORK/copied-from-root/index.json")"
}

check_push_beside() {
  local refused
  skopeo copy --quiet --dest-tls-verify=false "oci:$WORK/layout-skopeo:image" "docker://$MIRROR/own/app:1"
  skopeo inspect --tls-verify=false "docker://$MIRROR/own/app:1" >/dev/null
  # A name that the upstream has, too, with the same blobs.
  push_upstream team/both:1 both
  skopeo copy --quiet --dest-tls-verify=false "oci:$WORK/layout-both:image" "docker://$MIRROR/team/both:mine"
  skopeo copy --quiet --src-tls-verify=false "docker://$MIRROR/team/both:mine" "oci:$WORK/copied-own:image"
  if refused=$(skopeo copy --dest-tls-verify=false "oci:$WORK/layout-skopeo:image" \
    "docker://$MIRROR/docker.io/team/app:2" 2>&1); then
    echo "a push to a mirrored repository was taken"
    return 1
  fi
  contains "is a mirror of docker.io/team/app" "$refused"
}

check_docker() {
  push_upstream library/hello:1 hello
  "$DOCKER" pull hello:1
  equal hello "$("$DOCKER" run --rm --network none hello:1)"
  "$DOCKER" rmi hello:1
}

# hosts.toml sends what is pulled from docker.io to the mirror, and nothing anywhere else.
check_containerd() {
  mkdir -p "$WORK/hosts/docker.io"
  cat >"$WORK/hosts/docker.io/hosts.toml" <<CONFIGURATION
server = "http://$MIRROR"

[host."http://$MIRROR"]
  capabilities = ["pull", "resolve"]
CONFIGURATION
  push_upstream library/contained:1 contained
  ctr_ images pull --hosts-dir "$WORK/hosts" --snapshotter "$SNAPSHOTTER" docker.io/library/contained:1
  ctr_ images rm --sync docker.io/library/contained:1
}

check_upstream_gone() {
  kill -TERM "$UPSTREAM_PROCESS"
  timeout 30 tail --pid "$UPSTREAM_PROCESS" -f /dev/null
  bash "$WORK/pull" "$MIRROR" "$WORK"
  curl --silent --fail --output /dev/null --dump-header "$WORK/head" "http://$MIRROR/v2/library/large/manifests/1"
  contains 'Response is Stale' "$(cat "$WORK/head")"
  skopeo copy --quiet --src-tls-verify=false "docker://$MIRROR/team/app:1" "oci:$WORK/copied-again:image"
  "$DOCKER" pull hello:1
  equal hello "$("$DOCKER" run --rm --network none hello:1)"
  ctr_ content prune references
  ctr_ images pull --hosts-dir "$WORK/hosts" --snapshotter "$SNAPSHOTTER" docker.io/library/contained:1
}

check_whole() {
  kill -TERM "$MIRROR_PROCESS"
  timeout 30 tail --pid "$MIRROR_PROCESS" -f /dev/null
  "$BERTH" doctor --data "$WORK/mirror/data"
}

check "50 clients pull the same cold image of 200 MB, and the upstream is asked once for each blob" check_many_clients
check "Skopeo pulls by prefix and at the root" check_skopeo
check "pushes go on beside it, and not into it" check_push_beside
start_dockerd --registry-mirror "http://$MIRROR"
DOCKERD=$DAEMON
trap stop_all EXIT
check "Docker Engine pulls from its registry-mirrors" check_docker
start_containerd
CONTAINERD=$DAEMON
trap stop_all EXIT
check "containerd pulls from its hosts.toml" check_containerd
check "everything still pulls when the upstream is gone" check_upstream_gone
check "the doctor finds nothing" check_whole
