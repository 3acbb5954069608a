#!/usr/bin/env bash
# GitHub's command line against the packages API. It takes no port in a host's name and speaks TLS alone, so the server
# listens on port 443 of an address of the loopback that is its own, under a name in a hosts file that this script alone
# sees.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
# shellcheck source=certificates.bash
. "$(dirname "$0")/certificates.bash"
needs gh jq curl openssl unshare mount
[ -n "${BERTH:-}" ] || cannot_start "there is no executable of berth"
if [ -z "${OWN_MOUNTS:-}" ]; then
  unshare --mount true 2>/dev/null || cannot_start "mounts cannot be unshared here"
  OWN_MOUNTS=1 exec unshare --mount "$0"
fi

NAME=registry.test
ADDRESS=127.$((RANDOM % 200 + 20)).$((RANDOM % 250 + 1)).$((RANDOM % 250 + 1))
{ cat /etc/hosts && echo "$ADDRESS $NAME"; } >"$WORK/hosts"
mount --bind "$WORK/hosts" /etc/hosts || cannot_start "the hosts file cannot be replaced"
{ make_authority "$WORK/tls" && make_certificate "$WORK/tls" "$NAME"; } 2>"$WORK/openssl.log" ||
  cannot_start "$(tail -n 1 "$WORK/openssl.log")"
"$BERTH" serve --access accounts --listen "$ADDRESS:443" --data "$WORK/data" \
  --tls-certificate "$WORK/tls/server.crt" --tls-key "$WORK/tls/server.key" >"$WORK/server.log" 2>&1 </dev/null &
SERVER=$!
trap 'kill -TERM "$SERVER" 2>/dev/null' EXIT
until_true 30 curl --silent --fail --cacert "$WORK/tls/ca.crt" "https://$NAME/readyz" ||
  cannot_start "$(tail -n 1 "$WORK/server.log")"

BERTH_TOKEN=$(cat "$WORK/data/admin-token")
export BERTH_TOKEN BERTH_SERVER=https://$NAME BERTH_CA=$WORK/tls/ca.crt
export GH_HOST=$NAME GH_ENTERPRISE_TOKEN=$BERTH_TOKEN SSL_CERT_FILE=$WORK/tls/ca.crt GH_CONFIG_DIR=$WORK/gh
export GH_NO_UPDATE_NOTIFIER=1 NO_COLOR=1

INDEX=application/vnd.oci.image.index.v1+json
PACKAGES=/orgs/team/packages
PACKAGE=$PACKAGES/container/api%2Fweb

# push REPOSITORY TAG MARKER: the smallest manifest that a marker makes another one; prints the digest.
push() {
  jq --null-input --compact-output --arg marker "$3" --arg type "$INDEX" \
    '{ schemaVersion: 2, mediaType: $type, manifests: [], annotations: { marker: $marker } }' >"$WORK/manifest"
  curl --silent --show-error --fail --cacert "$WORK/tls/ca.crt" --user "admin:$BERTH_TOKEN" --request PUT \
    --header "Content-Type: $INDEX" --data-binary "@$WORK/manifest" "https://$NAME/v2/$1/manifests/$2" >&2
  digest_of "$WORK/manifest"
}

# refused STATUS MESSAGE COMMAND...: gh fails, says both, and prints an error of GitHub's form.
refused() {
  local status=$1 message=$2
  shift 2
  if "$@" >"$WORK/error" 2>"$WORK/said"; then
    printf 'this was not refused: %s\n' "$*"
    return 1
  fi
  contains "(HTTP $status)" "$(cat "$WORK/said")"
  contains "$message" "$(cat "$WORK/said")"
  equal "documentation_url message status $status" \
    "$(jq --raw-output '[keys[], .status] | join(" ")' "$WORK/error")"
}

# id_of TAG: the version of team/api/web that has the tag.
id_of() { gh api --paginate "$PACKAGE/versions?per_page=100" --jq ".[] | select(.metadata.container.tags | index(\"$1\")) | .id"; }

check_user() {
  gh api user >"$WORK/user"
  equal 'admin User true' "$(jq --raw-output '"\(.login) \(.type) \(.site_admin)"' "$WORK/user")"
  equal "$(jq --compact-output . "$WORK/user")" "$(gh api users/admin | jq --compact-output .)"
  jq --exit-status '
    (["login", "id", "node_id", "avatar_url", "gravatar_id", "url", "html_url", "followers_url", "following_url",
      "gists_url", "starred_url", "subscriptions_url", "organizations_url", "repos_url", "events_url",
      "received_events_url", "type", "site_admin", "name", "company", "blog", "location", "email", "hireable", "bio",
      "public_repos", "public_gists", "followers", "following", "created_at", "updated_at"] - keys) == []' "$WORK/user"
}

