#!/usr/bin/env bash
# Serves, and builds and serves again whenever a source changes. The bundle is left unshrunk: quicker to make, bigger to load.
source "$(dirname "$0")/setup.sh"
state() { find app server migration frontend style Cargo.* -not -path '*/node_modules/*' -type f -printf '%p %T@\n' | sort | sha256sum; }
server=
stop() { [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true; server=; }
trap stop EXIT

seen=
while true; do
  now=$(state)
  if [ "$now" != "$seen" ]; then
    seen=$now
    if .ci/build.sh debug --fast; then
      stop
      "$CARGO_TARGET_DIR/debug/tenantry" serve & server=$!
    else
      note "The last good build goes on; save a change to try again."
    fi
  fi
  sleep 1
done
