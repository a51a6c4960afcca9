# OpenSSL: keys, encryption, digests, a TLS connection over loopback.
set -eu
cd "$WORK"
head -c 100000 /dev/urandom > plain
openssl enc -aes-256-cbc -pbkdf2 -pass pass:x -in plain -out secret
openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:x -in secret | cmp - plain
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 1 -subj /CN=localhost 2> /dev/null
openssl dgst -sha256 -sign key.pem -out sig plain
openssl x509 -in cert.pem -pubkey -noout > pub.pem
openssl dgst -sha256 -verify pub.pem -signature sig plain > /dev/null
openssl s_server -accept 127.0.0.1:14433 -key key.pem -cert cert.pem -www -quiet > server.log 2>&1 &
trap 'kill $! 2>/dev/null || :' EXIT
for _ in $(seq 50); do
	printf 'GET / HTTP/1.0\r\n\r\n' | openssl s_client -connect 127.0.0.1:14433 -CAfile cert.pem -verify_return_error -quiet 2> /dev/null > answer && break
	sleep 0.1
done
grep -q 'HTTP/1.0 200' answer
