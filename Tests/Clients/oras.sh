#!/usr/bin/env bash
# ORAS, the Python client.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
# shellcheck source=oras.bash
. "$(dirname "$0")/oras.bash"
needs python3 curl jq

install_oras

# oras METHOD ARGUMENTS...: a call of the client's API; keyword arguments are JSON.
oras() {
  "$ORAS_PYTHON" -c '
import json, os, sys
import oras.client
client = oras.client.OrasClient(hostname=os.environ["REGISTRY"], insecure=True)
result = getattr(client, sys.argv[1])(**json.loads(sys.argv[2]))
print(json.dumps(result) if isinstance(result, (list, dict)) else result)
' "$@"
}

check_artifact() {
  mkdir "$WORK/artifact" "$WORK/back"
  echo '{"answer": 42}' >"$WORK/artifact/report.json"
  head --bytes 3M /dev/urandom >"$WORK/artifact/data.bin"
  cd "$WORK/artifact" || return
  oras push "$(jq --null-input --arg target "$REGISTRY/oras/artifact:1" '{
    target: $target, files: ["report.json:application/json", "data.bin:application/octet-stream"],
    manifest_annotations: { "org.example.kind": "report" }
  }')"
  oras pull "$(jq --null-input --arg target "$REGISTRY/oras/artifact:1" --arg outdir "$WORK/back" \
    '{ target: $target, outdir: $outdir }')"
  diff --recursive "$WORK/artifact" "$WORK/back"
  equal 200 "$(status GET /v2/oras/artifact/manifests/1 --header 'Accept: application/vnd.oci.image.manifest.v1+json')"
  equal report "$(jq --raw-output '.annotations["org.example.kind"]' "$WORK/body")"
  equal '["application/json","application/octet-stream"]' "$(jq --compact-output '[.layers[].mediaType]' "$WORK/body")"
}

check_tags() {
  local tag
  cd "$WORK/artifact" || return
  for tag in a b; do
    oras push "$(jq --null-input --arg target "$REGISTRY/oras/tags:$tag" \
      '{ target: $target, files: ["report.json:application/json"] }')"
  done
  oras get_tags "$(jq --null-input --arg container "$REGISTRY/oras/tags" '{ container: $container }')" >"$WORK/tags"
  equal '["a","b"]' "$(jq --compact-output sort "$WORK/tags")"
}

check "an artifact of two files comes back with its annotations" check_artifact
check "the tags are listed" check_tags
