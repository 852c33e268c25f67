/* SPDX-License-Identifier: MIT */
/* Every secret rule with one small fault in it: its samples have to fail. Prints what
 * they do not notice, for who writes the rules; some changes are none to what a rule
 * finds (a letter more allowed where none can stand), so not all are asked for.
 *
 *     mutation [NAME...]      only these rules, and all their survivors */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "detect/mutate.h"

enum {
	LEAST = 82,   /* of a hundred mutants of all rules have to be noticed */
	SHOWN = 2000, /* survivors */
	KINDS = 16,
};

/* Of one kind of change: "a length", "another letter". */
struct kind {
	char name[40];
	size_t mutants, noticed;
};

struct count {
	const struct rules *rules;
	struct kind kinds[KINDS];
	size_t mutants, noticed, broken;
	struct buf survivors;
	size_t listed;
};

static struct kind *kind_of(struct count *count, const char *what)
{
	size_t len = strcspn(what, ":"), keyword = strlen("without the keyword"), i = 0;
	if (strncmp(what, "without the keyword", keyword) == 0)
		len = keyword;
	while (i < KINDS - 1 && *count->kinds[i].name &&
	       (strlen(count->kinds[i].name) != len ||
		strncmp(count->kinds[i].name, what, len) != 0))
		i++;
	snprintf(count->kinds[i].name, sizeof count->kinds[i].name, "%.*s", (int)len, what);
	return &count->kinds[i];
}

static bool try(const struct secret_rule *mutant, const char *what, void *context)
{
	struct count *count = context;
	struct kind *kind = kind_of(count, what);
	bool noticed = !mutate_holds(count->rules, mutant);
	count->mutants++;
	kind->mutants++;
	count->noticed += noticed;
	kind->noticed += noticed;
	if (!noticed && count->listed++ < SHOWN)
		buf_printf(&count->survivors, "  %s  %s\n", mutant->name, what);
	return true;
}

static bool is_asked(const struct secret_rule *rule, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], rule->name) == 0)
			return true;
	return argc == 1;
}

/* A rule whose samples notice next to nothing is not proven by them. */
static void try_rule(const struct secret_rule *rule, struct count *all)
{
	size_t mutants = all->mutants, noticed = all->noticed;
	if (!mutate_holds(all->rules, rule) && !mutate_holds(all->rules, rule)) {
		printf("%s: its samples fail without any change\n", rule->name);
		all->broken++;
		return;
	}
	mutate_rule(rule, try, all);
	mutants = all->mutants - mutants;
	noticed = all->noticed - noticed;
	printf("%3zu of %3zu  %s\n", noticed, mutants, rule->name);
}

int main(int argc, char **argv)
{
	struct rules_options options = {.check_inside = true}; /* with their samples */
	struct rules *rules;
	struct count all = {0};
	_cleanup_(buf_free) struct buf fault = {0};
	if (rules_load(&options, &rules, &fault) < 0) {
		fprintf(stderr, "%s\n", buf_text(&fault));
		return 1;
	}
	all.rules = rules;
	vec_each(&rules->secrets, rule)
		if (rule->pattern && is_asked(rule, argc, argv))
			try_rule(rule, &all);
	for (struct kind *kind = all.kinds; kind < all.kinds + KINDS && *kind->name; kind++)
		printf("%4zu of %4zu  %s\n", kind->noticed, kind->mutants, kind->name);
	size_t share = all.mutants ? all.noticed * 100 / all.mutants : 0;
	printf("\nnot noticed (%zu):\n%s\n%zu of %zu mutants noticed: %zu %%, at least %d are asked\n",
	       all.mutants - all.noticed, buf_text(&all.survivors), all.noticed, all.mutants,
	       share, LEAST);
	buf_free(&all.survivors);
	rules_free(rules);
	return all.broken || (argc == 1 && share < LEAST);
}
