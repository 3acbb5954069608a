# shellcheck shell=bash
# A private certificate authority, and the certificates that it signs for this machine.

# make_authority FOLDER: FOLDER/ca.crt and FOLDER/ca.key.
make_authority() {
  mkdir -p "$1"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=A private authority" \
    -keyout "$1/ca.key" -out "$1/ca.crt"
}

# make_certificate FOLDER [NAME]: FOLDER/server.crt and FOLDER/server.key, in place of those that were there, also for a
# host of that name. 0.0.0.0 is this machine as well, and the only address of it that Docker and containerd do not except
# from TLS.
make_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=localhost" \
    -CA "$1/ca.crt" -CAkey "$1/ca.key" -keyout "$1/next.key" -out "$1/next.crt" \
    -addext "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:0.0.0.0${2:+,DNS:$2}" -addext "basicConstraints=critical,CA:FALSE" \
    -addext "extendedKeyUsage=serverAuth"
  mv "$1/next.key" "$1/server.key"
  mv "$1/next.crt" "$1/server.crt"
}
