/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/glob.h"
#include "base/str.h"
#include "model/keyglob.h"
#include "model/realm.h"
#include "rules/pack.h"

static const char *path_wrong(const char *text)
{
	if (*text != '/' && !str_starts(text, "~/"))
		return "has to start with / or ~/";
	if (strcmp(text, "/") == 0 || strcmp(text, "~/") == 0)
		return "names the whole tree";
	size_t len = strlen(text);
	return text[len - 1] == '/' ? "ends in a slash" : glob_fault(text);
}

static const char *place_wrong(const char *text)
{
	return realm_of(text) == REALM_REGISTRY ? keyglob_fault(text) : path_wrong(text);
}

static const char *member_wrong(const char *text)
{
	return *text == '/' || *text == '.' || *text == '~' ? "has to start with a name"
							    : glob_fault(text);
}

static bool parse_os(const char *text, void *slot)
{
	unsigned *bits = slot;
	if (strcmp(text, "linux") == 0)
		*bits |= 1u << GUEST_LINUX;
	else if (strcmp(text, "windows") == 0)
		*bits |= 1u << GUEST_WINDOWS;
	else
		return false;
	return true;
}

static bool parse_action(const char *text, void *slot)
{
	struct artefact *artefact = slot;
	artefact->report = strcmp(text, "report") == 0;
	if (artefact->report)
		return true;
	return action_parse(text, &artefact->action) &&
	       (artefact->action == STEP_REMOVE || artefact->action == STEP_EMPTY_TREE ||
		artefact->action == STEP_TRUNCATE);
}

static bool parse_order(const char *text, void *slot)
{
	*(bool *)slot = true;
	return strcmp(text, "last") == 0;
}

#define AT(member) offsetof(struct artefact, member)
/* clang-format off */
static const struct field fields[] = {
	{.key = "name", FIELD_TEXT, AT(name), true, .wrong = record_name_wrong},
	{.key = "title", FIELD_TEXT, AT(title), true},
	{.key = "why", FIELD_TEXT, AT(why), true},
	{.key = "advice", FIELD_TEXT, AT(advice)},
	{.key = "class", FIELD_WORD, AT(class), true, record_parse_class, RECORD_CLASSES},
	{.key = "severity", FIELD_WORD, AT(severity), true, record_parse_severity,
	 RECORD_SEVERITIES},
	{.key = "os", FIELD_WORDS, AT(os), false, parse_os, "linux or windows"},
	/* Sets two members, so it gets the whole record. */
	{.key = "action", FIELD_WORD, 0, true, parse_action,
	 "remove, empty-tree, truncate or report"},
	{.key = "paths", FIELD_LIST, AT(paths), .wrong = path_wrong},
	{.key = "registry", FIELD_LIST, AT(registry), .wrong = keyglob_fault},
	{.key = "members", FIELD_LIST, AT(members), .wrong = member_wrong},
	{.key = "keep", FIELD_LIST, AT(keep), .wrong = place_wrong},
	{.key = "held-by", FIELD_LIST, AT(held_by)},
	{.key = "reopen", FIELD_TEXT, AT(reopen)},
	{.key = "order", FIELD_WORD, AT(last), false, parse_order, "last"},
	{.key = "match", FIELD_LIST, AT(match), true, .wrong = place_wrong, .sample = true},
	{.key = "nomatch", FIELD_LIST, AT(nomatch), true, .wrong = place_wrong, .sample = true},
	{0},
};
/* clang-format on */

static bool any_matches(const strings *globs, const char *path)
{
	vec_each(globs, glob) {
		if (glob_path(*glob, path))
			return true;
	}
	return false;
}

/* Whether a directory above the path is matched. */
static bool lies_below(const strings *globs, const char *path)
{
	_cleanup_free_ char *above = mem_strdup(path);
	for (char *slash; (slash = strrchr(above, '/')) && slash != above;) {
		*slash = 0;
		if (any_matches(globs, above))
			return true;
	}
	return false;
}

bool artefact_has_member(const struct artefact *artefact, const char *member)
{
	while (*member == '/' || (member[0] == '.' && member[1] == '/'))
		member++;
	return any_matches(&artefact->members, member);
}

