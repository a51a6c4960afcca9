# Python with the network: TCP and UDP on loopback, IPv6 where there is one, Unix sockets with fd passing, asyncio, interfaces.
set -eu
cd "$WORK"
python3 - <<'P'
import array, asyncio, http.server, multiprocessing, os, socket, threading, urllib.request

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
assert urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/").status == 200
assert urllib.request.urlopen(f"http://localhost:{server.server_port}/").status == 200
server.shutdown()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("127.0.0.1", 0)); u.sendto(b"x", u.getsockname()); assert u.recv(1) == b"x"
if socket.has_ipv6:
    socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close()
assert any(name == "lo" for _, name in socket.if_nameindex())
a, b = socket.socketpair()
with open("/etc/passwd") as f:
    socket.send_fds(a, [b"fd"], [f.fileno()])
_, fds, _, _ = socket.recv_fds(b, 10, 1)
assert b"root" in os.read(fds[0], 4096)
async def main():
    s = await asyncio.start_server(lambda r, w: (w.write(b"hello"), w.close()), "127.0.0.1", 0)
    r, w = await asyncio.open_connection(*s.sockets[0].getsockname())
    assert await r.read() == b"hello"
    p = await asyncio.create_subprocess_exec("true"); assert await p.wait() == 0
asyncio.run(main())
with multiprocessing.Pool(2) as pool:
    assert pool.map(len, ["a", "bb"]) == [1, 2]
P
