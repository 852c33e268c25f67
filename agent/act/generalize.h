/* SPDX-License-Identifier: MIT */
/* The hands of generalize/: what starts, ends and removes. */
#ifndef ACT_GENERALIZE_H
#define ACT_GENERALIZE_H

#include "platform.h"

struct act_generalized {
	char *line; /* the command line, or NULL; the caller frees it */
	bool ended; /* by itself; else its time was over, or the run had to stop */
	uint32_t exit_code;
	uint64_t elapsed_ms;
};

/* Runs what generalizes the system with this answer file, for so many seconds at most; what
 * still runs then is ended. Negative errno when it could not be started. */
int act_generalize(const char *answer_file, unsigned seconds, struct act_generalized *ret);

/* Removes a file of ours inside the guest. */
int act_own_remove(struct plat_dir *root, const char *path);

int act_power_off(unsigned seconds);

#endif
