/* SPDX-License-Identifier: MIT */
#include "detect/allow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/str.h"
#include "detect/allow_inside.h"
#include "detect/shape.h"

enum {
	JIT_STACK = 1 << 20,
	MATCH_LIMIT = 500000,
	GROUPS_MAX = 63,      /* there is no room for more in a match's data */
	LINE_MOST = 64 << 10, /* of a line, on each side of a match */
};

/* ---- made once, in the zygote ---- */

static int compile(const char *text, const char *file, unsigned line, pcre2_code **ret,
		   struct buf *fault)
{
	_cleanup_free_ char *wrapped = mem_printf("(?:%s)", text);
	uint32_t wide = gitleaks_regex_wide(text) ? PCRE2_UTF | PCRE2_MATCH_INVALID_UTF : 0;
	int error;
	PCRE2_SIZE at;
	*ret = pcre2_compile((PCRE2_SPTR)wrapped, PCRE2_ZERO_TERMINATED,
			     wide | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C, &error, &at,
			     NULL);
	if (!*ret) {
		char what[160] = "";
		pcre2_get_error_message(error, (PCRE2_UCHAR *)what, sizeof what);
		buf_printf(fault, "%s:%u: an expression does not compile: %s",
			   str_or(file, "gitleaks"), line, what);
		return -EINVAL;
	}
	pcre2_jit_compile(*ret, PCRE2_JIT_COMPLETE);
	return 0;
}

static int compile_all(const strings *texts, const struct gitleaks_list *list, code_list *ret,
		       struct buf *fault)
{
	int r = 0;
	vec_each(texts, text) {
		pcre2_code *code = NULL;
		if (r == 0)
			r = compile(*text, list->file, list->line, &code, fault);
		if (code)
			*vec_add(ret) = code;
	}
	return r;
}

static int add_list(struct allow *allow, const struct gitleaks_list *from, struct buf *fault)
{
	struct allow_list *list = vec_add(&allow->lists);
	list->from = from;
	int r = compile_all(&from->paths, from, &list->paths, fault);
	return r < 0 ? r : compile_all(&from->regexes, from, &list->regexes, fault);
}

/* The group is checked against a compiled expression: nobody else can count them. */
static int check_group(const struct gitleaks_rule *terms, struct allow_rule *rule,
		       struct buf *fault)
{
	pcre2_code *code = NULL;
	uint32_t groups = 0;
	int r = compile(terms->regex, terms->file, terms->line, &code, fault);
	if (r < 0)
		return r;
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
	pcre2_code_free(code);
	rule->groups = groups < GROUPS_MAX ? groups : GROUPS_MAX;
	if (terms->group <= rule->groups)
		return 0;
	buf_printf(fault, "%s:%u: %s: secretGroup is %u, and regex has %u groups", terms->file,
		   terms->line, terms->id, terms->group, rule->groups);
	return -EINVAL;
}

static int add_rule(struct allow *allow, const struct secret_rule *from, struct buf *fault)
{
	const struct gitleaks_rule *terms = from->terms;
	struct allow_rule *rule = vec_add(&allow->each);
	rule->terms = terms;
	int r = terms && terms->path
			? compile(terms->path, terms->file, terms->line, &rule->path, fault)
			: 0;
	if (r < 0 || !terms || terms->own || !terms->regex)
		return r;
	return check_group(terms, rule, fault);
}

int allow_new(const struct rules *rules, struct allow **ret, struct buf *fault)
{
	int r = 0;
	*ret = NULL;
	if (!rules->gitleaks)
		return 0;
	struct allow *allow = mem_alloc(sizeof *allow);
	allow->rules = rules;
	allow->from = rules->gitleaks;
	vec_each(&rules->gitleaks->lists, list)
		r = r < 0 ? r : add_list(allow, list, fault);
	vec_each(&rules->secrets, rule)
		r = r < 0 ? r : add_rule(allow, rule, fault);
	if (r < 0) {
		allow_free(allow);
		return r;
	}
	allow->data = pcre2_match_data_create(1, NULL);
	allow->context = pcre2_match_context_create(NULL);
	allow->stack = pcre2_jit_stack_create(32 << 10, JIT_STACK, NULL);
	if (allow->stack)
		pcre2_jit_stack_assign(allow->context, NULL, allow->stack);
	pcre2_set_match_limit(allow->context, MATCH_LIMIT);
	*ret = allow;
	return 0;
}

static void free_codes(code_list *codes)
{
	vec_each(codes, code)
		pcre2_code_free(*code);
	vec_free(codes);
}

void allow_free(struct allow *allow)
{
	if (!allow)
		return;
	vec_each(&allow->lists, list) {
		free_codes(&list->paths);
		free_codes(&list->regexes);
	}
	vec_each(&allow->each, rule)
		pcre2_code_free(rule->path);
	vec_free(&allow->lists);
	vec_free(&allow->each);
	free(allow->path);
	free(allow->member);
	pcre2_match_data_free(allow->data);
	pcre2_match_context_free(allow->context);
	pcre2_jit_stack_free(allow->stack);
	free(allow);
}

bool allow_hits(const struct allow *allow, const code_list *codes, const void *text, size_t len)
{
	vec_each(codes, code)
		if (pcre2_match(*code, text, len, 0, 0, allow->data, allow->context) >= 0)
			return true;
	return false;
}

