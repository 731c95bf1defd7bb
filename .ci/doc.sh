#!/usr/bin/env bash
source "$(dirname "$0")/setup.sh"
set_up_rust
say "Writing the reference (the first time about 6 minutes on two cores)"
cargo doc --no-deps --document-private-items -p server -p app -p migration -p invoice-pdf -p stripe-gateway --features app/ssr
echo "$CARGO_TARGET_DIR/doc/app/index.html"
