#!/usr/bin/env bash
# Docker Engine on a registry with accounts, with a daemon of this test's own, which is told of an authority.
# shellcheck source=support-accounts.bash
. "$(dirname "$0")/support-accounts.bash"
# shellcheck source=dockerd.bash
. "$(dirname "$0")/dockerd.bash"
needs docker curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"
export DOCKER_CLI_EXPERIMENTAL=enabled

HOST=localhost:${REGISTRY##*:}
OURS=$HOST/$ORGANIZATION
# Docker trusts whatever listens on a loopback address; this is the same place under an address that is none.
TLS_HOST=0.0.0.0:${TLS_REGISTRY##*:}
TRUST=/etc/docker/certs.d/$TLS_HOST

# login USER PASSWORD [HOST]
login() { "$DOCKER" login --username "$1" --password-stdin "${3:-$HOST}" <<<"$2"; }
logout() { "$DOCKER" logout "${1:-$HOST}"; }
push() { "$DOCKER" tag image "$1" && "$DOCKER" push "$1"; }
pull() {
  "$DOCKER" rmi --force "$1" >/dev/null
  "$DOCKER" pull "$1"
}
kept() { jq --raw-output --arg host "$HOST" ".auths[\$host].$1 // empty" "$DOCKER_CONFIG/config.json"; }

check_login() {
  refused 'the name or the password is wrong' login "$WRITER" wrong
  login "$WRITER" "$(password_of "$WRITER")"
  push "$OURS/private:1"
  push "$OURS/public:1"
  pull "$OURS/private:1"
  logout
  refused 'pull access denied' pull "$OURS/private:1"
  refused 'log in to push' push "$OURS/public:2"
  pull "$OURS/public:1"
}

# What Docker keeps is a token of its own and not the password.
check_identity_token() {
  login "$WRITER" "$(password_of "$WRITER")"
  [[ $(kept identitytoken) =~ ^berth_ ]]
  equal "$WRITER:" "$(kept auth | base64 --decode)"
  push "$OURS/by-identity-token:1"
  pull "$OURS/by-identity-token:1"
  echo "another password" | admin user password "$WRITER" --password-stdin
  refused 'log in again' pull "$OURS/by-identity-token:1"
  password_of "$WRITER" | admin user password "$WRITER" --password-stdin
  logout
}

check_roles() {
  login "$READER" "$(password_of "$READER")"
  pull "$OURS/private:1"
  refused "$READER has the role read in $ORGANIZATION, and to push takes write" push "$OURS/private:2"
  logout
  login "$STRANGER" "$(password_of "$STRANGER")"
  refused "$STRANGER may not pull from $ORGANIZATION/private, or it does not exist" pull "$OURS/private:1"
  refused "$STRANGER may not pull from $ORGANIZATION/nothing, or it does not exist" pull "$OURS/nothing:1"
  refused "$STRANGER may not push to $ORGANIZATION/private, or it does not exist" push "$OURS/private:2"
  logout
}

check_tokens() {
  local token
  token=$(new_token "$WRITER" docker --scope write:packages)
  login "$WRITER" "$token"
  push "$OURS/by-token:1"
  revoke "$WRITER" docker
  refused 'log in again' pull "$OURS/by-token:1"
  refused 'was revoked' login "$WRITER" "$token"
  token=$(expired_token "$WRITER")
  refused 'the token expired has expired' login "$WRITER" "$token"
}

check_robot() {
  local token
  token=$(new_token "$ORGANIZATION" ci --scope write:packages --repository "$ORGANIZATION/ci-*")
  login "$ORGANIZATION+ci" "$token"
  push "$OURS/ci-image:1"
  refused 'is limited to other repositories' push "$OURS/private:2"
  refused 'is limited to other repositories' pull "$OURS/private:1"
  logout
}

check_mount() {
  login "$WRITER" "$(password_of "$WRITER")"
  contains 'Mounted from' "$(push "$HOST/$WRITER/mounted:1")"
  logout
}

check_tls() {
  local theirs=$TLS_HOST/$ORGANIZATION
  refused 'x509: certificate signed by unknown authority' login "$WRITER" "$(password_of "$WRITER")" "$TLS_HOST"
  mkdir -p "$TRUST"
  cp "$AUTHORITY" "$TRUST/ca.crt"
  login "$WRITER" "$(password_of "$WRITER")" "$TLS_HOST"
  push "$theirs/private:1"
  pull "$theirs/private:1"
  logout "$TLS_HOST"
  refused 'pull access denied' pull "$theirs/private:1"
}

start_dockerd
finish() {
  stop_dockerd
  rm -rf "$TRUST"
  rmdir /etc/docker/certs.d 2>/dev/null
}
trap finish EXIT
build_context "$WORK/image" accounts
if ! DOCKER_BUILDKIT=0 "$DOCKER" build --network none --tag image "$WORK/image" >"$WORK/build.log" 2>&1; then
  cat "$WORK/build.log"
  exit 1
fi
check "log in, push and pull; log out and be refused" check_login
check "a login keeps a token in the password's place, which ends with the password" check_identity_token
check "a reader pulls and does not push, a stranger does neither" check_roles
check "a token takes a password's place until it is revoked or expires" check_tokens
check "a robot pushes where its pattern lets it" check_robot
check "a push mounts what is there" check_mount
check "TLS by a private authority" check_tls
