# Python without the network: threads, processes, pipes, files, mmap, pseudo-terminals, a temporary database.
set -eu
cd "$WORK"
python3 - <<'P'
import concurrent.futures, hashlib, mmap, os, pty, random, select, shutil, signal, sqlite3, subprocess, tempfile, threading, time

with concurrent.futures.ThreadPoolExecutor(8) as pool:
    assert sum(pool.map(lambda n: n * n, range(100))) == 328350
assert subprocess.run(["sh", "-c", "echo out; exit 3"], capture_output=True, text=True).stdout == "out\n"
with concurrent.futures.ProcessPoolExecutor(2) as pool:
    assert list(pool.map(abs, [-1, -2])) == [1, 2]
with tempfile.TemporaryDirectory() as d:
    path = os.path.join(d, "f")
    with open(path, "wb") as f:
        f.write(os.urandom(1 << 20)); f.flush(); os.fsync(f.fileno())
    with open(path, "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
        m[0:4] = b"abcd"; m.flush()
    shutil.copy2(path, path + "2")
    assert hashlib.file_digest(open(path, "rb"), "sha256").digest() == hashlib.sha256(open(path + "2", "rb").read()).digest()
    assert len(list(os.scandir(d))) == 2
    db = sqlite3.connect(os.path.join(d, "db"))
    db.execute("create table t(x)"); db.executemany("insert into t values(?)", [(i,) for i in range(1000)]); db.commit()
    assert db.execute("select sum(x) from t").fetchone()[0] == 499500
hit = []
signal.signal(signal.SIGALRM, lambda *_: hit.append(1)); signal.setitimer(signal.ITIMER_REAL, 0.05); time.sleep(0.2)
assert hit
r, w = os.pipe(); os.write(w, b"x"); assert select.select([r], [], [], 1)[0]
pid, fd = pty.fork()
if pid == 0:
    os.write(1, b"on a terminal" if os.isatty(0) else b"no terminal"); time.sleep(0.2); os._exit(0)
assert b"on a terminal" in os.read(fd, 100); os.waitpid(pid, 0)
p = subprocess.Popen(["sleep", "100"]); p.terminate(); assert p.wait() == -signal.SIGTERM
P
