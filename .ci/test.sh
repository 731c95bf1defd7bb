#!/usr/bin/env bash
# Everything that proves Tenantry works, quickest failures first. Ends with one line: N passed, N failed.
source "$(dirname "$0")/setup.sh"
passed=0 failed=0 skipped=0
total() {
  local line="$passed passed, $failed failed"
  [ "$skipped" = 0 ] || line+=", $skipped skipped"
  printf '\n%s\n' "$line"
  [ "$failed" = 0 ] && exit 0 || exit 1
}
# A step that passes or fails as a whole; and one without which the rest makes no sense.
step() { if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); return 1; fi; }
must() { step "$@" || total; }

set_up_rust
set_up_chromium
set_up_postgresql

say "Formatting"
if toolchain=$(rust_with rustfmt); then
  step rust cargo "$toolchain" fmt -p app -p server -p migration -p test-databases -p invoice-pdf -p stripe-gateway -p server-macro -p frontend -p bundle --check || true
else
  note "Not checked: no toolchain here has rustfmt."
  skipped=$((skipped + 1))
fi

say "Building the server and its tests (the first time about 10 minutes on two cores)"
rust_tests=(-p server -p app -p migration -p invoice-pdf -p stripe-gateway --features app/ssr)
must cargo build -p server
must cargo test "${rust_tests[@]}" --no-run

say "Rust's tests: rules, stores on both databases, the whole server (a few minutes)"
log="$CARGO_TARGET_DIR/tests.log"
status=0
cargo test "${rust_tests[@]}" --no-fail-fast 2>&1 | tee "$log" || status=$?
read -r p f s < <(sed -n 's/^test result: [^.]*\. \([0-9]*\) passed; \([0-9]*\) failed; \([0-9]*\) ignored.*/\1 \2 \3/p' "$log" |
  awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')
passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
# A test program that crashed printed no result.
if [ "$status" != 0 ] && [ "$f" = 0 ]; then failed=$((failed + 1)); fi

must .ci/build.sh debug
say "Journeys in a browser (a few minutes)"
set_up_npm end2end
report="$CARGO_TARGET_DIR/journeys.json"
rm -f "$report"
status=0
(cd end2end && TENANTRY_PROGRAM="$CARGO_TARGET_DIR/debug/tenantry" PLAYWRIGHT_JSON_OUTPUT_NAME="$report" \
  npx playwright test --reporter=list,json) || status=$?
read -r p f s < <(node -e '
  const { stats, errors } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
  console.log(stats.expected + stats.flaky, stats.unexpected + errors.length, stats.skipped);
' "$report" 2>/dev/null || echo 0 1 0)
passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
if [ "$status" != 0 ] && [ "$f" = 0 ]; then failed=$((failed + 1)); fi
total
