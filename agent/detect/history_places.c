/* SPDX-License-Identifier: MIT */
#include "detect/history_places.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/sort.h"
#include "base/str.h"

static bool is_better(const struct place *place, const struct place *other)
{
	if (!place->path || !other->path)
		return place->path != NULL;
	return place->asked != other->asked ? place->asked : place->date > other->date;
}

static void swap(struct place *a, struct place *b)
{
	struct place other = *a;
	*a = *b;
	*b = other;
}

void places_sort(struct places *places)
{
	size_t kept = 0, count = places->all.n;
	struct place *all = places->all.v;
	if (count)
		sort_stable(all, count, sizeof *all, git_id_compare);
	for (size_t i = 0; i < count; i++) {
		bool same = kept && git_id_compare(&all[kept - 1].blob, &all[i].blob) == 0;
		if (!same)
			swap(&all[kept++], &all[i]);
		else if (is_better(&all[i], &all[kept - 1]))
			swap(&all[kept - 1], &all[i]);
	}
	places->sorted = kept;
}

struct place *places_find(const struct places *places, const struct git_id *blob)
{
	return places->sorted ? bsearch(blob, places->all.v, places->sorted,
					sizeof *places->all.v, git_id_compare)
			      : NULL;
}

void places_free(struct places *places)
{
	vec_each(&places->all, place)
		free(place->path);
	vec_free(&places->all);
	places->sorted = 0;
}

/* Whether a rule's glob may fit: far cheaper than to try it. */
static bool may_want(const char *glob, const char *path, const char *base)
{
	if (str_starts(glob, "/**/")) {
		const char *leaf = str_leaf(glob);
		return strcmp(leaf, "**") == 0 || glob_name(leaf, str_leaf(path));
	}
	size_t first = *glob == '/' ? 1 + strcspn(glob + 1, "/*?[\\") : 0;
	return !first || strncmp(glob + 1, path, first - 1) == 0 ||
	       (*base && strncmp(glob, base, first) == 0);
}

static bool rule_wants(const struct secret_rule *rule, const char *base, const char *path)
{
	bool maybe = false;
	vec_each(&rule->paths, glob)
		maybe = maybe || may_want(*glob, path, base);
	if (!maybe)
		return false;
	_cleanup_free_ char *plain = mem_printf("/%s", path);
	_cleanup_free_ char *full = mem_printf("%s/%s", base, path);
	return patterns_want_path(rule, plain) || patterns_want_path(rule, full);
}

bool places_rules(const struct patterns *patterns, const char *base, const char *path,
		  uint8_t ret[MASK_SIZE])
{
	bool any = false;
	memset(ret, 0, MASK_SIZE);
	for (size_t i = 0; i < patterns->each.n; i++) {
		const struct secret_rule *rule = patterns->each.v[i].rule;
		if (!rule->paths.n || !rule_wants(rule, base, path))
			continue;
		ret[i >> 3] |= (uint8_t)(1u << (i & 7));
		any = true;
	}
	return any;
}
