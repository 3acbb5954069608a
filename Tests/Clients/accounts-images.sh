#!/usr/bin/env bash
# berth's commands on images with the credentials of other programs, and other programs with those of `berth login`.
# shellcheck source=support-accounts.bash
. "$(dirname "$0")/support-accounts.bash"
# shellcheck source=images.bash
. "$(dirname "$0")/images.bash"
needs skopeo curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
IMAGE=$REGISTRY/$ORGANIZATION/app

# digest_in LAYOUT: of the image that image_of wrote.
digest_in() { jq --raw-output '.manifests[0].digest' "$1/index.json"; }

check_login() {
  image_of login
  refused "log in" berth push "oci:$WORK/login:image" "$IMAGE:1"
  password_of "$WRITER" | berth login "$REGISTRY" --username "$WRITER" --password-stdin
  berth push "oci:$WORK/login:image" "$IMAGE:1"
  equal "$(digest_in "$WORK/login")" "$(berth digest "$IMAGE:1")"
  # Skopeo reads what `berth login` wrote.
  equal "$(digest_in "$WORK/login")" "$(skopeo inspect --authfile "$DOCKER_CONFIG/config.json" --tls-verify=false \
    --format '{{.Digest}}' "docker://$IMAGE:1")"
  if command -v docker >/dev/null; then
    equal "$(berth manifest "$IMAGE:1" | jq --compact-output .config.digest)" \
      "$(DOCKER_CLI_EXPERIMENTAL=enabled docker manifest inspect --insecure "$IMAGE:1" | jq --compact-output .config.digest)"
  fi
  berth logout "$REGISTRY"
  refused "log in" berth digest "$IMAGE:1"
}

check_foreign_login() {
  export REGISTRY_AUTH_FILE=$WORK/auth.json
  skopeo login --tls-verify=false --username "$READER" --password-stdin "$REGISTRY" <<<"$(password_of "$READER")"
  equal "$(digest_in "$WORK/login")" "$(berth digest "$IMAGE:1")"
  refused "$REGISTRY" berth tag "$IMAGE:1" 2
}

check_mounts() {
  password_of "$WRITER" | berth login "$REGISTRY" --username "$WRITER" --password-stdin
  equal 0 "$(berth copy --json "$IMAGE:1" "$REGISTRY/$ORGANIZATION/other:1" | jq '.destinations[0].bytes')"
  berth logout "$REGISTRY"
}

# A registry on this machine is spoken to by TLS where there are certificates for it.
check_tls() {
  export HOME=$WORK/home
  mkdir -p "$HOME/.config/containers/certs.d/$TLS_REGISTRY"
  cp "$AUTHORITY" "$HOME/.config/containers/certs.d/$TLS_REGISTRY/ca.crt"
  password_of "$WRITER" | berth login "https://$TLS_REGISTRY" --username "$WRITER" --password-stdin --ca "$AUTHORITY"
  berth push "oci:$WORK/login:image" "$TLS_REGISTRY/$ORGANIZATION/app:1"
  berth check "$TLS_REGISTRY/$ORGANIZATION/app:1"
}

check "images are pushed with a login that Skopeo and Docker read, too" check_login
check "what skopeo login wrote is used" check_foreign_login
check "blobs are mounted by who may read one repository and write the other" check_mounts
check "a registry's own authority is found where Podman has it" check_tls
