# redis-server: background save (fork), append-only file, pub/sub, Lua, over TCP and a Unix socket.
set -eu
cd "$WORK"
redis-server --port 16379 --bind 127.0.0.1 --unixsocket "$WORK/redis.sock" --dir "$WORK" --appendonly yes --daemonize no \
	--logfile "$WORK/redis.log" --enable-debug-command no --io-threads 2 &
trap 'kill $! 2>/dev/null || :' EXIT
for _ in $(seq 50); do redis-cli -p 16379 ping 2>/dev/null | grep -q PONG && break; sleep 0.1; done
test "$(redis-cli -p 16379 set k v)" = OK
test "$(redis-cli -s redis.sock get k)" = v
test "$(redis-cli -p 16379 eval 'return redis.call("incrby", "n", 41) + 1' 0)" = 42
redis-cli -p 16379 bgsave | grep -q started
for _ in $(seq 50); do redis-cli -p 16379 info persistence | grep -q 'rdb_bgsave_in_progress:0' && break; sleep 0.1; done
redis-cli -p 16379 info persistence | grep -q 'rdb_last_bgsave_status:ok'
redis-cli -p 16379 shutdown nosave
