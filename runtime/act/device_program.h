/* Device rules -> eBPF instructions; pure, tested with an interpreter. */
#ifndef KANUKI_ACT_DEVICE_PROGRAM_H
#define KANUKI_ACT_DEVICE_PROGRAM_H

#include "base/err.h"
#include "plan/plan.h"

#include <linux/bpf.h>
#include <linux/bpf_common.h>

#define DEVICE_PROGRAM_MAX 1024

struct device_program {
	struct bpf_insn insns[DEVICE_PROGRAM_MAX];
	uint32_t n;
};

/* ERR_SPEC when the rules don't fit. */
int device_program_make(const struct plan_cgroup *limits, struct device_program *p, struct err *err)
	__attribute__((warn_unused_result));

#endif
