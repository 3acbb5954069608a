#!/usr/bin/env bash
# A server that replicates to CNCF Distribution: what is pushed, signed and deleted, also while the target is down.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
# shellcheck source=images.bash
. "$(dirname "$0")/images.bash"
needs skopeo docker-registry curl jq python3
[ -n "${BERTH:-}" ] || cannot_start "there is no executable of berth"
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
start_distribution
cat >"$WORK/replication.yaml" <<CONFIGURATION
targets:
  distribution: { registry: "$DISTRIBUTION", prefix: from/berth }
rules:
  - { name: all, target: distribution, repositories: "team/*", tags: ["*", "!*-rc*"], deletes: true }
CONFIGURATION
SOURCE=127.0.0.1:$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$BERTH" serve --listen "$SOURCE" --data "$WORK/data" --replication "$WORK/replication.yaml" \
  >"$WORK/source.log" 2>&1 </dev/null &
SOURCE_PROCESS=$!
trap 'stop_distribution; kill -TERM "$SOURCE_PROCESS" 2>/dev/null' EXIT
export BERTH_SERVER=http://$SOURCE DOCKER_CONFIG=$WORK/config
until_true 30 curl --silent --fail "$BERTH_SERVER/readyz" || cannot_start "$(tail -n 1 "$WORK/source.log")"

# push NAME:TAG MARKER: an index of two images.
push() {
  local layout=$WORK/layout-$2
  mkdir -p "$layout"
  oci_layout "$layout" image "$(oci_index "$layout" \
    "$(oci_image "$layout" "$2" "$ARCHITECTURE")" "$(oci_image "$layout" "$2 too" "$OTHER_ARCHITECTURE")")"
  skopeo --insecure-policy copy --quiet --all --dest-tls-verify=false "oci:$layout:image" "docker://$SOURCE/$1"
  rm -r "$layout"
}

cannot_delete() { contains "cannot delete a tag alone" "$(berth replication status --rule all)"; }
is_equal() { berth replication check all; }
here_and_there() {
  equal "$(raw_digest "docker://$SOURCE/$1")" "$(raw_digest "docker://$DISTRIBUTION/from/berth/$1")"
}

check_push() {
  push team/app:v1 first
  push team/app:v2-rc1 candidate
  until_true 60 is_equal
  here_and_there team/app:v1
  equal v1 "$(berth ls "$DISTRIBUTION/from/berth/team/app")"
  berth check "$DISTRIBUTION/from/berth/team/app:v1"
}

check_referrer() {
  echo signed >"$WORK/note"
  berth attach --artifact-type application/x.note "$SOURCE/team/app:v1" "$WORK/note"
  until_true 60 is_equal
  contains application/x.note "$(berth referrers "$DISTRIBUTION/from/berth/team/app:v1")"
}

check_outage() {
  kill -STOP "$DISTRIBUTION_PROCESS"
  local number
  for number in 1 2 3; do push team/app:v1 "later $number"; done
  push team/other:v1 other
  kill -CONT "$DISTRIBUTION_PROCESS"
  until_true 120 is_equal
  here_and_there team/app:v1
  here_and_there team/other:v1
}

check_deletion() {
  berth delete --yes "$SOURCE/team/other:v1"
  until_true 60 cannot_delete
  local differences
  differences=$(berth replication check all) && return 1
  contains "surplus team/other:v1" "$differences"
}

check "an index is brought with all its images, and a tag that is left out is not" check_push
check "what refers to an image is brought to a registry that lists no referrers" check_referrer
check "what was pushed while the target did not answer is brought afterwards" check_outage
check "a tag that the target cannot delete alone is told of" check_deletion
