/* SPDX-License-Identifier: MIT */
#include "report/group.h"

#include "base/sort.h"
#include "base/str.h"

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool step_fits(const struct group *group, const struct step *step)
{
	const struct step *other = group->steps.v[0];
	return other->action == step->action && other->state == step->state &&
	       group->severity == step->severity && same_text(other->name, step->name) &&
	       same_text(other->error, step->error);
}

static bool finding_fits(const struct group *group, const struct finding *finding)
{
	const struct finding *other = group->findings.v[0];
	return other->kind == finding->kind && group->severity == finding->severity &&
	       same_text(other->name, finding->name) && same_text(other->text, finding->text);
}

static struct group *new_group(group_list *groups, const char *name, enum severity severity)
{
	struct group *group = vec_add(groups);
	group->name = str_or(name, "");
	group->severity = severity;
	return group;
}

static int by_weight(const void *a, const void *b)
{
	const struct group *left = a, *right = b;
	if (left->severity != right->severity)
		return left->severity > right->severity ? -1 : 1;
	return strcmp(left->name, right->name);
}

static void sort(group_list *groups)
{
	sort_stable(groups->v, groups->n, sizeof *groups->v, by_weight);
}

static struct group *group_of_step(group_list *groups, const struct step *step)
{
	vec_each(groups, group)
		if (step_fits(group, step))
			return group;
	return new_group(groups, step->name, step->severity);
}

static struct group *group_of_finding(group_list *groups, const struct finding *finding)
{
	vec_each(groups, group)
		if (finding_fits(group, finding))
			return group;
	return new_group(groups, finding->name, finding->severity);
}

void group_steps(const struct plan *plan, group_step_filter *filter, group_list *ret)
{
	vec_each(&plan->steps, step) {
		if (!filter(step))
			continue;
		struct group *group = group_of_step(ret, step);
		*vec_add(&group->steps) = step;
		group->files += step->files;
		group->bytes += step->bytes;
	}
	sort(ret);
}

void group_findings(const struct plan *plan, group_finding_filter *filter, group_list *ret)
{
	vec_each(&plan->findings, finding) {
		if (!filter(finding))
			continue;
		struct group *group = group_of_finding(ret, finding);
		*vec_add(&group->findings) = finding;
		group->files += finding->files;
		group->bytes += finding->bytes;
	}
	sort(ret);
}

static int by_id(const void *a, const void *b)
{
	return memcmp(*(const uint8_t *const *)a, *(const uint8_t *const *)b, FINDING_ID_SIZE);
}

size_t group_secrets(const struct group *group, size_t *ret_places)
{
	VEC(const uint8_t *) ids = {0};
	size_t places = 0, count = 0;
	vec_each(&group->findings, it) {
		*vec_add(&ids) = (*it)->secret_id;
		places += (*it)->partner.name ? 2 : 1;
	}
	vec_each(&group->steps, step)
		vec_each(&(*step)->taken, it) {
			*vec_add(&ids) = it->secret_id;
			places += it->partner.name ? 2 : 1;
		}
	sort_stable(ids.v, ids.n, sizeof *ids.v, by_id);
	for (size_t i = 0; i < ids.n; i++)
		count += !i || by_id(&ids.v[i - 1], &ids.v[i]) != 0;
	vec_free(&ids);
	*ret_places = places;
	return count;
}

void group_free(group_list *groups)
{
	vec_each(groups, group) {
		vec_free(&group->steps);
		vec_free(&group->findings);
	}
	vec_free(groups);
}
