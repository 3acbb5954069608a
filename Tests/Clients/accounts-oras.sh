#!/usr/bin/env bash
# ORAS, the Python client, on a registry with accounts.
# shellcheck source=support-accounts.bash
. "$(dirname "$0")/support-accounts.bash"
# shellcheck source=oras.bash
. "$(dirname "$0")/oras.bash"
needs python3 curl jq
install_oras

OURS=$REGISTRY/$ORGANIZATION

# oras WAY METHOD ARGUMENTS: a call of the client's API; keyword arguments are JSON. The way is how it shows what LOGIN
# holds (user:password, or a token): `token` fetches access tokens, `basic` sends the password with each request, and
# `bearer` sends the token. Version 0.2.43 fetches an access token for pulling first and pushes with it, too
# (https://github.com/oras-project/oras-py/issues/187), so pushes take one of the others. It is not to wait before it
# tries again. TLS is the registry with TLS, to go there.
oras() {
  LOGIN=${LOGIN:-} TLS=${TLS:-} "$ORAS_PYTHON" -c '
import json, os, sys
import oras.client, oras.decorator
way, method, arguments = sys.argv[1:]
tls, login = os.environ["TLS"], os.environ["LOGIN"]
registry = tls or os.environ["REGISTRY"]
oras.decorator.time.sleep = lambda seconds: None
client = oras.client.OrasClient(
    hostname=registry, insecure=not tls, auth_backend="basic" if way == "basic" else "token")
if way == "bearer":
    client.auth.set_token_auth(login)
elif login:
    user, password = login.split(":", 1)
    client.login(username=user, password=password, hostname=registry, config_path=os.environ["LOGINS"])
print(getattr(client, method)(**json.loads(arguments)))
' "$@"
}
export LOGINS=$WORK/logins.json

# push WAY NAME, pull WAY NAME: the file report.json.
push() {
  cd "$WORK/artifact" || return
  oras "$1" push "$(jq --null-input --arg target "$2" '{ target: $target, files: ["report.json:application/json"] }')"
}
pull() {
  rm -rf "$WORK/back"
  oras "$1" pull "$(jq --null-input --arg target "$2" --arg outdir "$WORK/back" '{ target: $target, outdir: $outdir }')"
}

check_login() {
  LOGIN=$(credentials_of "$WRITER") push basic "$OURS/private:1"
  LOGIN=$(credentials_of "$WRITER") push basic "$OURS/public:1"
  LOGIN=$(credentials_of "$READER") pull token "$OURS/private:1"
  diff --recursive "$WORK/artifact" "$WORK/back"
  pull token "$OURS/public:1"
  diff --recursive "$WORK/artifact" "$WORK/back"
  rm "$LOGINS"
  refused "$ORGANIZATION/private is not public, or does not exist: log in to pull" pull token "$OURS/private:1"
  refused 'log in to push' push token "$OURS/public:2"
}

check_roles() {
  LOGIN=$(credentials_of "$READER") \
    refused "$READER has the role read in $ORGANIZATION, and to push takes write" push basic "$OURS/private:2"
  LOGIN=$(credentials_of "$STRANGER") \
    refused "$STRANGER may not pull from $ORGANIZATION/private, or it does not exist" pull token "$OURS/private:1"
  LOGIN=$(credentials_of "$STRANGER") \
    refused "$STRANGER may not push to $ORGANIZATION/private, or it does not exist" push basic "$OURS/private:2"
}

check_tokens() {
  local LOGIN
  LOGIN=$(new_token "$WRITER" oras --scope write:packages)
  push bearer "$OURS/by-token:1"
  pull bearer "$OURS/by-token:1"
  LOGIN=$ORGANIZATION+ci:$(new_token "$ORGANIZATION" ci --scope write:packages --repository "$ORGANIZATION/ci-*")
  push basic "$OURS/ci-image:1"
  refused 'is limited to other repositories' push basic "$OURS/private:2"
  revoke "$ORGANIZATION" ci
  refused 'was revoked' pull basic "$OURS/ci-image:1"
}

check_tls() {
  local TLS=$TLS_REGISTRY LOGIN
  LOGIN=$(credentials_of "$WRITER")
  # Only the system's authorities.
  REQUESTS_CA_BUNDLE='' refused CERTIFICATE_VERIFY_FAILED push basic "$TLS/$ORGANIZATION/private:1"
  export REQUESTS_CA_BUNDLE=$AUTHORITY
  push basic "$TLS/$ORGANIZATION/private:1"
  pull token "$TLS/$ORGANIZATION/private:1"
  diff --recursive "$WORK/artifact" "$WORK/back"
  rm "$LOGINS"
  LOGIN='' refused 'log in to pull' pull token "$TLS/$ORGANIZATION/private:1"
}

mkdir "$WORK/artifact"
echo '{"answer": 42}' >"$WORK/artifact/report.json"
check "push and pull with a login, and be refused without one" check_login
check "a reader does not push, a stranger does neither" check_roles
check "tokens and robots push where they may, until they are revoked" check_tokens
check "TLS by a private authority" check_tls
