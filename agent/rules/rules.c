/* SPDX-License-Identifier: MIT */
#include "rules/rules.h"

#include <errno.h>

#include "base/str.h"
#include "rules/gitleaks.h"
#include "rules/pack.h"
#include "rules/packs_inside.h"

#define POLICY_DIR "policy/"
#define YAML_END ".yaml"

enum { PROFILES_MAX = 32 };

/* What the callers see comes first; the rest only lives as long. */
struct loaded {
	struct rules rules;
	strings files;
};

/* The profile that a pack inside holds; false for other packs. */
static bool is_profile(const struct pack_inside *pack, const char *name)
{
	size_t len = strlen(name);
	return str_starts(pack->path, POLICY_DIR) &&
	       strncmp(pack->path + strlen(POLICY_DIR), name, len) == 0 &&
	       strcmp(pack->path + strlen(POLICY_DIR) + len, YAML_END) == 0;
}

static struct document document_of(const struct pack_inside *pack, bool proven,
				   struct buf *fault)
{
	return (struct document){.nodes = pack->nodes,
				 .texts = pack->texts,
				 .file = pack->path,
				 .fault = fault,
				 .proven = proven};
}

static int read_inside(struct pack_loader *loader, bool proven)
{
	for (const struct pack_inside *pack = packs_inside; pack->path; pack++) {
		if (str_starts(pack->path, POLICY_DIR))
			continue;
		struct document doc = document_of(pack, proven, loader->fault);
		int r = pack_take(loader, &doc);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_profile(struct pack_loader *loader, const char *name)
{
	for (const struct pack_inside *pack = packs_inside; pack->path; pack++)
		if (is_profile(pack, name)) {
			struct document doc = document_of(pack, true, loader->fault);
			return policy_read(&doc, &loader->rules->policy);
		}
	buf_puts(loader->fault, "there is no profile \"");
	str_quote(loader->fault, name);
	buf_puts(loader->fault, "\"; the profiles are");
	for (const char *const *known = rules_profiles(); *known; known++)
		buf_printf(loader->fault, " %s", *known);
	return -EINVAL;
}

static int read_policy_file(struct pack_loader *loader, const char *file)
{
	_cleanup_(buf_free) struct buf text = {0};
	int r = pack_slurp(file, &text, loader->fault);
	if (r < 0)
		return r;
	char *label = *vec_add(loader->files) = mem_strdup(file);
	struct document doc;
	r = document_parse(&doc, buf_text(&text), text.len, label, loader->fault);
	if (r >= 0)
		r = policy_read(&doc, &loader->rules->policy);
	document_free(&doc);
	return r;
}

static int add_to_policy(struct pack_loader *loader, const struct rules_options *options)
{
	struct policy *policy = &loader->rules->policy;
	const char *const *text = options->treat;
	int r = 0;
	loader->rules->no_inline |= policy->no_inline;
	for (; r >= 0 && text && *text; text++)
		r = policy_treat(policy, *text, loader->fault);
	for (text = options->remove_accounts; r >= 0 && text && *text; text++)
		r = policy_remove_account(policy, *text, loader->fault);
	return r;
}

/* A .gitleaksignore beside the configuration counts unless another file is named. */
static int read_ignored(struct rules *rules, const struct rules_options *options,
			struct buf *fault)
{
	const char *config = options->gitleaks_config;
	if (options->gitleaks_ignore)
		return gitleaks_load_ignored(rules, options->gitleaks_ignore, false, fault);
	if (!config)
		return 0;
	_cleanup_free_ char *beside = mem_printf("%.*s.gitleaksignore",
						 (int)(str_leaf(config) - config), config);
	return gitleaks_load_ignored(rules, beside, true, fault);
}

static int read_gitleaks(struct pack_loader *loader, const struct rules_options *options)
{
	int r = 0;
	loader->rules->no_inline = options->no_inline;
	if (options->gitleaks_config)
		r = gitleaks_load(loader->rules, loader->files, options->gitleaks_config,
				  loader->fault);
	return r < 0 ? r : read_ignored(loader->rules, options, loader->fault);
}

static int read_all(struct pack_loader *loader, const struct rules_options *options)
{
	int r = read_inside(loader, !options->check_inside);
	const char *const *dir = options->pack_dirs;
	loader->rules->inside = loader->rules->secrets.n;
	for (; r >= 0 && dir && *dir; dir++)
		r = pack_read_dir(loader, *dir);
	if (r >= 0)
		r = read_gitleaks(loader, options);
	if (r < 0)
		return r;
	if (options->policy_file)
		r = read_policy_file(loader, options->policy_file);
	else
		r = read_profile(loader, str_or(options->profile, "default"));
	return r < 0 ? r : add_to_policy(loader, options);
}

int rules_load(const struct rules_options *options, struct rules **ret, struct buf *fault)
{
	struct loaded *loaded = mem_alloc(sizeof *loaded);
	struct pack_loader loader = {
		.rules = &loaded->rules, .files = &loaded->files, .fault = fault};
	int r = read_all(&loader, options);
	vec_free(&loader.names);
	if (r < 0) {
		rules_free(&loaded->rules);
		return r;
	}
	*ret = &loaded->rules;
	return 0;
}

void rules_free(struct rules *rules)
{
	if (!rules)
		return;
	struct loaded *loaded = (struct loaded *)rules;
	vec_each(&rules->secrets, rule)
		secrets_clear(rule);
	vec_each(&rules->artefacts, artefact)
		artefacts_clear(artefact);
	vec_free(&rules->secrets);
	vec_free(&rules->artefacts);
	policy_clear(&rules->policy);
	gitleaks_free(rules->gitleaks);
	record_clear_strings(&loaded->files);
	free(loaded);
}

static bool has_name(const struct rules *rules, const char *name)
{
	if (secret_rule_find(rules, name))
		return true;
	vec_each(&rules->artefacts, artefact) {
		if (strcmp(artefact->name, name) == 0)
			return true;
	}
	return gitleaks_disabled(rules->gitleaks, name);
}

static int check_name(const struct rules *rules, const char *name, unsigned line,
		      bool (*is_cleaner)(const char *name), struct buf *fault)
{
	if (strcmp(name, "*") == 0 || has_name(rules, name) || is_cleaner(name))
		return 0;
	if (line)
		buf_printf(fault, "%s:%u: ", rules->policy.file, line);
	else
		buf_puts(fault, "--treat: ");
	buf_puts(fault, "nothing is named \"");
	str_quote(fault, name);
	buf_puts(fault, "\"");
	return -EINVAL;
}

int rules_check_names(const struct rules *rules, bool (*is_cleaner)(const char *name),
		      struct buf *fault)
{
	int r = 0;
	vec_each(&rules->policy.items, item) {
		if (r >= 0)
			r = check_name(rules, item->name, item->line, is_cleaner, fault);
	}
	vec_each(&rules->policy.allow, allowance) {
		if (r >= 0)
			r = check_name(rules, allowance->name, allowance->line, is_cleaner,
				       fault);
	}
	return r;
}

const char *const *rules_profiles(void)
{
	static char *names[PROFILES_MAX + 1];
	const struct pack_inside *pack = names[0] ? NULL : packs_inside;
	for (size_t n = 0; pack && pack->path && n < PROFILES_MAX; pack++) {
		if (!str_starts(pack->path, POLICY_DIR))
			continue;
		const char *leaf = pack->path + strlen(POLICY_DIR);
		names[n++] = mem_strndup(leaf, strlen(leaf) - strlen(YAML_END));
	}
	return (const char *const *)names;
}
