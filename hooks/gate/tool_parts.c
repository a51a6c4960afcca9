/* What several verbs of kanuki-gate need: the site, times, digests, files, signatures. */
#include "config.h"

#include "gate/tool.h"

#include "base/auto.h"
#include "base/rfc3339.h"
#include "gate/crypto.h"
#include "gate/findings.h"
#include "gate/gate_log.h"
#include "gate/policy.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define KEY_MAX ((size_t)64 << 10)

int tool_site(struct tool *tool, const char *policy, struct gate_site *ret, struct err *err)
{
	tool->paths.policy = policy;
	if (gate_site_open(&tool->paths, tool->now, tool->arena, ret, err) < 0)
		return -1;
	return ret->store_why ? err_set(err, ERR_VERIFY, "%s", ret->store_why) : 0;
}

int tool_store(struct tool *tool, struct gate_store *ret, struct err *err)
{
	return gate_store_open(tool->paths.store ? tool->paths.store : GATE_STORE_DIR,
			       tool->paths.etc ? tool->paths.etc : GATE_ETC_DIR, true, ret, err);
}

int tool_log(struct tool *tool, const char *verb, const char *image, const char *text,
	     struct err *err)
{
	const char *one[] = {text};
	const struct str_list texts = {one, 1, 1};

	return tool_log_all(tool, verb, image, &texts, err);
}

int tool_log_all(struct tool *tool, const char *verb, const char *image,
		 const struct str_list *texts, struct err *err)
{
	autosite site = {.store = GATE_STORE_INIT};
	struct gate_policy policy;
	struct err why = ERR_INIT;

	tool->paths.policy = NULL;
	gate_policy_defaults(&policy);
	if (gate_site_open(&tool->paths, tool->now, tool->arena, &site, err) < 0)
		return -1;
	if (site.policy)
		policy = *site.policy;
	for (size_t i = 0; i < texts->n && !why.kind; i++)
		if (gate_log_admin(&policy, verb, image, texts->items[i], &why) < 0)
			break;
	if (!why.kind)
		return 0;
	if (policy.log_required)
		return err_set(err, ERR_SYSTEM, "%s is not in the log: %s", verb, why.msg);
	(void)fprintf(stderr, "kanuki-gate: warning: %s\n", why.msg);
	return 0;
}

int tool_duration(const char *name, const char *text, int64_t *ret, struct err *err)
{
	return gate_duration_parse(text, ret) < 0
		       ? err_set(err, ERR_USAGE, "--%s: '%s' is no duration like 48h or 30d", name,
				 text)
		       : 0;
}

int tool_time(const struct tool *tool, const char *name, const char *text, int64_t *ret,
	      struct err *err)
{
	int64_t seconds;

	if (rfc3339_parse(text, ret))
		return 0;
	if (gate_duration_parse(text, &seconds) < 0 || seconds > INT64_MAX - tool->now)
		return err_set(err, ERR_USAGE,
			       "--%s: '%s' is neither a time like 2027-01-31T00:00:00Z nor a "
			       "duration like 48h",
			       name, text);
	*ret = tool->now + seconds;
	return 0;
}

int64_t tool_latest(const struct tool *tool, const struct gate_site *site)
{
	struct gate_policy usual;

	gate_policy_defaults(&usual);
	return tool->now + (site->policy ? site->policy->clock_skew_s : usual.clock_skew_s);
}

int tool_digest(struct tool *tool, const char *text, const char **ret, struct err *err)
{
	const char *whole = strncmp(text, "sha256:", 7) == 0
				    ? arena_strdup(tool->arena, text)
				    : arena_printf(tool->arena, "sha256:%s", text);

	if (!whole)
		return err_oom(err);
	if (!digest_is_valid(whole))
		return err_set(err, ERR_USAGE,
			       "'%.100s' is no digest (sha256: and 64 lower-case digits)", text);
	*ret = whole;
	return 0;
}

const char *tool_platform(struct tool *tool)
{
	static const char *const names[][2] = {
		{"x86_64", "linux/amd64"},    {"aarch64", "linux/arm64"},
		{"armv7l", "linux/arm/v7"},   {"i686", "linux/386"},
		{"riscv64", "linux/riscv64"}, {"ppc64le", "linux/ppc64le"},
		{"s390x", "linux/s390x"},     {"loongarch64", "linux/loong64"}};
	struct utsname uts;

	(void)tool;
	if (sys_uname(&uts) < 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(uts.machine, names[i][0]) == 0)
			return names[i][1];
	return NULL;
}

int tool_read(struct tool *tool, const char *path, size_t limit, const char **ret, size_t *ret_len,
	      struct err *err)
{
	char *text;

	if (strcmp(path, "-") == 0
		    ? file_read_fd(0, "standard input", limit, tool->arena, &text, ret_len, err) < 0
		    : file_read(AT_FDCWD, path, limit, tool->arena, &text, ret_len, err) < 0)
		return -1;
	*ret = text;
	return 0;
}

int tool_write(const char *path, const struct str *text, struct err *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char dir[PATH_MAX];
	autofd int dirfd = -1;

	if (slash && (size_t)(slash - path) >= sizeof(dir))
		return err_set(err, ERR_USAGE, "'%.100s...' is too long a path", path);
	(void)snprintf(dir, sizeof(dir), "%.*s",
		       slash == path ? 1
		       : slash       ? (int)(slash - path)
				     : 1,
		       slash ? path : ".");
	dirfd = sys_open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (dirfd < 0)
		return err_sys(err, "open '%s'", dir);
	return file_replace(dirfd, name, str_text(text), text->len, 0644, err);
}

struct gate_request tool_request(struct tool *tool, const struct gate_site *site,
				 const char *digest)
{
	struct gate_request request = {.subject = SUBJECT_IMAGE,
				       .source = IDENTITY_ENGINE,
				       .digest = digest,
				       .host_platform = tool_platform(tool),
				       .login_uid = UINT32_MAX};

	/* The question is what the image is worth, not how it became known. */
	if (site->policy && !(site->policy->identity_accept & 1u << IDENTITY_ENGINE))
		request.source = IDENTITY_PINNED;
	return request;
}

int tool_sign(struct tool *tool, const char *key_file, struct dsse *envelope,
	      struct public_key *ret_key, struct err *err)
{
	struct dsse_signature *signature;
	autostr head = STR_INIT;
	const uint8_t *bytes;
	const char *pem;
	size_t pem_len, len;

	if (tool_read(tool, key_file, KEY_MAX, &pem, &pem_len, err) < 0)
		return -1;
	if (dsse_pae_head(envelope->payload_type, envelope->payload_len, &head, err) < 0)
		return -1;
	if (crypto_sign(pem, pem_len, str_text(&head), head.len, envelope->payload,
			envelope->payload_len, tool->arena, &bytes, &len, ret_key, err) < 0)
		return err_context(err, "'%s'", key_file);
	for (size_t i = 0; i < envelope->signatures.n; i++)
		if (envelope->signatures.items[i].keyid &&
		    strcmp(envelope->signatures.items[i].keyid, ret_key->keyid) == 0)
			return 0;
	if (envelope->signatures.n >= DSSE_MAX_SIGNATURES)
		return err_set(err, ERR_STATE, "the envelope has %u signatures already",
			       DSSE_MAX_SIGNATURES);
	signature = ARENA_PUSH(tool->arena, &envelope->signatures);
	if (!signature)
		return err_oom(err);
	*signature = (struct dsse_signature){
		.keyid = arena_strdup(tool->arena, ret_key->keyid), .bytes = bytes, .len = len};
	return signature->keyid ? 0 : err_oom(err);
}
