/* hooks/gate/crypto.c: what verifies, what doesn't, and that nothing but a good signature does. */
#include "config.h"

#include "gate/crypto.h"

#include "gate_vectors.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct public_key key_of(const char *pem)
{
	struct public_key key = {0};
	struct err err = ERR_INIT;

	if (crypto_public_from_pem(pem, strlen(pem), &key, &err) < 0) {
		diag("%s", err.msg);
		abort();
	}
	return key;
}

static int verify(const struct public_key *key, const char *head, const char *body, const void *signature, size_t len)
{
	struct err err = ERR_INIT;
	int good = crypto_verify(key, head, strlen(head), body, strlen(body), signature, len, &err);

	if (good < 0)
		diag("%s", err.msg);
	return good;
}

/* r and s of a DER signature, 32 bytes each. */
static void raw_signature(const uint8_t *der, uint8_t ret[64])
{
	const uint8_t *p = der + 2;

	for (int i = 0; i < 2; i++) {
		size_t len = p[1];
		const uint8_t *number = p + 2;

		p += 2 + len;
		for (; len > 32; len--)
			number++;
		memset(ret + 32 * i, 0, 32);
		memcpy(ret + 32 * i + (32 - len), number, len);
	}
}

static void test_good(void)
{
	struct public_key a = key_of(vector_a_pub), e = key_of(vector_e_pub);

	is_int(a.algorithm, KEY_P256, "the first key is of P-256");
	is_str(a.keyid, VECTOR_A_KEYID, "its id is the SHA-256 of its SubjectPublicKeyInfo");
	is_int(e.algorithm, KEY_ED25519, "the other one is of Ed25519");
	is_str(e.keyid, VECTOR_E_KEYID, "its id likewise");
	is_int(verify(&a, PAE_HEAD, vector_statement, vector_a_signature, sizeof(vector_a_signature)), 1,
	       "P-256: what openssl signed as cosign does verifies");
	is_int(verify(&e, PAE_HEAD, vector_statement, vector_e_signature, sizeof(vector_e_signature)), 1,
	       "Ed25519: what openssl signed verifies");
	struct public_key compressed = key_of(vector_a_compressed_pub);
	ok(!memcmp(compressed.raw, a.raw, sizeof(a.raw)) && !strcmp(compressed.keyid, a.keyid),
	   "a compressed point is the same key");
}

static void test_bad(void)
{
	struct public_key a = key_of(vector_a_pub), b = key_of(vector_b_pub), e = key_of(vector_e_pub), none = {0};
	const uint8_t *sig = vector_a_signature;
	size_t len = sizeof(vector_a_signature);
	char body[sizeof(vector_statement)];
	uint8_t changed[sizeof(vector_a_signature) + 8], raw[64], *huge;

	is_int(verify(&b, PAE_HEAD, vector_statement, sig, len), 0, "another key");
	is_int(verify(&e, PAE_HEAD, vector_statement, sig, len), 0, "a key of another kind");
	is_int(verify(&none, PAE_HEAD, vector_statement, sig, len), 0, "no key");
	memcpy(body, vector_statement, sizeof(body));
	body[100] ^= 1;
	is_int(verify(&a, PAE_HEAD, body, sig, len), 0, "a changed payload");
	is_int(verify(&a, "DSSEv1 28 application/vnd.in-toto+jsoN 1027 ", vector_statement, sig, len), 0, "a changed type");
	is_int(verify(&a, "", vector_statement, sig, len), 0, "the payload without its type");
	is_int(verify(&a, PAE_HEAD, "", sig, len), 0, "no payload");
	raw_signature(sig, raw);
	is_int(verify(&a, PAE_HEAD, vector_statement, raw, sizeof(raw)), 0, "r and s without DER");
	is_int(verify(&a, PAE_HEAD, vector_statement, sig, 0), 0, "an empty signature");
	is_int(verify(&a, PAE_HEAD, vector_statement, sig, 1), 0, "one byte");
	is_int(verify(&a, PAE_HEAD, vector_statement, sig, len - 1), 0, "a signature that is cut");
	memcpy(changed, sig, len);
	changed[len] = 0;
	is_int(verify(&a, PAE_HEAD, vector_statement, changed, len + 1), 0, "a byte behind it");
	memcpy(changed, sig, len);
	/* the sequence's length in two bytes: BER, not DER */
	memmove(changed + 3, sig + 2, len - 2);
	changed[1] = 0x81;
	changed[2] = sig[1];
	is_int(verify(&a, PAE_HEAD, vector_statement, changed, len + 1), 0, "a length that isn't DER");
	huge = calloc(1, 1 << 20);
	memcpy(huge, sig, len);
	is_int(verify(&a, PAE_HEAD, vector_statement, huge, 1 << 20), 0, "a huge signature");
	is_int(verify(&e, PAE_HEAD, vector_statement, huge, 1 << 20), 0, "a huge one of Ed25519");
	free(huge);
	is_int(verify(&e, PAE_HEAD, body, vector_e_signature, sizeof(vector_e_signature)), 0, "Ed25519: a changed payload");
	is_int(verify(&a, PAE_HEAD, vector_statement, vector_p384_signature, sizeof(vector_p384_signature)), 0,
	       "a signature of another curve");
	int bits = 0;
	for (size_t bit = 0; bit < len * 8; bit++) {
		memcpy(changed, sig, len);
		changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		bits += verify(&a, PAE_HEAD, vector_statement, changed, len) != 0;
	}
	is_int(bits, 0, "no bit of the signature may change");
}

