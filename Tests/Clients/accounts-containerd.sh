#!/usr/bin/env bash
# containerd through ctr on a registry with accounts.
# shellcheck source=support-accounts.bash
. "$(dirname "$0")/support-accounts.bash"
# shellcheck source=containerd.bash
. "$(dirname "$0")/containerd.bash"
needs containerd ctr curl jq
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"

OURS=$REGISTRY/$ORGANIZATION
# ctr speaks to a loopback address without TLS; this is the same place under an address that is none.
THEIRS=0.0.0.0:${TLS_REGISTRY##*:}/$ORGANIZATION

# push NAME ARGUMENTS...: pushes the image by another name.
push() {
  ctr_ images tag --force image "$1" && ctr_ images push "${@:2}" "$1"
}
pull() { ctr_ images pull --snapshotter "$SNAPSHOTTER" "${@:2}" "$1"; }
by() { echo "--user=$(credentials_of "$1")"; }

check_login() {
  push "$OURS/private:1" --plain-http "$(by "$WRITER")"
  push "$OURS/public:1" --plain-http "$(by "$WRITER")"
  pull "$OURS/private:1" --plain-http "$(by "$READER")"
  pull "$OURS/public:1" --plain-http
  refused 'authorization failed' pull "$OURS/private:1" --plain-http
}

# containerd finds the layers there, and is refused the manifest.
check_reader() {
  refused 'authorization failed' push "$OURS/public:2" --plain-http
  refused '403 Forbidden' push "$OURS/private:2" --plain-http "$(by "$READER")"
}

# containerd begins with a HEAD, whose answer has no place for more words.
check_stranger() {
  refused '403 Forbidden' pull "$OURS/private:1" --plain-http "$(by "$STRANGER")"
  refused '403 Forbidden' push "$OURS/private:2" --plain-http "$(by "$STRANGER")"
}

check_tokens() {
  local token
  token=$(new_token "$ORGANIZATION" ci --scope write:packages --repository "$ORGANIZATION/ci-*")
  push "$OURS/ci-image:1" --plain-http --user "$ORGANIZATION+ci:$token"
  refused '403 Forbidden' pull "$OURS/private:1" --plain-http --user "$ORGANIZATION+ci:$token"
  revoke "$ORGANIZATION" ci
  refused '401 Unauthorized' pull "$OURS/ci-image:1" --plain-http --user "$ORGANIZATION+ci:$token"
}

check_tls() {
  refused x509 push "$THEIRS/private:1" "$(by "$WRITER")"
  push "$THEIRS/private:1" --tlscacert "$AUTHORITY" "$(by "$WRITER")"
  pull "$THEIRS/private:1" --tlscacert "$AUTHORITY" "$(by "$READER")"
  refused 'authorization failed' pull "$THEIRS/private:1" --tlscacert "$AUTHORITY"
}

start_containerd
image_of one
if ! import image "$WORK/one" >"$WORK/import.log" 2>&1; then
  cat "$WORK/import.log"
  exit 1
fi
check "push and pull with a login, pull what is public without one" check_login
check "a push is refused without a login, and to a reader" check_reader
check "a stranger is refused a pull and a push" check_stranger
check "a robot pushes where its pattern lets it, until its token is revoked" check_tokens
check "TLS by a private authority" check_tls