/* A sample of an artefact with members is ARCHIVE!MEMBER. */
static bool covers_member(const struct artefact *artefact, const char *sample)
{
	const char *mark = strchr(sample, '!');
	if (!mark)
		return false;
	_cleanup_free_ char *path = mem_strndup(sample, (size_t)(mark - sample));
	return any_matches(&artefact->paths, path) && artefact_has_member(artefact, mark + 1);
}

static bool any_fits(const strings *globs, const char *place)
{
	vec_each(globs, glob)
		if (keyglob_fits(*glob, place))
			return true;
	return false;
}

static bool any_covers(const strings *globs, const char *place)
{
	vec_each(globs, glob)
		if (keyglob_covers(*glob, place))
			return true;
	return false;
}

static bool covers_place(const struct artefact *artefact, const char *place)
{
	if (any_covers(&artefact->keep, place))
		return false;
	if (artefact->report)
		return any_fits(&artefact->registry, place);
	bool covered = any_covers(&artefact->registry, place);
	return covered &&
	       (artefact->action != STEP_EMPTY_TREE || !any_fits(&artefact->registry, place));
}

static bool covers(const struct artefact *artefact, const char *path)
{
	if (artefact->members.n)
		return covers_member(artefact, path);
	if (realm_of(path) == REALM_REGISTRY)
		return covers_place(artefact, path);
	if (any_matches(&artefact->keep, path) || lies_below(&artefact->keep, path))
		return false;
	bool whole_tree = !artefact->report && artefact->action != STEP_TRUNCATE;
	bool itself = artefact->report || artefact->action != STEP_EMPTY_TREE;
	return (itself && any_matches(&artefact->paths, path)) ||
	       (whole_tree && lies_below(&artefact->paths, path));
}

static int check_samples(struct document *doc, const struct artefact *artefact)
{
	vec_each(&artefact->match, path) {
		if (!covers(artefact, *path))
			return document_fault(doc, artefact->line,
					      "%s: match sample %s is not covered by its paths",
					      artefact->name, *path);
	}
	vec_each(&artefact->nomatch, path) {
		if (covers(artefact, *path))
			return document_fault(doc, artefact->line,
					      "%s: nomatch sample %s is covered by its paths",
					      artefact->name, *path);
	}
	return 0;
}

/* What an entry says together; NULL: it can be so. */
static const char *entry_wrong(const struct artefact *artefact)
{
	if (!artefact->paths.n && !artefact->registry.n)
		return "needs paths or registry";
	if (artefact->members.n && !artefact->report)
		return "members can only be reported";
	if (!artefact->registry.n)
		return NULL;
	if (artefact->members.n)
		return "has members: there are none in the registry";
	if (artefact->os != 1u << GUEST_WINDOWS)
		return "names places in the registry: os has to be [windows]";
	if (artefact->action == STEP_TRUNCATE)
		return "nothing in the registry can be truncated";
	vec_each(&artefact->registry, glob)
		if (artefact->action == STEP_EMPTY_TREE && strstr(*glob, "\\\\"))
			return "empties a value: empty-tree is for keys";
	return NULL;
}

int artefacts_read(struct document *doc, const struct node *node, void *context)
{
	struct pack_loader *loader = context;
	struct artefact *artefact = vec_add(&loader->rules->artefacts);
	artefact->file = doc->file;
	artefact->line = node->line;
	int r = record_read(doc, node, fields, artefact);
	if (r >= 0)
		r = pack_take_name(loader, doc, artefact->name, artefact->line);
	const char *wrong = r >= 0 ? entry_wrong(artefact) : NULL;
	if (wrong)
		r = document_fault(doc, artefact->line, "%s: %s", artefact->name, wrong);
	if (r >= 0 && !doc->proven)
		r = check_samples(doc, artefact);
	if (!artefact->os)
		artefact->os = 1u << GUEST_LINUX;
	return r;
}

void artefacts_clear(struct artefact *artefact)
{
	record_clear(fields, artefact);
}
