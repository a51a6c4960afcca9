/* Reports that were read become an image's record: what import and scan have in common. */
#ifndef KANUKI_GATE_RECORD_MAKE_H
#define KANUKI_GATE_RECORD_MAKE_H

#include "gate/import.h"
#include "gate/tool.h"

#include <sys/stat.h>

struct record_source {
	const char *path;      /* for messages */
	int fd;		       /* of the report itself, at its beginning: it is kept */
	struct report report;
	const char *signer;    /* of the envelope that it came in, or NULL */
	struct stat before; /* the file's, from before it was read, where somebody else may write to
			       it; else zero */
};

struct record_make {
	const char *verb;      /* for messages and the log */
	const char *told;      /* what the log says of it */
	/* As on the command line, or NULL. */
	const char *digest, *manifest, *platform, *expires, *sbom;
	struct str_list keys, refs;
};

/* Stores the reports and the record, signed by how->keys; without a key it waits for
 * signatures where the policy wants any.  Prints one line.  ERR_STATE: a report is another
 * image's, or the present record is newer or worse. */
int record_make(struct tool *tool, const struct record_make *how, const struct gate_site *site,
		const struct record_source *sources, size_t n, struct err *err)
	__attribute__((warn_unused_result));

#endif
