/* kanuki-gate: finds the verb, prints the one error, chooses the exit status. */
#include "config.h"

#include "gate/tool.h"

#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/banned.h"

extern const struct verb verb_hook, verb_init, verb_keys, verb_import, verb_scan, verb_sign,
	verb_attach, verb_verify, verb_explain, verb_list, verb_running, verb_revoke, verb_unrevoke,
	verb_waive, verb_permit, verb_breakglass, verb_reeval, verb_rescan_list, verb_policy,
	verb_pause, verb_log, verb_gc, verb_selftest;

const struct verb *const tool_verbs[] = {
	&verb_hook,       &verb_init,   &verb_keys,        &verb_import,  &verb_scan,
	&verb_sign,       &verb_attach, &verb_verify,      &verb_explain, &verb_list,
	&verb_running,    &verb_revoke, &verb_unrevoke,    &verb_waive,   &verb_permit,
	&verb_breakglass, &verb_reeval, &verb_rescan_list, &verb_policy,  &verb_pause,
	&verb_log,        &verb_gc,     &verb_selftest,    NULL};

/* Parts of it may be words of a document, or the name of a file, that somebody else has made for a
 * terminal. */
static void tell(const struct err *err)
{
	autostr text = STR_INIT;

	str_add_printable(&text, err->msg, strlen(err->msg));
	(void)fprintf(stderr, "kanuki-gate: %s\n",
		      str_failed(&text) ? "out of memory" : str_text(&text));
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	int status;

	if (getauxval(AT_SECURE)) {
		(void)fprintf(
			stderr,
			"kanuki-gate: refuses to run setuid, setgid or with file capabilities\n");
		return EXIT_TOOL_BROKEN;
	}
	status = tool_main(argc, argv, &err);
	if (err.kind != ERR_NONE)
		tell(&err);
	return status;
}
