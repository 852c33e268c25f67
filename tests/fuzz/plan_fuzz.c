/* SPDX-License-Identifier: MIT */
/* A plan file that somebody edited: refused with a reason, or it can be written and
 * read again and is the same plan. */
#include <string.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "plan/planfile.h"

static struct rules *rules;
static struct guest *guest;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	_cleanup_(buf_free) struct buf fault = {0};
	must(!rules_load(&(struct rules_options){0}, &rules, &fault));
	guest = guest_new("/x");
	return 0;
}

static void look(const struct plan *plan)
{
	must(!plan->findings.n);
	vec_each(&plan->steps, step) {
		must(step->action < STEP_ACTION_COUNT && step->name && step->path[0] == '/');
		for (size_t i = 1; i < step->ranges.n; i++)
			must(step->ranges.v[i - 1].offset + step->ranges.v[i - 1].length <=
			     step->ranges.v[i].offset);
	}
}

static void again(const struct plan *plan)
{
	_cleanup_(buf_free) struct buf first = {0}, second = {0}, fault = {0};
	_cleanup_(plan_free_ptr) struct plan *copy = plan_new();
	planfile_write(plan, guest, &first);
	must(!planfile_read(&first, rules, cleaners, copy, &fault));
	planfile_write(copy, guest, &second);
	must(first.len == second.len && !memcmp(first.data, second.data, first.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_(buf_free) struct buf text = {0}, fault = {0};
	_cleanup_(plan_free_ptr) struct plan *plan = plan_new();
	buf_add(&text, bytes, len);
	int r = planfile_read(&text, rules, cleaners, plan, &fault);
	must((r < 0) == (fault.len > 0));
	if (!r) {
		look(plan);
		again(plan);
	}
	return 0;
}
