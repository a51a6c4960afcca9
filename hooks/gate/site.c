/* Puts together what a decision needs. */
#include "config.h"

#include "gate/site.h"

#include "gate/crypto.h"
#include "gate/findings.h"
#include "gate/policy.h"
#include "gate/record.h"
#include "gate/store_files.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/banned.h"

/* --- signatures --- */

static bool out_of_time(const struct gate_key *key, int64_t now)
{
	return (key->not_before && now < key->not_before) ||
	       (key->not_after && now > key->not_after);
}

static int add_signer(const struct gate_key *key, int64_t now, struct arena *arena,
		      signer_list *ret, struct err *err)
{
	struct signer *signer = ARENA_PUSH(arena, ret);

	if (!signer)
		return err_oom(err);
	*signer = (struct signer){.keyid = key->key.keyid,
				  .roles = key->roles,
				  .revoked = key->revoked,
				  .out_of_time = out_of_time(key, now),
				  .scopes = key->scopes};
	return 0;
}

static bool is_taken(const signer_list *signers, const struct gate_key *key)
{
	for (size_t i = 0; i < signers->n; i++)
		if (signers->items[i].keyid == key->key.keyid)
			return true;
	return false;
}

/* By the keys that its hint names, or by the others. */
static int verify_one(const struct gate_site *site, const struct dsse *envelope,
		      const struct dsse_signature *signature, const struct str *head, bool hinted,
		      struct arena *arena, signer_list *ret, struct err *err)
{
	for (size_t i = 0; i < site->keys.n; i++) {
		const struct gate_key *key = &site->keys.items[i];
		int good;

		if (hinted != (signature->keyid && strcmp(signature->keyid, key->key.keyid) == 0) ||
		    is_taken(ret, key))
			continue;
		good = crypto_verify(&key->key, str_text(head), head->len, envelope->payload,
				     envelope->payload_len, signature->bytes, signature->len, err);
		if (good != 0)
			return good < 0 || add_signer(key, site->now, arena, ret, err) < 0 ? -1 : 1;
	}
	return 0;
}

/* The envelope's keyid says which key to try first and nothing else; the others are tried all the
 * same. A signature is one key's: with a good hint each costs one verification. */
int gate_signers(const struct gate_site *site, const struct dsse *envelope, struct arena *arena,
		 signer_list *ret, struct err *err)
{
	autostr head = STR_INIT;

	if (dsse_pae_head(envelope->payload_type, envelope->payload_len, &head, err) < 0)
		return -1;
	for (size_t i = 0; i < envelope->signatures.n; i++) {
		const struct dsse_signature *signature = &envelope->signatures.items[i];
		int good = verify_one(site, envelope, signature, &head, true, arena, ret, err);

		if (good == 0)
			good = verify_one(site, envelope, signature, &head, false, arena, ret, err);
		if (good < 0)
			return -1;
	}
	return 0;
}

/* --- opening --- */

static const char *keep(struct gate_site *site, const struct err *why)
{
	const char *text = arena_strdup(site->arena, why->msg);

	return text ? text : "out of memory";
}

/* One that the command line names is only asked about. */
static int read_given(struct gate_site *site, const char *path, const char **ret, size_t *ret_len,
		      struct err *err)
{
	char *text;

	if (file_read(AT_FDCWD, path, GATE_POLICY_MAX_BYTES, site->arena, &text, ret_len, err) < 0)
		return -1;
	*ret = text;
	return 1;
}

static void open_policy(struct gate_site *site, const struct gate_paths *paths)
{
	struct gate_policy *policy = arena_alloc(site->arena, sizeof(*policy));
	struct err err = ERR_INIT;
	const char *text;
	size_t len;
	int found;

	if (!policy) {
		site->policy_why = "out of memory";
		return;
	}
	found = paths->policy
			? read_given(site, paths->policy, &text, &len, &err)
			: gate_store_read(site->store.etc_dirfd, GATE_POLICY, GATE_POLICY_MAX_BYTES,
					  site->arena, &text, &len, &err);
	if (found == 0)
		site->policy_why = "there is no policy.json (kanuki-gate init writes one)";
	else if (found < 0 || gate_policy_parse(site->arena, text, len, policy, &err) < 0)
		site->policy_why = keep(site, &err);
	else
		site->policy = policy;
}

