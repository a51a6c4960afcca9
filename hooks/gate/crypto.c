/* Owns OpenSSL's libcrypto: nothing else may include it.  Signatures, keys as PEM, hashes.
 *
 * What the hook needs is the upper half: a key from its raw bytes (a PEM file costs a
 * decoder's start, 1 ms), a hash, one verification.  OpenSSL tells "bad signature" (0)
 * from "malformed" (negative) and both from good (1): only 1 is good.
 *
 * SHA-256 and ECDSA are called by their own names, which OpenSSL 3 discourages: to find the same
 * functions through a provider takes twice as long as the verification itself.
 */
#include "config.h"

#include "gate/crypto.h"

#define OPENSSL_SUPPRESS_DEPRECATED
/* OpenSSL has a type of this name, err.h a constant. */
#define ERR_STATE openssl_err_state
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#undef ERR_STATE

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define P256_RAW     65u
#define P256_SIGN    72u /* at most: DER of two numbers of 33 bytes */
#define ED25519_RAW  32u
#define ED25519_SIGN 64u
#define PEM_MAX	     (64u << 10)

static void free_pkey(EVP_PKEY **pkey)
{
	EVP_PKEY_free(*pkey);
}
static void free_pkey_ctx(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
}
static void free_ec_key(EC_KEY **key)
{
	EC_KEY_free(*key);
}
static void free_md_ctx(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}
static void free_bio(BIO **bio)
{
	(void)BIO_free(*bio); /* of memory: has nothing to fail at */
}
static void free_bn(BIGNUM **bn)
{
	BN_free(*bn);
}
#define autopkey     __attribute__((cleanup(free_pkey))) EVP_PKEY *
#define autopkey_ctx __attribute__((cleanup(free_pkey_ctx))) EVP_PKEY_CTX *
#define autoec_key   __attribute__((cleanup(free_ec_key))) EC_KEY *
#define automd_ctx   __attribute__((cleanup(free_md_ctx))) EVP_MD_CTX *
#define autobio	     __attribute__((cleanup(free_bio))) BIO *
#define autobn	     __attribute__((cleanup(free_bn))) BIGNUM *

/* Neither openssl.cnf nor the environment decides which code verifies; the texts of
 * errors aren't needed.  The library counts the calls itself: later ones do nothing. */
static int begin(struct err *err)
{
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT |
					OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
				NULL) != 1)
		return err_set(err, ERR_HOST, "libcrypto doesn't start");
	return 0;
}

/* libcrypto failed where no input is to blame. */
static int broken(struct err *err, const char *what)
{
	unsigned long code = ERR_peek_last_error();

	ERR_clear_error();
	if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
		return err_oom(err);
	return err_set(err, ERR_HOST, "libcrypto: %s failed (error %lx)", what, code);
}

/* Bad input is an answer, lack of memory is none. */
static int bad_or_broken(struct err *err, const char *what)
{
	if (ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE)
		return broken(err, what);
	ERR_clear_error();
	return 0;
}

/* --- verification: the hook's path --- */

static int verify_p256(const struct public_key *key, const void *head, size_t head_len,
		       const void *body, size_t body_len, const uint8_t *signature,
		       size_t signature_len, struct err *err)
{
	autoec_key ec = NULL;
	uint8_t hash[32];
	SHA256_CTX sha;

	if (key->raw_len != P256_RAW || key->raw[0] != 4 || signature_len > P256_SIGN)
		return 0;
	ec = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
	if (!ec)
		return broken(err, "prepare a key");
	/* A point that isn't on the curve fails here. */
	if (EC_KEY_oct2key(ec, key->raw, key->raw_len, NULL) != 1)
		return bad_or_broken(err, "load a key");
	SHA256_Init(&sha);
	SHA256_Update(&sha, head, head_len);
	SHA256_Update(&sha, body, body_len);
	SHA256_Final(hash, &sha);
	if (ECDSA_verify(0, hash, sizeof(hash), signature, (int)signature_len, ec) != 1)
		return bad_or_broken(err, "verify");
	return 1;
}

/* Ed25519 signs the message itself, and takes it in one piece. */
static uint8_t *in_one_piece(const void *head, size_t head_len, const void *body, size_t body_len)
{
	uint8_t *whole =
		head_len > SIZE_MAX - 1 - body_len ? NULL : malloc(head_len + body_len + 1);

	if (!whole)
		return NULL;
	if (head_len)
		memcpy(whole, head, head_len);
	if (body_len)
		memcpy(whole + head_len, body, body_len);
	return whole;
}

static int verify_ed25519(const struct public_key *key, const void *head, size_t head_len,
			  const void *body, size_t body_len, const uint8_t *signature,
			  size_t signature_len, struct err *err)
{
	automd_ctx ctx = NULL;
	autopkey pkey = NULL;
	uint8_t *whole;
	int good;

	if (key->raw_len != ED25519_RAW || signature_len != ED25519_SIGN)
		return 0;
	pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->raw, ED25519_RAW);
	if (!pkey)
		return bad_or_broken(err, "load a key");
	ctx = EVP_MD_CTX_new();
	if (!ctx || EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) != 1)
		return broken(err, "prepare a verification");
	whole = in_one_piece(head, head_len, body, body_len);
	if (!whole)
		return err_oom(err);
	good = EVP_DigestVerify(ctx, signature, signature_len, whole, head_len + body_len);
	free(whole);
	return good == 1 ? 1 : bad_or_broken(err, "verify");
}

