#!/usr/bin/env bash
# Podman on a registry with accounts.
# shellcheck source=support-accounts.bash
. "$(dirname "$0")/support-accounts.bash"
needs podman curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
containers_configuration
trap 'podman rmi --all --force >/dev/null 2>&1' EXIT
podman info >"$WORK/info" 2>&1 || cannot_start "podman info says: $(tail -n 1 "$WORK/info")"

OURS=$REGISTRY/$ORGANIZATION

# login USER PASSWORD ARGUMENTS...
login() { podman login --username "$1" --password-stdin "${@:3}" <<<"$2"; }
push() { podman push --quiet "${@:2}" image "$1"; }
pull() { podman pull --quiet "${@:2}" "$1"; }

check_login() {
  refused 'invalid username/password' login "$WRITER" wrong "$REGISTRY"
  login "$WRITER" "$(password_of "$WRITER")" "$REGISTRY"
  push "$OURS/private:1"
  push "$OURS/public:1"
  equal "$(podman image inspect --format '{{.Id}}' image)" "$(pull "$OURS/private:1")"
  podman logout "$REGISTRY"
  refused "$ORGANIZATION/private is not public, or does not exist: log in to pull" pull "$OURS/private:1"
  refused 'unauthorized' push "$OURS/public:2"
  pull "$OURS/public:1"
}

check_file_of_logins() {
  login "$READER" "$(password_of "$READER")" --authfile "$WORK/reader.json" "$REGISTRY"
  login "$STRANGER" "$(password_of "$STRANGER")" --authfile "$WORK/stranger.json" "$REGISTRY"
  pull "$OURS/private:1" --authfile "$WORK/reader.json"
  refused "$READER has the role read in $ORGANIZATION, and to push takes write" \
    push "$OURS/private:2" --authfile "$WORK/reader.json"
  refused "$STRANGER may not pull from $ORGANIZATION/private, or it does not exist" \
    pull "$OURS/private:1" --authfile "$WORK/stranger.json"
  refused '403 (Forbidden)' push "$OURS/private:2" --authfile "$WORK/stranger.json"
}

check_search() {
  contains "$OURS/private" "$(podman search --authfile "$WORK/reader.json" --no-trunc "$REGISTRY/")"
  podman search --authfile "$WORK/stranger.json" --no-trunc "$REGISTRY/" >"$WORK/found"
  contains "$OURS/public" "$(cat "$WORK/found")"
  if grep "$OURS/private" "$WORK/found"; then
    echo "a stranger finds what is private"
    return 1
  fi
}

check_tokens() {
  local token
  token=$(new_token "$WRITER" podman --scope write:packages)
  login "$WRITER" "$token" "$REGISTRY"
  push "$OURS/by-token:1"
  revoke "$WRITER" podman
  refused 'was revoked' pull "$OURS/by-token:1"
  token=$(expired_token "$WRITER")
  refused 'the token expired has expired' pull "$OURS/by-token:1" --creds "$WRITER:$token"
  podman logout "$REGISTRY"
}

check_robot() {
  local token
  token=$(new_token "$ORGANIZATION" ci --scope write:packages --repository "$ORGANIZATION/ci-*")
  login "$ORGANIZATION+ci" "$token" "$REGISTRY"
  push "$OURS/ci-image:1"
  refused 'is limited to other repositories' pull "$OURS/private:1"
  podman logout "$REGISTRY"
}

check_tls() {
  local theirs=$TLS_REGISTRY/$ORGANIZATION
  mkdir "$WORK/certificates"
  cp "$AUTHORITY" "$WORK/certificates"
  refused x509 login "$WRITER" "$(password_of "$WRITER")" "$TLS_REGISTRY"
  login "$WRITER" "$(password_of "$WRITER")" --cert-dir "$WORK/certificates" "$TLS_REGISTRY"
  push "$theirs/private:1" --cert-dir "$WORK/certificates"
  pull "$theirs/private:1" --cert-dir "$WORK/certificates"
  podman logout "$TLS_REGISTRY"
  refused 'unauthorized' pull "$theirs/private:1" --cert-dir "$WORK/certificates"
}

image_of one
tar --create --file "$WORK/one.tar" --directory "$WORK/one" .
podman tag "$(podman pull --quiet "oci-archive:$WORK/one.tar")" image
check "log in, push and pull; log out and be refused" check_login
check "a file of logins of one's own: a reader does not push, a stranger does not pull" check_file_of_logins
check "a search finds what one may pull" check_search
check "a token takes a password's place until it is revoked or expires" check_tokens
check "a robot pushes where its pattern lets it" check_robot
check "TLS by a private authority" check_tls
