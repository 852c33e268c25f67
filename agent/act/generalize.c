/* SPDX-License-Identifier: MIT */
#include "act/generalize.h"

#include <errno.h>

#include "base/clock.h"
#include "base/stop.h"
#include "mutate.h"

enum { PAUSE_MS = 200 };

int act_generalize(const char *answer_file, unsigned seconds, struct act_generalized *ret)
{
	struct plat_generalizing *run;
	uint64_t start = clock_ms();
	int r = plat_generalize_start(answer_file, &run, &ret->line);
	if (r < 0)
		return r;
	do
		r = plat_generalize_wait(run, PAUSE_MS, &ret->exit_code);
	while (r == -EAGAIN && clock_ms() - start < seconds * UINT64_C(1000) && !stop_asked());
	ret->ended = !r;
	ret->elapsed_ms = clock_ms() - start;
	plat_generalize_end(run);
	return 0;
}

int act_own_remove(struct plat_dir *root, const char *path)
{
	struct plat_dir *parent;
	const char *leaf;
	int r = plat_parent_open(root, path, &parent, &leaf);
	if (r < 0)
		return r;
	r = plat_unlink(parent, leaf);
	plat_dir_close(parent);
	return r;
}

int act_power_off(unsigned seconds)
{
	return plat_power_off(seconds);
}
