# shellcheck shell=bash disable=SC2034
# What the clients share that speak to a registry with accounts. REGISTRY has accounts, and Tests/Clients/run also sets
#   TLS_REGISTRY   localhost:port of another one with accounts, with TLS
#   BERTH          the executable that serves both
#   SERVERS        a folder with accounts/ and tls/, each with the server's data/, and tls/ with its certificates
# Each client has people and an organization of its own on both, so that no client depends on another.

# Nothing large is sent here: what takes longer hangs.
CASE_SECONDS=${CASE_SECONDS:-60}
# shellcheck source=support.bash
. "$(dirname "${BASH_SOURCE[0]}")/support.bash"
# shellcheck source=certificates.bash
. "$(dirname "${BASH_SOURCE[0]}")/certificates.bash"
needs openssl
: "${TLS_REGISTRY:?is set by Tests/Clients/run}" "${BERTH:?is set by Tests/Clients/run}"
: "${SERVERS:?is set by Tests/Clients/run}"

ORGANIZATION=${CLIENT#accounts-}
READER=reader-$ORGANIZATION
WRITER=writer-$ORGANIZATION
STRANGER=stranger-$ORGANIZATION
AUTHORITY=$SERVERS/tls/ca.crt
export DOCKER_CONFIG=$WORK/docker-config

password_of() { echo "password of $1"; }
credentials_of() { echo "$1:$(password_of "$1")"; }

# admin ARGUMENTS..., tls_admin ARGUMENTS...: `berth` as the administrator of the one, and of the other registry.
admin() { BERTH_SERVER=http://$REGISTRY BERTH_TOKEN=$(cat "$SERVERS/accounts/data/admin-token") "$BERTH" "$@"; }
tls_admin() {
  BERTH_SERVER=https://$TLS_REGISTRY BERTH_CA=$AUTHORITY BERTH_TOKEN=$(cat "$SERVERS/tls/data/admin-token") \
    "$BERTH" "$@"
}

make_people() {
  local as user
  for as in admin tls_admin; do
    for user in "$READER" "$WRITER" "$STRANGER"; do
      password_of "$user" | "$as" user add "$user" --password-stdin || return
    done
    "$as" org add "$ORGANIZATION" &&
      "$as" org member set "$ORGANIZATION" "$READER" read &&
      "$as" org member set "$ORGANIZATION" "$WRITER" write &&
      "$as" repository create "$ORGANIZATION/public" --visibility public || return
  done
}

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

# new_token OWNER NAME ARGUMENTS...: prints the token.
new_token() { admin token create --owner "$1" --name "$2" "${@:3}"; }

# revoke OWNER NAME: the token of that name.
revoke() {
  admin token revoke "$(admin token list --owner "$1" --json |
    jq --arg name "$2" '.[] | select(.name == $name) | .id')"
}

# expired_token OWNER: prints a token whose only second is over.
expired_token() {
  local token
  token=$(new_token "$1" expired --scope write:packages --expires 1s)
  until_true 20 has_ended "$token"
  echo "$token"
}

has_ended() { equal 401 "$(status GET /v2/ --user "anybody:$1")"; }

# image_of MARKER: an OCI layout in $WORK/MARKER with an image under the tag `image`.
image_of() { oci_layout "$WORK/$1" image "$(oci_image "$WORK/$1" "$1" "$ARCHITECTURE")"; }

if ! make_people >"$WORK/people.log" 2>&1; then
  cat "$WORK/people.log"
  exit 1
fi
