#!/usr/bin/env bash
# The benchmark of the optimized build, on SQLite and on a PostgreSQL of its own that ends with it.
source "$(dirname "$0")/setup.sh"
set_up_postgresql
set_up_chromium
set_up_npm end2end
here=$PWD
.ci/build.sh release
programs=$(dirname "$(command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)")
folder=$(mktemp -d)
as_postgres=()
# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then
  chown postgres "$folder"
  as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$folder")
fi
cd "$folder"
"${as_postgres[@]}" "$programs/initdb" --no-sync --auth=trust --username=postgres --encoding=UTF8 -D "$folder/data" >/dev/null
"${as_postgres[@]}" "$programs/pg_ctl" -D "$folder/data" -o "-k $folder -c listen_addresses=" -l "$folder/log" -w start >/dev/null
trap '"${as_postgres[@]}" "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null; rm -rf "$folder"' EXIT
"${as_postgres[@]}" "$programs/createdb" -h "$folder" -U postgres bench
"$CARGO_TARGET_DIR/release/tenantry" bench --postgres "postgres:///bench?host=$folder&user=postgres" "$@"
cd "$here/end2end" && node vitals.mjs "$CARGO_TARGET_DIR/release/tenantry"
