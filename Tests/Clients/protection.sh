#!/usr/bin/env bash
# Rules and holds, as those who push and delete by Docker Engine, Podman and Skopeo meet them.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
# shellcheck source=dockerd.bash
. "$(dirname "$0")/dockerd.bash"
needs curl jq skopeo podman docker
[ -n "${BERTH:-}" ] || cannot_start "there is no executable of berth"
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
containers_configuration

export BERTH_SERVER=http://$REGISTRY DOCKER_CONFIG=$WORK/config
NAME=localhost:${REGISTRY##*:}
REFUSAL='is immutable and stays at sha256:'

copy() { skopeo --insecure-policy copy --dest-tls-verify=false --preserve-digests "$@"; }

# refused MESSAGE COMMAND...: the command fails, and says MESSAGE.
refused() {
  local message=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'this was not refused: %s\n%s\n' "$*" "$output"
    return 1
  fi
  contains "$message" "$output"
}

check_skopeo() {
  copy "oci:$WORK/one:image" "docker://$REGISTRY/protected/skopeo:v1"
  refused "$REFUSAL" copy "oci:$WORK/two:image" "docker://$REGISTRY/protected/skopeo:v1"
  refused 'berth protect remove release' copy "oci:$WORK/two:image" "docker://$REGISTRY/protected/skopeo:v1"
  copy "oci:$WORK/one:image" "docker://$REGISTRY/protected/skopeo:v1"
  copy "oci:$WORK/one:image" "docker://$REGISTRY/protected/skopeo:latest"
  copy "oci:$WORK/two:image" "docker://$REGISTRY/protected/skopeo:latest"
  refused 'is not deleted' skopeo delete --tls-verify=false "docker://$REGISTRY/protected/skopeo:v1"
}

check_podman() {
  local build
  for build in one two; do
    build_context "$WORK/podman-$build" "podman $build"
    BUILDAH_ISOLATION=chroot podman build --network host --tag "podman-$build" "$WORK/podman-$build"
  done
  podman push podman-one "$REGISTRY/protected/podman:v1"
  refused "$REFUSAL" podman push podman-two "$REGISTRY/protected/podman:v1"
  podman push podman-one "$REGISTRY/protected/podman:v1"
  podman rmi --all --force
}

check_docker() {
  local build
  for build in one two; do
    build_context "$WORK/docker-$build" "docker $build"
    DOCKER_BUILDKIT=0 "$DOCKER" build --network none --tag "docker-$build" "$WORK/docker-$build"
  done
  "$DOCKER" tag docker-one "$NAME/protected/docker:v1"
  "$DOCKER" push "$NAME/protected/docker:v1"
  "$DOCKER" push "$NAME/protected/docker:v1"
  "$DOCKER" tag docker-two "$NAME/protected/docker:v1"
  refused "$REFUSAL" "$DOCKER" push "$NAME/protected/docker:v1"
  refused 'push under another tag' "$DOCKER" push "$NAME/protected/docker:v1"
}

check_hold() {
  local digest
  copy "oci:$WORK/one:image" "docker://$REGISTRY/held/image:1"
  digest=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$REGISTRY/held/image:1")
  equal "held/image@$digest is held" "$("$BERTH" hold held/image:1 --reason 'evidence for incident 42')"
  refused 'evidence for incident 42' skopeo delete --tls-verify=false "docker://$REGISTRY/held/image:1"
  contains 'evidence for incident 42' "$("$BERTH" hold list held/image)"
  "$BERTH" unhold "held/image@$digest"
  skopeo delete --tls-verify=false "docker://$REGISTRY/held/image:1"
}

check_removal() {
  "$BERTH" protect explain protected/skopeo:v1 | grep --quiet 'the rule release '
  "$BERTH" protect remove release
  copy "oci:$WORK/two:image" "docker://$REGISTRY/protected/skopeo:v1"
}

for image in one two; do
  oci_layout "$WORK/$image" image "$(oci_image "$WORK/$image" "protection $image" "$ARCHITECTURE")"
done
"$BERTH" protect add --name release --repository 'protected/*' --tags 'v*' || cannot_start "the rule is not made"
start_dockerd
check "Skopeo is told the rule; the same content and other tags are taken" check_skopeo
check "Podman is told the rule, and may push the same again" check_podman
check "Docker Engine is told the rule, and may push the same again" check_docker
check "what is held is not deleted until it is let go" check_hold
check "a rule that is taken away keeps nothing" check_removal
