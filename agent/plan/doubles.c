/* SPDX-License-Identifier: MIT */
#include "plan/doubles.h"

#include <string.h>

#include "base/sort.h"
#include "base/str.h"

static int compare_places(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = strcmp(x->path, y->path);
	if (!order && x->kind != y->kind)
		return x->kind > y->kind ? -1 : 1; /* secrets stand together */
	if (!order)
		order = strcmp(str_or(x->member, ""), str_or(y->member, ""));
	if (order)
		return order;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return strcmp(x->name, y->name);
}

static bool overlap(const struct finding *a, const struct finding *b)
{
	return a->kind == FINDING_SECRET && b->kind == FINDING_SECRET && !a->only_id &&
	       strcmp(a->path, b->path) == 0 &&
	       strcmp(str_or(a->member, ""), str_or(b->member, "")) == 0 &&
	       b->offset < a->offset + a->length;
}

static bool says_more(const struct rules *rules, const struct finding *a,
		      const struct finding *b)
{
	bool generic = secret_rule_is_generic(rules, a->name),
	     doubted = a->confidence == CONFIDENCE_LOW;
	if (doubted != (b->confidence == CONFIDENCE_LOW))
		return !doubted;
	if (generic != secret_rule_is_generic(rules, b->name))
		return !generic;
	if (a->confidence != b->confidence)
		return a->confidence > b->confidence;
	if (a->severity != b->severity)
		return a->severity > b->severity;
	return a->length < b->length; /* the exact rule rather than the wide one */
}

void doubles_secrets(struct plan *plan, const struct rules *rules)
{
	if (!plan->findings.n)
		return;
	sort_stable(plan->findings.v, plan->findings.n, sizeof *plan->findings.v,
		    compare_places);
	size_t kept = 1, before = 0; /* the last that is no mere id */
	for (size_t i = 1; i < plan->findings.n; i++) {
		struct finding *last = &plan->findings.v[before];
		struct finding *next = &plan->findings.v[i];
		if (next->only_id || !overlap(last, next)) {
			before = next->only_id ? before : kept;
			plan->findings.v[kept++] = *next;
			continue;
		}
		uint64_t end = last->offset + last->length;
		bool plain = !last->codings || !next->codings;
		unsigned lead = last->lead; /* of the one that begins first */
		if (next->offset == last->offset && next->lead < lead)
			lead = next->lead;
		if (next->offset + next->length > end)
			end = next->offset + next->length;
		if (says_more(rules, next, last)) {
			struct finding worse = *last;
			*last = *next;
			*next = worse;
			if (next->offset < last->offset)
				last->offset = next->offset;
		}
		last->length = end - last->offset;
		last->codings = plain ? 0 : last->codings;
		last->lead = plain ? 0 : lead;
		finding_clear(next);
	}
	plan->findings.n = kept;
}

/* The secrets of a file stand right behind what else is said about it. */
static bool secret_says_it(const struct plan *plan, size_t at)
{
	const struct finding *finding = &plan->findings.v[at];
	for (size_t i = at + 1; i < plan->findings.n; i++) {
		const struct finding *next = &plan->findings.v[i];
		if (strcmp(finding->path, next->path) != 0)
			return false;
		if (finding->member && strcmp(finding->member, str_or(next->member, "")) != 0)
			continue;
		if (next->kind == FINDING_SECRET && next->severity >= finding->severity)
			return true;
	}
	return false;
}

void doubles_postures(struct plan *plan)
{
	size_t kept = 0;
	for (size_t i = 0; i < plan->findings.n; i++) {
		struct finding *finding = &plan->findings.v[i];
		if (finding->kind == FINDING_POSTURE && *finding->path &&
		    !(finding->seen & SEEN_NAMED) && secret_says_it(plan, i))
			finding_clear(finding);
		else
			plan->findings.v[kept++] = *finding;
	}
	plan->findings.n = kept;
}

static int compare_step_places(const void *a, const void *b)
{
	const struct step *x = *(struct step *const *)a, *y = *(struct step *const *)b;
	int order = strcmp(x->path, y->path);
	return order ? order : x < y ? -1 : x > y;
}

void doubles_removals(struct plan *plan)
{
	struct step **sorted = mem_alloc(plan->steps.n * sizeof(struct step *));
	size_t n = 0, kept = 0;
	vec_each(&plan->steps, step)
		if (step->action == STEP_REMOVE)
			sorted[n++] = step;
	if (n)
		sort_stable(sorted, n, sizeof *sorted, compare_step_places);
	for (size_t i = 1, first = 0; i < n; i++) {
		if (strcmp(sorted[i]->path, sorted[first]->path) != 0) {
			first = i;
			continue;
		}
		sorted[first]->last |= sorted[i]->last;
		step_clear(sorted[i]);
	}
	vec_each(&plan->steps, step)
		if (step->path)
			plan->steps.v[kept++] = *step;
	plan->steps.n = kept;
	free(sorted);
}
