/* SPDX-License-Identifier: MIT */
#include "plan/pairs.h"

#include <string.h>

#include "base/str.h"

enum {
	PAIR_LINES = 5,	   /* as the workers have it, which weigh it */
	PAIR_BYTES = 1024, /* where lines are long, or none */
	NEIGHBOURS = 32,   /* findings that one is compared with */
};

static bool is_near(const struct finding *a, const struct finding *b)
{
	const struct finding *first = a->offset < b->offset ? a : b;
	const struct finding *last = first == a ? b : a;
	return last->offset - first->offset < first->length + PAIR_BYTES &&
	       (a->line < b->line ? b->line - a->line : a->line - b->line) <= PAIR_LINES &&
	       strcmp(a->path, b->path) == 0 &&
	       strcmp(str_or(a->member, ""), str_or(b->member, "")) == 0;
}

static bool is_id_of(const struct rules *rules, const struct finding *id,
		     const struct finding *secret)
{
	if (id->kind != FINDING_SECRET || id->pair || !is_near(id, secret))
		return false;
	const struct secret_rule *x = secret_rule_find(rules, id->name);
	const struct secret_rule *y = secret_rule_find(rules, secret->name);
	return x && y && secret_rule_is_id_of(x, y);
}

/* The nearest of those that no secret has yet; the one before it rather than behind. */
static struct finding *id_for(const struct plan *plan, const struct rules *rules, size_t at)
{
	struct finding *all = plan->findings.v;
	for (size_t k = at; k-- && at - k <= NEIGHBOURS;)
		if (is_id_of(rules, &all[k], &all[at]))
			return &all[k];
	for (size_t k = at + 1; k < plan->findings.n && k - at <= NEIGHBOURS; k++)
		if (is_id_of(rules, &all[k], &all[at]))
			return &all[k];
	return NULL;
}

static struct partner partner_of(const struct finding *id)
{
	return (struct partner){id->name,   id->shown, id->offset,
				id->length, id->line,  id->column};
}

/* What is no finding by itself leaves the list. */
static void drop_mere_ids(struct plan *plan)
{
	size_t kept = 0;
	vec_each(&plan->findings, it)
		if (it->only_id)
			finding_clear(it);
		else
			plan->findings.v[kept++] = *it;
	plan->findings.n = kept;
}

size_t pairs_mark(struct plan *plan, const struct rules *rules)
{
	size_t pairs = 0;
	for (size_t i = 0; i < plan->findings.n; i++) {
		struct finding *secret = &plan->findings.v[i];
		bool open = secret->kind == FINDING_SECRET && !secret->pair && !secret->only_id;
		struct finding *id = open ? id_for(plan, rules, i) : NULL;
		if (!id)
			continue;
		secret->pair = id->pair = ++pairs;
		id->is_id = true;
		if (id->only_id)
			secret->partner = partner_of(id);
	}
	drop_mere_ids(plan);
	return pairs;
}

/* ---- after each has met its fate ---- */

static void join_findings(struct plan *plan, struct finding **secrets)
{
	size_t kept = 0;
	vec_each(&plan->findings, it)
		if (it->pair && !it->is_id)
			secrets[it->pair] = it;
	vec_each(&plan->findings, it) {
		struct finding *secret = it->is_id ? secrets[it->pair] : NULL;
		if (!secret)
			continue;
		secret->partner = partner_of(it);
		if (it->severity > secret->severity)
			secret->severity = it->severity;
		finding_clear(it);
	}
	vec_each(&plan->findings, it)
		if (it->path)
			plan->findings.v[kept++] = *it;
	plan->findings.n = kept;
}

static void join_taken(struct step *step, struct taken **secrets)
{
	size_t kept = 0;
	vec_each(&step->taken, it)
		if (it->pair && !it->is_id)
			secrets[it->pair] = it;
	vec_each(&step->taken, it) {
		struct taken *secret = it->is_id ? secrets[it->pair] : NULL;
		if (secret)
			secret->partner = (struct partner){it->rule,   it->shown, it->offset,
							   it->length, it->line,  it->column};
		it->pair = secret ? 0 : it->pair; /* told with it */
	}
	vec_each(&step->taken, it)
		if (!it->is_id || it->pair)
			step->taken.v[kept++] = *it;
	step->taken.n = kept;
}

void pairs_join(struct plan *plan, size_t pairs)
{
	if (!pairs)
		return;
	struct finding **staying = mem_alloc((pairs + 1) * sizeof *staying);
	struct taken **going = mem_alloc((pairs + 1) * sizeof *going);
	join_findings(plan, staying);
	vec_each(&plan->steps, step)
		join_taken(step, going);
	free(staying);
	free(going);
}
