#!/usr/bin/env bash
# Helm charts, with the requests and media types of `helm push` and `helm pull`; Debian has no Helm.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
needs curl jq

MANIFEST=application/vnd.oci.image.manifest.v1+json

check_chart() {
  local config chart digest
  mkdir -p "$WORK/aidb/templates"
  printf 'apiVersion: v2\nname: aidb\nversion: 1.2.3\n' >"$WORK/aidb/Chart.yaml"
  echo 'kind: ConfigMap' >"$WORK/aidb/templates/map.yaml"
  tar --create --gzip --file "$WORK/chart.tgz" --directory "$WORK" aidb
  echo '{"name":"aidb","version":"1.2.3","apiVersion":"v2"}' >"$WORK/config.json"
  config=$(push_blob charts/aidb "$WORK/config.json")
  chart=$(push_blob charts/aidb "$WORK/chart.tgz")
  jq --null-input --compact-output --arg config "$config" --argjson config_size "$(size_of "$WORK/config.json")" \
    --arg chart "$chart" --argjson chart_size "$(size_of "$WORK/chart.tgz")" '{
    schemaVersion: 2,
    config: { mediaType: "application/vnd.cncf.helm.config.v1+json", digest: $config, size: $config_size },
    layers: [{
      mediaType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip", digest: $chart, size: $chart_size
    }],
    annotations: { "org.opencontainers.image.title": "aidb", "org.opencontainers.image.version": "1.2.3" }
  }' >"$WORK/manifest.json"
  digest=$(push_manifest charts/aidb 1.2.3 "$WORK/manifest.json" "$MANIFEST")
  same_manifest charts/aidb 1.2.3 "$WORK/manifest.json" "$MANIFEST"
  same_manifest charts/aidb "$digest" "$WORK/manifest.json" "$MANIFEST"
  same_blob charts/aidb "$chart"
  cmp "$WORK/chart.tgz" "$WORK/body"
}

# A version with build metadata is `1.2.3+build` to Helm and the tag `1.2.3_build` to the registry.
check_build_metadata() {
  push_manifest charts/aidb 1.2.3_build.7 "$WORK/manifest.json" "$MANIFEST"
  equal 200 "$(status GET /v2/charts/aidb/tags/list)"
  equal '["1.2.3","1.2.3_build.7"]' "$(jq --compact-output '.tags | sort' "$WORK/body")"
}

check "a chart comes back byte for byte" check_chart
check "a version with build metadata is a tag" check_build_metadata