static int open_store(struct gate_site *site, bool as_if, struct err *err)
{
	if (gate_store_generation(&site->store, &site->generation, err) < 0 ||
	    (!as_if && gate_store_clock(&site->store, site->now, &site->highest_seen, err) < 0) ||
	    gate_store_keys(&site->store, site->arena, &site->keys, err) < 0)
		return -1;
	for (size_t i = 0; i < site->keys.n; i++)
		if (add_signer(&site->keys.items[i], site->now, site->arena, &site->signers, err) <
		    0)
			return -1;
	return site_permissions_open(site, err);
}

/* Without a store the policy is read all the same: that the store is missing is the reason to tell.
 */
static void open_etc(struct gate_site *site, const char *etc)
{
	struct err why = ERR_INIT;

	site->store.etc_dirfd = sys_open(etc, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (site->store.etc_dirfd < 0)
		(void)err_sys(&why, "open '%s'", etc);
	if (site->store.etc_dirfd < 0 ||
	    store_files_check(site->store.etc_dirfd, S_IFDIR, etc, &why) < 0)
		site->policy_why = keep(site, &why);
}

int gate_site_open(const struct gate_paths *paths, int64_t now, struct arena *arena,
		   struct gate_site *ret, struct err *err)
{
	struct err why = ERR_INIT;

	*ret = (struct gate_site){
		.store = GATE_STORE_INIT, .now = now, .highest_seen = now, .arena = arena};
	if (gate_store_open(paths->store ? paths->store : GATE_STORE_DIR,
			    paths->etc ? paths->etc : GATE_ETC_DIR, false, &ret->store, &why) < 0) {
		ret->store_why = keep(ret, &why);
		open_etc(ret, paths->etc ? paths->etc : GATE_ETC_DIR);
		if (!ret->policy_why)
			open_policy(ret, paths);
		return 0;
	}
	if (open_store(ret, paths->as_if, &why) < 0) {
		if (why.sys_errno == ENOMEM)
			return err_oom(err);
		ret->store_why = keep(ret, &why);
	}
	open_policy(ret, paths);
	return 0;
}

void gate_site_close(struct gate_site *site)
{
	gate_store_close(&site->store);
}

/* --- one image --- */

static void found_is(struct gate_found *found, struct arena *arena, enum record_state state,
		     const char *why)
{
	const char *copy = arena_strdup(arena, why);

	found->state = state;
	found->why = copy ? copy : "out of memory";
}

/* A site that wants no signatures takes a record without any; one with a bad signature never. */
static void judge_envelope(const struct gate_site *site, const struct dsse *envelope,
			   struct arena *arena, struct gate_found *ret)
{
	bool required = !site->policy || site->policy->signers_required, wrong_type = false;
	struct err err = ERR_INIT;

	if (strcmp(envelope->payload_type, DSSE_STATEMENT_TYPE) != 0) {
		found_is(ret, arena, RECORD_WRONG_TYPE, "the envelope holds no in-toto statement");
		return;
	}
	if (gate_signers(site, envelope, arena, &ret->signers, &err) < 0) {
		found_is(ret, arena, RECORD_UNREADABLE, err.msg);
		return;
	}
	if (!ret->signers.n && (envelope->signatures.n || required)) {
		if (envelope->signatures.n)
			found_is(ret, arena, RECORD_BAD_SIGNATURE,
				 "none of its signatures is good and by a key of keys/");
		else
			found_is(ret, arena, RECORD_UNSIGNED, "it isn't signed");
		return;
	}
	if (record_parse(arena, envelope->payload, envelope->payload_len, &ret->record, &wrong_type,
			 &err) < 0)
		found_is(ret, arena, wrong_type ? RECORD_WRONG_TYPE : RECORD_CORRUPT, err.msg);
	else if (wrong_type)
		found_is(ret, arena, RECORD_WRONG_TYPE, "the statement is no scan record");
	else
		ret->state = RECORD_GOOD;
}

static int check_revoked(const struct gate_site *site, const char *digest, struct gate_found *ret,
			 struct err *err)
{
	int revoked = digest && digest_is_valid(digest) && !ret->image_revoked
			      ? gate_store_is_revoked(&site->store, "image", digest + 7, err)
			      : 0;

	if (revoked == 1) {
		ret->image_revoked = true;
		ret->revoked = digest;
	}
	return revoked < 0 ? -1 : 0;
}

/* By what was signed, too: an envelope can be written in many ways. */
static int check_record_revoked(const struct gate_site *site, const char *payload, size_t len,
				struct gate_found *ret, struct err *err)
{
	char digest[72];
	int revoked;

	crypto_digest(payload, len, digest);
	revoked = gate_store_is_revoked(&site->store, "record", digest + 7, err);
	ret->record_revoked |= revoked == 1;
	return revoked < 0 ? -1 : 0;
}

/* Whatever of its names somebody revoked it by. */
static int check_names_revoked(const struct gate_site *site, struct gate_found *ret,
			       struct err *err)
{
	const struct record_image *image = &ret->record.image;

	if (ret->state != RECORD_GOOD)
		return 0;
	if (check_revoked(site, image->manifest, ret, err) < 0)
		return -1;
	for (size_t i = 0; i < image->indexes.n; i++)
		if (check_revoked(site, image->indexes.items[i], ret, err) < 0)
			return -1;
	return 0;
}

/* -1: the store failed; why is in err. */
static int look_up(const struct gate_site *site, const char *digest, const char *platform,
		   struct arena *arena, struct gate_found *ret, struct err *err)
{
	struct dsse envelope;
	struct err broken = ERR_INIT;
	int found, revoked;

	/* First: what is revoked is so even where its record can't be told. */
	if (check_revoked(site, digest, ret, err) < 0)
		return -1;
	found = gate_store_current(&site->store, digest, platform, arena, &ret->envelope,
				   &ret->envelope_len, &ret->config, err);
	if (found < 0 || check_revoked(site, ret->config, ret, err) < 0)
		return -1;
	if (found == 0)
		return 0;
	crypto_digest(ret->envelope, ret->envelope_len, ret->record_digest);
	revoked = gate_store_is_revoked(&site->store, "record", ret->record_digest + 7, err);
	if (revoked < 0)
		return -1;
	ret->record_revoked = revoked == 1;
	if (dsse_parse(arena, ret->envelope, ret->envelope_len, &envelope, &broken) < 0) {
		found_is(ret, arena, RECORD_CORRUPT, broken.msg);
		return 0;
	}
	if (check_record_revoked(site, envelope.payload, envelope.payload_len, ret, err) < 0)
		return -1;
	judge_envelope(site, &envelope, arena, ret);
	return check_names_revoked(site, ret, err);
}

void gate_site_find(const struct gate_site *site, const char *digest, const char *platform,
		    struct arena *arena, struct gate_found *ret)
{
	struct err err = ERR_INIT;

	*ret = (struct gate_found){.state = RECORD_ABSENT, .config = digest};
	if (site->store_why)
		found_is(ret, arena, RECORD_UNREADABLE, site->store_why);
	else if (digest && look_up(site, digest, platform, arena, ret, &err) < 0)
		found_is(ret, arena, RECORD_UNREADABLE, err.msg);
}

void gate_site_decide(const struct gate_site *site, struct gate_request *request,
		      struct arena *arena, struct gate_found *ret_found, struct gate_result *ret)
{
	const char *platform = request->platform ? request->platform : request->host_platform;
	struct err err = ERR_INIT;
	struct gate_input in = {.policy = site->policy,
				.policy_why = site->policy_why,
				.request = request,
				.now = site->now,
				.highest_seen = site->highest_seen,
				.keys = &site->signers};

	gate_site_find(site, request->digest, platform, arena, ret_found);
	if (!site->store_why && check_revoked(site, request->manifest, ret_found, &err) < 0)
		found_is(ret_found, arena, RECORD_UNREADABLE, err.msg);
	if (request->digest && strcmp(ret_found->config, request->digest) != 0) {
		request->manifest = request->digest;
		request->digest = ret_found->config;
	}
	in.permissions = gate_site_permissions(site, request->digest);
	in.record_state = ret_found->state;
	in.record_why = ret_found->why;
	in.record = ret_found->state == RECORD_GOOD ? &ret_found->record : NULL;
	in.signers = &ret_found->signers;
	in.image_revoked = ret_found->image_revoked;
	in.revoked = ret_found->revoked;
	in.record_revoked = ret_found->record_revoked;
	gate_decide(&in, ret);
}
