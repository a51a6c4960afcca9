/* What makes a scope's value looser than the site's: what it would admit that the site
 * doesn't. */
#include "config.h"

#include "gate/policy_keys.h"

#include "gate/glob.h"

#include <string.h>

#include "base/banned.h"

bool policy_looser_more(const struct key_row *key, const void *a, const void *b)
{
	return policy_load(key, a) > policy_load(key, b);
}

bool policy_looser_less(const struct key_row *key, const void *a, const void *b)
{
	return policy_load(key, a) < policy_load(key, b);
}

bool policy_looser_limit(const struct key_row *key, const void *a, const void *b)
{
	int64_t own = policy_load(key, a), site = policy_load(key, b);

	return site != NO_LIMIT && (own == NO_LIMIT || own > site);
}

/* 0: for ever. */
bool policy_looser_grace(const struct key_row *key, const void *a, const void *b)
{
	int64_t own = policy_load(key, a), site = policy_load(key, b);

	return site != 0 && (own == 0 || own > site);
}

bool policy_looser_bits(const struct key_row *key, const void *a, const void *b)
{
	return policy_load(key, a) & ~policy_load(key, b);
}

bool policy_looser_fewer_bits(const struct key_row *key, const void *a, const void *b)
{
	return policy_looser_bits(key, b, a);
}

bool policy_looser_object(const struct key_row *key, const void *a, const void *b)
{
	for (size_t i = 0; i < key->inner->n; i++) {
		const struct key_row *inner = &key->inner->rows[i];

		if (inner->type->is_looser(inner, key_field(key, a), key_field(key, b)))
			return true;
	}
	return false;
}

static bool asks_digest(const struct gate_policy *policy)
{
	return policy->allow == ALLOW_DIGEST || policy->allow == ALLOW_BOTH;
}

static bool asks_repository(const struct gate_policy *policy)
{
	return policy->allow == ALLOW_REPOSITORY || policy->allow == ALLOW_BOTH;
}

bool policy_looser_allowed(const struct key_row *key, const void *a, const void *b)
{
	(void)key;
	return (asks_digest(b) && !asks_digest(a)) || (asks_repository(b) && !asks_repository(a));
}

/* A list of what is asked for or denied: one that the site has is missing. */
bool policy_looser_missing(const struct key_row *key, const void *a, const void *b)
{
	const struct str_list *own = key_field(key, a), *site = key_field(key, b);

	for (size_t i = 0; i < site->n; i++)
		if (!str_list_has(own, site->items[i]))
			return true;
	return false;
}

/* A list of what is let in: one that the site's doesn't cover, where the site asks it. */
bool policy_looser_listed(const struct key_row *key, const void *a, const void *b)
{
	const struct gate_policy *policy = b;
	const struct str_list *own = key_field(key, a), *site = key_field(key, b);

	if ((site == &policy->allow_digests && !asks_digest(policy)) ||
	    (site == &policy->allow_repositories && !asks_repository(policy)))
		return false;
	for (size_t i = 0; i < own->n; i++) {
		bool covered = false;

		for (size_t k = 0; k < site->n; k++)
			covered |= site == &policy->allow_repositories
					   ? glob_is_within(own->items[i], site->items[k])
					   : !strcmp(own->items[i], site->items[k]);
		if (!covered)
			return true;
	}
	return false;
}
