/* SPDX-License-Identifier: MIT */
#include "cleaning.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "discover/discover.h"
#include "scratch.h"

struct plan *plan_asked(struct guest *guest, const char *name, struct cleaning asked)
{
	static const struct policy nothing;
	struct plan *plan = plan_new();
	const struct cleaner *cleaner = cleaner_find(name);
	assert_non_null(cleaner);
	asked.guest = guest;
	if (!asked.policy)
		asked.policy = &nothing;
	if (cleaner->plan)
		assert_int_equal(cleaner->plan(&asked, plan), 0);
	if (cleaner->check)
		cleaner->check(&asked, plan);
	guest_free(guest);
	return plan;
}

struct plan *plan_with(struct guest *guest, const char *name)
{
	return plan_asked(guest, name, (struct cleaning){0});
}

struct plan *plan_of(const char *name)
{
	return plan_with(scratch_guest(), name);
}

struct guest *guest_with_accounts(void)
{
	struct guest *guest;
	assert_int_equal(discover_guest(scratch_root, GUEST_LINUX, NULL, NULL, &guest), 0);
	return guest;
}

const struct step *step_at(const struct plan *plan, enum action action, const char *path)
{
	vec_each(&plan->steps, step)
		if (step->action == action && strcmp(step->path, path) == 0)
			return step;
	return NULL;
}

const struct step *step_on(const struct plan *plan, const char *path)
{
	vec_each(&plan->steps, step)
		if (strcmp(step->path, path) == 0)
			return step;
	return NULL;
}

const struct finding *finding_with(const struct plan *plan, const char *part)
{
	vec_each(&plan->findings, finding)
		if (finding->text && strstr(finding->text, part))
			return finding;
	return NULL;
}

void steps_are(struct plan *plan, size_t count, ...)
{
	va_list args;
	va_start(args, count);
	assert_int_equal(plan->steps.n, count);
	for (size_t i = 0; i < count; i++) {
		enum action action = va_arg(args, enum action);
		const char *path = va_arg(args, const char *);
		if (!step_at(plan, action, path))
			fail_msg("no step to %s %s", action_name(action), path);
	}
	va_end(args);
}

const char *hash_make(char out[48])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789./AB";
	uint8_t random[32];
	plat_random(random, sizeof random);
	memcpy(out, "$6$", 3);
	for (size_t i = 0; i < sizeof random; i++)
		out[3 + i] = alphabet[random[i] % (sizeof alphabet - 1)];
	out[3 + sizeof random] = 0;
	return out;
}
