# Node.js: its JIT, the thread pool, worker threads, child processes, HTTP on loopback, watching files.
set -eu
cd "$WORK"
cat > app.js <<'J'
const { Worker, isMainThread, parentPort } = require('worker_threads');
if (!isMainThread) { parentPort.postMessage(6 * 7); return; }
const assert = require('assert'), fs = require('fs'), http = require('http'), cp = require('child_process'), crypto = require('crypto');
(async () => {
	const add = n => { let s = 0; for (let i = 0; i < n; i++) s = (s + i) | 0; return s; };
	assert.strictEqual(add(5e7), add(5e7));
	assert.strictEqual(await new Promise((ok, no) => new Worker(__filename).on('message', ok).on('error', no)), 42);
	assert.strictEqual((await new Promise((ok, no) => crypto.scrypt('p', 's', 32, (e, k) => e ? no(e) : ok(k)))).length, 32);
	assert.strictEqual(cp.execSync('echo out').toString(), 'out\n');
	const watcher = fs.watch('.'), seen = new Promise(ok => watcher.once('change', ok));
	fs.writeFileSync('touched', 'x'); await seen; watcher.close();
	await fs.promises.copyFile('touched', 'copied');
	const server = http.createServer((q, a) => a.end('served')).listen(0, '127.0.0.1', () =>
		http.get({ port: server.address().port, host: '127.0.0.1' }, a => a.on('data', d => {
			assert.strictEqual(d.toString(), 'served'); server.close(); console.log('finished'); })));
})().catch(e => { console.error(e); process.exit(1); });
J
test "$(node app.js)" = finished
