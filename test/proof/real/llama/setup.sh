#!/usr/bin/env bash
# Prepares a real llama-server in a chroot: Debian sid's llama.cpp-tools, and python3-gguf to write the model.
# Usage: setup.sh. Needs root, and the network for the first run only (about 70 s). A complete chroot is used as it is.
# The chroot is $CHORAGUS_REAL_CACHE/llama (default /var/cache/choragus-real/llama), outside the checkout.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CHORAGUS_REAL_CACHE:-/var/cache/choragus-real}
root=$cache/llama
packages=llama.cpp-tools,python3-gguf

die() {
  printf 'setup.sh: %s\n' "$1" >&2
  exit 1
}

is_complete() {
  [ -x "$1/usr/bin/llama-server" ] || return 1
  chroot "$1" llama-server --version >/dev/null 2>&1 && chroot "$1" python3 -c 'import gguf, numpy' >/dev/null 2>&1
}

# The archive that this machine installs from, as apt reports it: its main component, no security or updates suite.
mirror() {
  local codename
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-sid}")
  apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk -v codename="$codename" '$3 == "main" && ($2 == codename || $2 ~ /^(sid|unstable|testing|stable)$/) && !found { print $1; found = 1 }'
}

# debootstrap downloads with wget, which does not read apt's configuration.
use_proxy_of_apt() {
  local proxy=
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  if [ -n "$proxy" ] && [ "$proxy" != DIRECT ]; then export http_proxy=${http_proxy:-$proxy}; fi
}

need_debootstrap() {
  command -v debootstrap >/dev/null && return
  echo 'setup.sh: debootstrap is missing: trying apt-get install debootstrap'
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends debootstrap; } >/dev/null 2>&1 ||
    die 'debootstrap is missing, and apt-get cannot install it: install it by hand'
}

# debootstrap mounts /proc inside: unmount it before anything is deleted.
remove() {
  umount -q "$1/proc" "$1/sys" 2>/dev/null || true
  rm -rf --one-file-system "$1"
}

# Builds under another name and renames at the end: an interrupted run leaves no half-built chroot under the real name.
build() {
  local from new=$cache/llama.new
  need_debootstrap
  from=$(mirror)
  [ -n "$from" ] || die "apt names no main archive: see apt-get indextargets --format '\$(SITE) \$(RELEASE)'"
  use_proxy_of_apt
  trap 'remove "$cache/llama.new"' EXIT
  trap 'exit 130' INT TERM
  remove "$new"
  echo "setup.sh: building $root from the mirror that apt uses, about 70 s"
  debootstrap --variant=minbase --include="$packages" sid "$new" "$from" >"$cache/llama.log" 2>&1 || {
    tail -n 5 "$cache/llama.log" >&2
    die "debootstrap failed: all it said is in $cache/llama.log"
  }
  is_complete "$new" || die "llama-server or python3-gguf does not run in the new chroot: see $cache/llama.log"
  chroot "$new" apt-get clean
  remove "$root"
  mv -T "$new" "$root"
  trap - EXIT INT TERM
}

[ "$(id -u)" -eq 0 ] || die 'needs root: chroot and debootstrap do'
command -v apt-get >/dev/null || die 'needs apt-get: the mirror is read from its configuration'
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
is_complete "$root" || build

if ! cmp -s "$here/make-model.py" "$root/srv/make-model.py" || [ ! -s "$root/srv/tiny.gguf" ]; then
  cp "$here/make-model.py" "$root/srv/make-model.new.py"
  chroot "$root" python3 /srv/make-model.new.py /srv/tiny.new.gguf >/dev/null
  mv "$root/srv/tiny.new.gguf" "$root/srv/tiny.gguf"
  mv "$root/srv/make-model.new.py" "$root/srv/make-model.py"
fi
echo "setup.sh: $root is ready"
