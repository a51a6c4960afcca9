/* Envelopes, bundles, PAE, base64: the official vectors, and what must not pass for one. */
#include "config.h"

#include "gate/dsse.h"

#include "tap.h"

/* ' is " in the cases. */
static char *json_of(const char *text)
{
	char *json = strdup(text);
	if (!json)
		abort();
	for (char *c = json; *c; c++)
		if (*c == '\'')
			*c = '"';
	return json;
}

/* --- base64 --- */

static void decodes(const char *text, const char *want, size_t want_len)
{
	struct arena arena = ARENA_INIT;
	const uint8_t *bytes = NULL;
	size_t len = 0;

	if (ok(!base64_decode(&arena, text, strlen(text), &bytes, &len), "base64 '%s'", text))
		ok(len == want_len && !memcmp(bytes, want, len), "base64 '%s': the value", text);
	arena_release(&arena);
}

static void refuses(const char *text, size_t len, const char *why)
{
	struct arena arena = ARENA_INIT;
	const uint8_t *bytes;
	size_t n;

	ok(base64_decode(&arena, text, len, &bytes, &n) == -1, "base64: %s", why);
	arena_release(&arena);
}

#define DECODES(text, want) decodes((text), (want), sizeof(want) - 1)
#define REFUSES(text, why)  refuses((text), sizeof(text) - 1, (why))

static void test_base64(void)
{
	static const char *const vectors[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
						 {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) { /* RFC 4648, 10 */
		autostr text = STR_INIT;

		decodes(vectors[i][1], vectors[i][0], strlen(vectors[i][0]));
		ok(!base64_encode(vectors[i][0], strlen(vectors[i][0]), &text), "encoded");
		is_str(str_text(&text), vectors[i][1], "RFC 4648");
	}
	DECODES("Zg", "f");
	DECODES("Zm8", "fo");
	DECODES("+/+/", "\xfb\xff\xbf");
	DECODES("-_-_", "\xfb\xff\xbf");
	DECODES("AAA=", "\0\0");
	REFUSES("Z", "one digit");
	REFUSES("Zm9vZ", "five digits");
	REFUSES("Zg=", "half of the padding");
	REFUSES("Zg===", "too much padding");
	REFUSES("Zm9v=", "padding that nothing asks for");
	REFUSES("Zm9v====", "four of it");
	REFUSES("=", "padding alone");
	REFUSES("====", "padding alone");
	REFUSES("Zg==Zg==", "padding in the middle");
	REFUSES("Zh==", "bits of a byte that isn't there (two)");
	REFUSES("Zm9=", "bits of a byte that isn't there (three)");
	REFUSES("Zm9", "the same without padding");
	REFUSES("+_+_", "both alphabets");
	REFUSES("-/AA", "both alphabets");
	REFUSES("Zm 9", "a blank");
	REFUSES(" Zm9v", "a blank before");
	REFUSES("Zm9v\n", "a line break behind");
	REFUSES("Zm9v\0", "a NUL behind");
	REFUSES("Zm\09", "a NUL within");
	REFUSES("Zm9\xc3\xa9", "no ASCII");
}

/* --- PAE --- */

static void test_pae(void)
{
	autostr head = STR_INIT, empty = STR_INIT, utf8 = STR_INIT;
	struct err err = ERR_INIT;

	ok(!dsse_pae_head("http://example.com/HelloWorld", 11, &head, &err), "the official vector");
	str_add(&head, "hello world");
	is_str(str_text(&head), "DSSEv1 29 http://example.com/HelloWorld 11 hello world", "the official vector");
	ok(!dsse_pae_head("", 0, &empty, &err), "nothing of nothing");
	is_str(str_text(&empty), "DSSEv1 0  0 ", "nothing of nothing");
	ok(!dsse_pae_head("\xc3\xa9", 5, &utf8, &err), "lengths are in bytes");
	is_str(str_text(&utf8), "DSSEv1 2 \xc3\xa9 5 ", "lengths are in bytes");
}

/* --- envelopes and bundles --- */

static int parse(struct arena *arena, const char *text, struct dsse *ret, struct err *err)
{
	char *json = json_of(text);
	int rc = dsse_parse(arena, json, strlen(json), ret, err);

	memset(json, 'x', strlen(json)); /* nothing may point into it */
	free(json);
	return rc;
}

static void accepts(const char *text, const char *keyid, size_t signatures)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct dsse d;

	if (ok(!parse(&arena, text, &d, &err), "accepted: %s", text)) {
		ok(d.payload_len == 11 && !memcmp(d.payload, "hello world", 11), "its payload");
		is_str(d.payload_type, "http://example.com/HelloWorld", "its type");
		is_int((intmax_t)d.signatures.n, (intmax_t)signatures, "its signatures");
		is_str(d.signatures.items[0].keyid, keyid, "the key's hint");
	} else {
		diag("%s", err.msg);
	}
	arena_release(&arena);
}

