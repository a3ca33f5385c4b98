#!/usr/bin/env bash
# Makes the certificates of the TLS tests anew, in the folder of this script, valid from 2020 for 100 years:
#   ca.pem                      the authority; its key is thrown away, so nothing else can ever be signed by it
#   server.pem, server.key.pem  for localhost, 127.0.0.1 and ::1
#   client.pem, client.key.pem  for clients of servers that ask for a certificate
# Certificates that must be refused, each with its key:
#   expired.pem                 the authority's, for localhost; valid until 2015
#   early.pem                   the authority's, for localhost; valid from 2119
#   elsewhere.pem               the authority's, for another host
#   self-signed.pem             for localhost, signed by itself
#   foreign-ca.pem              another authority; its key is thrown away, too
#   foreign-server.pem, foreign-client.pem  signed by that one
# They protect nothing: the keys are public. Needs openssl 3. It uses `openssl ca`, because only that can set the first day in
# all versions, and a test must not fail on a machine whose clock is behind the one on which this ran.
set -euo pipefail
cd "$(dirname "$0")"
out=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
touch index.txt
mkdir issued
cat >openssl.cnf <<'CNF'
[req]
distinguished_name = names
[names]
[ca]
default_ca = tests
[tests]
database = index.txt
new_certs_dir = issued
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
[elsewhere]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:elsewhere.example
[client]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
CNF

issue() { # file name, subject, extensions, signer's options
  local name=$1 subject=$2 extensions=$3
  shift 3
  openssl req -config openssl.cnf -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$subject" \
    -keyout "$name.key.pem" -out "$name.csr"
  openssl ca -config openssl.cnf -batch -notext -in "$name.csr" -out "$name.pem" -extensions "$extensions" \
    -startdate "${first_day:-2020}0101000000Z" -enddate "${last_day:-2120}0101000000Z" "$@"
}

issue ca '/CN=Choragus test authority' authority -selfsign -keyfile ca.key.pem
by_ca=(-cert ca.pem -keyfile ca.key.pem)
issue server '/CN=localhost' server "${by_ca[@]}"
issue client '/CN=Choragus test client' client "${by_ca[@]}"
first_day=2010 last_day=2015 issue expired '/CN=localhost' server "${by_ca[@]}"
first_day=2119 last_day=2120 issue early '/CN=localhost' server "${by_ca[@]}"
issue elsewhere '/CN=elsewhere.example' elsewhere "${by_ca[@]}"
issue self-signed '/CN=localhost' server -selfsign -keyfile self-signed.key.pem
issue foreign-ca '/CN=Choragus foreign test authority' authority -selfsign -keyfile foreign-ca.key.pem
by_foreign=(-cert foreign-ca.pem -keyfile foreign-ca.key.pem)
issue foreign-server '/CN=localhost' server "${by_foreign[@]}"
issue foreign-client '/CN=Choragus test client' client "${by_foreign[@]}"
rm ca.key.pem foreign-ca.key.pem
install -m 644 ./*.pem "$out"
