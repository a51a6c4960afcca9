/* Who the image is: what was started, how its digest is known, and the lists that name it. */
#include "config.h"

#include "gate/judge.h"

#include "base/rfc3339.h"
#include "gate/findings.h"
#include "gate/glob.h"

#include <string.h>

#include "base/banned.h"

/* --- the digest --- */

static bool is_permitted(const struct judge *j)
{
	const struct permission *p;
	bool own;

	for (size_t i = 0; judge_permission(j, i, &p, &own); i++)
		if (!own && p->kind == PERMISSION_PERMIT && permission_fits(j, p) && p->images.n &&
		    !permission_is_over(j, p) && judge_signed(j, &p->signers, ROLE_APPROVER))
			return true;
	return false;
}

/* A digest that only a permit knows is as good as the permit. */
static void judge_source(struct judge *j)
{
	static const char *const names[] = {"unknown", "engine", "pinned", "permit"};
	unsigned source = (unsigned)j->request->source;

	if (source <= IDENTITY_NONE || source > IDENTITY_PERMIT ||
	    !(j->policy->identity_accept & 1u << source)) {
		judge_add(j, E_IDENTITY_SOURCE, "the source is '%s'",
			  source > IDENTITY_PERMIT ? names[0] : names[source]);
		return;
	}
	if (source == IDENTITY_PERMIT && !is_permitted(j))
		judge_add(j, E_DIGEST_UNRESOLVED, "no permit that is good names %s",
			  j->request->digest);
}

/* An index's digest is no contradiction where the signed record says so. */
static bool is_another_image(const struct judge *j, const char *digest)
{
	const struct gate_request *request = j->request;
	const struct record *record = j->in->record_state == RECORD_GOOD ? j->in->record : NULL;

	if (!strcmp(digest, request->digest) ||
	    (request->manifest && !strcmp(digest, request->manifest)))
		return false;
	if (!record || !record->image.config || strcmp(record->image.config, request->digest) != 0)
		return true;
	return !str_list_has(&record->image.indexes, digest) &&
	       !(record->image.manifest && !strcmp(record->image.manifest, digest));
}

static void judge_digest(struct judge *j)
{
	const struct gate_request *request = j->request;

	if (!digest_is_valid(request->digest))
		judge_add(j, E_DIGEST_SYNTAX, "'%.80s' is not sha256: and 64 lower-case digits",
			  request->digest);
	if (request->manifest && !digest_is_valid(request->manifest))
		judge_add(j, E_DIGEST_SYNTAX, "the manifest's: '%.80s'", request->manifest);
	for (size_t i = 0; i < request->contradicting.n; i++)
		if (is_another_image(j, request->contradicting.items[i]))
			judge_add(j, E_DIGEST_MISMATCH, "another source says %.80s",
				  request->contradicting.items[i]);
}

static const char *class_name(enum subject_class subject)
{
	static const char *const names[SUBJECT_CLASSES] = {"unknown", "image", "pause",
							   "rootfs",  "build", "bundle"};

	return (unsigned)subject < SUBJECT_CLASSES ? names[subject] : "unknown";
}

unsigned judge_identity(struct judge *j)
{
	const struct gate_request *request = j->request;
	bool is_image = request->subject == SUBJECT_IMAGE || request->subject == SUBJECT_PAUSE;

	if (request->digest) {
		judge_digest(j);
		judge_source(j);
	}
	/* Without a digest it is the host's own pause program, known by its content. */
	if (request->subject == SUBJECT_PAUSE &&
	    (!request->digest || str_list_has(&j->policy->pause_digests, request->digest)))
		return NEEDS_NOTHING;
	if (is_image) {
		if (!request->digest)
			judge_add(j, E_DIGEST_UNRESOLVED, "%s",
				  request->unresolved_why ? request->unresolved_why
							  : "nothing names it");
		return NEEDS_DEPLOYER | NEEDS_SCAN;
	}
	if (request->subject <= SUBJECT_PAUSE || request->subject >= SUBJECT_CLASSES ||
	    !(j->policy->classes_allowed & 1u << request->subject))
		judge_add(j, E_CLASS_REFUSED, "its class is '%s'", class_name(request->subject));
	return NEEDS_DEPLOYER;
}

/* --- lists --- */

static void judge_denied(struct judge *j)
{
	const struct gate_policy *policy = j->policy;
	const struct gate_request *request = j->request;

	if (str_list_has(&policy->deny_digests, request->digest))
		judge_add(j, E_DENYLISTED, "%s", request->digest);
	if (str_list_has(&policy->deny_digests, request->manifest))
		judge_add(j, E_DENYLISTED, "%s", request->manifest);
	for (size_t i = 0; j->record && i < j->record->image.indexes.n; i++)
		if (str_list_has(&policy->deny_digests, j->record->image.indexes.items[i]))
			judge_add(j, E_DENYLISTED, "%s", j->record->image.indexes.items[i]);
	if (glob_match_any(&policy->deny_repositories, request->repository))
		judge_add(j, E_DENYLISTED, "repository %s", request->repository);
	else if (policy->deny_repositories.n && !request->repository && request->digest)
		judge_add(j, E_DENYLISTED,
			  "repositories are denied, and which one it is from isn't known");
}

static void judge_allowed(struct judge *j)
{
	const struct gate_policy *policy = j->policy;
	const struct gate_request *request = j->request;
	bool by_digest = str_list_has(&policy->allow_digests, request->digest) ||
			 str_list_has(&policy->allow_digests, request->manifest);
	bool by_repository = glob_match_any(&policy->allow_repositories, request->repository);
	bool digests = policy->allow != ALLOW_ANY && policy->allow != ALLOW_REPOSITORY; /* an unknown mode: both */
	bool repositories = policy->allow != ALLOW_ANY && policy->allow != ALLOW_DIGEST;

	if (digests && !by_digest)
		judge_add(j, E_NOT_ALLOWED, "%s is not among %zu digests", request->digest,
			  policy->allow_digests.n);
	if (repositories && !by_repository)
		judge_add(j, E_NOT_ALLOWED, "repository %s matches none of %zu patterns",
			  request->repository ? request->repository : "(unknown)",
			  policy->allow_repositories.n);
}

void judge_lists(struct judge *j, unsigned needs)
{
	const struct gate_input *in = j->in;

	if (in->image_revoked)
		judge_add(j, E_REVOKED_IMAGE, "%s",
			  in->revoked          ? in->revoked
			  : j->request->digest ? j->request->digest
					       : "?");
	if (in->record_revoked)
		judge_add(j, E_REVOKED_RECORD, "the one of %s",
			  j->request->digest ? j->request->digest : "?");
	/* Of what needs no scan, too, it must be known that it isn't revoked. */
	if (!(needs & NEEDS_SCAN) && j->request->digest && in->record_state == RECORD_UNREADABLE)
		judge_add(j, E_STORE, "%s", in->record_why ? in->record_why : "no more is known");
	judge_denied(j);
	if ((needs & NEEDS_SCAN) && j->request->digest)
		judge_allowed(j);
}

/* --- time --- */

void judge_clock(struct judge *j)
{
	char now[RFC3339_SIZE], seen[RFC3339_SIZE];
	int64_t back = seconds_between(j->in->highest_seen, j->in->now);

	if (j->in->now > 0 && back <= j->policy->clock_skew_s)
		return;
	rfc3339_format(j->in->now, now);
	rfc3339_format(j->in->highest_seen, seen);
	judge_add(j, E_CLOCK_ROLLBACK, "it is %s, and was %s before", now, seen);
}