int crypto_verify(const struct public_key *key, const void *head, size_t head_len, const void *body,
		  size_t body_len, const uint8_t *signature, size_t signature_len, struct err *err)
{
	if (!signature_len || (key->algorithm != KEY_P256 && key->algorithm != KEY_ED25519))
		return 0;
	if (begin(err) < 0)
		return -1;
	if (key->algorithm == KEY_ED25519)
		return verify_ed25519(key, head, head_len, body, body_len, signature, signature_len,
				      err);
	return verify_p256(key, head, head_len, body, body_len, signature, signature_len, err);
}

/* --- hashes --- */

void crypto_sha256(const void *data, size_t len, uint8_t ret[32])
{
	SHA256_CTX sha;

	SHA256_Init(&sha);
	SHA256_Update(&sha, data, len);
	SHA256_Final(ret, &sha);
}

static void print_hex(const uint8_t bytes[32], char ret[SHA256_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 32; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[64] = '\0';
}

void crypto_digest(const void *data, size_t len, char ret[72])
{
	uint8_t hash[32];

	crypto_sha256(data, len, hash);
	memcpy(ret, "sha256:", 7);
	print_hex(hash, ret + 7);
}

struct crypto_hash {
	SHA256_CTX sha;
};

struct crypto_hash *crypto_hash_new(void)
{
	struct crypto_hash *hash = malloc(sizeof(*hash));

	if (hash)
		SHA256_Init(&hash->sha);
	return hash;
}

int crypto_hash_add(struct crypto_hash *hash, const void *data, size_t len)
{
	SHA256_Update(&hash->sha, data, len);
	return 0;
}

int crypto_hash_end(struct crypto_hash *hash, char ret[72])
{
	uint8_t bytes[32];

	SHA256_Final(bytes, &hash->sha);
	memcpy(ret, "sha256:", 7);
	print_hex(bytes, ret + 7);
	free(hash);
	return 0;
}

/* --- keys --- */

/* What stands before the raw bytes in a SubjectPublicKeyInfo: always the same. */
static const uint8_t p256_spki[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
				    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
				    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
static const uint8_t ed25519_spki[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
				       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

int crypto_key_id(struct public_key *key)
{
	uint8_t hash[32];
	SHA256_CTX sha;

	SHA256_Init(&sha);
	if (key->algorithm == KEY_P256 && key->raw_len == P256_RAW && key->raw[0] == 4)
		SHA256_Update(&sha, p256_spki, sizeof(p256_spki));
	else if (key->algorithm == KEY_ED25519 && key->raw_len == ED25519_RAW)
		SHA256_Update(&sha, ed25519_spki, sizeof(ed25519_spki));
	else
		return -1;
	SHA256_Update(&sha, key->raw, key->raw_len);
	SHA256_Final(hash, &sha);
	print_hex(hash, key->keyid);
	return 0;
}

/* X and Y by number: the encoded form may be the compressed one. */
static int take_point(EVP_PKEY *pkey, struct public_key *ret, struct err *err)
{
	BIGNUM *x_raw = NULL, *y_raw = NULL;
	bool got = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_X, &x_raw) == 1 &&
		   EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, &y_raw) == 1;
	autobn x = x_raw;
	autobn y = y_raw;

	ret->raw[0] = 4;
	if (!got || BN_bn2binpad(x, ret->raw + 1, 32) != 32 ||
	    BN_bn2binpad(y, ret->raw + 33, 32) != 32)
		return broken(err, "read a key's point");
	ret->algorithm = KEY_P256;
	ret->raw_len = P256_RAW;
	return 0;
}

/* The public half of either kind of key; refuses every other. */
static int take_public(EVP_PKEY *pkey, struct public_key *ret, struct err *err)
{
	struct public_key key = {0};
	char group[64] = "";
	size_t len = sizeof(key.raw);

	if (EVP_PKEY_is_a(pkey, "ED25519")) {
		if (EVP_PKEY_get_raw_public_key(pkey, key.raw, &len) != 1 || len != ED25519_RAW)
			return broken(err, "read a key");
		key.algorithm = KEY_ED25519;
		key.raw_len = len;
	} else if (EVP_PKEY_is_a(pkey, "EC")) {
		if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), &len) != 1 ||
		    strcmp(group, "prime256v1") != 0) {
			ERR_clear_error();
			return err_set(
				err, ERR_SPEC,
				"an EC key on the curve '%s'; only P-256 (prime256v1) is taken",
				group);
		}
		if (take_point(pkey, &key, err) < 0)
			return -1;
	} else {
		return err_set(err, ERR_SPEC, "neither an ECDSA P-256 nor an Ed25519 key");
	}
	if (crypto_key_id(&key) < 0)
		return err_set(err, ERR_SPEC, "a key of an unknown form");
	*ret = key;
	return 0;
}

