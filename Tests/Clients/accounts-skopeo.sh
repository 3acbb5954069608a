#!/usr/bin/env bash
# Skopeo on a registry with accounts.
# shellcheck source=support-accounts.bash
. "$(dirname "$0")/support-accounts.bash"
needs skopeo curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
containers_configuration

OURS=docker://$REGISTRY/$ORGANIZATION
OVER_TLS=docker://$TLS_REGISTRY/$ORGANIZATION

copy() { skopeo --insecure-policy copy --src-tls-verify=false --dest-tls-verify=false --preserve-digests "$@"; }
inspect() { skopeo inspect --tls-verify=false "$@"; }
login() { skopeo login --tls-verify=false --username "$1" --password-stdin "$REGISTRY" <<<"$2"; }
by() { echo "--${2:-}creds=$(credentials_of "$1")"; }

check_login() {
  refused 'invalid username/password' login "$WRITER" wrong
  login "$WRITER" "$(password_of "$WRITER")"
  copy "oci:$WORK/one:image" "$OURS/private:1"
  copy "oci:$WORK/one:image" "$OURS/public:1"
  copy "$OURS/private:1" "oci:$WORK/back:image"
  diff --recursive "$WORK/one/blobs" "$WORK/back/blobs"
  equal '["1"]' "$(skopeo list-tags --tls-verify=false "$OURS/private" | jq --compact-output .Tags)"
  skopeo logout "$REGISTRY"
  refused 'unauthorized' inspect "$OURS/private:1"
  refused 'unauthorized' copy "oci:$WORK/one:image" "$OURS/public:2"
}

check_anonymous() {
  inspect "$OURS/public:1"
  copy "$OURS/public:1" "oci:$WORK/anonymous:image"
  refused "$ORGANIZATION/private is not public, or does not exist: log in to pull" inspect "$OURS/private:1"
  refused 'unauthorized' skopeo list-tags --tls-verify=false "$OURS/private"
}

check_roles() {
  inspect "$(by "$READER")" "$OURS/private:1"
  refused "$READER has the role read in $ORGANIZATION, and to push takes write" \
    copy "$(by "$READER" dest-)" "oci:$WORK/one:image" "$OURS/private:2"
  refused "$STRANGER may not pull from $ORGANIZATION/private, or it does not exist" \
    inspect "$(by "$STRANGER")" "$OURS/private:1"
  # Skopeo begins with a HEAD, whose answer has no place for more words.
  refused '403 (Forbidden)' copy "$(by "$STRANGER" dest-)" "oci:$WORK/one:image" "$OURS/private:2"
}

check_tokens() {
  local token
  token=$(new_token "$WRITER" skopeo --scope write:packages)
  login "$WRITER" "$token"
  copy "oci:$WORK/one:image" "$OURS/by-token:1"
  revoke "$WRITER" skopeo
  refused 'was revoked' inspect "$OURS/by-token:1"
  token=$(new_token "$WRITER" read-only --scope read:packages)
  inspect --creds "$WRITER:$token" "$OURS/by-token:1"
  refused 'does not have the scope write:packages' \
    copy --dest-creds "$WRITER:$token" "oci:$WORK/one:image" "$OURS/by-token:2"
  token=$(expired_token "$WRITER")
  refused 'the token expired has expired' inspect --creds "$WRITER:$token" "$OURS/by-token:1"
  skopeo logout "$REGISTRY"
}

check_robot() {
  local token
  token=$(new_token "$ORGANIZATION" ci --scope write:packages --repository "$ORGANIZATION/ci-*")
  copy --dest-creds "$ORGANIZATION+ci:$token" "oci:$WORK/one:image" "$OURS/ci-image:1"
  refused 'is limited to other repositories' inspect --creds "$ORGANIZATION+ci:$token" "$OURS/private:1"
  refused '403 (Forbidden)' copy --dest-creds "$ORGANIZATION+ci:$token" "oci:$WORK/one:image" "$OURS/private:2"
}

check_mount() {
  copy "$(by "$WRITER" src-)" "$(by "$WRITER" dest-)" "$OURS/private:1" "docker://$REGISTRY/$WRITER/mounted:1"
  grep --quiet "POST \"/v2/$WRITER/mounted/blobs/uploads/?from=.*mount=.* 201" "$SERVERS/accounts.log"
}

check_delete() {
  local administrator
  administrator=admin:$(cat "$SERVERS/accounts/data/admin-token")
  copy "$(by "$WRITER" dest-)" "oci:$WORK/one:image" "$OURS/deleted:1"
  refused "$WRITER has the role write in $ORGANIZATION, and to delete takes admin" \
    skopeo delete --tls-verify=false "$(by "$WRITER")" "$OURS/deleted:1"
  skopeo delete --tls-verify=false --creds "$administrator" "$OURS/deleted:1"
  refused 'manifest unknown' inspect "$(by "$READER")" "$OURS/deleted:1"
}

check_tls() {
  mkdir "$WORK/certificates"
  refused 'x509' skopeo inspect "$(by "$WRITER")" "$OVER_TLS/private:1"
  cp "$AUTHORITY" "$WORK/certificates"
  skopeo login --cert-dir "$WORK/certificates" --username "$WRITER" --password-stdin "$TLS_REGISTRY" \
    <<<"$(password_of "$WRITER")"
  skopeo --insecure-policy copy --dest-cert-dir "$WORK/certificates" "oci:$WORK/one:image" "$OVER_TLS/private:1"
  skopeo --insecure-policy copy --src-cert-dir "$WORK/certificates" "$OVER_TLS/private:1" "oci:$WORK/by-tls:image"
  skopeo logout "$TLS_REGISTRY"
  refused 'unauthorized' skopeo inspect --cert-dir "$WORK/certificates" "$OVER_TLS/private:1"
}

image_of one
check "log in, push, pull and list tags; log out and be refused" check_login
check "without a login what is public is pulled, and nothing else" check_anonymous
check "a reader pulls and does not push, a stranger does neither" check_roles
check "a token takes a password's place until it is revoked or expires, within its scope" check_tokens
check "a robot pushes where its pattern lets it" check_robot
check "a copy mounts what is there" check_mount
check "a delete takes the role admin" check_delete
check "TLS by a private authority" check_tls
