/* hooks/gate/site.c, site_permissions.c: whose signatures count, and which permissions a request
 * gets to see. */
#include "config.h"

#include "gate/permission.h"
#include "gate/site.h"

#include "tap.h"
#include "temp_dir.h"

#define A   "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B   "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define NOW 1795222818

static struct err err;
static struct arena arena = ARENA_INIT;

/* Two of the site's, of either kind, and one that nobody here knows. */
static struct key {
	const char *pem;
	struct public_key key;
} keys[3];

static void check(bool good)
{
	if (good)
		return;
	diag("%s", err.msg);
	abort();
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	check(f && fputs(text, f) >= 0 && !fclose(f) && !chmod(path, 0600));
}

static void make_site(void)
{
	const char *public_pem, *path;
	autostr raw = STR_INIT;

	check(!gate_store_create("store", "etc", &err));
	put("etc/policy.json", "{\"version\": 1}");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		check(!crypto_generate(i ? KEY_P256 : KEY_ED25519, &arena, &keys[i].pem, &err) &&
		      !crypto_public_of(keys[i].pem, strlen(keys[i].pem), &arena, &public_pem,
					&keys[i].key, &err));
		if (i == 2)
			break;
		str_release(&raw);
		check(!base64_encode(keys[i].key.raw, keys[i].key.raw_len, &raw));
		path = arena_printf(&arena, "etc/keys/%s.json", keys[i].key.keyid);
		put(path,
		    arena_printf(&arena,
				 "{\"keyid\":\"%s\",\"alg\":\"%s\",\"raw\":\"%s\",\"roles\":["
				 "\"waiver\"]}",
				 keys[i].key.keyid, i ? "ecdsa-p256" : "ed25519", str_text(&raw)));
	}
}

static struct gate_site opened(void)
{
	const struct gate_paths paths = {.store = "store", .etc = "etc"};
	struct gate_site site;

	check(!gate_site_open(&paths, NOW, &arena, &site, &err));
	if (site.store_why)
		diag("%s", site.store_why);
	return site;
}

/* By keys[by], with a hint of any sort. */
static void sign(struct dsse *envelope, size_t by, const char *hint)
{
	struct dsse_signature *signature = ARENA_PUSH(&arena, &envelope->signatures);
	autostr head = STR_INIT;
	struct public_key key;

	check(signature &&
	      !dsse_pae_head(envelope->payload_type, envelope->payload_len, &head, &err) &&
	      !crypto_sign(keys[by].pem, strlen(keys[by].pem), head.s, head.len, envelope->payload,
			   envelope->payload_len, &arena, &signature->bytes, &signature->len, &key,
			   &err));
	signature->keyid = hint;
}

/* --- signatures --- */

static signer_list signers_of(const struct gate_site *site, const struct dsse *envelope)
{
	signer_list signers = {0};

	check(!gate_signers(site, envelope, &arena, &signers, &err));
	return signers;
}

static bool is(const signer_list *signers, size_t i, size_t key)
{
	return i < signers->n && !strcmp(signers->items[i].keyid, keys[key].key.keyid);
}

static void test_signers(void)
{
	static const char *const hints[] = {"", NULL, "no such key"};
	struct gate_site site = opened();
	struct dsse envelope;
	signer_list signers;

	for (size_t by = 0; by < 2; by++) {
		for (size_t i = 0; i < ARRAY_LEN(hints); i++) {
			envelope = (struct dsse){
				.payload_type = "t", .payload = "hello", .payload_len = 5};
			sign(&envelope, by, hints[i]);
			signers = signers_of(&site, &envelope);
			ok(signers.n == 1 && is(&signers, 0, by), "key %zu, hint '%s'", by,
			   hints[i] ? hints[i] : "none");
		}
		envelope = (struct dsse){.payload_type = "t", .payload = "hello", .payload_len = 5};
		sign(&envelope, by, keys[1 - by].key.keyid);
		sign(&envelope, 1 - by, keys[by].key.keyid);
		signers = signers_of(&site, &envelope);
		ok(signers.n == 2 && is(&signers, 0, by) && is(&signers, 1, 1 - by),
		   "hints that name each other's key");
		envelope.signatures.n = 1;
		sign(&envelope, by, keys[by].key.keyid);
		signers = signers_of(&site, &envelope);
		ok(signers.n == 1 && is(&signers, 0, by), "a key that signed twice is one signer");
		envelope.payload = "hellO";
		ok(signers_of(&site, &envelope).n == 0, "not of another payload");
	}
	envelope = (struct dsse){.payload_type = "t", .payload = "hello", .payload_len = 5};
	sign(&envelope, 2, keys[0].key.keyid);
	ok(signers_of(&site, &envelope).n == 0, "a stranger's, with the hint of a key of ours");
	sign(&envelope, 1, "");
	signers = signers_of(&site, &envelope);
	ok(signers.n == 1 && is(&signers, 0, 1), "and a good one beside it");
	gate_site_close(&site);
}

