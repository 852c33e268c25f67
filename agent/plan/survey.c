/* SPDX-License-Identifier: MIT */
#include "plan/survey.h"

#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/glob.h"
#include "base/number.h"
#include "classify/classify.h"
#include "plan/found.h"
#include "plan/runner.h"

/* A directory that a step takes away with what is in it. */
struct cover {
	size_t step;	     /* its index */
	unsigned depth;	     /* of the directory */
	unsigned kept_depth; /* of what stays inside with all below it, 0: nothing */
	unsigned staying;    /* down to here the directories above us hold something kept */
};

/* A directory that a finding is about. */
struct told {
	size_t finding; /* its index */
	unsigned depth;
};

struct survey {
	struct survey_setup setup;
	struct classifier *classifier;
	struct discover_visitor visitor;
	/* Inside what steps take away, the innermost last: a kept directory in an
	 * emptied one may hold what another artefact takes away. */
	VEC(struct cover) covers;
	VEC(struct told) told; /* those we are in, the innermost last */
	VEC(size_t) trees;     /* findings about directories whose members count */
};

static uint64_t disk_bytes(const struct plat_info *info)
{
	return info->kind == PLAT_FILE ? smaller(info->size, info->allocated) : 0;
}

/* Of a directory what is in it is counted as it is seen. */
static struct found found_at(const struct discover_entry *entry)
{
	return (struct found){entry->path, entry->info, entry->info.kind == PLAT_FILE,
			      disk_bytes(&entry->info)};
}

static void count_from_here(struct survey *survey, const struct discover_entry *entry)
{
	if (entry->info.kind == PLAT_DIR)
		*vec_add(&survey->told) = (struct told){survey->setup.plan->findings.n - 1,
							entry->depth};
}

static void tell(struct survey *survey, const struct artefact *artefact,
		 const struct discover_entry *entry, enum finding_kind kind, const char *text)
{
	struct found found = found_at(entry);
	found_tell(&survey->setup, artefact, &found, kind, text);
	count_from_here(survey, entry);
}

/* How much a directory that stays holds is what tells a reader whether to worry. */
static void count_told(struct survey *survey, const struct discover_entry *entry)
{
	while (survey->told.n && entry->depth <= survey->told.v[survey->told.n - 1].depth)
		survey->told.n--;
	vec_each(&survey->told, told) {
		struct finding *finding = &survey->setup.plan->findings.v[told->finding];
		finding->files += entry->info.kind == PLAT_FILE;
		finding->bytes += disk_bytes(&entry->info);
	}
}

/* A glob for one place: "~" becomes its home. */
static void add_keep(struct step *step, const char *glob, const char *home)
{
	struct buf full = {0};
	if (*glob == '~' && !home)
		return;
	if (*glob == '~')
		glob_quote(&full, home);
	buf_puts(&full, glob + (*glob == '~'));
	*vec_add(&step->keep) = full.data;
}

/* What the artefact keeps, and what the policy allows below it. */
static void add_keeps(struct survey *survey, struct step *step, const struct artefact *artefact,
		      const char *path)
{
	const char *home = guest_home_of(survey->setup.guest, path);
	int64_t now = (int64_t)time(NULL);
	vec_each(&artefact->keep, glob)
		add_keep(step, *glob, home);
	vec_each(&survey->setup.rules->policy.allow, allowance)
		if ((strcmp(allowance->name, "*") == 0 ||
		     strcmp(allowance->name, artefact->name) == 0) &&
		    (!allowance->expires || now < allowance->expires))
			add_keep(step, allowance->path, home);
}

/* What an artefact of a person has for the caller's script holds its parameters. */
static void add_runner(struct survey *survey, const struct artefact *artefact,
		       const struct discover_entry *entry, bool leaves)
{
	bool windows = survey->setup.guest->os == GUEST_WINDOWS;
	_cleanup_free_ char *travels = mem_printf(
		"runs this program, so it stays and travels with the image: have it begin with "
		"%s",
		windows ? "Remove-Item -LiteralPath $PSCommandPath"
			: "trap 'rm -f -- \"$0\"' EXIT");
	if (leaves)
		tell(survey, artefact, entry, FINDING_NOTE,
		     "stays while it runs this program; by its text it is removed "
		     "when it ends");
	else
		tell(survey, artefact, entry, FINDING_POSTURE, travels);
}

