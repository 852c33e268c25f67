/* SPDX-License-Identifier: MIT */
#include "plan/settle.h"

#include <errno.h>
#include <string.h>

#include "base/glob.h"
#include "base/sort.h"
#include "base/str.h"
#include "classify/classify.h"
#include "model/realm.h"
#include "plan/aside.h"
#include "plan/doubles.h"
#include "plan/pairs.h"
#include "plan/remedy.h"
#include "plan/vendor.h"

struct settling {
	struct plan *plan;
	const struct guest *guest;
	const struct rules *rules;
	const struct guard *guard;
	const struct selection *selection;
	VEC(const char *) going; /* sorted paths */
	VEC(const char *) trees; /* likewise: directories that go with all below */
};

/* ---- whose it is ---- */

enum { FIRST_PERSON = 1000 }; /* the lowest uid that login.defs(5) gives a person */

/* The hive of a profile; those of the system's accounts (S-1-5-18 and the like) and of its
 * services are no person's. A folder without an account may be anybody's. */
static bool is_of_person(const char *place)
{
	static const char *const profiles[] = {"HKU\\S-1-5-21-", "HKU\\S-1-12-1-", "HKU\\/"};
	for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
		if (str_starts(place, profiles[i]))
			return true;
	return false;
}

/* The home of a daemon holds its data: only dot files are like a person's there. */
static bool is_personal_place(const struct guest *guest, const char *path)
{
	const char *home = guest_home_of(guest, path);
	bool known = false;
	if (realm_of(path) == REALM_REGISTRY)
		return is_of_person(path);
	if (!home)
		return false;
	vec_each(&guest->accounts, account) {
		if (!account->home || strcmp(account->home, home) != 0)
			continue;
		if (!account->uid || account->uid >= FIRST_PERSON)
			return true;
		known = true;
	}
	return !known || str_starts(path + strlen(home), "/.");
}

/* What belongs to no person is a service's, which may not start without it. */
static void own_class(const struct settling *s, struct finding *finding)
{
	if (finding->class == CLASS_PERSONAL && !is_personal_place(s->guest, finding->path))
		finding->class = CLASS_SERVICE;
}

/* Only looks like a password, and stands in a library or a test. */
static bool is_example(const struct settling *s, const struct finding *finding)
{
	const uint64_t places = REASON_BIT(REASON_LIBRARY) | REASON_BIT(REASON_TEST_FILE) |
				REASON_BIT(REASON_TRANSLATION) | REASON_BIT(REASON_MINIFIED);
	return finding->because & places && secret_rule_is_generic(s->rules, finding->name);
}

/* In a package's own unchanged file, what looks like a secret is an example, but
 * an in-house package can ship a key as a file: that one still counts. */
static void weigh(struct finding *finding)
{
	if (finding->confidence == CONFIDENCE_LOW)
		finding->severity = SEVERITY_INFO;
	if (!(finding->seen & SEEN_VENDOR))
		return;
	bool counts = (finding->seen & SEEN_CHECKSUM) ||
		      ((finding->seen & SEEN_PARSED) && (finding->seen & SEEN_WHOLE_FILE));
	finding->severity = counts ? SEVERITY_LOW : SEVERITY_INFO;
}

/* ---- what becomes of it ---- */

static bool is_whole_file(const struct finding *finding)
{
	return (finding->seen & SEEN_WHOLE_FILE) && !finding->member;
}

/* The file and the secret are one, and may go. */
static bool goes_whole(const struct settling *s, const struct finding *finding,
		       enum disposition wanted)
{
	return wanted == DISPOSE_REMOVE && is_whole_file(finding) &&
	       !guard_refuses(s->guard, STEP_REMOVE, finding->path, &finding->target);
}

/* A repository is more than a file: what nobody has a copy of would go with it. */
static bool may_remove(const struct settling *s, const struct finding *finding)
{
	return s->rules->policy.remove_unredactable && !(finding->seen & SEEN_HISTORY);
}

