# SQLite: a database with write-ahead log (shared memory), two writers at once.
set -eu
cd "$WORK"
sqlite3 db 'pragma journal_mode=wal; create table t(x);' > /dev/null
for _ in 1 2; do
	(i=0; while [ $i -lt 20 ]; do sqlite3 -cmd '.timeout 10000' db "insert into t values($i)"; i=$((i + 1)); done) &
done
wait
test "$(sqlite3 db 'select count(*) from t')" = 40
test "$(sqlite3 db 'pragma integrity_check')" = ok
sqlite3 db .dump | sqlite3 copy && test "$(sqlite3 copy 'select sum(x) from t')" = 380
