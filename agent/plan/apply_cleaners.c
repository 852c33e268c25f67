/* SPDX-License-Identifier: MIT */
#include "plan/apply_cleaners.h"

#include <string.h>

static void dress_finding(struct finding *finding, const struct cleaner *cleaner)
{
	if (!finding->name)
		finding->name = cleaner->name;
	if (finding->severity == SEVERITY_INFO && finding->kind != FINDING_NOTE)
		finding->severity = cleaner->severity;
	finding->class = cleaner->class;
	finding->confidence = CONFIDENCE_HIGH;
}

static void dress_step(struct step *step, const struct cleaner *cleaner)
{
	if (!step->name)
		step->name = cleaner->name;
	if (!step->why)
		step->why = mem_strdup(cleaner->why);
	step->class = cleaner->class;
	step->severity = cleaner->severity;
	step->last |= cleaner->last;
}

static void stay(struct plan *plan, const struct step *step, enum finding_kind kind,
		 const char *reason)
{
	struct finding *finding = plan_add_finding(plan, kind, step->name, step->path);
	finding->class = step->class;
	finding->severity = kind == FINDING_NOTE ? SEVERITY_INFO : step->severity;
	finding->confidence = CONFIDENCE_HIGH;
	finding->text = mem_strdup(reason);
	finding->target = step->target;
}

static bool is_allowed(const struct rules *rules, const struct guest *guest,
		       const struct cleaner *cleaner, const char *path)
{
	const char *home = guest_home_of(guest, path);
	return policy_for(&rules->policy, cleaner->name, cleaner->class) == DISPOSE_KEEP ||
	       policy_allows(&rules->policy, cleaner->name, path, home, NULL);
}

/* Whether the policy and the guard let a cleaner's step into the plan. */
static bool admit(struct plan *plan, struct step *step, const struct cleaner *cleaner,
		  const struct guest *guest, const struct rules *rules,
		  const struct guard *guard)
{
	enum disposition wanted = policy_for(&rules->policy, cleaner->name, cleaner->class);
	if (is_allowed(rules, guest, cleaner, step->path))
		return false;
	if (wanted == DISPOSE_REPORT) {
		stay(plan, step, FINDING_POSTURE,
		     "kept by the policy; the clone will carry it");
		return false;
	}
	const char *refusal = guard_refuses(guard, step->action, step->path, &step->target);
	if (refusal)
		stay(plan, step, FINDING_NOTE, refusal);
	return !refusal;
}

static void apply(const struct cleaner *cleaner, const struct guest *guest,
		  const struct rules *rules, const struct guard *guard, struct plan *plan)
{
	struct plan *own = plan_new();
	const struct cleaning cleaning = {guest, &rules->policy};
	int r = cleaner->plan(&cleaning, own);
	if (r < 0) {
		struct finding *finding = plan_add_finding(own, FINDING_UNEXAMINED,
							   cleaner->name, "");
		finding->text = mem_printf("could not be examined: %s", strerror(-r));
	}
	vec_each(&own->findings, finding) {
		dress_finding(finding, cleaner);
		if (is_allowed(rules, guest, cleaner, finding->path))
			finding_clear(finding);
		else
			*vec_add(&plan->findings) = *finding;
	}
	vec_each(&own->steps, step) {
		dress_step(step, cleaner);
		if (admit(plan, step, cleaner, guest, rules, guard))
			*vec_add(&plan->steps) = *step;
		else
			step_clear(step);
	}
	own->findings.n = own->steps.n = 0;
	plan_free(own);
}

void cleaners_apply(const struct cleaner *const *list, const struct guest *guest,
		    const struct rules *rules, const struct guard *guard,
		    const struct selection *selection, struct plan *plan)
{
	for (; *list; list++)
		if ((*list)->os == guest->os &&
		    selection_has(selection, (*list)->name, (*list)->class, "cleaners"))
			apply(*list, guest, rules, guard, plan);
}
