#!/usr/bin/env bats
# scripts/trust.sh and untrust.sh: what they say, what they ask, and what is then in the stores. Debian's are the real ones.

load support
bats_require_minimum_version 1.5.0

setup() {
  make_checkout
  authority=$checkout/.wfhub/containers/private/caddy/data/caddy/pki/authorities/local/root.crt
  store=$BATS_TEST_TMPDIR/anchors bundle=$BATS_TEST_TMPDIR/etc/ca-certificates.crt
  mkdir -p "$(dirname "$authority")" "$store" "$(dirname "$bundle")"
  make_authority "$authority" "Caddy Local Authority - 2026 ECC Root"
  export WFHUB_TRUST_FOLDER=$store
  # Debian's own program, on folders of the test
  program update-ca-certificates <<PROGRAM
exec /usr/sbin/update-ca-certificates --localcertsdir "$store" --etccertsdir "$(dirname "$bundle")" --certsconf /dev/null \
  --hooksdir /nonexistent "\$@"
PROGRAM
  program chromium </dev/null
  trust=$checkout/scripts/trust.sh untrust=$checkout/scripts/untrust.sh
}

make_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1" -days 30 -subj "/CN=$2" 2>/dev/null
}

# The body of a certificate, to look for in a bundle.
body() { sed -n '2p' "$1"; }
nss() { certutil -L -d "sql:$HOME/.pki/nssdb"; }

@test "it says what it will do, and without a yes does nothing" {
  run "$trust" </dev/null
  [ "$status" = 1 ]
  says "put the certificate into $store, and run update-ca-certificates"
  says "make $HOME/.pki/nssdb, where Chromium looks"
  says "Whoever can read the key beside it"
  says "--yes"
  [ -z "$(ls -A "$store")" ] && [ ! -e "$bundle" ] && [ ! -e "$HOME/.pki" ]
}

@test "with --dry-run it only says it" {
  run "$trust" --dry-run --yes
  [ "$status" = 0 ]
  says "It will:"
  [ -z "$(ls -A "$store")" ] && [ ! -e "$HOME/.pki" ]
}

@test "a terminal is asked, and anything but a yes changes nothing" {
  run script -qec "'$trust'" /dev/null <<<"n"
  [ "$status" = 1 ]
  says "Do it? [y/N]"
  says "Nothing was changed."
  [ -z "$(ls -A "$store")" ]
  run script -qec "'$trust'" /dev/null <<<"y"
  [ "$status" = 0 ]
  grep -q "$(body "$authority")" "$bundle"
}

@test "trusted, the system's bundle and the browser's store have it; a second time there is nothing to do" {
  run "$trust" --yes
  [ "$status" = 0 ]
  says "✓ put the certificate into $store"
  grep -q "$(body "$authority")" "$bundle"
  nss | grep -Eq '^Workflow Hub [0-9A-F]{8} +C,,'
  run "$trust"
  [ "$status" = 0 ]
  says "trust the hub's certificate already"
}

@test "what was trusted is believed by openssl, and no longer once it was taken back" {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$BATS_TEST_TMPDIR/k" -out "$BATS_TEST_TMPDIR/r" -subj /CN=wfhub.localhost 2>/dev/null
  openssl x509 -req -in "$BATS_TEST_TMPDIR/r" -CA "$authority" -CAkey "$authority.key" -CAcreateserial -days 2 -out "$BATS_TEST_TMPDIR/leaf" 2>/dev/null
  make_authority "$store/another.crt" "Another" # Debian's program leaves a bundle as it is that would become empty
  "$trust" --yes
  openssl verify -no-CApath -CAfile "$bundle" "$BATS_TEST_TMPDIR/leaf"
  certutil -A -d "sql:$HOME/.pki/nssdb" -t ,, -n leaf -i "$BATS_TEST_TMPDIR/leaf"
  certutil -V -d "sql:$HOME/.pki/nssdb" -u V -n leaf
  "$untrust" --yes
  run ! openssl verify -no-CApath -CAfile "$bundle" "$BATS_TEST_TMPDIR/leaf"
  run ! certutil -V -d "sql:$HOME/.pki/nssdb" -u V -n leaf
}

@test "untrust takes away what is the hub's and nothing else, also when the hub's data is gone" {
  make_authority "$BATS_TEST_TMPDIR/company.crt" "A company"
  cp "$BATS_TEST_TMPDIR/company.crt" "$store/company.crt"
  "$trust" --yes
  certutil -A -d "sql:$HOME/.pki/nssdb" -t C,, -n company -i "$BATS_TEST_TMPDIR/company.crt"
  rm -rf "$checkout/.wfhub"
  run "$untrust" --yes
  [ "$status" = 0 ]
  run nss
  says_not "Workflow Hub"
  says company
  [ "$(ls "$store")" = company.crt ]
  grep -q "$(body "$BATS_TEST_TMPDIR/company.crt")" "$bundle"
  run "$untrust"
  [ "$status" = 0 ]
  says "No store that I know here has a certificate of the hub."
}