static void test_bad_keys(void)
{
	struct public_key key = key_of(vector_a_pub), saved = key;
	struct err err = ERR_INIT;

	key.raw[40] ^= 1;
	is_int(verify(&key, PAE_HEAD, vector_statement, vector_a_signature, sizeof(vector_a_signature)), 0,
	       "a point that isn't on the curve verifies nothing");
	key = saved;
	key.raw[0] = 2;
	is_int(verify(&key, PAE_HEAD, vector_statement, vector_a_signature, sizeof(vector_a_signature)), 0, "nor does another form");
	ok(crypto_key_id(&key) == -1, "which has no id");
	key = saved;
	key.raw_len = 64;
	is_int(verify(&key, PAE_HEAD, vector_statement, vector_a_signature, sizeof(vector_a_signature)), 0, "nor a short key");
	memset(key.raw, 0, sizeof(key.raw));
	key = (struct public_key){.algorithm = KEY_P256, .raw_len = 1};
	is_int(verify(&key, PAE_HEAD, vector_statement, vector_a_signature, sizeof(vector_a_signature)), 0,
	       "nor the point at infinity");

	ok(crypto_public_from_pem(vector_p384_pub, strlen(vector_p384_pub), &key, &err) == -1, "a key of P-384");
	is_err(&err, ERR_SPEC, "only P-256", "says which curve is taken");
	err_clear(&err);
	ok(crypto_public_from_pem(vector_k1_pub, strlen(vector_k1_pub), &key, &err) == -1, "a key of secp256k1");
	is_err(&err, ERR_SPEC, "secp256k1", "is named");
	err_clear(&err);
	ok(crypto_public_from_pem(vector_rsa_pub, strlen(vector_rsa_pub), &key, &err) == -1, "an RSA key");
	is_err(&err, ERR_SPEC, "neither an ECDSA", "says what is taken");
	err_clear(&err);
	ok(crypto_public_from_pem("hello", 5, &key, &err) == -1, "no PEM");
	is_err(&err, ERR_SPEC, "no public key", "is said");
	err_clear(&err);
	ok(crypto_public_from_pem(vector_a_private, strlen(vector_a_private), &key, &err) == -1 && err.kind == ERR_SPEC,
	   "a private key is no public one");
}

static void round_trip(enum key_algorithm algorithm, const char *what)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct public_key key, again;
	const uint8_t *signature;
	const char *pem, *pub;
	size_t len;

	if (!ok(crypto_generate(algorithm, &arena, &pem, &err) == 0, "%s: a key is made", what) ||
	    !ok(crypto_sign(pem, strlen(pem), "head ", 5, "body", 4, &arena, &signature, &len, &key, &err) == 0, "%s: it signs", what)) {
		diag("%s", err.msg);
		return;
	}
	is_int(verify(&key, "head ", "body", signature, len), 1, what);
	is_int(verify(&key, "head", " body", signature, len), 1, "the same bytes, divided otherwise");
	is_int(verify(&key, "head ", "bodY", signature, len), 0, "other bytes don't verify");
	ok(crypto_public_of(pem, strlen(pem), &arena, &pub, &key, &err) == 0 &&
		   crypto_public_from_pem(pub, strlen(pub), &again, &err) == 0 && !strcmp(key.keyid, again.keyid),
	   "%s: its public half", what);
	arena_release(&arena);
}

static void test_signing(void)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct public_key key;
	const uint8_t *signature;
	const char *pem;
	size_t len;

	round_trip(KEY_P256, "P-256");
	round_trip(KEY_ED25519, "Ed25519");
	ok(crypto_generate(KEY_NONE, &arena, &pem, &err) == -1 && err.kind == ERR_USAGE, "no kind of key");
	err_clear(&err);
	ok(crypto_sign("x", 1, "", 0, "", 0, &arena, &signature, &len, &key, &err) == -1, "no private key");
	is_err(&err, ERR_SPEC, "PKCS#8", "says what is wanted");
	err_clear(&err);
	ok(crypto_sign(vector_a_private, strlen(vector_a_private), PAE_HEAD, strlen(PAE_HEAD), vector_statement,
		       strlen(vector_statement), &arena, &signature, &len, &key, &err) == 0 &&
		   !strcmp(key.keyid, VECTOR_A_KEYID),
	   "openssl's key signs, and says who it is");
	arena_release(&arena);
}

static void test_hash(void)
{
	struct crypto_hash *hash = crypto_hash_new();
	char digest[72], again[72];
	uint8_t raw[32];

	crypto_digest("abc", 3, digest);
	is_str(digest, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "SHA-256 of abc");
	ok(hash && crypto_hash_add(hash, "a", 1) == 0 && crypto_hash_add(hash, "bc", 2) == 0 && crypto_hash_end(hash, again) == 0,
	   "in pieces");
	is_str(again, digest, "is the same");
	crypto_sha256("abc", 3, raw);
	ok(raw[0] == 0xba && raw[31] == 0xad, "as bytes");
}

/* OPENSSL_CONF could put another implementation in front. */
static void test_environment(void)
{
	struct public_key a = key_of(vector_a_pub);

	is_int(verify(&a, PAE_HEAD, vector_statement, vector_a_signature, sizeof(vector_a_signature)), 1,
	       "OPENSSL_CONF that names no file changes nothing");
}

int main(void)
{
	if (setenv("OPENSSL_CONF", "/nonexistent/openssl.cnf", 1) < 0 || setenv("OPENSSL_MODULES", "/nonexistent", 1) < 0)
		return 99;
	test_environment();
	test_good();
	test_bad();
	test_bad_keys();
	test_signing();
	test_hash();
	return tap_done();
}