/* --- permissions --- */

/* images NULL: a break-glass for a namespace.  Stored by its images' names, or, as `renamed`, by
 * another. */
static void permit(struct gate_store *store, const struct str_list *images, const char *owner,
		   int64_t expires, size_t by, const char *renamed)
{
	static const char *any[] = {"prod"};
	struct permission permission = {.kind = images ? PERMISSION_WAIVER : PERMISSION_BREAKGLASS,
					.owner = owner,
					.reason = "r",
					.finding = images ? "CVE-2026-1" : NULL,
					.created = NOW - 10,
					.expires = expires};
	struct str_list as = {.items = &renamed, .n = 1};
	autostr payload = STR_INIT, text = STR_INIT;
	struct dsse envelope = {.payload_type = PERMISSION_PAYLOAD_TYPE};
	char digest[72];

	if (images)
		permission.images = *images;
	else
		permission.namespaces = (struct str_list){.items = any, .n = 1};
	check(!permission_print(&permission, &payload, &err));
	envelope.payload = payload.s;
	envelope.payload_len = payload.len;
	sign(&envelope, by, keys[by].key.keyid);
	check(!dsse_print(&envelope, &text, &err) &&
	      !gate_store_put_permission(store, renamed ? &as : images, text.s, text.len, digest,
					 &err));
}

/* The owners' letters, sorted. */
static const char *seen(const struct gate_site *site, const char *digest)
{
	const permission_list *list = gate_site_permissions(site, digest);
	static char owners[32];
	size_t n = 0;

	for (char c = 'a'; c <= 'z'; c++)
		for (size_t i = 0; i < list->n && n < sizeof(owners) - 1; i++)
			if (list->items[i].owner[0] == c && list->items[i].signers.n == 1 &&
			    strlen(list->items[i].id) == 64)
				owners[n++] = c;
	owners[n] = '\0';
	return owners;
}

static void test_permissions(void)
{
	const char *a = A, *b = B, *both[] = {A, B};
	const struct str_list of_a = {.items = &a, .n = 1}, of_b = {.items = &b, .n = 1},
			      of_both = {.items = both, .n = 2};
	struct gate_store store = GATE_STORE_INIT;
	struct gate_site site = opened();

	is_str(seen(&site, A), "", "there are none");
	ok(gate_site_bad_permissions(&site) == 0, "nor bad ones");
	gate_site_close(&site);
	check(!gate_store_open("store", "etc", true, &store, &err));
	permit(&store, &of_a, "a", NOW + 100, 0, NULL);
	permit(&store, &of_b, "b", NOW + 100, 1, NULL);
	permit(&store, &of_both, "c", NOW + 100, 1, NULL);
	permit(&store, NULL, "d", NOW + 100, 0, NULL);
	permit(&store, NULL, "e", NOW - 1, 0, NULL);
	permit(&store, &of_a, "f", NOW - 1, 0, NULL);
	permit(&store, &of_both, "x", NOW + 100, 2, NULL); /* a stranger's */
	permit(&store, &of_b, "y", NOW + 100, 0, A);       /* the name lies */
	put("store/permissions/cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
	    "{}");
	gate_store_close(&store);

	site = opened();
	is_str(seen(&site, A), "acdf",
	       "of one image: its own, over or not, and a break-glass that isn't over");
	is_str(seen(&site, B), "abcdf", "of another beside: those that name it, each once");
	gate_site_close(&site);
	site = opened();
	is_str(seen(&site, B), "bcd", "what was asked first makes no difference");
	gate_site_close(&site);
	site = opened();
	is_str(seen(&site, NULL), "d", "without an image: those that name none");
	is_str(seen(&site, "sha256:"), "d", "nor is half a digest one");
	is_int(gate_site_bad_permissions(&site), 3,
	       "bad are the stranger's, once, the one by a wrong name, and the broken one");
	gate_site_close(&site);
}

int main(void)
{
	temp_dir_enter();
	make_site();
	test_signers();
	test_permissions();
	arena_release(&arena);
	return tap_done();
}
