# nginx with two workers and a thread pool, asked by curl over HTTP and HTTPS; reload and quit by signal.
set -eu
cd "$WORK"
mkdir -p html temp
echo 'hello from nginx' > html/index.html
head -c 300000 /dev/zero > html/big
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 1 -subj /CN=localhost >/dev/null 2>&1
cat > nginx.conf <<C
worker_processes 2; pid $WORK/nginx.pid; error_log $WORK/error.log;
events { worker_connections 64; }
http { access_log $WORK/access.log; sendfile on; aio threads; client_body_temp_path $WORK/temp/b; proxy_temp_path $WORK/temp/p;
	fastcgi_temp_path $WORK/temp/f; uwsgi_temp_path $WORK/temp/u; scgi_temp_path $WORK/temp/s;
	server { listen 127.0.0.1:18080; listen 127.0.0.1:18443 ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem; root $WORK/html;
		location ~ ^/p/(?<rest>.*)$ { proxy_pass http://127.0.0.1:18080/\$rest; } } }
C
nginx -e "$WORK/error.log" -p "$WORK" -c nginx.conf
trap 'kill -QUIT "$(cat nginx.pid)" 2>/dev/null || :' EXIT
test "$(curl -sS --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:18080/)" = 'hello from nginx'
test "$(curl -sS -k https://localhost:18443/p/index.html)" = 'hello from nginx'
test "$(curl -sS http://127.0.0.1:18080/big | wc -c)" = 300000
kill -HUP "$(cat nginx.pid)"; sleep 1
curl -sSf http://127.0.0.1:18080/ > /dev/null
! grep -E 'alert|emerg|crit' error.log
