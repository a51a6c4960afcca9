/* The names are those of the programs' own packages. */
#include "config.h"

#include "policy/super_daemons.h"

#include "base/path.h"

#include <string.h>

#include "base/banned.h"

const char *const super_daemon_names[] = {
	/* process 1 of a machine; "init" is sysvinit's, upstart's, finit's and busybox's, and
	   s6-overlay's script */
	"init",
	"systemd",
	"upstart",
	"sysvinit",
	"openrc-init",
	"finit",
	"dinit",
	"shepherd",
	"procd",
	/* runit, s6 and daemontools: supervision trees */
	"runit",
	"runit-init",
	"runsvdir",
	"runsvdir-start",
	"s6-svscan",
	"s6-linux-init",
	"svscan",
	"svscanboot",
	"perpd",
	/* those that mind services beneath another process 1 */
	"supervisord",
	"monit",
	"circusd",
	"pm2",
	"pm2-runtime",
	"pm2-docker",
	"pm2-dev",
	"my_init",
	/* those that start one for each connection */
	"inetd",
	"inetutils-inetd",
	"openbsd-inetd",
	"rlinetd",
	"xinetd",
};
const size_t super_daemon_names_n = ARRAY_LEN(super_daemon_names);

const char *const super_daemon_places[] = {
	"/",	    "/sbin",	      "/usr/sbin",    "/usr/local/sbin",  "/bin",
	"/usr/bin", "/usr/local/bin", "/lib/systemd", "/usr/lib/systemd", "/command", /* s6-overlay's */
};
const size_t super_daemon_places_n = ARRAY_LEN(super_daemon_places);

bool is_super_daemon(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(super_daemon_names); i++)
		if (strcmp(name, super_daemon_names[i]) == 0)
			return true;
	return false;
}

static bool is_multi_call(const char *name)
{
	return strcmp(name, "busybox") == 0 || strcmp(name, "toybox") == 0;
}

bool has_super_daemon(const struct str_list *args, size_t *ret_index)
{
	for (size_t i = 0; i < args->n; i++) {
		const char *name = path_base(args->items[i]);

		if (is_super_daemon(name)) {
			*ret_index = i;
			return true;
		}
		if (!is_multi_call(name)) /* which may call itself: "busybox busybox init" */
			return false;
	}
	return false;
}