static void rejects(const char *text, const char *why)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct dsse d;

	ok(parse(&arena, text, &d, &err) == -1, "refused: %s", text);
	is_err(&err, ERR_SPEC, why, why);
	arena_release(&arena);
}

#define BODY	      "'payload':'aGVsbG8gd29ybGQ=','payloadType':'http://example.com/HelloWorld'"
#define SIG	      "{'keyid':'k','sig':'c2ln'}"
#define ENVELOPE(s)   "{" BODY ",'signatures':[" s "]}"
#define TYPE	      "'mediaType':'application/vnd.dev.sigstore.bundle.v0.3+json'"
#define KEY	      "'verificationMaterial':{'publicKey':{'hint':'k'}}"
#define BUNDLE(t, m, s) "{" t "," m ",'dsseEnvelope':" ENVELOPE(s) "}"
#define SIXTEEN_TIMES(x) x "," x "," x "," x "," x "," x "," x "," x "," x "," x "," x "," x "," x "," x "," x "," x

static void test_envelopes(void)
{
	/* envelope.md's, with its ECDSA signature r||s in 64 bytes */
	accepts("{'payload':'aGVsbG8gd29ybGQ=','payloadType':'http://example.com/HelloWorld','signatures':[{'sig':"
		"'A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=='}]}", "", 1);
	accepts(ENVELOPE(SIG), "k", 1);
	accepts(ENVELOPE("{'keyid':null,'sig':'c2ln'}"), "", 1);
	accepts(ENVELOPE(SIG "," SIG), "k", 2);
	accepts(ENVELOPE(SIXTEEN_TIMES(SIG)), "k", 16);
	accepts("{" BODY ",'signatures':[{'sig':'c2ln','cert':'x'}],'unknown':{'a':[1]}}", "", 1);
	accepts("{'payload':'aGVsbG8gd29ybGQ','payloadType':'http://example.com/HelloWorld','signatures':[{'sig':'-_-_'}]}", "", 1);
	rejects(ENVELOPE(SIXTEEN_TIMES(SIG) "," SIG), "17 entries");
	rejects(ENVELOPE("{'sig':''}"), "signatures[0].sig: is empty");
	rejects(ENVELOPE("{'keyid':'k'}"), "key 'sig' is missing");
	rejects(ENVELOPE("{'keyid':1,'sig':'c2ln'}"), "keyid: expected");
	rejects(ENVELOPE("{'sig':'c2 n'}"), "is not base64");
	rejects(ENVELOPE("{'sig':'+_+_'}"), "is not base64");
	rejects(ENVELOPE("'c2ln'"), "expected");
	rejects("{" BODY ",'payload':'','signatures':[" SIG "]}", "duplicate");
	rejects("{" BODY ",'signatures':[{'sig':'c2ln','sig':'eHh4'}]}", "duplicate");
	rejects("{" BODY "}", "key 'signatures' is missing");
	rejects("{'payloadType':'x','signatures':[" SIG "]}", "key 'payload' is missing");
	rejects("{'payload':'','signatures':[" SIG "]}", "key 'payloadType' is missing");
	rejects("{'payload':1,'payloadType':'x','signatures':[" SIG "]}", "payload: expected");
	rejects("{'payload':'Zh==','payloadType':'x','signatures':[" SIG "]}", "payload: is not base64");
	rejects("[]", "expected");
	rejects("{}", "key 'payload' is missing");
	rejects(ENVELOPE(SIG) "x", "");
}

