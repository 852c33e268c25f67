/* SPDX-License-Identifier: MIT */
#include "rules/pack.h"

#include <errno.h>
#include <stddef.h>

#include "base/error.h"
#include "base/sort.h"
#include "base/str.h"

enum { DEPTH_MAX = 8 };

struct top {
	const struct node *secrets, *artefacts, *weights, *thresholds;
};

/* clang-format off */
static const struct field top_fields[] = {
	{.key = "secrets", FIELD_NODE, offsetof(struct top, secrets)},
	{.key = "artefacts", FIELD_NODE, offsetof(struct top, artefacts)},
	{.key = "weights", FIELD_NODE, offsetof(struct top, weights)},
	{.key = "thresholds", FIELD_NODE, offsetof(struct top, thresholds)},
	{0},
};
/* clang-format on */

int pack_take_name(struct pack_loader *loader, struct document *doc, const char *name,
		   unsigned line)
{
	for (size_t i = 0; i < loader->names.n && !doc->proven; i++) {
		const struct pack_name *other = &loader->names.v[i];
		if (strcmp(other->name, name) == 0)
			return document_fault(doc, line, "the name \"%s\" is taken by %s:%u",
					      name, other->file, other->line);
	}
	*vec_add(&loader->names) = (struct pack_name){name, doc->file, line};
	return 0;
}

static bool is_policy(struct document *doc)
{
	const struct node *top = doc->nodes;
	return top->kind == NODE_MAP && top->size > 1 && top[1].kind == NODE_TEXT &&
	       strcmp(node_text(doc, top + 1), "policy") == 0;
}

int pack_take(struct pack_loader *loader, struct document *doc)
{
	if (is_policy(doc)) {
		struct policy unused = {0};
		int r = policy_read(doc, &unused);
		policy_clear(&unused);
		return r;
	}
	struct top top = {0};
	int r = record_read(doc, doc->nodes, top_fields, &top);
	bool weighs = top.weights || top.thresholds;
	if (r >= 0 && !top.secrets && !top.artefacts && !weighs)
		r = document_fault(doc, 1, "secrets or artefacts is missing");
	if (r >= 0 && top.secrets)
		r = record_each(doc, top.secrets, "secrets", secrets_read, loader);
	if (r >= 0 && top.artefacts)
		r = record_each(doc, top.artefacts, "artefacts", artefacts_read, loader);
	if (r >= 0 && weighs)
		r = weights_read(doc, top.weights, top.thresholds, loader->rules);
	return r;
}

int pack_read(struct pack_loader *loader, const char *text, size_t len, const char *file)
{
	struct document doc;
	int r = document_parse(&doc, text, len, file, loader->fault);
	if (r >= 0)
		r = pack_take(loader, &doc);
	document_free(&doc);
	return r;
}

static int say(struct buf *fault, const char *path, const char *what)
{
	if (!fault->len) {
		str_quote(fault, path);
		buf_printf(fault, ": %s", what);
	}
	return -EINVAL;
}

int pack_slurp(const char *host_path, struct buf *ret, struct buf *fault)
{
	int r = plat_trusted_read(host_path, PACK_FILE_MAX, ret);
	if (r == -EPERM)
		return say(
			fault, host_path,
			"is refused: only you or root may own and write it and its directory");
	if (r == -EFBIG)
		return say(fault, host_path, "is larger than 1 MiB");
	return r < 0 ? say(fault, host_path, error_text(r)) : 0;
}

static bool wanted(enum plat_kind kind, const char *name)
{
	return (kind == PLAT_FILE || kind == PLAT_SYMLINK) && *name != '.' &&
	       str_ends(name, ".yaml");
}

static enum plat_kind kind_of(struct plat_dir *dir, const char *name, enum plat_kind kind)
{
	struct plat_info info;
	if (kind == PLAT_UNKNOWN && plat_info_at(dir, name, &info) >= 0)
		return info.kind;
	return kind;
}

static int list(struct plat_dir *dir, const char *path, unsigned depth, strings *ret)
{
	const char *name;
	enum plat_kind kind;
	int r;
	while ((r = plat_dir_next(dir, &name, &kind)) > 0) {
		kind = kind_of(dir, name, kind);
		if (wanted(kind, name))
			*vec_add(ret) = mem_printf("%s/%s", path, name);
		if (kind != PLAT_DIR || *name == '.' || depth == DEPTH_MAX)
			continue;
		_cleanup_free_ char *below = mem_printf("%s/%s", path, name);
		struct plat_dir *member;
		r = plat_dir_open_at(dir, name, &member);
		if (r >= 0) {
			r = list(member, below, depth + 1, ret);
			plat_dir_close(member);
		}
		if (r < 0)
			return r;
	}
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_files(struct pack_loader *loader, const strings *files)
{
	vec_each(files, file) {
		_cleanup_(buf_free) struct buf text = {0};
		int r = pack_slurp(*file, &text, loader->fault);
		if (r < 0)
			return r;
		char *label = *vec_add(loader->files) = mem_strdup(*file);
		r = pack_read(loader, buf_text(&text), text.len, label);
		if (r < 0)
			return r;
	}
	return 0;
}

int pack_read_dir(struct pack_loader *loader, const char *dir)
{
	struct plat_dir *open;
	int r = plat_dir_open(dir, &open);
	if (r < 0)
		return say(loader->fault, dir, error_text(r));
	_cleanup_(record_clear_strings) strings files = {0};
	r = list(open, dir, 0, &files);
	plat_dir_close(open);
	if (r < 0)
		return say(loader->fault, dir, error_text(r));
	if (!files.n)
		return say(loader->fault, dir, "holds no *.yaml file");
	sort_stable(files.v, files.n, sizeof *files.v, by_name);
	return read_files(loader, &files);
}
