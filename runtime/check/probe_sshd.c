/* sshd's settings as its files say; Include lines are replaced by what they name, one level
 * deep, names with '*' in their last component. */
#include "config.h"

#include "check/probe_host.h"

#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/banned.h"

#define CONFIG_DIR "/etc/ssh"

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int list_matches(const struct check_probe *p, const char *pattern, struct str_list *ret,
			struct err *err)
{
	const char *base = path_base(pattern);
	char *dir_path = arena_memdup(p->arena, pattern, (size_t)(base - pattern));
	autodir DIR *dir = dir_path ? opendir(dir_path) : NULL;
	struct dirent *d;

	if (!dir_path)
		return err_oom(err);
	while (dir && (d = readdir(dir))) {
		const char **slot;

		if (fnmatch(base, d->d_name, FNM_PERIOD) != 0)
			continue;
		slot = ARENA_PUSH(p->arena, ret);
		if (!slot)
			return err_oom(err);
		*slot = arena_printf(p->arena, "%s%s", dir_path, d->d_name);
		if (!*slot)
			return err_oom(err);
	}
	if (ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), compare);
	return 0;
}

static int add_included(const struct check_probe *p, char *names, struct str *out, struct err *err)
{
	char *name;

	while ((name = strsep(&names, " \t"))) {
		struct str_list files = {0};
		const char *pattern;

		if (!*name)
			continue;
		pattern = path_join(p->arena, CONFIG_DIR, name);
		if (!pattern)
			return err_oom(err);
		if (list_matches(p, pattern, &files, err) < 0)
			return -1;
		for (size_t i = 0; i < files.n; i++) {
			char *text;

			if (check_read(p, AT_FDCWD, files.items[i], &text, err) < 0)
				return -1;
			str_add(out, text ? text : "");
			/* a Match block ends with its file */
			str_add(out, "\nMatch all\n");
		}
	}
	return 0;
}

static int expand(const struct check_probe *p, char *text, struct str *out, struct err *err)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		char *word = line + strspn(line, " \t");

		if (strncasecmp(word, "Include", 7) == 0 && (word[7] == ' ' || word[7] == '\t')) {
			if (add_included(p, word + 8, out, err) < 0)
				return -1;
			continue;
		}
		str_add(out, line);
		str_add(out, "\n");
	}
	return 0;
}

int check_probe_sshd(const struct check_probe *p, struct check_host *h, struct err *err)
{
	struct check_sshd config = {0};
	autostr all = STR_INIT;
	char *text;

	h->sshd_present = sys_faccessat2(AT_FDCWD, "/usr/sbin/sshd", F_OK, 0) == 0;
	if (!h->sshd_present) {
		h->sshd_seen = true;
		return 0;
	}
	if (check_read(p, AT_FDCWD, CONFIG_DIR "/sshd_config", &text, err) < 0)
		return -1;
	if (text && expand(p, text, &all, err) < 0)
		return -1;
	text = arena_strdup(p->arena, str_text(&all));
	if (!text || str_failed(&all))
		return err_oom(err);
	if (check_sshd_parse(text, p->arena, &config, err) < 0)
		return -1;
	h->sshd_seen = true;
	h->permit_root_login = config.permit_root_login;
	h->password_authentication = config.password_authentication;
	return 0;
}
