/* Owns the form of envelopes and bundles.  Nothing here knows whether a signature is good;
 * key ids and hints are only told.  protocol.md and envelope.md of DSSE 1.0.2,
 * sigstore_bundle.proto.
 */
#include "config.h"

#include "gate/dsse.h"

#include "base/json.h"
#include "base/json_out.h"

#include <string.h>

#include "base/banned.h"

/* --- the envelope --- */

/* The text of a member that must be there. */
static int get_text(const struct json *v, const char *key, const struct json **ret, struct err *err)
{
	const struct json *member = json_get(v, key);
	const char *text;

	if (!member)
		return json_error(v, err, "key '%s' is missing", key);
	if (json_as_string(member, &text, err))
		return -1;
	*ret = member;
	return 0;
}

static int decode(struct arena *arena, const struct json *v, const uint8_t **ret, size_t *ret_len,
		  struct err *err)
{
	if (base64_decode(arena, v->text, v->text_len, ret, ret_len))
		return json_error(
			v, err,
			"is not base64 (one alphabet, padded in full or not at all, no blanks)");
	return 0;
}

static int parse_signature(struct arena *arena, const struct json *v, struct dsse *envelope,
			   struct err *err)
{
	const struct json *sig = NULL, *keyid = json_get(v, "keyid");
	struct dsse_signature *signature;

	if (json_expect(v, JSON_OBJECT, err) || get_text(v, "sig", &sig, err))
		return -1;
	signature = ARENA_PUSH(arena, &envelope->signatures);
	if (!signature)
		return err_oom(err);
	signature->keyid = "";
	if (keyid && keyid->type != JSON_NULL && json_as_string(keyid, &signature->keyid, err))
		return -1;
	if (decode(arena, sig, &signature->bytes, &signature->len, err))
		return -1;
	return signature->len ? 0 : json_error(sig, err, "is empty");
}

static int parse_envelope(struct arena *arena, const struct json *v, struct dsse *ret,
			  struct err *err)
{
	const struct json *payload = NULL, *type = NULL, *signatures = json_get(v, "signatures");
	const uint8_t *bytes;

	if (json_expect(v, JSON_OBJECT, err) || get_text(v, "payload", &payload, err) ||
	    get_text(v, "payloadType", &type, err))
		return -1;
	if (!signatures)
		return json_error(v, err, "key 'signatures' is missing");
	if (json_expect(signatures, JSON_ARRAY, err))
		return -1;
	/* None at all: a record that waits for its signatures; its verifier says its worth. */
	if (signatures->n > DSSE_MAX_SIGNATURES)
		return json_error(signatures, err, "has %zu entries: it must have at most %d",
				  signatures->n, DSSE_MAX_SIGNATURES);
	if (decode(arena, payload, &bytes, &ret->payload_len, err))
		return -1;
	ret->payload = (const char *)bytes;
	ret->payload_type = type->text;
	json_each(child, signatures)
		if (parse_signature(arena, child, ret, err))
			return -1;
	return 0;
}

/* --- the bundle --- */

