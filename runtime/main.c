/* kanuki: finds the command, prints the one error, chooses the exit status. */
#include "config.h"

#include "base/err.h"
#include "base/log.h"
#include "cmd/cmd.h"

#include <stdio.h>
#include <sys/auxv.h>

#include "base/banned.h"

extern char **environ;

int main(int argc, char **argv)
{
	struct log log = LOG_INIT;
	struct err err = ERR_INIT;
	int status;

	/* T-CRED-5: a runtime is never setuid; what it does for root it must not
	 * do for whoever starts it. */
	if (getauxval(AT_SECURE)) {
		(void)fprintf(stderr,
			      "kanuki: refuses to run setuid, setgid or with file capabilities\n");
		return 1;
	}
	status = cmd_main(argc, argv, environ, &log, &err);
	if (err.kind != ERR_NONE)
		log_error(&log, &err);
	return status;
}
