#!/bin/bash
# Installs what the tests need beside Python: real mail servers, a DNS server, a database, a browser.
#
#   .ci/servers.sh          Postfix, Exim, OpenSMTPD, Sendmail, Courier, Haraka, NSD,
#                           PostgreSQL, Chromium with fonts, npm
#   .ci/servers.sh bench    also nmap and swaks, which tests/bench/peers.py compares us with
#
# Debian 12, root, apt and npm alone. Starts no daemon. Running it again costs about a second.
#
# Debian's mail servers exclude each other, so only Postfix is installed; the others are unpacked
# under $ROOT and run from there by tests/servers. Their libraries come from apt.
set -euo pipefail
cd "$(dirname "$0")/.."

ROOT=/opt/relaycheck-servers
LOG=$ROOT/install.log
UNPACKED=(exim4-daemon-light exim4-config opensmtpd sendmail-bin sendmail-cf)
UNPACKED+=(courier-mta courier-base courier-authlib courier-authlib-userdb courier-authdaemon)
PACKAGES=(postfix sasl2-bin libsasl2-modules libsasl2-modules-db m4 nsd postgresql openssl iproute2 util-linux procps)
PACKAGES+=(chromium fonts-liberation fonts-noto-color-emoji)
# A C compiler for tests/servers/opensmtpd_tls.c.
command -v cc >/dev/null || PACKAGES+=(gcc libc6-dev)
# npm also comes with other people's packages of Node.js, which Debian's would fight with.
command -v npm >/dev/null || PACKAGES+=(npm)
if [ "${1:-}" = bench ]; then PACKAGES+=(nmap swaks libnet-ssleay-perl); fi

export DEBIAN_FRONTEND=noninteractive
if [ "$(id -u)" != 0 ]; then
  echo "servers.sh: run me as root: sudo $0 $*" >&2
  exit 1
fi
mkdir -p "$ROOT"
: >"$LOG"

quietly() { "$@" >>"$LOG" 2>&1 || { tail -n 30 "$LOG" >&2; exit 1; }; }

apt_install() { quietly apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold "$@"; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]; }

missing() { for package in "$@"; do installed "$package" || echo "$package"; done; }

fresh_lists() {
  if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mtime -1 -print -quit)" ]; then
    echo "reading the package lists"
    quietly apt-get update -q
  fi
}

# The libraries that an unpacked package names. A virtual or alternative name stays out: what the
# loader still misses is caught by `runs` below.
libraries() {
  apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \
    "$1" | sed -n 's/^ *Depends: \(z\?lib[^ <]*\)$/\1/p'
}

# While packages are being configured no init script may start a daemon; what stood there before
# stands there again afterwards.
POLICY=/usr/sbin/policy-rc.d
forbid_daemons() {
  if [ -e "$POLICY" ] || [ -L "$POLICY" ]; then mv "$POLICY" "$POLICY.relaycheck"; fi
  printf '#!/bin/sh\nexit 101\n' >"$POLICY"
  chmod 755 "$POLICY"
  trap allow_daemons EXIT
}
allow_daemons() {
  rm -f "$POLICY"
  if [ -e "$POLICY.relaycheck" ] || [ -L "$POLICY.relaycheck" ]; then mv "$POLICY.relaycheck" "$POLICY"; fi
}

install_packages() {
  local wanted
  mapfile -t wanted < <(missing "${PACKAGES[@]}")
  if [ "${#wanted[@]}" = 0 ]; then return; fi
  fresh_lists
  echo "installing ${wanted[*]}"
  echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
  apt_install "${wanted[@]}"
}

unpack() {
  local package=$1 version
  if [ -e "$ROOT/$package/.complete" ]; then return; fi
  fresh_lists
  version=$(apt-cache policy "$package" | sed -n 's/^ *Candidate: //p')
  echo "unpacking $package $version"
  local wanted
  mapfile -t wanted < <(libraries "$package" | while read -r library; do missing "$library"; done)
  if [ "${#wanted[@]}" != 0 ]; then apt_install "${wanted[@]}"; fi
  rm -rf "${ROOT:?}/$package"
  mkdir -p "$ROOT/$package" "$ROOT/download"
  (
    cd "$ROOT/download"
    quietly apt-get download -q "$package=$version"
    dpkg -x ./"$package"_*.deb "$ROOT/$package"
  )
  rm -rf "$ROOT/download"
  echo "$version" >"$ROOT/$package/.complete"
}

# What OpenSMTPD is started with; the file says why.
opensmtpd_tls() {
  local source=tests/servers/opensmtpd_tls.c built=$ROOT/opensmtpd/tls.so
  if [ "$built" -nt "$source" ]; then return; fi
  echo "building $source"
  quietly cc -Wall -Wextra -Werror -O2 -shared -fPIC -o "$built" "$source"
}

# Haraka comes from npm, scripts of packages switched off.
haraka() {
  local wanted="Haraka@3.1.1 haraka-plugin-relay@1.0.2"
  if [ "$(cat "$ROOT/haraka/.complete" 2>/dev/null)" = "$wanted" ]; then return; fi
  echo "installing $wanted"
  rm -rf "${ROOT:?}/haraka"
  # shellcheck disable=SC2086 # two packages
  quietly npm install --prefix "$ROOT/haraka" --omit=optional --ignore-scripts --no-audit --no-fund $wanted
  echo "$wanted" >"$ROOT/haraka/.complete"
}

runs() {
  local unresolved
  unresolved=$(ldd "$1" | grep 'not found' || true)
  if [ -n "$unresolved" ]; then
    printf 'servers.sh: %s lacks libraries:\n%s\n' "$1" "$unresolved" >&2
    exit 1
  fi
}

# Exim and OpenSMTPD drop their privileges to these; their own packages would have made them.
system_user() {
  if ! getent passwd "$1" >/dev/null; then
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$1"
  fi
}

forbid_daemons
install_packages
for package in "${UNPACKED[@]}"; do unpack "$package"; done
opensmtpd_tls
haraka
for user in Debian-exim opensmtpd opensmtpq courier; do system_user "$user"; done
runs "$ROOT/exim4-daemon-light/usr/sbin/exim4"
runs "$ROOT/opensmtpd/usr/sbin/smtpd"
runs "$ROOT/sendmail-bin/usr/libexec/sendmail/sendmail"
runs "$ROOT/courier-base/usr/sbin/couriertcpd"
echo "servers and browser are in place ($LOG)"
