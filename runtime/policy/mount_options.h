/* Mount option strings -> attributes. */
#ifndef KANUKI_POLICY_MOUNT_OPTIONS_H
#define KANUKI_POLICY_MOUNT_OPTIONS_H

#include "base/err.h"
#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one mount's options say. */
struct mount_options {
	bool bind, recursive;
	uint64_t set, clr;         /* MOUNT_ATTR_*, of the mount itself */
	uint64_t set_rec, clr_rec; /* of its whole tree */
	uint32_t propagation;      /* MS_SHARED ..., or 0 */
	bool propagation_rec;
	bool idmap, idmap_rec;
	bool tmpcopyup;
	bool source_nofollow;
};

/* The effect of one option is added to *o.  Returns 1 when it is known and done,
 * 0 when it belongs to the file system (FSCONFIG), -1 when it is refused; the
 * message in err names the option. */
int mount_option_add(const char *name, struct mount_options *o, struct err *err)
	__attribute__((warn_unused_result));

/* The options that are taken, in order, for `features`; NULL past the end. */
const char *mount_option_name(size_t index);

#endif
