/* Owns the reading of reports from descriptors: twice, once to see what it is and once to
 * import it.  A pipe is copied first. */
#include "config.h"

#include "gate/import_parts.h"

#include "base/auto.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <sys/mman.h>

#include "base/banned.h"

struct pump {
	file_piece *take;
	void *to;
	size_t total;
};

static int take_limited(void *to, const char *text, size_t len, struct err *err)
{
	struct pump *pump = to;

	pump->total += len;
	if (pump->total > JSON_STREAM_MAX_BYTES)
		return err_set(err, ERR_SPEC, "larger than %u bytes", JSON_STREAM_MAX_BYTES);
	return pump->take(pump->to, text, len, err);
}

static int pump(int fd, void *to, file_piece *take, struct err *err)
{
	struct pump pump = {.take = take, .to = to};

	return file_read_pieces(fd, take_limited, &pump, err);
}

static int take_detect(void *to, const char *text, size_t len, struct err *err)
{
	return import_detect_feed(to, text, len, err);
}

static int take_run(void *to, const char *text, size_t len, struct err *err)
{
	return import_run_feed(to, text, len, err);
}

static int take_copy(void *to, const char *text, size_t len, struct err *err)
{
	return file_write_all(*(int *)to, text, len) < 0 ? err_sys(err, "copy") : 0;
}

static int rewind_fd(int fd, struct err *err)
{
	return sys_lseek(fd, 0, SEEK_SET) < 0 ? err_sys(err, "rewind") : 0;
}

static int detect(int fd, struct import_detected *ret, struct err *err)
{
	struct import_detector *d = import_detect_new(err);
	int r = -1;
	if (d && pump(fd, d, take_detect, err) == 0)
		r = import_detect_end(d, ret, err);
	import_detect_free(d);
	return r;
}

static int import_rewound(int fd, const char *name, const struct import_hints *hints,
			  struct arena *arena, struct report *ret, struct err *err)
{
	struct import_detected what = {.format = FORMAT_CLAMAV};
	if (!hints || hints->format != FORMAT_CLAMAV)
		if (detect(fd, &what, err) < 0 || import_check_hint(hints, &what, err) < 0 ||
		    rewind_fd(fd, err) < 0)
			return -1;
	struct import_run *run = import_run_new(&what, name, hints, arena, ret, err);
	int r = run && pump(fd, run, take_run, err) == 0 ? import_run_end(run, err) : -1;
	import_run_free(run);
	return r;
}

int report_import(int fd, const char *name, const struct import_hints *hints, struct arena *arena,
		  struct report *ret, struct err *err)
{
	struct report report = {0};
	struct stat st;
	autofd int copy = -1;
	if (sys_fstat(fd, &st) < 0) {
		err_sys(err, "status");
		return err_context(err, "%s", name);
	}
	if (S_ISREG(st.st_mode)) {
		if (rewind_fd(fd, err) < 0)
			return err_context(err, "%s", name);
	} else {
		copy = sys_memfd_create("report", MFD_CLOEXEC);
		if (copy < 0)
			err_sys(err, "copy");
		if (copy < 0 || pump(fd, &copy, take_copy, err) < 0 || rewind_fd(copy, err) < 0)
			return err_context(err, "%s", name);
		fd = copy;
	}
	if (import_rewound(fd, name, hints, arena, &report, err) < 0)
		return err_context(err, "%s", name);
	*ret = report;
	return 0;
}
