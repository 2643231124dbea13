#!/usr/bin/env bash
# Runs a command while a PostgreSQL of its own listens on a free port of the loopback interface, with POCKETSAM_POSTGRES as the
# connection string that tests use. Its data lie in a temporary folder that is removed. Where there is no PostgreSQL the command runs
# without.
#
#   eng/with-postgres.sh COMMAND...
#   eng/with-postgres.sh --has          whether there is one
set -uo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -n 1)
if [ -z "$bin" ] && command -v initdb > /dev/null; then
    bin=$(dirname "$(command -v initdb)")
fi
has() { [ -n "$bin" ] && [ -x "$bin/initdb" ] && { [ "$(id -u)" != 0 ] || id postgres > /dev/null 2>&1; }; }
if [ "${1:-}" = --has ]; then
    has
    exit
fi
has || exec "$@"

# The server refuses to run as root.
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
data=$(mktemp -d)
if [ "$(id -u)" = 0 ]; then
    chown postgres "$data"
fi
stop()
{
    as "$bin/pg_ctl" -D "$data/db" -m immediate stop > /dev/null 2>&1
    rm -rf "$data"
}
trap stop EXIT

cd "$(dirname "$0")/.."
port=
for candidate in 54329 54330 54331 54332; do
    (exec 3<> "/dev/tcp/127.0.0.1/$candidate") 2> /dev/null || { port=$candidate; break; }
done
if [ -n "$port" ] \
    && (cd "$data" && as "$bin/initdb" -D "$data/db" -U postgres -A trust -E UTF8 --locale=C > "$data/log" 2>&1) \
    && (cd "$data" && as "$bin/pg_ctl" -D "$data/db" -w -l "$data/db/log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start > /dev/null 2>&1); then
    export POCKETSAM_POSTGRES="Host=127.0.0.1;Port=$port;Username=postgres"
else
    echo "PostgreSQL does not start; its tests skip" >&2
fi
"$@"