static bool add_step(struct survey *survey, const struct artefact *artefact,
		     const struct discover_entry *entry)
{
	struct found found = found_at(entry);
	struct step *step = found_goes(&survey->setup, artefact, artefact->action, &found);
	if (!step) {
		count_from_here(survey, entry);
		return false;
	}
	step->keep_sockets = survey->setup.guest->live;
	add_keeps(survey, step, artefact, entry->path);
	if (entry->info.kind == PLAT_DIR)
		*vec_add(&survey->covers) = (struct cover){.step = survey->setup.plan->steps.n -
								   1,
							   .depth = entry->depth,
							   .staying = entry->depth};
	else
		step->files = 1;
	return true;
}

/* Whether the entry is something that the artefact's action is about. */
static bool is_fitting(const struct survey *survey, const struct artefact *artefact,
		       const struct discover_entry *entry)
{
	const struct writers *writers = survey->setup.writers;
	if (artefact->report)
		return true;
	/* Emptied before, and its writer holds on to it: nothing is left to take. */
	if (writers && entry->info.kind == PLAT_FILE && !entry->info.size &&
	    writers_have(writers, entry->info.id))
		return false;
	switch (artefact->action) {
	case STEP_TRUNCATE:
		return entry->info.kind == PLAT_FILE && entry->info.size > 0;
	case STEP_EMPTY_TREE:
		return entry->info.kind == PLAT_DIR;
	default:
		return true;
	}
}

static void note_link(struct survey *survey, const struct artefact *artefact,
		      const struct discover_entry *entry)
{
	struct buf target = {0};
	if (!plat_link_read(entry->parent, entry->name, &target) && target.len &&
	    strcmp(target.data, "/dev/null") != 0)
		tell(survey, artefact, entry, FINDING_NOTE,
		     "is a link; what it points to was examined where it lies");
	buf_free(&target);
}

/* Such a file is the same on every machine that has the package. */
static bool is_shipped(const struct survey *survey, const struct discover_entry *entry)
{
	const struct owned *owned = survey->setup.owned;
	struct sum sum = {0};
	if (owned && entry->info.kind == PLAT_FILE)
		owned_listed(owned, entry->path, entry->info.mtime, &sum);
	return sum.known && owned_unchanged(owned, entry->path);
}

static void add_shipped(struct survey *survey, const struct artefact *artefact,
			const struct discover_entry *entry)
{
	tell(survey, artefact, entry, FINDING_POSTURE,
	     "a package brings it so, unchanged: not touched");
	struct plan *plan = survey->setup.plan;
	plan->findings.v[plan->findings.n - 1].severity = SEVERITY_LOW;
}

/* Deals with an artefact; true when the entry goes, by a step or by itself. */
static bool take_artefact(struct survey *survey, const struct artefact *artefact,
			  const struct discover_entry *entry)
{
	const struct survey_setup *setup = &survey->setup;
	if (!selection_has(setup->selection, artefact->name, artefact->class, "artefacts") ||
	    !is_fitting(survey, artefact, entry))
		return false;
	enum disposition wanted = policy_for(&setup->rules->policy, artefact->name,
					     artefact->class);
	if (wanted == DISPOSE_KEEP ||
	    policy_allows(&setup->rules->policy, artefact->name, entry->path,
			  guest_home_of(setup->guest, entry->path), setup->guest->any_case,
			  NULL))
		return false;
	if (entry->info.kind == PLAT_SYMLINK) {
		note_link(survey, artefact, entry);
		return false;
	}
	if (artefact->report || wanted != DISPOSE_REMOVE) {
		struct found found = found_at(entry);
		found_stays(setup, artefact, &found);
		count_from_here(survey, entry);
		if (!artefact->report && artefact->action == STEP_EMPTY_TREE)
			*vec_add(&survey->trees) = setup->plan->findings.n - 1;
		return false;
	}
	if (artefact->action == STEP_TRUNCATE && entry->info.links > 1) {
		tell(survey, artefact, entry, FINDING_POSTURE,
		     "not emptied: the file has other names (hard links)");
		return false;
	}
	if (artefact->class == CLASS_PERSONAL && guard_owns(setup->guard, &entry->info)) {
		bool leaves = runner_removes_itself(entry);
		add_runner(survey, artefact, entry, leaves);
		return leaves;
	}
	if (is_shipped(survey, entry)) {
		if (artefact->class != CLASS_TRACE)
			add_shipped(survey, artefact, entry);
		return false;
	}
	return add_step(survey, artefact, entry);
}

/* A directory that holds something kept stays as well: counted as going, it would be
 * planned again at every look. */
static void keep_above(struct step *step, struct cover *cover, unsigned depth)
{
	for (; cover->staying + 1 < depth; cover->staying++)
		step->files--;
}