check_package() {
  gh api "$PACKAGES?package_type=container" >"$WORK/list"
  equal '["api/web","tool"]' "$(jq --compact-output 'map(.name)' "$WORK/list")"
  gh api "$PACKAGE" >"$WORK/package"
  equal "$(jq '.[0]' "$WORK/list")" "$(jq . "$WORK/package")"
  equal created_at,html_url,id,name,owner,package_type,updated_at,url,version_count,visibility \
    "$(jq --raw-output 'keys | join(",")' "$WORK/package")"
  jq --exit-status --arg web "https://$NAME" '
    (.id | type == "number") and .package_type == "container" and .version_count == 130 and .visibility == "private"
    and .url == $web + "/api/v3/orgs/team/packages/container/api%2Fweb"
    and .html_url == $web + "/orgs/team/packages/container/package/api%2Fweb"
    and (.created_at | fromdate) <= (.updated_at | fromdate)
    and .owner.login == "team" and .owner.type == "Organization" and .owner.site_admin == false
    and (.owner.node_id | @base64d) == "012:Organization\(.owner.id)"
    and (.owner | keys) == (["login", "id", "node_id", "avatar_url", "gravatar_id", "url", "html_url", "followers_url",
      "following_url", "gists_url", "starred_url", "subscriptions_url", "organizations_url", "repos_url", "events_url",
      "received_events_url", "type", "site_admin"] | sort)
    and ([.owner | .[] | strings] | all(. != null))' "$WORK/package"
  equal '[]' "$(gh api "$PACKAGES?package_type=npm")"
  equal '[]' "$(gh api /orgs/team/docker/conflicts)"
}

check_versions() {
  gh api "$PACKAGE/versions" >"$WORK/versions"
  equal 30 "$(jq length "$WORK/versions")"
  equal created_at,download_count,html_url,id,metadata,name,package_html_url,updated_at,url \
    "$(jq --raw-output '[.[] | keys] | add | unique | join(",")' "$WORK/versions")"
  jq --exit-status --arg web "https://$NAME" --arg digest "$LAST" '
    .[0].name == $digest and .[0].metadata == { package_type: "container", container: { tags: ["v130"] } }
    and all(.[]; .url == $web + "/api/v3/orgs/team/packages/container/api%2Fweb/versions/\(.id)"
      and .package_html_url == $web + "/orgs/team/packages/container/package/api%2Fweb"
      and .html_url == .package_html_url + "/\(.id)"
      and (.created_at | fromdate) <= (.updated_at | fromdate))' "$WORK/versions"
  equal "$(jq --compact-output '.[0]' "$WORK/versions")" \
    "$(gh api "$PACKAGE/versions/$(jq '.[0].id' "$WORK/versions")" | jq --compact-output .)"
}

check_pages() {
  local size
  for size in 7 100; do
    gh api --paginate "$PACKAGE/versions?per_page=$size" --jq '.[] | "\(.id) \(.metadata.container.tags[0])"' \
      >"$WORK/paged"
    equal 130 "$(cut -d ' ' -f 1 "$WORK/paged" | sort -u | wc -l)"
    equal "$(seq 130 -1 1 | sed s/^/v/)" "$(cut -d ' ' -f 2 "$WORK/paged")"
  done
  gh api --include "$PACKAGE/versions?per_page=50&page=2" | sed -n 's/^Link: //Ip' | tr -d '\r' >"$WORK/link"
  local address=https://$NAME/api/v3$PACKAGE/versions
  equal "<$address?per_page=50&page=1>; rel=\"prev\", <$address?per_page=50&page=3>; rel=\"next\", \
<$address?per_page=50&page=3>; rel=\"last\", <$address?per_page=50&page=1>; rel=\"first\"" "$(cat "$WORK/link")"
}

check_moved_tag() {
  local old new
  push team/tool v1 old >/dev/null
  old=$(gh api "$PACKAGES/container/tool/versions" --jq '.[0].id')
  new=$(push team/tool v1 new)
  equal "$new v1" "$(gh api "$PACKAGES/container/tool/versions" --jq '.[0] | "\(.name) \(.metadata.container.tags[0])"')"
  equal '[]' "$(gh api "$PACKAGES/container/tool/versions/$old" --jq '.metadata.container.tags')"
  refused 400 'You cannot delete the last tagged version of a package. You must delete the package instead.' \
    gh api --method DELETE "$PACKAGES/container/tool/versions/$(gh api "$PACKAGES/container/tool/versions" --jq '.[0].id')"
  gh api --method DELETE "$PACKAGES/container/tool/versions/$old"
}

