# PostgreSQL: initdb, a server with parallel workers, queries, a crash-safe restart. Shared memory of both kinds.
set -eu
cd "$WORK"
PATH="$(echo /usr/lib/postgresql/*/bin | tr ' ' '\n' | sort -V | tail -n 1):$PATH"
export LC_ALL=C PGHOST="$WORK" PGPORT=15432 PGUSER=app
initdb -D data -U app -A trust --wal-segsize=1 > initdb.log 2>&1 || { cat initdb.log; exit 1; }
pg_ctl -D data -w -l server.log -o "-c listen_addresses=127.0.0.1 -c port=15432 -c unix_socket_directories=$WORK -c shared_buffers=16MB" start > /dev/null ||
	{ cat server.log; exit 1; }
trap 'pg_ctl -D data -m immediate stop > /dev/null 2>&1 || :' EXIT
psql -qAt -d postgres -c 'create table t as select generate_series(1, 100000) x' -c 'create index on t(x)' -c 'vacuum analyze t'
test "$(psql -qAt -d postgres -c 'set min_parallel_table_scan_size=0' -c 'set parallel_setup_cost=0' -c 'select sum(x) from t')" = 5000050000
test "$(psql -qAt -h 127.0.0.1 -d postgres -c 'select count(*) from t where x <= 10')" = 10
pg_ctl -D data -w -m fast restart -l server.log > /dev/null
test "$(psql -qAt -d postgres -c 'select count(*) from t')" = 100000
pg_ctl -D data -w -m fast stop > /dev/null
! grep -E 'PANIC|not permitted|not implemented' server.log
