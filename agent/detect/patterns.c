/* SPDX-License-Identifier: MIT */
#include "detect/patterns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/glob.h"
#include "base/str.h"
#include "detect/allow.h"
#include "detect/keystore.h"

/* The stack that PCRE2's JIT brings (32 KiB) is too small for patterns over long
 * lines; the match limit bounds time, which depth and heap limits do not. */
enum { JIT_STACK = 2 << 20, MATCH_LIMIT = 2000000 };

/* To make it ready at the start would take longer than all its uses, as most systems have
 * no such file, or none with such a keyword. Its keyword makes it ready (try_near), so what
 * needs none can not wait. */
static bool is_seldom(const struct secret_rule *rule)
{
	if (rule->expensive || rule->far)
		return false;
	return rule->token || rule->beside.n || rule->paths.n ||
	       (rule->unlisted && !rule->then);
}

static int compile_text(const struct secret_rule *rule, const char *key, const char *text,
			uint32_t options, pcre2_code **ret, struct buf *fault)
{
	_cleanup_free_ char *wrapped = mem_printf("(?:%s)", text);
	uint32_t wide = rule->wide ? PCRE2_UTF | PCRE2_MATCH_INVALID_UTF : 0;
	int error;
	PCRE2_SIZE at;
	*ret = pcre2_compile((PCRE2_SPTR)wrapped, PCRE2_ZERO_TERMINATED,
			     options | wide | PCRE2_MULTILINE | PCRE2_DOLLAR_ENDONLY |
				     PCRE2_NEVER_BACKSLASH_C,
			     &error, &at, NULL);
	if (!*ret) {
		char what[160] = "";
		pcre2_get_error_message(error, (PCRE2_UCHAR *)what, sizeof what);
		buf_printf(fault, "%s:%u: rule %s: %s: %s at %zu", str_or(rule->file, "rule"),
			   rule->line, rule->name, key, what, at > 3 ? at - 3 : 0);
		return -EINVAL;
	}
	/* Where there is no JIT the interpreter gives the same answers. */
	if (!is_seldom(rule))
		pcre2_jit_compile(*ret, PCRE2_JIT_COMPLETE);
	return 0;
}

static int compile(struct pattern *pattern, struct buf *fault)
{
	const struct secret_rule *rule = pattern->rule;
	pcre2_code *code;
	int r = 0;
	if (rule->then && !pattern->then)
		r = compile_text(rule, "then", rule->then, PCRE2_ANCHORED, &pattern->then,
				 fault);
	if (r == 0)
		r = compile_text(rule, "pattern", rule->pattern, PCRE2_USE_OFFSET_LIMIT, &code,
				 fault);
	if (r < 0)
		return r;
	int group = pcre2_substring_number_from_name(code, (PCRE2_SPTR) "secret");
	pattern->group = group > 0 ? (unsigned)group : 0;
	pattern->code = code; /* last: it says that all is ready */
	return 0;
}

bool patterns_ready(const struct patterns *patterns, size_t rule)
{
	_cleanup_(buf_free) struct buf fault = {0};
	struct pattern *pattern = &patterns->each.v[rule];
	return pattern->code || compile(pattern, &fault) == 0;
}

static bool is_reader(const char *name)
{
	for (const char *const *known = keystore_readers; *known; known++)
		if (strcmp(*known, name) == 0)
			return true;
	return false;
}

/* Another rule by its name, that has matches of its own. Hundreds ask for the same. */
static struct pattern *find_other(struct patterns *patterns, const char *name,
				  struct pattern *last)
{
	if (last && !strcmp(last->rule->name, name))
		return last;
	vec_each(&patterns->each, pattern)
		if (!strcmp(pattern->rule->name, name))
			return pattern->rule->pattern && !pattern->rule->beside.n ? pattern
										  : NULL;
	return NULL;
}

enum { BESIDE_MOST = 4 };

static int set_beside(struct patterns *patterns, struct pattern *pattern,
		      struct pattern *last[BESIDE_MOST], struct buf *fault)
{
	const struct secret_rule *rule = pattern->rule;
	for (size_t i = 0; i < rule->beside.n; i++) {
		const char *name = rule->beside.v[i];
		struct pattern *other = find_other(patterns, name, last[i % BESIDE_MOST]);
		if (!other) {
			buf_printf(fault, "%s:%u: rule %s: no rule %s to stand beside",
				   str_or(rule->file, "rule"), rule->line, rule->name, name);
			return -EINVAL;
		}
		last[i % BESIDE_MOST] = other;
		other->has_beside = true;
		*vec_add(&pattern->beside) = (uint16_t)(other - patterns->each.v);
	}
	return 0;
}

/* Who brings a rule of gitleaks' format judges by that alone. */
static bool take_all(const struct evidence *evidence, struct verdict *ret)
{
	(void)evidence, (void)ret;
	return true;
}

static int compile_all(struct patterns *patterns, struct buf *fault)
{
	vec_each(&patterns->rules->secrets, rule) {
		struct pattern *pattern = vec_add(&patterns->each);
		pattern->rule = rule;
		pattern->judge = rule->far ? take_all : judge_named(rule->judge);
		if (!pattern->judge) {
			buf_printf(fault, "%s:%u: rule %s: no judge is called %s",
				   str_or(rule->file, "rule"), rule->line, rule->name,
				   rule->judge);
			return -EINVAL;
		}
		if (rule->reader && !rule->terms && !is_reader(rule->reader)) {
			buf_printf(fault, "%s:%u: rule %s: no reader is called %s",
				   str_or(rule->file, "rule"), rule->line, rule->name,
				   rule->reader);
			return -EINVAL;
		}
		/* Those inside are proven to compile. */
		bool later = is_seldom(rule) && patterns->each.n <= patterns->rules->inside;
		int r = rule->reader || later ? 0 : compile(pattern, fault);
		if (r < 0)
			return r;
	}
	struct pattern *last[BESIDE_MOST] = {0};
	int r = 0;
	for (size_t i = 0; i < patterns->each.n && r == 0; i++)
		r = set_beside(patterns, &patterns->each.v[i], last, fault);
	return r;
}