static int check_media_type(const struct json *bundle, struct err *err)
{
	static const char *const known[] = {
		"application/vnd.dev.sigstore.bundle.v0.3+json",
		"application/vnd.dev.sigstore.bundle+json;version=0.3",
		"application/vnd.dev.sigstore.bundle+json;version=0.2",
		"application/vnd.dev.sigstore.bundle+json;version=0.1",
	};
	const struct json *type = NULL;

	if (get_text(bundle, "mediaType", &type, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (!strcmp(known[i], type->text))
			return 0;
	return json_error(type, err, "is no sigstore bundle of version 0.1 to 0.3");
}

/* The hint of the one key; without a key it is keyless, and needs certificates, a
 * transparency log and their roots, which we don't have. */
static int get_hint(const struct json *bundle, const struct json **ret, struct err *err)
{
	const struct json *material = json_get(bundle, "verificationMaterial"), *key;

	if (!material)
		return json_error(bundle, err, "key 'verificationMaterial' is missing");
	if (json_expect(material, JSON_OBJECT, err))
		return -1;
	key = json_get(material, "publicKey");
	if (!key)
		return json_error(material, err,
				  "is keyless (a certificate or a log's entry in place of a key): "
				  "verify it with cosign, "
				  "then sign the statement again with a key of the site's");
	if (json_get(material, "certificate") || json_get(material, "x509CertificateChain"))
		return json_error(material, err, "has both a key and a certificate");
	*ret = json_get(key, "hint");
	if (json_expect(key, JSON_OBJECT, err))
		return -1;
	return *ret ? json_expect(*ret, JSON_STRING, err) : 0;
}

static int parse_bundle(struct arena *arena, const struct json *v, struct dsse *ret,
			struct err *err)
{
	const struct json *envelope = json_get(v, "dsseEnvelope"), *hint = NULL;

	if (check_media_type(v, err) || get_hint(v, &hint, err))
		return -1;
	if (json_get(v, "messageSignature"))
		return json_error(v, err,
				  envelope ? "has both an envelope and a detached signature"
					   : "signs a file beside it, not a statement: only "
					     "dsseEnvelope says what was scanned");
	if (!envelope)
		return json_error(v, err, "key 'dsseEnvelope' is missing");
	if (parse_envelope(arena, envelope, ret, err))
		return -1;
	if (ret->signatures.n != 1)
		return json_error(envelope, err, "has %zu signatures: in a bundle it must have one",
				  ret->signatures.n);
	/* An empty key id says nothing; another one contradicts. */
	if (hint && *hint->text && *ret->signatures.items[0].keyid &&
	    strcmp(hint->text, ret->signatures.items[0].keyid) != 0)
		return json_error(hint, err, "is another key's than the signature's keyid");
	return 0;
}

int dsse_parse(struct arena *arena, const char *text, size_t len, struct dsse *ret, struct err *err)
{
	const struct json *root;
	struct dsse envelope = {0};
	bool is_bundle;

	if (json_parse(arena, text, len, &root, err) || json_expect(root, JSON_OBJECT, err))
		return -1;
	is_bundle = json_get(root, "mediaType") || json_get(root, "verificationMaterial") ||
		    json_get(root, "dsseEnvelope");
	if (is_bundle && (json_get(root, "payload") || json_get(root, "signatures")))
		return json_error(root, err, "is an envelope and a bundle in one");
	if (is_bundle ? parse_bundle(arena, root, &envelope, err)
		      : parse_envelope(arena, root, &envelope, err))
		return -1;
	*ret = envelope;
	return 0;
}

/* --- writing --- */

int dsse_pae_head(const char *payload_type, size_t payload_len, struct str *ret, struct err *err)
{
	str_addf(ret, "DSSEv1 %zu %s %zu ", strlen(payload_type), payload_type, payload_len);
	return str_failed(ret) ? err_oom(err) : 0;
}

static int add_base64(struct json_out *o, const char *key, const void *data, size_t len,
		      struct err *err)
{
	autostr text = STR_INIT;

	if (base64_encode(data, len, &text))
		return err_oom(err);
	json_out_string(o, key, str_text(&text));
	return 0;
}

static int print(struct json_out *o, const struct dsse *envelope, struct err *err)
{
	int rc = 0;

	json_out_object(o, NULL);
	rc |= add_base64(o, "payload", envelope->payload, envelope->payload_len, err);
	json_out_string(o, "payloadType", envelope->payload_type);
	json_out_array(o, "signatures");
	for (size_t i = 0; i < envelope->signatures.n; i++) {
		json_out_object(o, NULL);
		json_out_string(o, "keyid", envelope->signatures.items[i].keyid);
		rc |= add_base64(o, "sig", envelope->signatures.items[i].bytes,
				 envelope->signatures.items[i].len, err);
		json_out_end_object(o);
	}
	json_out_end_array(o);
	json_out_end_object(o);
	return rc ? -1 : json_out_finish(o, err);
}

int dsse_print(const struct dsse *envelope, struct str *ret, struct err *err)
{
	struct json_out o = JSON_OUT_INIT;
	int rc = print(&o, envelope, err);

	if (!rc) {
		str_add_bytes(ret, str_text(&o.text), o.text.len);
		rc = str_failed(ret) ? err_oom(err) : 0;
	}
	json_out_release(&o);
	return rc;
}