static BIO *open_text(const char *pem, size_t len)
{
	return len > PEM_MAX ? NULL : BIO_new_mem_buf(pem, (int)len);
}

/* Else OpenSSL would ask at the terminal. */
static int no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf, (void)size, (void)writing, (void)arg;
	return -1;
}

int crypto_public_from_pem(const char *pem, size_t len, struct public_key *ret, struct err *err)
{
	autobio bio = NULL;
	autopkey pkey = NULL;
	autopkey_ctx ctx = NULL;

	if (begin(err) < 0)
		return -1;
	bio = open_text(pem, len);
	pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL) : NULL;
	ERR_clear_error();
	if (!pkey)
		return err_set(err, ERR_SPEC, "no public key in PEM (-----BEGIN PUBLIC KEY-----)");
	if (take_public(pkey, ret, err) < 0)
		return -1;
	ctx = EVP_PKEY_CTX_new(pkey, NULL);
	if (!ctx)
		return broken(err, "prepare a check");
	if (EVP_PKEY_public_check(ctx) != 1) {
		ERR_clear_error();
		return err_set(err, ERR_SPEC, "the public key isn't valid on its curve");
	}
	return 0;
}

static EVP_PKEY *read_private(const char *pem, size_t len, struct err *err)
{
	autobio bio = NULL;
	EVP_PKEY *pkey;

	if (begin(err) < 0)
		return NULL;
	bio = open_text(pem, len);
	pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
	ERR_clear_error();
	if (!pkey)
		(void)err_set(err, ERR_SPEC,
			      "no private key in PEM without a password (-----BEGIN PRIVATE "
			      "KEY-----, PKCS#8)");
	return pkey;
}

int crypto_sign(const char *pem, size_t pem_len, const void *head, size_t head_len,
		const void *body, size_t body_len, struct arena *arena, const uint8_t **ret,
		size_t *ret_len, struct public_key *ret_key, struct err *err)
{
	autopkey pkey = read_private(pem, pem_len, err);
	automd_ctx ctx = NULL;
	struct public_key key;
	uint8_t *whole, *signature;
	size_t len = 0;
	bool good;

	if (!pkey || take_public(pkey, &key, err) < 0)
		return -1;
	ctx = EVP_MD_CTX_new();
	if (!ctx || EVP_DigestSignInit(ctx, NULL, key.algorithm == KEY_P256 ? EVP_sha256() : NULL,
				       NULL, pkey) != 1)
		return broken(err, "prepare a signature");
	whole = in_one_piece(head, head_len, body, body_len);
	if (!whole)
		return err_oom(err);
	good = EVP_DigestSign(ctx, NULL, &len, whole, head_len + body_len) == 1;
	signature = good ? arena_alloc(arena, len) : NULL;
	good = signature && EVP_DigestSign(ctx, signature, &len, whole, head_len + body_len) == 1;
	free(whole);
	if (!good)
		return signature ? broken(err, "sign") : err_oom(err);
	*ret = signature;
	*ret_len = len;
	*ret_key = key;
	return 0;
}

static int print_private(EVP_PKEY *pkey, struct arena *arena, const char **ret, struct err *err)
{
	autobio bio = BIO_new(BIO_s_secmem());
	char *text;
	long len;

	if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) != 1)
		return broken(err, "print a key");
	len = BIO_get_mem_data(bio, &text);
	if (len <= 0)
		return broken(err, "print a key");
	*ret = arena_memdup(arena, text, (size_t)len);
	return *ret ? 0 : err_oom(err);
}

int crypto_generate(enum key_algorithm algorithm, struct arena *arena, const char **ret_pem,
		    struct err *err)
{
	autopkey pkey = NULL;

	if (begin(err) < 0)
		return -1;
	if (algorithm == KEY_P256)
		pkey = EVP_EC_gen("prime256v1");
	else if (algorithm == KEY_ED25519)
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	else
		return err_set(err, ERR_USAGE, "unknown kind of key");
	if (!pkey)
		return broken(err, "make a key");
	return print_private(pkey, arena, ret_pem, err);
}

static int print_public(EVP_PKEY *pkey, struct arena *arena, const char **ret, struct err *err)
{
	autobio bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (!bio || PEM_write_bio_PUBKEY(bio, pkey) != 1)
		return broken(err, "print a key");
	len = BIO_get_mem_data(bio, &text);
	if (len <= 0)
		return broken(err, "print a key");
	*ret = arena_memdup(arena, text, (size_t)len);
	return *ret ? 0 : err_oom(err);
}

int crypto_public_of(const char *pem, size_t len, struct arena *arena, const char **ret_pem,
		     struct public_key *ret_key, struct err *err)
{
	autopkey pkey = read_private(pem, len, err);

	if (!pkey || take_public(pkey, ret_key, err) < 0)
		return -1;
	return print_public(pkey, arena, ret_pem, err);
}