static void make_contexts(struct patterns *patterns)
{
	patterns->data = pcre2_match_data_create(64, NULL);
	patterns->context = pcre2_match_context_create(NULL);
	patterns->stack = pcre2_jit_stack_create(32 << 10, JIT_STACK, NULL);
	if (patterns->stack)
		pcre2_jit_stack_assign(patterns->context, NULL, patterns->stack);
	pcre2_set_match_limit(patterns->context, MATCH_LIMIT);
}

static bool is_plain(const struct secret_rule *rule)
{
	return !rule->beside.n && !rule->token;
}

static bool is_anywhere(const struct secret_rule *rule)
{
	return !rule->paths.n && is_plain(rule);
}

static bool is_placed(const struct secret_rule *rule)
{
	return rule->paths.n && is_plain(rule);
}

static bool is_listed(const struct secret_rule *rule)
{
	return is_anywhere(rule) && !rule->unlisted;
}

static bool is_in_binary(const struct secret_rule *rule)
{
	return rule->in_binary && is_plain(rule);
}

static bool is_token(const struct secret_rule *rule)
{
	return rule->token;
}

static bool is_beside(const struct secret_rule *rule)
{
	return rule->beside.n;
}

static int make_prefilters(struct patterns *patterns, struct buf *fault)
{
	static bool (*const wanted[SCOPE_COUNT])(const struct secret_rule *) = {
		[SCOPE_PLACED] = is_placed,
		[SCOPE_ANYWHERE] = is_anywhere,
		[SCOPE_LISTED] = is_listed,
		[SCOPE_BINARY] = is_in_binary,
	};
	int r = 0;
	for (int i = 0; i < SCOPE_COUNT && r == 0; i++)
		r = prefilter_new(patterns->rules, wanted[i], &patterns->prefilters[i], fault);
	if (r == 0)
		r = prefilter_new(patterns->rules, is_beside, &patterns->beside, fault);
	if (r == 0)
		r = prefilter_new_at_words(patterns->rules, is_token, &patterns->tokens, fault);
	return r;
}

/* Asked for with each stream: the others need not be looked through. */
static void list_special(struct patterns *patterns)
{
	for (size_t i = 0; i < patterns->each.n; i++) {
		const struct secret_rule *rule = patterns->each.v[i].rule;
		if (rule->expensive || (rule->far && rule->pattern))
			*vec_add(&patterns->expensive) = (uint16_t)i;
		if (rule->paths.n)
			patterns->placed[i >> 3] |= (uint8_t)(1u << (i & 7));
		if (rule->unlisted)
			patterns->unlisted[i >> 3] |= (uint8_t)(1u << (i & 7));
	}
}

int patterns_new(const struct rules *rules, struct patterns **ret, struct buf *fault)
{
	_cleanup_(patterns_free_ptr) struct patterns *patterns = mem_alloc(sizeof *patterns);
	patterns->rules = rules;
	if (rules->secrets.n > PATTERNS_MAX) {
		buf_printf(fault, "more than %d secret rules", PATTERNS_MAX);
		return -EINVAL;
	}
	if (!patterns_boxes(rules, &patterns->boxes)) {
		buf_printf(fault, "more than %d artefacts with members", BOXES_MAX);
		return -EINVAL;
	}
	int r = make_prefilters(patterns, fault);
	if (r == 0)
		r = compile_all(patterns, fault);
	if (r == 0)
		r = allow_new(rules, &patterns->allow, fault);
	if (r < 0)
		return r;
	list_special(patterns);
	make_contexts(patterns);
	*ret = patterns;
	patterns = NULL;
	return 0;
}

void patterns_free(struct patterns *patterns)
{
	if (!patterns)
		return;
	vec_each(&patterns->each, pattern) {
		pcre2_code_free(pattern->code);
		pcre2_code_free(pattern->then);
		vec_free(&pattern->beside);
	}
	vec_free(&patterns->each);
	vec_free(&patterns->expensive);
	vec_free(&patterns->boxes);
	allow_free(patterns->allow);
	for (int i = 0; i < SCOPE_COUNT; i++)
		prefilter_free(patterns->prefilters[i]);
	prefilter_free(patterns->beside);
	prefilter_free(patterns->tokens);
	pcre2_match_data_free(patterns->data);
	pcre2_match_context_free(patterns->context);
	pcre2_jit_stack_free(patterns->stack);
	free(patterns);
}

static bool wants(const char *glob, const char *path)
{
	if (!str_starts(glob, "~/"))
		return glob_path(glob, path);
	_cleanup_free_ char *anywhere = mem_printf("/**/%s", glob + 2);
	return glob_path(anywhere, path);
}

static bool any_wants(const strings *globs, const char *path)
{
	vec_each(globs, glob)
		if (wants(*glob, path))
			return true;
	return false;
}

bool patterns_want_path(const struct secret_rule *rule, const char *path)
{
	return !rule->paths.n || any_wants(&rule->paths, path);
}

bool patterns_boxes(const struct rules *rules, box_list *ret)
{
	vec_each(&rules->artefacts, artefact) {
		if (!artefact->members.n)
			continue;
		if (ret->n == BOXES_MAX)
			return false;
		*vec_add(ret) = artefact;
	}
	return true;
}