/* ---- by what stands there ---- */

void allow_secret(const struct allow *allow, size_t index, const uint8_t *window,
		  const size_t *at, size_t *start, size_t *end)
{
	const struct allow_rule *rule = &allow->each.v[index];
	if (!rule->terms || rule->terms->own)
		return;
	*start = at[0];
	*end = at[1];
	while (*start < *end && window[*start] == '\n')
		++*start;
	while (*start < *end && window[*end - 1] == '\n')
		--*end;
	unsigned first = rule->terms->group ? rule->terms->group : 1;
	unsigned last = rule->terms->group ? rule->terms->group : rule->groups;
	for (size_t group = first; group <= last; group++) {
		if (at[2 * group] == PCRE2_UNSET || at[2 * group] >= at[2 * group + 1])
			continue;
		*start = at[2 * group];
		*end = at[2 * group + 1];
		return;
	}
	if (rule->terms->group) /* it is empty: there is no secret */
		*end = *start;
}

/* Of a rule whose keywords the prefilter can not look for. */
static bool has_keyword(const struct gitleaks_rule *terms, const struct allow_sight *s,
			size_t far)
{
	size_t from = s->start > far ? s->start - far : 0;
	size_t to = s->len - s->end > far ? s->end + far : s->len;
	vec_each(&terms->keywords, keyword)
		if (ascii_holds(s->window + from, to - from, *keyword))
			return true;
	return !terms->keywords.n;
}

/* The words of a program stand near everything: there a keyword has to be part of the
 * token. */
static bool has_keywords(const struct secret_rule *rule, const struct allow_sight *s)
{
	if (rule->terms->own || (!rule->expensive && !s->binary))
		return true;
	return has_keyword(rule->terms, s, s->binary ? 0 : ALLOW_FAR);
}

static size_t line_start(const struct allow_sight *s)
{
	size_t at = s->match_start;
	while (at > 0 && s->match_start - at < LINE_MOST && s->window[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(const struct allow_sight *s)
{
	size_t at = s->match_end;
	if (at > s->match_start && s->window[at - 1] == '\n')
		at--;
	while (at < s->len && at - s->match_end < LINE_MOST && s->window[at] != '\n')
		at++;
	return at;
}

static bool hits_list(const struct allow *allow, const struct allow_list *list,
		      const struct allow_sight *s)
{
	size_t start = s->start, end = s->end;
	if (list->from->target == GITLEAKS_MATCH) {
		start = s->match_start;
		end = s->match_end;
	} else if (list->from->target == GITLEAKS_LINE) {
		start = line_start(s);
		end = line_end(s);
	}
	return allow_hits(allow, &list->regexes, s->window + start, end - start);
}

static bool has_stopword(const struct gitleaks_list *list, const struct allow_sight *s)
{
	vec_each(&list->stopwords, word)
		if (ascii_holds(s->window + s->start, s->end - s->start, *word))
			return true;
	return false;
}

/* False: set aside. What a list says of the place is asked later, so whether the rest
 * of it holds is kept. */
static bool pass_lists(const struct allow *allow, const struct gitleaks_rule *terms,
		       const struct allow_sight *s, struct found *found)
{
	for (size_t i = 0; i < terms->lists.n; i++) {
		const struct allow_list *list = &allow->lists.v[terms->lists.v[i]];
		const struct gitleaks_list *from = list->from;
		bool regex = hits_list(allow, list, s), word = has_stopword(from, s);
		if (!from->all && (regex || word))
			return false;
		if (!from->all || (from->regexes.n && !regex) || (from->stopwords.n && !word))
			continue;
		if (!from->paths.n && !from->commits.n)
			return false;
		found->allow |= (uint64_t)1 << i;
	}
	return true;
}

static void place_match(const struct allow_sight *s, struct found *found)
{
	uint32_t lines = 0;
	for (size_t at = s->match_start; at < s->start; at++)
		lines += s->window[at] == '\n';
	found->match_line = found->line - (lines < found->line ? lines : 0);
	found->match_column = lines ? (uint32_t)(s->match_start - line_start(s)) + 1
				    : found->column - (uint32_t)(s->start - s->match_start);
}

static double entropy_of(const struct allow_sight *s)
{
	return shape_of((struct span){s->window + s->start, s->end - s->start}).entropy;
}

static bool is_marked(const struct allow_sight *s)
{
	static const char *const marks[] = {"imgsan:allow", "gitleaks:allow"};
	size_t from = line_start(s), to = line_end(s);
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (str_find(s->window + from, to - from, marks[i]))
			return true;
	return false;
}

bool allow_takes(const struct patterns *patterns, size_t index, const struct allow_sight *s,
		 struct found *found)
{
	const struct allow *allow = patterns->allow;
	const struct gitleaks_rule *terms = allow ? allow->each.v[index].terms : NULL;
	if (terms && terms->entropy != 0 && entropy_of(s) <= terms->entropy)
		return false;
	if (terms && !has_keywords(patterns->each.v[index].rule, s))
		return false;
	if (terms && !pass_lists(allow, terms, s, found))
		return false;
	if (allow)
		place_match(s, found);
	if (!patterns->rules->no_inline && !s->binary && is_marked(s))
		found->seen |= SEEN_ALLOWED;
	return true;
}
