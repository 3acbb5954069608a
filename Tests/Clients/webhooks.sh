#!/usr/bin/env bash
# Webhooks, as a receiver of another make meets them: the signature, the order, and what comes after an outage.
# shellcheck source=support.bash
. "$(dirname "$0")/support.bash"
needs curl jq skopeo python3 openssl
[ -n "${BERTH:-}" ] || cannot_start "there is no executable of berth"
[ -x "$DEBIAN_BUSYBOX" ] || cannot_start "$DEBIAN_BUSYBOX (busybox-static) is not installed"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

SECRET='of the python receiver'
SERVER=127.0.0.1:$(free_port)
RECEIVER=127.0.0.1:$(free_port)
export BERTH_SERVER=http://$SERVER DOCKER_CONFIG=$WORK/config
cat >"$WORK/receiver.py" <<'PYTHON'
"""Writes each request into two files, its header fields and its body, unless the file `down` is there."""
import http.server, json, os, sys

port, folder = int(sys.argv[1]), sys.argv[2]
taken = 0


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global taken
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_down = os.path.exists(f"{folder}/down")
        if not is_down:
            taken += 1
            with open(f"{folder}/{taken}.body", "wb") as file:
                file.write(body)
            with open(f"{folder}/{taken}.json", "w") as file:
                json.dump({name.lower(): value for name, value in self.headers.items()}, file)
        self.send_response(503 if is_down else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
PYTHON
mkdir "$WORK/taken"
python3 "$WORK/receiver.py" "${RECEIVER##*:}" "$WORK/taken" >"$WORK/receiver.log" 2>&1 </dev/null &
RECEIVER_PROCESS=$!
"$BERTH" serve --listen "$SERVER" --data "$WORK/data" --webhook-private-targets true \
  >"$WORK/server.log" 2>&1 </dev/null &
SERVER_PROCESS=$!
trap 'kill -TERM "$SERVER_PROCESS" "$RECEIVER_PROCESS" 2>/dev/null' EXIT
until_true 30 curl --silent --fail "$BERTH_SERVER/readyz" || cannot_start "$(tail -n 1 "$WORK/server.log")"

# push TAG
push() {
  skopeo --insecure-policy copy --quiet --dest-tls-verify=false "oci:$WORK/image:image" "docker://$SERVER/team/api:$1"
}
taken() { find "$WORK/taken" -name '*.body' | wc -l; }
has_taken() { [ "$(taken)" -ge "$1" ]; }
tags() {
  find "$WORK/taken" -name '*.body' | sort --version-sort | xargs jq --raw-output 'select(.data.tag) | .data.tag'
}

check_signature() {
  local number
  push v1
  until_true 30 has_taken 2
  for number in 1 2; do
    equal "sha256=$(openssl dgst -sha256 -hmac "$SECRET" -r "$WORK/taken/$number.body" | cut -d' ' -f1)" \
      "$(jq --raw-output '."x-hub-signature-256"' "$WORK/taken/$number.json")"
    equal 1.0 "$(jq --raw-output .specversion "$WORK/taken/$number.body")"
  done
  equal org.berth.manifest.pushed "$(jq --raw-output .type "$WORK/taken/1.body")"
  equal org.berth.tag.moved "$(jq --raw-output .type "$WORK/taken/2.body")"
}

check_outage() {
  local tag before
  before=$(taken)
  touch "$WORK/taken/down"
  for tag in v2 v3 v4; do push "$tag"; done
  until_true 30 fails
  rm "$WORK/taken/down"
  until_true 60 has_taken $((before + 6))
  equal "v1 v2 v3 v4" "$(tags | tr '\n' ' ' | sed 's/ $//')"
}
fails() { "$BERTH" webhook deliveries 1 | grep --quiet 'the target answered 503'; }

check_redelivery() {
  local before delivery
  before=$(taken)
  delivery=$("$BERTH" webhook deliveries 1 --json | jq '.[0].id')
  "$BERTH" webhook redeliver 1 "$delivery"
  until_true 30 has_taken $((before + 1))
  cmp "$WORK/taken/$before.body" "$WORK/taken/$((before + 1)).body"
}

check_ping() {
  contains 'the target answered 204' "$("$BERTH" webhook ping 1)"
}

oci_layout "$WORK/image" image "$(oci_image "$WORK/image" webhooks "$ARCHITECTURE")"
echo "$SECRET" | "$BERTH" webhook add team "http://$RECEIVER/hook" --secret-stdin || cannot_start "no webhook was made"
check "each request is signed, and is a CloudEvent" check_signature
check "a receiver that was down gets everything in order" check_outage
check "a delivery that is made again is the same" check_redelivery
check "a ping tells what the receiver answers" check_ping
