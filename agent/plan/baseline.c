/* SPDX-License-Identifier: MIT */
#include "plan/baseline.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/sort.h"
#include "base/str.h"

#define MOST_BYTES (256u << 20)
#define SCHEMA "imgsan.report/"

struct known {
	bool secret;
	char *name, *path, *member; /* path and member quoted as in a report */
	json_int_t line, column, length;
	char id[2 * FINDING_ID_SIZE + 1];
};

struct baseline {
	VEC(struct known) known; /* by path */
	bool keyed;		 /* the ids are of the same key as this run's */
};

static int fault_of(struct buf *fault, const char *path, const char *what)
{
	buf_puts(fault, "--baseline: ");
	str_quote(fault, path);
	buf_printf(fault, ": %s", what);
	return -EINVAL;
}

/* One spelling for every name, whatever its bytes. */
static char *quoted(const char *text, bool already)
{
	_cleanup_(buf_free) struct buf out = {0};
	if (already)
		return mem_strdup(text);
	str_quote(&out, text);
	return mem_strdup(buf_text(&out));
}

/* ---- reading ---- */

/* "" for null. */
static const char *text_of(const json_t *value)
{
	return str_or(json_string_value(value), "");
}

static bool read_one(json_t *value, struct baseline *baseline)
{
	const char *kind, *name, *path;
	json_t *member = NULL, *id = NULL;
	json_int_t line, column, length;
	int path_quoted = 0, member_quoted = 0;
	if (json_unpack(value, "{s:s,s:s,s:s,s?b,s:o,s?b,s:I,s:I,s:I,s:o}", "kind", &kind,
			"name", &name, "path", &path, "path_quoted", &path_quoted, "member",
			&member, "member_quoted", &member_quoted, "line", &line, "column",
			&column, "length", &length, "secret", &id) < 0)
		return false;
	bool secret = strcmp(kind, "secret") == 0;
	if (!secret && strcmp(kind, "posture") != 0)
		return true;
	struct known *known = vec_add(&baseline->known);
	known->secret = secret;
	known->name = mem_strdup(name);
	known->path = quoted(path, path_quoted);
	known->member = quoted(text_of(member), member_quoted);
	known->line = line;
	known->column = column;
	known->length = length;
	snprintf(known->id, sizeof known->id, "%s", text_of(id));
	return true;
}

static bool read_list(json_t *list, struct baseline *baseline)
{
	size_t i;
	json_t *value;
	json_array_foreach(list, i, value)
		if (!read_one(value, baseline))
			return false;
	return true;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->path, ((const struct known *)b)->path);
}

static const char *read_all(json_t *root, const char *key_id, struct baseline *baseline)
{
	const char *schema;
	json_t *left = NULL, *omitted = NULL, *key = NULL, *value;
	size_t i;
	if (json_unpack(root, "{s:s,s?o,s?o,s?o}", "schema", &schema, "left", &left, "omitted",
			&omitted, "secret_key", &key) < 0 ||
	    strncmp(schema, SCHEMA, strlen(SCHEMA)) != 0)
		return "is no JSON report";
	json_array_foreach(omitted, i, value)
		if (strcmp(text_of(value), "findings") == 0 ||
		    strcmp(text_of(value), "known") == 0)
			return "was cut: it does not hold all findings";
	const json_t *look = json_is_object(left) ? left : root;
	json_t *known = json_object_get(look, "known"); /* of the baseline before it */
	baseline->keyed = *key_id && strcmp(text_of(key), key_id) == 0;
	if (!json_is_array(json_object_get(look, "findings")) ||
	    (known && !json_is_array(known)))
		return "is no JSON report";
	if (!read_list(json_object_get(look, "findings"), baseline) ||
	    !read_list(known, baseline))
		return "has a finding of an unknown form";
	sort_stable(baseline->known.v, baseline->known.n, sizeof *baseline->known.v, by_path);
	return NULL;
}

int baseline_read(const char *host_path, const char *key_id, struct baseline **ret,
		  struct buf *fault)
{
	_cleanup_(buf_free) struct buf text = {0};
	json_error_t error;
	int r = plat_trusted_read(host_path, MOST_BYTES, &text);
	if (r == -EPERM)
		return fault_of(fault, host_path,
				"only you or root may own and write it and its directory");
	if (r < 0)
		return fault_of(fault, host_path, error_text(r));
	json_t *root = json_loadb(buf_text(&text), text.len, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		return fault_of(fault, host_path, "is no JSON");
	struct baseline *baseline = mem_alloc(sizeof *baseline);
	const char *wrong = read_all(root, key_id, baseline);
	json_decref(root);
	if (wrong) {
		baseline_free(baseline);
		return fault_of(fault, host_path, wrong);
	}
	*ret = baseline;
	return 0;
}

void baseline_free(struct baseline *baseline)
{
	if (!baseline)
		return;
	vec_each(&baseline->known, known) {
		free(known->name);
		free(known->path);
		free(known->member);
	}
	vec_free(&baseline->known);
	free(baseline);
}

/* ---- asking ---- */

static bool has_id(const struct known *known, const struct finding *finding)
{
	char id[2 * FINDING_ID_SIZE + 1];
	for (size_t i = 0; i < FINDING_ID_SIZE; i++)
		snprintf(id + 2 * i, 3, "%02x", finding->secret_id[i]);
	return strcmp(known->id, id) == 0;
}

/* Of the same path already. */
static bool is_same(const struct baseline *baseline, const struct known *known,
		    const struct finding *finding)
{
	if (known->secret != (finding->kind == FINDING_SECRET))
		return false;
	if (known->secret && baseline->keyed)
		return has_id(known, finding);
	_cleanup_free_ char *member = quoted(str_or(finding->member, ""), false);
	if (strcmp(known->name, finding->name) != 0 || strcmp(known->member, member) != 0)
		return false;
	return !known->secret ||
	       (known->line == finding->line && known->column == finding->column &&
		known->length == (json_int_t)finding->length);
}

static bool knows(const struct baseline *baseline, const struct finding *finding)
{
	if (finding->kind != FINDING_SECRET && finding->kind != FINDING_POSTURE)
		return false;
	_cleanup_free_ char *path = quoted(str_or(finding->path, ""), false);
	size_t from = 0, to = baseline->known.n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (strcmp(baseline->known.v[middle].path, path) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < baseline->known.n; from++) {
		const struct known *known = &baseline->known.v[from];
		if (strcmp(known->path, path) != 0)
			return false;
		if (is_same(baseline, known, finding))
			return true;
	}
	return false;
}

void baseline_apply(const struct baseline *baseline, struct plan *plan)
{
	size_t kept = 0;
	if (!baseline)
		return;
	vec_each(&plan->findings, finding) {
		if (knows(baseline, finding))
			*vec_add(&plan->known) = *finding;
		else
			plan->findings.v[kept++] = *finding;
	}
	plan->findings.n = kept;
	if (!plan->known.n)
		return;
	struct finding *note = plan_add_finding(plan, FINDING_NOTE, "baseline", "");
	note->class = CLASS_TRACE;
	note->text = mem_printf("%zu finding%s of the baseline still there, not told again",
				plan->known.n, plan->known.n == 1 ? "" : "s");
}
