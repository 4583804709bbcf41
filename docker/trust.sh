#!/bin/sh
# Adds the certificates of EXTRA_CA_FILE (a company's proxy) to the image's bundle; an empty file adds none.
set -eu
mkdir -p /etc/ssl/certs
cat "$(dirname "$0")/extra-ca.crt" >>/etc/ssl/certs/ca-certificates.crt