/* Why the file can be neither redacted nor removed, or NULL. */
static const char *stays_because(const struct settling *s, const struct finding *finding,
				 enum disposition wanted)
{
	if (finding->seen & SEEN_VENDOR)
		return "in an unchanged file of a package: not touched";
	if (is_example(s, finding))
		return "in a library or a test, where examples stand: look at it";
	if (finding->confidence < s->rules->policy.redact_from)
		return "not certain enough to be changed; look at it";
	if (wanted < DISPOSE_REDACT)
		return "kept by the policy; the clone will carry it";
	if (glob_path("/etc/ssh/ssh_host_*", finding->path))
		return "a host key: the cleaner ssh-host-keys decides";
	const char *unredactable = remedy_for(finding);
	bool whole = goes_whole(s, finding, wanted);
	if (wanted < DISPOSE_REMOVE && is_whole_file(finding))
		return "a whole key file that a service may need: kept by the policy";
	if (unredactable && !whole && !may_remove(s, finding))
		return unredactable;
	if (finding->target.links > 1 && finding->target.kind == PLAT_FILE)
		return "the file has other names (hard links): remove it by hand";
	return guard_refuses(s->guard, unredactable ? STEP_REMOVE : STEP_REDACT, finding->path,
			     &finding->target);
}

static struct step *step_for(struct settling *s, const struct finding *finding,
			     enum action action)
{
	size_t n = s->plan->steps.n;
	struct step *last = n ? &s->plan->steps.v[n - 1] : NULL;
	if (last && strcmp(last->path, finding->path) == 0 &&
	    (last->action == STEP_REMOVE || last->action == STEP_REDACT)) {
		if (action == STEP_REMOVE) { /* what was to be redacted goes as well */
			last->action = STEP_REMOVE;
			vec_free(&last->ranges);
		}
		return last;
	}
	struct step *step = plan_add_step(s->plan, action, finding->path);
	step->target = finding->target;
	step->name = finding->name;
	step->class = finding->class;
	step->severity = finding->severity;
	step->files = 1;
	step->provision = finding->class == CLASS_SERVICE;
	return step;
}

static void add_why(struct step *step, const struct finding *finding)
{
	char *old = step->why;
	const char *whole = remedy_for(finding)
				    ? "it holds a secret that can not be overwritten in place"
				    : "the file is nothing but this secret";
	if (step->action == STEP_REMOVE)
		step->why = mem_strdup(whole);
	else
		step->why = finding->line
				    ? mem_printf("%s%s%s at line %u", str_or(old, ""),
						 old ? "; " : "", finding->name, finding->line)
				    : mem_printf("%s%s%s", str_or(old, ""), old ? "; " : "",
						 finding->name);
	free(old);
}

static void add_range(struct step *step, const struct finding *finding)
{
	*vec_add(&step->ranges) = (struct range){
		finding->offset, finding->length, {finding->codings, finding->lead}};
	step->bytes += finding->length;
	if (finding->severity > step->severity) {
		step->severity = finding->severity;
		step->name = finding->name;
	}
}

/* Before two rules' findings merge: what was not asked for hides nothing. */
static void drop_unselected(struct settling *s)
{
	size_t kept = 0;
	vec_each(&s->plan->findings, finding) {
		bool asked = finding->kind != FINDING_SECRET;
		if (!asked) {
			own_class(s, finding);
			asked = selection_has(s->selection, finding->name, finding->class,
					      "secrets");
		}
		if (asked)
			s->plan->findings.v[kept++] = *finding;
		else
			finding_clear(finding);
	}
	s->plan->findings.n = kept;
}

/* What would be of little weight anyhow needs no note. */
static void set_aside(struct settling *s)
{
	vec_each(&s->plan->findings, finding)
		if (finding->kind == FINDING_SECRET && !finding->only_id &&
		    (finding->seen & SEEN_ALLOWED) &&
		    !((finding->seen & SEEN_VENDOR) && finding->confidence == CONFIDENCE_LOW))
			aside_inline(finding);
}

static void add_taken(struct step *step, const struct finding *finding)
{
	struct taken *taken = vec_add(&step->taken);
	*taken = (struct taken){
		.rule = finding->name,
		.confidence = finding->confidence,
		.because = finding->because,
		.shown = finding->shown,
		.offset = finding->offset,
		.length = finding->length,
		.line = finding->line,
		.column = finding->column,
		.pair = finding->pair,
		.is_id = finding->is_id,
		.partner = finding->partner,
	};
	memcpy(taken->secret_id, finding->secret_id, sizeof taken->secret_id);
}

