#!/usr/bin/env bash
# The command line as people use it on a registry with accounts, and the requests behind it.
# shellcheck source=support-accounts.bash
. "$(dirname "$0")/support-accounts.bash"
needs curl jq

INDEX=application/vnd.oci.image.index.v1+json

# As somebody who has a terminal of their own: a login, and no variables.
person() { BERTH_SERVER=http://$REGISTRY DOCKER_CONFIG=$WORK/person "$BERTH" "$@"; }

# push_index REPOSITORY CREDENTIALS: the smallest thing that a repository can hold, under the tag `1`.
push_index() {
  echo '{"schemaVersion":2,"mediaType":"'$INDEX'","manifests":[]}' >"$WORK/index"
  equal 201 "$(status PUT "/v2/$1/manifests/1" --user "$2" --data-binary "@$WORK/index" \
    --header "Content-Type: $INDEX")"
}

check_first_start() {
  local token
  equal 600 "$(stat --format %a "$SERVERS/accounts/data/admin-token")"
  token=$(cat "$SERVERS/accounts/data/admin-token")
  person login "$REGISTRY" --username admin --password-stdin <<<"$token"
  contains 'admin (user, administrator)' "$(person whoami)"
  person logout "$REGISTRY"
  refused 'log in' person user list
  if grep --quiet "$token" "$SERVERS/accounts.log"; then
    echo "the token is in the log"
    return 1
  fi
}

check_person() {
  local token
  refused 'the name or the password is wrong' person login "$REGISTRY" --username "$WRITER" --password-stdin <<<wrong
  password_of "$WRITER" | person login "$REGISTRY" --username "$WRITER" --password-stdin
  equal "$WRITER user false" "$(person whoami --json | jq --raw-output '"\(.name) \(.kind) \(.administrator)"')"
  token=$(person token create --scope read:packages,write:packages --expires 90d \
    --repository "$ORGANIZATION/*" --name laptop 2>"$WORK/said")
  contains "token" "$(cat "$WORK/said")"
  [[ $token =~ ^berth_[0-9A-Za-z]{42}$ ]]
  equal '["read:packages","write:packages"]' \
    "$(person token list --json | jq --compact-output '.[] | select(.name == "laptop") | .scopes')"
  push_index "$ORGANIZATION/by-laptop" "$WRITER:$token"
  contains "$ORGANIZATION/by-laptop" "$(person repository list)"
  person token revoke "$(person token list --json | jq '.[] | select(.name == "laptop") | .id')"
  equal 401 "$(status GET /v2/ --user "$WRITER:$token")"
  contains 'was revoked' "$(cat "$WORK/body")"
  refused 'takes an administrator of the registry' person user add somebody --no-password
  refused 'takes an administrator of the registry' person audit
  refused "takes the role admin in $ORGANIZATION" person visibility "$ORGANIZATION/by-laptop" public
  refused "takes the role admin in $ORGANIZATION" person org member set "$ORGANIZATION" "$STRANGER" read
  person logout "$REGISTRY"
  refused 'log in' person token list
}

check_visibility() {
  push_index "$ORGANIZATION/shown" "$(credentials_of "$WRITER")"
  equal "private (its owner's default)" "$(admin visibility "$ORGANIZATION/shown")"
  equal 401 "$(status GET "/v2/$ORGANIZATION/shown/manifests/1")"
  equal 403 "$(status GET "/v2/$ORGANIZATION/shown/manifests/1" --user "$(credentials_of "$STRANGER")")"
  cp "$WORK/body" "$WORK/private"
  equal 403 "$(status GET "/v2/$ORGANIZATION/never/manifests/1" --user "$(credentials_of "$STRANGER")")"
  equal "$(sed s/shown/never/g "$WORK/private")" "$(cat "$WORK/body")"
  admin visibility "$ORGANIZATION/shown" internal
  equal 401 "$(status GET "/v2/$ORGANIZATION/shown/manifests/1")"
  equal 200 "$(status GET "/v2/$ORGANIZATION/shown/manifests/1" --user "$(credentials_of "$STRANGER")")"
  admin visibility "$ORGANIZATION/shown" public
  equal 200 "$(status GET "/v2/$ORGANIZATION/shown/manifests/1")"
}

check_explanation() {
  contains "allowed: $WRITER has the role write in $ORGANIZATION" \
    "$(admin authz explain --as "$WRITER" push "$ORGANIZATION/api")"
  refused "denied: $READER has the role read in $ORGANIZATION" \
    admin authz explain --as "$READER" push "$ORGANIZATION/api"
  refused "denied: $STRANGER has no role in $ORGANIZATION" \
    admin authz explain --as "$STRANGER" pull "$ORGANIZATION/api"
  admin org member set "$ORGANIZATION" "$STRANGER" write
  contains allowed "$(admin authz explain --as "$STRANGER" push "$ORGANIZATION/api")"
  admin org member remove "$ORGANIZATION" "$STRANGER"
  equal "$(printf '%s read\n%s write' "$READER" "$WRITER")" \
    "$(admin org member list "$ORGANIZATION" | awk 'NR > 1 { print $1, $2 }' | sort)"
}

check_audit() {
  local secret repository=$ORGANIZATION/audited
  push_index "$repository" "$(credentials_of "$WRITER")"
  equal 403 "$(status DELETE "/v2/$repository/manifests/1" --user "$(credentials_of "$WRITER")")"
  until_true 20 denial_is_recorded "$repository"
  admin audit --repository "$repository" --since 1h --json >"$WORK/audit"
  equal "$WRITER manifest.push done password" "$(jq --raw-output \
    'select(.action == "manifest.push") | "\(.actor) \(.action) \(.outcome) \(.credential)"' "$WORK/audit")"
  contains 127.0.0.1 "$(jq --raw-output .address "$WORK/audit")"
  contains 'tag.move' "$(admin audit --repository "$repository")"
  admin audit --json -n 1000 >"$WORK/audit"
  for secret in "$(cat "$SERVERS/accounts/data/admin-token")" "$(password_of "$WRITER")"; do
    if grep --fixed-strings "$secret" "$WORK/audit"; then
      echo "a secret is in the audit trail"
      return 1
    fi
  done
}

denial_is_recorded() {
  [ "$(admin audit --repository "$1" --outcome denied --json | jq --raw-output .action)" = delete ]
}

check_token_flow() {
  local access scope=repository:$ORGANIZATION/flow:pull,push
  equal 401 "$(status PUT "/v2/$ORGANIZATION/flow/manifests/1")"
  equal "Bearer realm=\"http://$REGISTRY/token\",service=\"berth\",scope=\"$scope\"" "$(header WWW-Authenticate)"
  equal 200 "$(status GET "/token?service=berth&scope=$scope" --user "$(credentials_of "$WRITER")")"
  equal "$scope" "$(jq --raw-output .scope "$WORK/body")"
  jq --exit-status '.expires_in >= 60 and .token == .access_token' "$WORK/body"
  access=$(jq --raw-output .token "$WORK/body")
  echo '{"schemaVersion":2,"mediaType":"'$INDEX'","manifests":[]}' >"$WORK/index"
  equal 201 "$(status PUT "/v2/$ORGANIZATION/flow/manifests/1" --header "Authorization: Bearer $access" \
    --data-binary "@$WORK/index" --header "Content-Type: $INDEX")"
  equal 401 "$(status PUT "/v2/$ORGANIZATION/other/manifests/1" --header "Authorization: Bearer $access")"
  contains insufficient_scope "$(header WWW-Authenticate)"
  equal 200 "$(status GET "/token?service=berth&scope=$scope" --user "$(credentials_of "$READER")")"
  equal "repository:$ORGANIZATION/flow:pull" "$(jq --raw-output .scope "$WORK/body")"
  equal 401 "$(status GET "/token?service=berth&scope=$scope" --user "$WRITER:wrong")"
  contains 'the name or the password is wrong' "$(cat "$WORK/body")"
}

# What was made from a token ends with it.
check_revoked_at_once() {
  local token access
  token=$(new_token "$WRITER" at-once --scope write:packages)
  equal 200 "$(status GET /token?service=berth --user "$WRITER:$token")"
  access=$(jq --raw-output .token "$WORK/body")
  equal 200 "$(status GET /v2/ --header "Authorization: Bearer $access")"
  equal 200 "$(status GET /v2/ --header "Authorization: Bearer $token")"
  revoke "$WRITER" at-once
  equal 401 "$(status GET /v2/ --header "Authorization: Bearer $access")"
  equal 401 "$(status GET /v2/ --header "Authorization: Bearer $token")"
}

# A mount gives nobody what they could not pull, and does not tell whether it is there.
check_mount() {
  local digest
  echo "a secret of $ORGANIZATION" >"$WORK/secret"
  digest=$(digest_of "$WORK/secret")
  equal 201 "$(status POST "/v2/$ORGANIZATION/source/blobs/uploads/?digest=$digest" --data-binary "@$WORK/secret" \
    --user "$(credentials_of "$WRITER")" --header 'Content-Type: application/octet-stream')"
  local mount="blobs/uploads/?mount=$digest&from=$ORGANIZATION/source"
  equal 201 "$(status POST "/v2/$WRITER/mine/$mount" --user "$(credentials_of "$WRITER")" --data-binary '')"
  equal 202 "$(status POST "/v2/$STRANGER/mine/$mount" --user "$(credentials_of "$STRANGER")" --data-binary '')"
  equal 404 "$(status GET "/v2/$STRANGER/mine/blobs/$digest" --user "$(credentials_of "$STRANGER")")"
}

check_management() {
  equal 200 "$(status GET /api/v1/openapi.json)"
  jq --exit-status '.paths["/api/v1/tokens"].post' "$WORK/body" >"$WORK/operation"
  equal 401 "$(status GET /api/v1/tokens)"
  contains 'log in' "$(jq --raw-output '.errors[0].message' "$WORK/body")"
  equal 201 "$(status POST /api/v1/tokens --user "$(credentials_of "$WRITER")" \
    --header 'Content-Type: application/json' --data '{"name":"by-curl","scopes":["read:packages"]}')"
  contains berth_ "$(jq --raw-output .secret "$WORK/body")"
  equal 200 "$(status GET "/api/v1/tokens?owner=$WRITER" --user "$(credentials_of "$WRITER")")"
  equal '["by-curl"]' "$(jq --compact-output '[.[] | select(.name == "by-curl") | .name]' "$WORK/body")"
  if grep berth_ "$WORK/body"; then
    echo "the list has the token itself"
    return 1
  fi
}

# by_tls METHOD PATH ARGUMENTS...: the status code from the registry with TLS.
by_tls() {
  curl --silent --show-error --max-time 120 --cacert "$AUTHORITY" --output "$WORK/body" --write-out '%{http_code}' \
    --request "$1" "${@:3}" "https://$TLS_REGISTRY$2"
}

check_tls() {
  refused 'certificate' curl --silent --show-error "https://$TLS_REGISTRY/v2/"
  equal 401 "$(by_tls GET /v2/)"
  equal 200 "$(by_tls GET /v2/ --user "$(credentials_of "$WRITER")")"
  refused "--ca FILE" env "DOCKER_CONFIG=$WORK/person" "$BERTH" whoami --server "https://$TLS_REGISTRY"
  password_of "$WRITER" | DOCKER_CONFIG=$WORK/person \
    "$BERTH" login "https://$TLS_REGISTRY" --username "$WRITER" --password-stdin --ca "$AUTHORITY"
  contains "$WRITER (user)" \
    "$(DOCKER_CONFIG=$WORK/person "$BERTH" whoami --server "https://$TLS_REGISTRY" --ca "$AUTHORITY")"
}

serial() {
  openssl s_client -connect "$TLS_REGISTRY" -CAfile "$AUTHORITY" -verify_return_error </dev/null 2>/dev/null |
    openssl x509 -noout -serial
}

has_other_serial() { [ "$(serial)" != "$1" ]; }

# A pull goes on that began with the certificate of before. The blob is more than the sockets' buffers hold.
check_renewal() {
  local digest before pull
  head --bytes 64M /dev/urandom >"$WORK/blob"
  digest=$(digest_of "$WORK/blob")
  equal 201 "$(by_tls POST "/v2/$ORGANIZATION/renewed/blobs/uploads/?digest=$digest" --data-binary "@$WORK/blob" \
    --user "$(credentials_of "$WRITER")" --header 'Content-Type: application/octet-stream')"
  before=$(serial)
  mkfifo "$WORK/pipe"
  curl --silent --show-error --fail --cacert "$AUTHORITY" --user "$(credentials_of "$WRITER")" --output "$WORK/pipe" \
    "https://$TLS_REGISTRY/v2/$ORGANIZATION/renewed/blobs/$digest" &
  pull=$!
  exec 3<"$WORK/pipe"
  head --bytes 1000 <&3 >"$WORK/begun"
  make_certificate "$SERVERS/tls"
  until_true 30 has_other_serial "$before"
  cat "$WORK/begun" - <&3 >"$WORK/pulled"
  wait "$pull"
  cmp "$WORK/blob" "$WORK/pulled"
  equal 200 "$(by_tls GET "/v2/$ORGANIZATION/renewed/blobs/$digest" --user "$(credentials_of "$WRITER")")"
  cmp "$WORK/blob" "$WORK/body"
}

check "the first start leaves a token for an administrator" check_first_start
check "a person logs in, makes a token, is told what they may not do, and logs out" check_person
check "visibility says who may pull, and what may not be pulled looks like nothing" check_visibility
check "it is explained why something is allowed or denied" check_explanation
check "what was done and what was denied are in the audit trail" check_audit
check "a challenge leads to an access token that is good for what it says" check_token_flow
check "a revoked token ends at once, and what was made from it" check_revoked_at_once
check "a mount takes a source that one may pull from" check_mount
check "the management API makes and lists tokens" check_management
check "TLS by a private authority" check_tls
check "a certificate is renewed while a pull is running" check_renewal
