# Sourced by the other scripts: finds or installs what they need. Nothing here is done twice.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

RUST_NEEDED=1.94
NODE_NEEDED=20
WASM=wasm32-unknown-unknown
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/tenantry/target}"
mkdir -p "$CARGO_TARGET_DIR"

say() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }
give_up() { printf '\nTenantry cannot be built here yet.\n%s\n' "$*" >&2; exit 1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# apt_install PACKAGE... : where there is apt and a way to be root; otherwise fails, and the caller says what is missing.
apt_install() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || return 1
  say "Installing $* (Debian packages; a minute or two)"
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return
  as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# at_least WANTED VERSION
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -1)" = "$1" ]; }

set_up_basics() {
  local missing=()
  command -v cc >/dev/null || apt_install build-essential || missing+=("a C compiler (package build-essential)")
  command -v cargo >/dev/null || missing+=("Rust $RUST_NEEDED or newer, with cargo (rustup is the usual way)")
  command -v npm >/dev/null || missing+=("npm")
  at_least "$NODE_NEEDED" "$(node --version 2>/dev/null | tr -d v || true)" || missing+=("Node.js $NODE_NEEDED or newer")
  [ ${#missing[@]} = 0 ] || give_up "$(printf 'Missing: %s\n' "${missing[@]}")"
}

# --- Rust, with the standard library for WebAssembly. The server is built by the same toolchain as the browser's half, which
# spares building every procedural macro twice.

rust() { local program=$1 toolchain=$2; shift 2; if command -v rustup >/dev/null; then rustup run "$toolchain" "$program" "$@"; else "$program" "$@"; fi; }
new_enough() { at_least "$RUST_NEEDED" "$(rust rustc "$1" --version 2>/dev/null | cut -d' ' -f2 || true)"; }
has_wasm() { compgen -G "$(rust rustc "$1" --print target-libdir --target $WASM 2>/dev/null)/libstd-*.rlib" >/dev/null; }

set_up_rust() {
  set_up_basics
  local remembered="$CARGO_TARGET_DIR/.toolchain" active toolchain
  active=$(rustup show active-toolchain 2>/dev/null | cut -d' ' -f1 || true)
  # The one this target folder was filled by comes first: another would build everything anew.
  for toolchain in "${RUSTUP_TOOLCHAIN:-}" "$(cat "$remembered" 2>/dev/null || true)" "${active:-rustc}"; do
    [ -n "$toolchain" ] && new_enough "$toolchain" && has_wasm "$toolchain" && break
    toolchain=
  done
  [ -n "$toolchain" ] || toolchain=$(wasm_by_rustup "$active") || toolchain=$(wasm_by_debian) ||
    give_up "Missing: Rust $RUST_NEEDED or newer with the target $WASM. Where rustup reaches its server:
  rustup update stable && rustup target add $WASM"
  if command -v rustup >/dev/null; then export RUSTUP_TOOLCHAIN=$toolchain; fi
  echo "$toolchain" >"$remembered"
}

wasm_by_rustup() {
  [ -n "$1" ] && new_enough "$1" || return 1
  say "Adding $WASM to Rust's toolchain $1 (seconds)" >&2
  timeout 120 rustup target add $WASM --toolchain "$1" >&2 && echo "$1"
}

# Debian has rustc and the sources of its standard library, but not that library built for WebAssembly.
wasm_by_debian() {
  command -v rustup >/dev/null || return 1
  apt_install rustc-web cargo-web rust-web-src >&2 || return 1
  new_enough_at /usr || { note "Debian's rustc-web is older than $RUST_NEEDED." >&2; return 1; }
  rustup toolchain link debian /usr
  local llvm; llvm=$(/usr/bin/rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
  [ -x "/usr/lib/llvm-$llvm/bin/lld" ] || apt_install "lld-$llvm" >&2 || return 1
  say "Building Rust's standard library for WebAssembly (once, about a minute)" >&2
  local folder; folder=$(mktemp -d)
  printf '[package]\nname = "nothing"\nedition = "2024"\n[workspace]\n[profile.release]\nopt-level = "s"\n' >"$folder/Cargo.toml"
  mkdir "$folder/src" && echo '#![no_std]' >"$folder/src/lib.rs"
  (cd "$folder" && RUSTUP_TOOLCHAIN=debian RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR="$folder/target" \
    cargo build -q --release --target $WASM -Z build-std=std,panic_abort,panic_unwind,proc_macro >&2) || return 1
  rm "$folder"/target/$WASM/release/deps/libnothing-*
  local rustlib; rustlib=$(/usr/bin/rustc --print sysroot)/lib/rustlib
  local host; host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
  as_root mkdir -p "$rustlib/$WASM/lib" "$rustlib/$host/bin"
  as_root cp "$folder"/target/$WASM/release/deps/*.rlib "$rustlib/$WASM/lib/"
  as_root ln -sf "/usr/lib/llvm-$llvm/bin/lld" "$rustlib/$host/bin/rust-lld"
  rm -r "$folder"
  echo debian
}

new_enough_at() { at_least "$RUST_NEEDED" "$("$1/bin/rustc" --version | cut -d' ' -f2)"; }

# rust_with PROGRAM: the toolchain that has it (Debian's has neither rustfmt nor clippy), or fails.
rust_with() {
  local toolchain
  command -v rustup >/dev/null || { command -v "$1" >/dev/null; return; }
  for toolchain in "$RUSTUP_TOOLCHAIN" "$(rustup default 2>/dev/null | cut -d' ' -f1)" stable; do
    rustup which --toolchain "$toolchain" "$1" >/dev/null 2>&1 && echo "$toolchain" && return
  done
  return 1
}

# --- Node, for the bundle and the browser tests.

set_up_npm() {
  local folder=$1
  [ "$folder/node_modules/.installed" -nt "$folder/package-lock.json" ] && return
  say "Fetching the npm packages of $folder (seconds)"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  touch "$folder/node_modules/.installed"
}

# --- What only the tests need.

set_up_chromium() {
  CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
  if [ -z "$CHROMIUM" ]; then
    apt_install chromium || give_up "Missing: Chromium, for the browser tests."
    CHROMIUM=$(command -v chromium)
  fi
  export CHROMIUM
}

set_up_postgresql() {
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null ||
    apt_install postgresql || give_up "Missing: PostgreSQL's programs (initdb, postgres), for the tests."
}