/* True when a step now takes the secret away. */
static bool take_away(struct settling *s, struct finding *finding, enum disposition wanted)
{
	const char *reason = stays_because(s, finding, wanted);
	if (reason) {
		free(finding->text);
		finding->text = mem_strdup(reason);
		return false;
	}
	bool whole = goes_whole(s, finding, wanted) || remedy_for(finding);
	struct step *step = step_for(s, finding, whole ? STEP_REMOVE : STEP_REDACT);
	add_why(step, finding);
	add_taken(step, finding);
	if (step->action == STEP_REMOVE)
		step->bytes = finding->target.size;
	else
		add_range(step, finding);
	return true;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What is in a directory that is emptied was not examined; of keys all was. */
static bool is_emptied_key(const struct step *step)
{
	return step->action == STEP_EMPTY_TREE && realm_of(step->path) == REALM_REGISTRY;
}

/* The files whose content a step that was planned before takes away. */
static void index_steps(struct settling *s)
{
	vec_each(&s->plan->steps, step)
		*vec_add(&s->going) = step->path;
	vec_each(&s->plan->claimed, path)
		*vec_add(&s->going) = *path;
	sort_stable(s->going.v, s->going.n, sizeof *s->going.v, compare_texts);
	vec_each(&s->plan->steps, step)
		if (step->target.kind == PLAT_DIR && !step->keep.n &&
		    (step->action == STEP_REMOVE || is_emptied_key(step)))
			*vec_add(&s->trees) = step->path;
	sort_stable(s->trees.v, s->trees.n, sizeof *s->trees.v, compare_texts);
}

/* In what a cleaner takes away as a whole, as the home of an account that goes. */
static bool goes_with_tree(const struct settling *s, const struct finding *finding)
{
	if (!s->trees.n)
		return false;
	_cleanup_free_ char *place = mem_strdup(finding->path);
	char separator = realm_separator(place);
	for (char *slash; (slash = strrchr(place, separator));) {
		*slash = 0;
		if (bsearch(&place, s->trees.v, s->trees.n, sizeof *s->trees.v, compare_texts))
			return true;
	}
	return false;
}

static bool already_goes(const struct settling *s, const struct finding *finding)
{
	const char *path = finding->path;
	return s->going.n &&
	       bsearch(&path, s->going.v, s->going.n, sizeof *s->going.v, compare_texts);
}

/* What workers tell by names of members and files asked nobody yet. */
static bool name_counts(const struct settling *s, const struct finding *finding)
{
	const struct policy *policy = &s->rules->policy;
	const char *category = finding->seen & SEEN_NAMED ? "secrets" : "artefacts";
	return selection_has(s->selection, finding->name, finding->class, category) &&
	       policy_for(policy, finding->name, finding->class) != DISPOSE_KEEP &&
	       !policy_allows(policy, finding->name, finding->path,
			      guest_home_of(s->guest, finding->path), s->guest->any_case, NULL);
}

/* False when the finding leaves the list. */
static bool settle_one(struct settling *s, struct finding *finding)
{
	if (goes_with_tree(s, finding) ||
	    (finding->kind == FINDING_SECRET && already_goes(s, finding)))
		return false;
	if (finding->kind == FINDING_POSTURE &&
	    (finding->member || (finding->seen & SEEN_NAMED)))
		return name_counts(s, finding);
	if (finding->kind != FINDING_SECRET)
		return true; /* whoever added it asked the selection */
	weigh(finding);
	if ((finding->seen & SEEN_VENDOR) && finding->confidence == CONFIDENCE_LOW)
		return false;
	const struct policy *policy = &s->rules->policy;
	enum disposition wanted = policy_for(policy, finding->name, finding->class);
	bool expired = false;
	const char *home = guest_home_of(s->guest, finding->path);
	if (wanted == DISPOSE_KEEP || policy_allows(policy, finding->name, finding->path, home,
						    s->guest->any_case, &expired))
		return false;
	if (!take_away(s, finding, wanted)) {
		if (expired) {
			char *text = mem_printf("%s (its allowance has expired)",
						finding->text);
			free(finding->text);
			finding->text = text;
		}
		return true;
	}
	return false;
}

void settle_findings(struct plan *plan, const struct guest *guest, const struct rules *rules,
		     const struct guard *guard, const struct selection *selection,
		     const struct owned *owned)
{
	struct settling s = {plan, guest, rules, guard, selection, {0}, {0}};
	doubles_removals(plan);
	index_steps(&s);
	drop_unselected(&s);
	set_aside(&s);
	doubles_secrets(plan, rules);
	if (owned)
		vendor_mark(plan, owned);
	size_t kept = 0, pairs = pairs_mark(plan, rules);
	vec_each(&plan->findings, finding) {
		if (settle_one(&s, finding))
			plan->findings.v[kept++] = *finding;
		else
			finding_clear(finding);
	}
	plan->findings.n = kept;
	vec_free(&s.going);
	vec_free(&s.trees);
	pairs_join(plan, pairs);
	doubles_postures(plan);
}
