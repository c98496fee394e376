# shellcheck shell=bash
# What the other scripts share: where caches live, how packages are installed, how a step is announced.
# Sourced, never run. Every script sets `set -euo pipefail` before it reads this file.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mandate
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
# rustup puts its tools here; a login shell may not have run since it was installed
export PATH=$PATH:$HOME/.cargo/bin
node_least=20

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

as_admin() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "this needs root once, to install: $*"
  fi
}

# Debian packages by name, only those that are missing.
install_packages() {
  have apt-get || die "install these first, this is not Debian: $*"
  say "installing $*"
  as_admin apt-get update -qq
  as_admin env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

need_rust() {
  have cc || install_packages gcc libc6-dev
  have cargo && return
  if have apt-get && apt-cache show rustup >/dev/null 2>&1; then
    install_packages rustup
    # the toolchain itself is named by rust-toolchain.toml
    rustup show >/dev/null
  else
    die "Rust is missing and this release has no rustup package: install rustup (https://rustup.rs), then run this again"
  fi
}

need_node() {
  have node && have npm || install_packages nodejs npm
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge "$node_least" ] || die "Node $node_least or newer is needed, found $(node --version)"
}

# node_modules as the lock file says, and nothing to do when it already is.
npm_install() {
  need_node
  local stamp=$root/node_modules/.mandate-lock
  if [ ! -f "$stamp" ] || ! cmp -s "$root/package-lock.json" "$stamp"; then
    say "npm install, as package-lock.json says"
    # not `npm ci`: it refuses a lock that lacks the optional packages of other platforms, which a registry may not
    # serve; this keeps to the locked versions just the same, and does not write the lock
    (cd "$root" && npm install --no-save --no-fund --no-audit --loglevel=error)
    cp "$root/package-lock.json" "$stamp"
  fi
}

# The console, built into console/dist, which the server embeds.
console_build() {
  npm_install
  say "building the console"
  (cd "$root" && npm run build --silent)
}