static void test_bundles(void)
{
	static const char *const old[] = {"0.1", "0.2", "0.3"};

	accepts(BUNDLE(TYPE, KEY, SIG), "k", 1);
	for (size_t i = 0; i < ARRAY_LEN(old); i++) {
		char text[1024];
		(void)snprintf(text, sizeof(text), BUNDLE("'mediaType':'application/vnd.dev.sigstore.bundle+json;version=%s'", KEY, SIG), old[i]);
		accepts(text, "k", 1);
	}
	accepts(BUNDLE(TYPE, KEY, "{'keyid':'','sig':'c2ln'}"), "", 1);
	accepts(BUNDLE(TYPE, "'verificationMaterial':{'publicKey':{},'tlogEntries':[],'timestampVerificationData':{}}", SIG), "k", 1);
	rejects(BUNDLE(TYPE, KEY, "{'keyid':'other','sig':'c2ln'}"), "another key's");
	rejects(BUNDLE(TYPE, KEY, SIG "," SIG), "has 2 signatures");
	rejects(BUNDLE("'mediaType':'application/vnd.dev.sigstore.bundle.v0.4+json'", KEY, SIG), "mediaType: is no sigstore bundle");
	rejects("{" KEY ",'dsseEnvelope':" ENVELOPE(SIG) "}", "key 'mediaType' is missing");
	rejects(BUNDLE(TYPE, "'verificationMaterial':{'certificate':{'rawBytes':'AA=='},'tlogEntries':[{}]}", SIG), "verify it with cosign");
	rejects(BUNDLE(TYPE, "'verificationMaterial':{'tlogEntries':[{}]}", SIG), "is keyless");
	rejects(BUNDLE(TYPE, "'verificationMaterial':{'publicKey':{'hint':'k'},'certificate':{}}", SIG), "both a key and a certificate");
	rejects(BUNDLE(TYPE, "'verificationMaterial':{'publicKey':'k'}", SIG), "expected");
	rejects(BUNDLE(TYPE, "'verificationMaterial':{'publicKey':{'hint':1}}", SIG), "expected");
	rejects("{" TYPE ",'dsseEnvelope':" ENVELOPE(SIG) "}", "key 'verificationMaterial' is missing");
	rejects("{" TYPE "," KEY "}", "key 'dsseEnvelope' is missing");
	rejects("{" TYPE "," KEY ",'messageSignature':{'messageDigest':{'algorithm':'SHA2_256','digest':'AA=='},'signature':'c2ln'}}",
		"not a statement");
	rejects("{" TYPE "," KEY ",'messageSignature':{},'dsseEnvelope':" ENVELOPE(SIG) "}", "both an envelope and a detached");
	rejects("{" TYPE "," KEY "," BODY ",'signatures':[" SIG "]}", "an envelope and a bundle in one");
	rejects("{" TYPE "," BODY "}", "an envelope and a bundle in one");
	rejects("{" KEY ",'signatures':[" SIG "]}", "an envelope and a bundle in one");
	rejects("{'dsseEnvelope':" ENVELOPE(SIG) "}", "key 'mediaType' is missing");
	rejects("{" TYPE "}", "key 'verificationMaterial' is missing");
	rejects("{" KEY "}", "key 'mediaType' is missing");
}

static void test_print(void)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	autostr text = STR_INIT, again = STR_INIT;
	struct dsse_signature signatures[] = {{"k\"1", (const uint8_t *)"sig", 3}, {"", (const uint8_t *)"\0\1", 2}};
	struct dsse d = {"application/vnd.in-toto+json", "{\"a\":\"\xc3\xa9\"}", 10, {signatures, 2, 2}}, read;

	ok(!dsse_print(&d, &text, &err), "printed");
	is_str(str_text(&text), "{\"payload\":\"eyJhIjoiw6kifQ==\",\"payloadType\":\"application/vnd.in-toto+json\",\"signatures\":"
	       "[{\"keyid\":\"k\\\"1\",\"sig\":\"c2ln\"},{\"keyid\":\"\",\"sig\":\"AAE=\"}]}", "the canonical text");
	if (ok(!dsse_parse(&arena, str_text(&text), text.len, &read, &err), "and read again"))
		ok(!dsse_print(&read, &again, &err) && !strcmp(str_text(&text), str_text(&again)), "is the same");
	arena_release(&arena);
}

int main(void)
{
	test_base64();
	test_pae();
	test_envelopes();
	test_bundles();
	test_print();
	return tap_done();
}
