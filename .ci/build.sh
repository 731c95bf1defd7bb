#!/usr/bin/env bash
# build.sh debug|release [--fast] : the program, and beside it the folder `site` that it serves to browsers.
# The last line of output is the program's path.
source "$(dirname "$0")/setup.sh"
profile=$1
set_up_rust
set_up_npm frontend
out="$CARGO_TARGET_DIR/$profile"

# Two builds, never one: in one, the server's and the browser's features of the same crates would be mixed.
build_frontend() {
  cargo build --quiet -p frontend --target $WASM --profile wasm-release && cargo build --quiet -p bundle
}

if [ "$profile" = release ]; then
  say "Building the optimized server and the browser's half (the first time about 25 minutes on two cores)"
  server=(cargo build --release -p server)
else
  say "Building the server and the browser's half (the first time about 13 minutes on two cores, after a change one or two)"
  server=(cargo build -p server)
fi
build_frontend &
frontend=$!
"${server[@]}" || { kill $frontend 2>/dev/null; exit 1; }
wait $frontend

say "Bundling for the browser (the first time about a minute; only what changed after that)"
node frontend/bundle/build.mjs --wasm "$CARGO_TARGET_DIR/$WASM/wasm-release/frontend.wasm" \
  --bundler "$CARGO_TARGET_DIR/debug/bundle" --site "$out/site" "${@:2}"

say "Built"
echo "$out/tenantry"
