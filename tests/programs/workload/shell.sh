# A shell's daily work: pipes, jobs, here-documents, process substitution, traps, globbing, the coreutils.
set -eu
cd "$WORK"
test "$(printf '3\n1\n2\n' | sort | head -n 1)" = 1
sleep 5 & kill $! && { wait $! || test $? -gt 128; }
(trap 'echo caught > trap.out' TERM; kill -TERM "$(sh -c 'echo $PPID')"; :)
test "$(cat trap.out)" = caught
bash -c 'set -o pipefail; diff <(seq 3) <(printf "1\n2\n3\n"); mapfile -t a < <(seq 100); test ${#a[@]} = 100'
mkdir -p tree/a/b; echo x > tree/a/b/f; cp -a tree copy; mv copy moved; ln -s f moved/a/b/l; touch -d '2020-01-01' moved/a/b/f
test "$(find moved -type f | wc -l)" = 1
tar -cf t.tar moved && mkdir out && tar -xf t.tar -C out && cmp out/moved/a/b/f tree/a/b/f
gzip -c t.tar | gunzip -c | cmp - t.tar
mkfifo pipe; (echo through > pipe &); test "$(cat pipe)" = through
test "$(date -u -d @0 +%Y)" = 1970
timeout 5 true
chmod 600 t.tar; test "$(stat -c %a t.tar)" = 600
rm -r tree moved out
