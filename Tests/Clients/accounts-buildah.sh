#!/usr/bin/env bash
# Buildah on a registry with accounts.
# shellcheck source=support-accounts.bash
. "$(dirname "$0")/support-accounts.bash"
needs buildah curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
containers_configuration
clean_storage() { buildah rm --all && buildah rmi --all --force; }
trap 'clean_storage >/dev/null 2>&1' EXIT
buildah info >"$WORK/info" 2>&1 || cannot_start "buildah info says: $(tail -n 1 "$WORK/info")"

OURS=$REGISTRY/$ORGANIZATION

push() { buildah push --quiet "${@:2}" image "docker://$1"; }
pull() { buildah pull --quiet --policy always "${@:2}" "$1"; }
by() { echo "--creds=$(credentials_of "$1")"; }

check_login() {
  password_of "$WRITER" | buildah login --tls-verify=false --username "$WRITER" --password-stdin "$REGISTRY"
  push "$OURS/private:1"
  push "$OURS/public:1"
  pull "$OURS/private:1"
  buildah logout "$REGISTRY"
  refused "$ORGANIZATION/private is not public, or does not exist: log in to pull" pull "$OURS/private:1"
  refused 'unauthorized' push "$OURS/public:2"
  pull "$OURS/public:1"
}

check_roles() {
  pull "$OURS/private:1" "$(by "$READER")"
  refused "$READER has the role read in $ORGANIZATION, and to push takes write" push "$OURS/private:2" "$(by "$READER")"
  refused "$STRANGER may not pull from $ORGANIZATION/private, or it does not exist" \
    pull "$OURS/private:1" "$(by "$STRANGER")"
}

check_private_base() {
  mkdir "$WORK/derived"
  printf 'FROM %s\nCOPY marker /derived\n' "$OURS/private:1" >"$WORK/derived/Dockerfile"
  echo derived >"$WORK/derived/marker"
  refused 'unauthorized' buildah bud --pull-always --tag "$OURS/derived:1" "$WORK/derived"
  buildah bud --pull-always "$(by "$READER")" --tag "$OURS/derived:1" "$WORK/derived"
  buildah push --quiet "$(by "$WRITER")" "$OURS/derived:1"
}

check_robot() {
  local token
  token=$(new_token "$ORGANIZATION" ci --scope write:packages --repository "$ORGANIZATION/ci-*")
  push "$OURS/ci-image:1" --creds "$ORGANIZATION+ci:$token"
  refused 'is limited to other repositories' pull "$OURS/private:1" --creds "$ORGANIZATION+ci:$token"
  revoke "$ORGANIZATION" ci
  refused 'was revoked' pull "$OURS/ci-image:1" --creds "$ORGANIZATION+ci:$token"
}

check_tls() {
  local theirs=$TLS_REGISTRY/$ORGANIZATION
  mkdir "$WORK/certificates"
  cp "$AUTHORITY" "$WORK/certificates"
  refused x509 push "$theirs/private:1" "$(by "$WRITER")"
  push "$theirs/private:1" "$(by "$WRITER")" --cert-dir "$WORK/certificates"
  pull "$theirs/private:1" "$(by "$READER")" --cert-dir "$WORK/certificates"
  refused 'unauthorized' pull "$theirs/private:1" --cert-dir "$WORK/certificates"
}

image_of one
tar --create --file "$WORK/one.tar" --directory "$WORK/one" .
buildah tag "$(buildah pull --quiet "oci-archive:$WORK/one.tar")" image
check "log in, push and pull; log out and be refused" check_login
check "a reader pulls and does not push, a stranger does not pull" check_roles
check "a build from a private image takes a login" check_private_base
check "a robot pushes where its pattern lets it, until its token is revoked" check_robot
check "TLS by a private authority" check_tls
