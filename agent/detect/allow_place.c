/* SPDX-License-Identifier: MIT */
/* What depends on where something stands: paths, commits, lines of .gitleaksignore, and
 * other finds near it. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/allow_inside.h"

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool hits_text(const struct allow *allow, const code_list *codes, const char *text)
{
	return text && *text && allow_hits(allow, codes, text, strlen(text));
}

/* As gitleaks names a file in an archive; the caller frees. */
static char *whole_path(const struct allow_place *place)
{
	if (!place->path || !place->member)
		return place->path ? mem_strdup(place->path) : NULL;
	return mem_printf("%s!%s", place->path, place->member);
}

/* Expressions are asked once for each place, not for each rule and find. */
void allow_go(struct allow *allow, const struct allow_place *place)
{
	if (allow->placed && same(allow->path, place->path) &&
	    same(allow->member, place->member))
		return;
	free(allow->path);
	free(allow->member);
	allow->path = place->path ? mem_strdup(place->path) : NULL;
	allow->member = place->member ? mem_strdup(place->member) : NULL;
	allow->placed = true;
	_cleanup_free_ char *whole = whole_path(place);
	vec_each(&allow->lists, list)
		list->path_hit = hits_text(allow, &list->paths, whole) ||
				 hits_text(allow, &list->paths, place->path);
	vec_each(&allow->each, rule) {
		code_list one = {&rule->path, 1, 1};
		rule->path_hit = !rule->path || !whole || hits_text(allow, &one, whole);
	}
}

static bool has_commit(const struct gitleaks_list *list, const char *commit)
{
	vec_each(&list->commits, it)
		if (commit && strcmp(*it, commit) == 0)
			return true;
	return false;
}

/* Whether a list sets a find aside by its place. `content`: what it says of the find
 * itself holds, or it says nothing of it. */
static bool sets_aside(const struct allow_list *list, const char *commit, bool content)
{
	const struct gitleaks_list *from = list->from;
	bool by_commit = has_commit(from, commit);
	if (!from->all)
		return list->path_hit || by_commit;
	return content && (from->paths.n || from->commits.n) &&
	       (!from->paths.n || list->path_hit) && (!from->commits.n || by_commit);
}

static bool says_nothing(const struct gitleaks_list *list)
{
	return !list->regexes.n && !list->stopwords.n;
}

static bool is_set_aside(const struct allow *allow, const struct gitleaks_rule *terms,
			 const char *commit, uint64_t content)
{
	for (size_t i = 0; i < terms->lists.n; i++) {
		const struct allow_list *list = &allow->lists.v[terms->lists.v[i]];
		if (sets_aside(list, commit, says_nothing(list->from) || (content >> i & 1)))
			return true;
	}
	return false;
}

void allow_mask(struct allow *allow, const struct allow_place *place, uint8_t mask[MASK_SIZE])
{
	if (!place->path)
		return;
	allow_go(allow, place);
	for (size_t i = 0; i < allow->each.n; i++) {
		const struct allow_rule *rule = &allow->each.v[i];
		if (rule->terms &&
		    (!rule->path_hit || is_set_aside(allow, rule->terms, place->commit, 0)))
			mask[i >> 3] &= (uint8_t) ~(1u << (i & 7));
	}
}

static const char *bare(const char *path)
{
	return path + strspn(path, "/");
}

static bool is_ignored(const struct allow *allow, const char *name, uint32_t line,
		       const struct allow_place *place)
{
	_cleanup_free_ char *whole = allow->from->ignored.n ? whole_path(place) : NULL;
	vec_each(&allow->from->ignored, it)
		if (whole && it->line == line && strcmp(it->rule, name) == 0 &&
		    strcmp(bare(it->path), bare(whole)) == 0 &&
		    (!it->commit || (place->commit && strcmp(it->commit, place->commit) == 0)))
			return true;
	return false;
}

bool allow_counts(struct allow *allow, const struct found *found,
		  const struct allow_place *place)
{
	const struct allow_rule *rule = &allow->each.v[found->rule];
	const char *name = rule->terms ? rule->terms->id
				       : allow->rules->secrets.v[found->rule].name;
	uint32_t line = found->codings ? found->line : found->match_line;
	allow_go(allow, place);
	if (rule->terms &&
	    (!rule->path_hit || is_set_aside(allow, rule->terms, place->commit, found->allow)))
		return false;
	return !is_ignored(allow, name, line, place);
}

/* ---- rules that require others ---- */

/* Both distances given make a rectangle (gitleaks' README, on composite rules). */
static bool is_near(const struct found *a, const struct found *b,
		    const struct gitleaks_required *required)
{
	int64_t lines = (int64_t)a->match_line - b->match_line;
	int64_t columns = (int64_t)a->match_column - b->match_column;
	if (a->codings || b->codings) {
		lines = (int64_t)a->line - b->line;
		columns = (int64_t)a->column - b->column;
	}
	if (required->lines >= 0 && llabs(lines) > required->lines)
		return false;
	return required->columns < 0 || llabs(columns) <= required->columns;
}

static bool is_there(const struct allow *allow, const struct match *m,
		     const struct found *found, const struct gitleaks_required *required)
{
	const struct allow_rule *rule = &allow->each.v[required->rule];
	if (rule->terms && !rule->terms->own && !rule->terms->regex)
		return rule->path && rule->path_hit;
	vec_each(&m->found, it)
		if (it->rule == required->rule && !(it->seen & SEEN_ALLOWED) &&
		    is_near(found, it, required))
			return true;
	return false;
}

static bool has_required(const struct allow *allow, const struct match *m,
			 const struct found *found)
{
	const struct gitleaks_rule *terms = allow->each.v[found->rule].terms;
	if (terms && terms->regex)
		vec_each(&terms->required, required)
			if (!is_there(allow, m, found, required))
				return false;
	return true;
}

/* Keeps what `keeps` says of; the rest is wiped. */
static void sift(struct match *m, const bool *keeps)
{
	size_t kept = 0;
	for (size_t i = 0; i < m->found.n; i++)
		if (keeps[i])
			m->found.v[kept++] = m->found.v[i];
	m->found.n = kept;
}

/* The required ones first have to count themselves. */
void allow_settle(struct allow *allow, struct match *m, const struct allow_place *place)
{
	_cleanup_free_ bool *keeps = mem_alloc(m->found.n + 1);
	for (size_t i = 0; i < m->found.n; i++)
		keeps[i] = !place->path || allow_counts(allow, &m->found.v[i], place);
	sift(m, keeps);
	for (size_t i = 0; i < m->found.n; i++) {
		const struct gitleaks_rule *terms = allow->each.v[m->found.v[i].rule].terms;
		keeps[i] = !(terms && terms->silent) && has_required(allow, m, &m->found.v[i]);
	}
	sift(m, keeps);
}

void allow_named(struct allow *allow, const struct allow_place *place,
		 void (*tell)(size_t rule, void *context), void *context)
{
	if (!place->path)
		return;
	allow_go(allow, place);
	for (size_t i = 0; i < allow->each.n; i++) {
		const struct allow_rule *rule = &allow->each.v[i];
		const struct gitleaks_rule *terms = rule->terms;
		if (!terms || terms->own || terms->regex || terms->silent || !rule->path_hit ||
		    is_set_aside(allow, terms, place->commit, 0) ||
		    is_ignored(allow, terms->id, 0, place))
			continue;
		tell(i, context);
	}
}