check_version_deletion() {
  local id
  id=$(id_of v7)
  equal '' "$(gh api --method DELETE "$PACKAGE/versions/$id")"
  refused 404 'Package version not found.' gh api "$PACKAGE/versions/$id"
  equal 129 "$(gh api "$PACKAGE" --jq .version_count)"
  gh api "$PACKAGE/versions?state=deleted" >"$WORK/deleted"
  equal "[$id,[\"v7\"]]" "$(jq --compact-output '.[] | [.id, .metadata.container.tags]' "$WORK/deleted")"
  jq --exit-status '.[0].deleted_at | fromdate' "$WORK/deleted"
  equal '' "$(gh api --method POST "$PACKAGE/versions/$id/restore")"
  equal "$id" "$(id_of v7)"
  equal '[]' "$(gh api "$PACKAGE/versions?state=deleted")"
}

check_package_deletion() {
  local id versions
  id=$(gh api "$PACKAGE" --jq .id)
  versions=$(gh api --paginate "$PACKAGE/versions?per_page=100" --jq '.[] | [.id, .name, .metadata.container.tags]')
  equal '' "$(gh api --method DELETE "$PACKAGE")"
  refused 404 'Package not found.' gh api "$PACKAGE"
  equal '["tool"]' "$(gh api "$PACKAGES?package_type=container" --jq 'map(.name)')"
  equal '' "$(gh api --method POST "$PACKAGE/restore")"
  equal "$id" "$(gh api "$PACKAGE" --jq .id)"
  equal "$versions" \
    "$(gh api --paginate "$PACKAGE/versions?per_page=100" --jq '.[] | [.id, .name, .metadata.container.tags]')"
  refused 409 'holds manifests by now' gh api --method POST "$PACKAGE/restore"
}

check_additions() {
  local id
  id=$(id_of v9)
  equal public "$(gh api --method PATCH "$PACKAGE" --raw-field visibility=public --jq .visibility)"
  equal '["api/web"]' "$(gh api "$PACKAGES?package_type=container&visibility=public" --jq 'map(.name)')"
  curl --silent --fail --cacert "$WORK/tls/ca.crt" --output /dev/null "https://$NAME/v2/team/api/web/manifests/v9"
  until_true 60 is_counted "$id"
  gh api --method DELETE "$PACKAGE/versions/$id/tags/v9"
  equal '[]' "$(gh api "$PACKAGE/versions/$id" --jq '.metadata.container.tags')"
}

is_counted() { equal 1 "$(gh api "$PACKAGE/versions/$1" --jq .download_count)"; }

check_refusals() {
  local token
  refused 400 'package_type' gh api "$PACKAGES"
  refused 404 'Package not found.' gh api "$PACKAGES/container/none"
  refused 404 'Not Found' gh api '/orgs/nobody/packages?package_type=container'
  GH_ENTERPRISE_TOKEN=wrong refused 401 'Bad credentials' gh api "$PACKAGE"
  token=$("$BERTH" token create --owner admin --name read --scope read:packages)
  equal api/web "$(GH_ENTERPRISE_TOKEN=$token gh api "$PACKAGE" --jq .name)"
  GH_ENTERPRISE_TOKEN=$token refused 403 'You need at least delete:packages scope' gh api --method DELETE "$PACKAGE"
  contains 'gh auth refresh -h registry.test -s delete:packages' "$(cat "$WORK/said")"
  "$BERTH" protect add --name keep --repository 'team/**' --tags v1
  refused 409 'the rule keep ' gh api --method DELETE "$PACKAGE"
}

"$BERTH" org add team || cannot_start "the organization is not made"
for number in $(seq 130); do
  LAST=$(push team/api/web "v$number" "$number") || cannot_start "a manifest is not taken"
done
push team/tool v1 tool >/dev/null
check "a user is told by name and by the token" check_user
check "a package has each field that GitHub documents" check_package
check "a version has each field that GitHub documents" check_versions
check "--paginate gets 130 versions, each once, by pages of 7 and of 100" check_pages
check "a moved tag leaves its version, and the last one that has a tag stays" check_moved_tag
check "a version is deleted and restored with its tag" check_version_deletion
check "a package is deleted and restored with its versions" check_package_deletion
check "visibility, one tag, and how often a version was pulled" check_additions
check "what is refused is refused in GitHub's form" check_refusals