/* Counts an entry that a step takes away; false when it stays after all. */
static bool count_covered(struct survey *survey, struct cover *cover,
			  const struct discover_entry *entry)
{
	struct step *step = &survey->setup.plan->steps.v[cover->step];
	if (cover->kept_depth && entry->depth > cover->kept_depth)
		return false;
	cover->kept_depth = 0;
	if (cover->staying >= entry->depth)
		cover->staying = entry->depth - 1;
	if (step_keeps(step, survey->setup.guest->any_case, entry->path, entry->info.kind) ||
	    guard_refuses(survey->setup.guard, STEP_REMOVE, entry->path, &entry->info)) {
		cover->kept_depth = entry->depth;
		keep_above(step, cover, entry->depth);
		return false;
	}
	step->files++;
	step->bytes += disk_bytes(&entry->info);
	return true;
}

static struct cover *innermost(struct survey *survey, unsigned depth)
{
	while (survey->covers.n && depth <= survey->covers.v[survey->covers.n - 1].depth)
		survey->covers.n--;
	return survey->covers.n ? &survey->covers.v[survey->covers.n - 1] : NULL;
}

/* Of what goes with many others its name and kind are enough. */
static bool visit_briefly(const struct discover_entry *entry, void *context)
{
	struct survey *survey = context;
	struct cover *cover = innermost(survey, entry->depth);
	if (!cover || survey->setup.plan->steps.v[cover->step].files < STEP_SIZED ||
	    !count_covered(survey, cover, entry))
		return false;
	if (survey->setup.seen)
		survey->setup.seen(entry, survey->setup.context);
	return true;
}

static bool visit(const struct discover_entry *entry, void *context)
{
	struct survey *survey = context;
	const struct artefact *artefact = classify_entry(survey->classifier, entry->path,
							 entry->name, entry->depth,
							 entry->info.kind == PLAT_DIR);
	if (survey->setup.seen)
		survey->setup.seen(entry, survey->setup.context);
	count_told(survey, entry);
	struct cover *cover = innermost(survey, entry->depth);
	/* What goes takes its streams with it; those of a file that stays are told. */
	bool folder = entry->info.kind == PLAT_DIR;
	if (cover && !entry->stream && count_covered(survey, cover, entry))
		return folder;
	if (artefact && take_artefact(survey, artefact, entry))
		return folder;
	if (entry->info.kind == PLAT_FILE && entry->info.size && survey->setup.examine)
		survey->setup.examine(entry, survey->setup.context);
	return true;
}

static void fault(const char *path, int error, void *context)
{
	struct survey *survey = context;
	struct finding *finding = plan_add_finding(survey->setup.plan, FINDING_UNEXAMINED,
						   "unexamined-file", path);
	finding->class = CLASS_TRACE;
	finding->severity = SEVERITY_MEDIUM;
	finding->text = mem_printf("could not be looked at: %s", error_text(error));
}

struct survey *survey_new(const struct survey_setup *setup)
{
	struct survey *survey = mem_alloc(sizeof *survey);
	survey->setup = *setup;
	survey->classifier = classify_new(setup->rules, setup->guest);
	survey->visitor = (struct discover_visitor){visit_briefly, visit, fault, survey,
						    setup->examine != NULL};
	return survey;
}

const struct discover_visitor *survey_visitor(struct survey *survey,
					      const struct volume *volume)
{
	classify_volume(survey->classifier, volume);
	survey->covers.n = survey->told.n = 0;
	return &survey->visitor;
}

/* Nor is it a finding that the members of a directory stay which has none. */
static void drop_empty_trees(struct survey *survey)
{
	struct plan *plan = survey->setup.plan;
	size_t kept = 0, next = 0;
	for (size_t i = 0; i < plan->findings.n; i++) {
		struct finding *finding = &plan->findings.v[i];
		bool tree = next < survey->trees.n && survey->trees.v[next] == i;
		next += tree;
		if (tree && !finding->files)
			finding_clear(finding);
		else
			plan->findings.v[kept++] = *finding;
	}
	plan->findings.n = kept;
}

/* Emptying what is empty is no step. */
void survey_finish(struct survey *survey)
{
	struct plan *plan = survey->setup.plan;
	size_t kept = 0;
	drop_empty_trees(survey);
	vec_each(&plan->steps, step) {
		if (step->action == STEP_EMPTY_TREE && !step->files)
			step_clear(step);
		else
			plan->steps.v[kept++] = *step;
	}
	plan->steps.n = kept;
}

void survey_free(struct survey *survey)
{
	if (!survey)
		return;
	classify_free(survey->classifier);
	vec_free(&survey->covers);
	vec_free(&survey->told);
	vec_free(&survey->trees);
	free(survey);
}
