/* Signatures and hashes: the only file that sees OpenSSL's libcrypto is crypto.c.
 *
 * ECDSA P-256 with SHA-256 (ASN.1 DER, as cosign's key pairs sign) and pure Ed25519.
 * Configuration files and environment of OpenSSL are not read. */
#ifndef KANUKI_GATE_CRYPTO_H
#define KANUKI_GATE_CRYPTO_H

#include "base/arena.h"
#include "base/err.h"
#include "base/sha256.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key_algorithm { KEY_NONE = 0, KEY_P256, KEY_ED25519 };

struct public_key {
	enum key_algorithm algorithm;
	uint8_t raw[65]; /* 04||X||Y, or 32 bytes */
	size_t raw_len;
	char keyid[SHA256_HEX_SIZE]; /* SHA-256 of its SubjectPublicKeyInfo in DER, hex */
};

/* 1: good.  0: not.  -1: err (out of memory and the like; no verdict).  A key that is
 * malformed or off the curve verifies nothing. */
int crypto_verify(const struct public_key *key, const void *head, size_t head_len, const void *body,
		  size_t body_len, const uint8_t *signature, size_t signature_len, struct err *err)
	__attribute__((warn_unused_result));
void crypto_sha256(const void *data, size_t len, uint8_t ret[32]);
/* "sha256:..." */
void crypto_digest(const void *data, size_t len, char ret[72]);
struct crypto_hash; /* incremental, for files that aren't read whole */
struct crypto_hash *crypto_hash_new(void);
int crypto_hash_add(struct crypto_hash *hash, const void *data, size_t len)
	__attribute__((warn_unused_result));
int crypto_hash_end(struct crypto_hash *hash, char ret[72]) __attribute__((warn_unused_result)); /* frees it */

/* The tool's, never the hook's: PEM files, signing, new keys. */
int crypto_public_from_pem(const char *pem, size_t len, struct public_key *ret, struct err *err)
	__attribute__((warn_unused_result));
/* PKCS#8 PEM, not encrypted. */
int crypto_sign(const char *pem, size_t pem_len, const void *head, size_t head_len,
		const void *body, size_t body_len, struct arena *arena, const uint8_t **ret,
		size_t *ret_len, struct public_key *ret_key, struct err *err)
	__attribute__((warn_unused_result));
int crypto_generate(enum key_algorithm algorithm, struct arena *arena, const char **ret_pem,
		    struct err *err) __attribute__((warn_unused_result));
/* The public half of a private key, as PEM and as it is. */
int crypto_public_of(const char *pem, size_t len, struct arena *arena, const char **ret_pem,
		     struct public_key *ret_key, struct err *err)
	__attribute__((warn_unused_result));
/* keyid from algorithm and raw; -1: no such key. */
int crypto_key_id(struct public_key *key) __attribute__((warn_unused_result));

#endif
