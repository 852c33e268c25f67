/* SPDX-License-Identifier: MIT */
#include "plan/vendor.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* Python's installer hooks compile DIR/NAME.py to DIR/__pycache__/NAME.TAG.pyc, which no
 * package lists: what stands in it, stands in the source. NULL for other files. */
static char *python_source(const char *path)
{
	static const char place[] = "/__pycache__/";
	const char *at = strstr(path, place);
	size_t len = strlen(path);
	if (!at || len < 4 || strcmp(path + len - 4, ".pyc") != 0)
		return NULL;
	const char *name = at + sizeof place - 1;
	size_t stem = strcspn(name, "./");
	if (!stem || name[stem] != '.')
		return NULL;
	return mem_printf("%.*s/%.*s.py", (int)(at - path), path, (int)stem, name);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The file that a package would list: the one with the secret, or its source. */
static char *listed_path(const char *path)
{
	char *source = python_source(path);
	return source ? source : mem_strdup(path);
}

/* Sorts, and leaves one of each; how many. */
static size_t sort_once(char **paths, size_t count)
{
	size_t n = 0;
	qsort(paths, count, sizeof *paths, by_path);
	for (size_t i = 0; i < count; i++) {
		if (n && strcmp(paths[n - 1], paths[i]) == 0)
			free(paths[i]);
		else
			paths[n++] = paths[i];
	}
	return n;
}

static bool is_owned(const char *path, char *const *paths, size_t count, const bool *owned)
{
	_cleanup_free_ char *listed = listed_path(path);
	char *const *at = bsearch(&listed, paths, count, sizeof *paths, by_path);
	return at && owned[at - paths];
}

void vendor_mark(struct plan *plan, const struct guest *guest,
		 const struct packages_reader *reader, classify_unread *unread)
{
	VEC(char *) paths = {0};
	vec_each(&plan->findings, finding) {
		if (finding->kind == FINDING_SECRET)
			*vec_add(&paths) = listed_path(finding->path);
	}
	if (!paths.n)
		return;
	paths.n = sort_once(paths.v, paths.n);
	_cleanup_free_ bool *owned = mem_alloc(paths.n * sizeof *owned);
	classify_owned(guest, reader, (const char *const *)paths.v, paths.n, owned, unread,
		       plan);
	vec_each(&plan->findings, finding) {
		if (finding->kind == FINDING_SECRET &&
		    is_owned(finding->path, paths.v, paths.n, owned))
			finding->seen |= SEEN_VENDOR;
	}
	vec_each(&paths, path)
		free(*path);
	vec_free(&paths);
}