@test "Firefox's profiles are found, also with spaces" {
  profile="$HOME/.mozilla/firefox/ab12.my profile"
  mkdir -p "$profile"
  certutil -N -d "sql:$profile" --empty-password
  run "$trust" --yes
  [ "$status" = 0 ]
  certutil -L -d "sql:$profile" | grep -q '^Workflow Hub'
  run "$untrust" --yes
  [ "$status" = 0 ]
  run certutil -L -d "sql:$profile"
  says_not "Workflow Hub"
}

@test "what fails is said, and the rest is done" {
  program update-ca-certificates <<<"exit 1"
  run "$trust" --yes
  [ "$status" = 1 ]
  says "✗ could not put the certificate into $store"
  says "✓ make $HOME/.pki/nssdb"
}

@test "without a certificate it says how to come to one" {
  rm -rf "$checkout/.wfhub"
  run "$trust" --yes
  [ "$status" = 1 ]
  says "./start.sh --containers"
  echo nonsense >"$BATS_TEST_TMPDIR/text"
  run "$trust" --ca "$BATS_TEST_TMPDIR/text"
  [ "$status" = 1 ]
  says "is no certificate in PEM"
  printf -- '-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n' >"$BATS_TEST_TMPDIR/damaged"
  run "$trust" --ca "$BATS_TEST_TMPDIR/damaged"
  [ "$status" = 1 ]
  says "The fingerprint of $BATS_TEST_TMPDIR/damaged could not be computed."
}

@test "WFHUB_HOME of .env is where it looks" {
  mv "$checkout/.wfhub" "$BATS_TEST_TMPDIR/else where"
  printf 'WFHUB_HOME="%s"\n' "$BATS_TEST_TMPDIR/else where" >"$checkout/.env"
  run "$trust" --dry-run
  [ "$status" = 0 ]
  says "$BATS_TEST_TMPDIR/else where/containers/private"
}

@test "with sudo it refuses: the browsers' stores are the caller's" {
  [ "$(id -u)" = 0 ] || program id <<<'echo 0'
  SUDO_USER=someone run "$trust" --yes
  [ "$status" = 1 ]
  says "Run this as yourself"
}

# Of the systems that are not this one: the commands that it gives, to programs that write them down.

recorder() { printf 'printf "%%s\\n" "%s $*" >>"%s/calls"\n' "$1" "$BATS_TEST_TMPDIR"; }

@test "macOS: the login keychain" {
  program uname <<<'echo Darwin'
  { recorder security; echo 'if [ "$1" = find-certificate ]; then cat "'"$BATS_TEST_TMPDIR"'/keychain" 2>/dev/null; fi; exit 0'; } | program security
  run "$trust" --yes
  [ "$status" = 0 ]
  says "add the certificate to your login keychain"
  says_not nssdb
  print=$(openssl x509 -in "$authority" -noout -fingerprint -sha1 | cut -d= -f2 | tr -d :)
  grep -qx "security add-trusted-cert -r trustRoot -p ssl -k $HOME/Library/Keychains/login.keychain-db $authority" "$BATS_TEST_TMPDIR/calls"
  echo "SHA-1 hash: $print" >"$BATS_TEST_TMPDIR/keychain"
  run "$trust"
  says "trust the hub's certificate already"
  run "$untrust" --yes
  [ "$status" = 0 ]
  grep -qx "security delete-certificate -Z $print $HOME/Library/Keychains/login.keychain-db" "$BATS_TEST_TMPDIR/calls"
}

@test "WSL: Linux's stores, and Windows' of the user" {
  export WSL_DISTRO_NAME=Debian
  { recorder certutil.exe; echo "case \$2 in -store) [ -e '$BATS_TEST_TMPDIR/windows' ];; -addstore) touch '$BATS_TEST_TMPDIR/windows';; esac"; } | program certutil.exe
  program wslpath <<<'echo "W:$2"'
  run "$trust" --yes
  [ "$status" = 0 ]
  says "Windows' trusted roots of your account"
  grep -qx "certutil.exe -user -addstore Root W:$authority" "$BATS_TEST_TMPDIR/calls"
  grep -q "$(body "$authority")" "$bundle"
  run "$untrust" --yes
  [ "$status" = 0 ]
  print=$(openssl x509 -in "$authority" -noout -fingerprint -sha1 | cut -d= -f2 | tr -d :)
  grep -qx "certutil.exe -user -delstore Root $print" "$BATS_TEST_TMPDIR/calls"
}

@test "WSL: without the certificate Linux's stores are cleaned, and Windows' is the person's" {
  export WSL_DISTRO_NAME=Debian
  recorder certutil.exe | program certutil.exe
  program wslpath <<<'echo "W:$2"'
  run "$trust" --yes
  [ "$status" = 0 ]
  rm -rf "$checkout/.wfhub" "$BATS_TEST_TMPDIR/calls"
  run "$untrust" --yes
  [ "$status" = 0 ]
  says "Caddy Local Authority"
  [ -z "$(ls -A "$store")" ]
  [ ! -e "$BATS_TEST_TMPDIR/calls" ]
}

@test "a system that is not known is told what to do by hand" {
  program uname <<<'echo Plan9'
  run "$trust" --yes
  [ "$status" = 1 ]
  says "by its own settings"
}
