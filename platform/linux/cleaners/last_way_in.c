/* SPDX-License-Identifier: MIT */
/* Nothing here is removed. When a plan would take the last way in to a clone, clean
 * refuses the whole of it, unless somebody said that this is wanted. */
#include "base/cleanup.h"
#include "list.h"
#include "units.h"
#include "ways.h"

enum { MOST_NAMED = 3 };

static void say(struct plan *plan, enum finding_kind kind, char *text)
{
	struct finding *finding = plan_add_finding(plan, kind, "last-way-in", "");
	finding->class = CLASS_PERSONAL;
	finding->severity = kind == FINDING_NOTE ? SEVERITY_INFO : SEVERITY_CRITICAL;
	finding->confidence = CONFIDENCE_HIGH;
	finding->text = text;
}

static void names_add(const struct ways *ways, struct buf *ret)
{
	for (size_t i = 0; i < ways->list.n && i < MOST_NAMED; i++)
		buf_printf(ret, "%s%s", i ? ", " : "", ways->list.v[i]);
	if (ways->list.n > MOST_NAMED)
		buf_printf(ret, " and %zu more", ways->list.n - MOST_NAMED);
}

static void lost_say(const struct cleaning *cleaning, struct plan *plan,
		     const struct ways *before)
{
	_cleanup_(buf_free) struct buf names = {0};
	names_add(before, &names);
	if (cleaning->allow_lockout) {
		say(plan, FINDING_NOTE,
		    mem_printf("nobody will be able to log in to a clone: the last way in (%s) "
			       "goes, as --allow-lockout says",
			       buf_text(&names)));
		return;
	}
	plan->refusal = mem_printf("it would take the last way in to a clone (%s): keep one by "
				   "the policy, let cloud-init run, or give --allow-lockout",
				   buf_text(&names));
	say(plan, FINDING_POSTURE,
	    mem_printf("nobody could log in to a clone: what goes is the last way in (%s), so "
		       "clean refuses to begin",
		       buf_text(&names)));
}

static void check(const struct cleaning *cleaning, struct plan *plan)
{
	const struct guest *guest = cleaning->guest;
	struct ways before = {0}, after = {0};
	peek_list units = {0};
	units_started(guest, &units);
	ways_find(guest, NULL, &units, &before);
	ways_find(guest, plan, &units, &after);
	peek_list_free(&units);
	if (!after.list.n && before.list.n)
		lost_say(cleaning, plan, &before);
	else if (!after.list.n && ways_expected(guest))
		say(plan, FINDING_NOTE,
		    mem_strdup("nobody can log in to a clone of this disk: no password, no "
			       "login key, and nothing that would bring one"));
	ways_free(&before);
	ways_free(&after);
}

const struct cleaner last_way_in_cleaner = {
	.name = "last-way-in",
	.title = "The last way in to a clone",
	.why = "without a key, a password, cloud-init, an agent of the cloud or a console nobody "
	       "gets into a clone",
	.advice =
		"keep one way in: allow a key file or the password of an account in the policy, "
		"install cloud-init, or give --allow-lockout if nobody has to log in",
	.class = CLASS_PERSONAL,
	.severity = SEVERITY_CRITICAL,
	.os = GUEST_LINUX,
	.check = check,
};
