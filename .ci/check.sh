#!/usr/bin/env bash
# What a reviewer should not have to look at: formatting, lints, and that the browser's half builds within its budget.
source "$(dirname "$0")/setup.sh"
set_up_rust

say "Formatting"
if toolchain=$(rust_with rustfmt); then
  rust cargo "$toolchain" fmt -p app -p server -p migration -p test-databases -p invoice-pdf -p stripe-gateway -p server-macro -p frontend -p bundle --check
else
  note "Not checked: no toolchain here has rustfmt (rustup component add rustfmt)."
fi

say "Lints (the first time about 8 minutes on two cores)"
if toolchain=$(rust_with cargo-clippy); then
  rust cargo "$toolchain" clippy -p server -p app -p migration -p test-databases -p invoice-pdf -p stripe-gateway -p server-macro --features app/ssr --all-targets -- -D warnings
else
  note "Not checked: no toolchain here has clippy (rustup component add clippy)."
fi

.ci/build.sh debug
say "Size budget"
node frontend/bundle/budget.mjs "$CARGO_TARGET_DIR/debug/site"
