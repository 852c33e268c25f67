/* SPDX-License-Identifier: MIT */
#include "detect/paths.h"

#include <string.h>

#include "base/glob.h"
#include "base/str.h"
#include "base/vec.h"

struct place {
	char *glob;
	size_t prefix;	  /* so many first bytes stand for themselves */
	const char *leaf; /* last component, or NULL: can be any */
	char first, last; /* bytes that the leaf begins and ends with, or 0 */
	unsigned owner;	  /* a rule or a box */
};

typedef VEC(struct place) place_list;

struct paths {
	uint8_t always[MASK_SIZE]; /* rules that want every path */
	place_list rules, boxes;
};

/* "a/(**)/b" also is "a/b": the slash before such a component is not needed. */
static size_t prefix_of(const char *glob)
{
	size_t len = strcspn(glob, "*?[\\");
	return len && glob[len] == '*' && glob[len + 1] == '*' ? len - 1 : len;
}

static void add(place_list *list, const char *glob, unsigned owner)
{
	struct place *place = vec_add(list);
	bool home = str_starts(glob, "~/");
	place->glob = home ? mem_printf("/**/%s", glob + 2) : mem_strdup(glob);
	place->owner = owner;
	place->prefix = prefix_of(place->glob);
	const char *slash = strrchr(place->glob, '/');
	const char *leaf = slash ? slash + 1 : place->glob;
	size_t len = strlen(leaf);
	place->leaf = strcmp(leaf, "**") == 0 ? NULL : leaf;
	if (place->leaf && len && !strchr("*?[\\", leaf[0]))
		place->first = leaf[0];
	if (place->leaf && len && !strpbrk(leaf, "[\\") && !strchr("*?", leaf[len - 1]))
		place->last = leaf[len - 1];
}

struct paths *paths_new(const struct rules *rules, const box_list *boxes)
{
	struct paths *paths = mem_alloc(sizeof *paths);
	for (size_t i = 0; i < rules->secrets.n; i++) {
		const strings *globs = &rules->secrets.v[i].paths;
		if (!globs->n)
			paths->always[i >> 3] |= (uint8_t)(1u << (i & 7));
		vec_each(globs, glob)
			add(&paths->rules, *glob, (unsigned)i);
	}
	for (size_t i = 0; i < boxes->n; i++)
		vec_each(&boxes->v[i]->paths, glob)
			add(&paths->boxes, *glob, (unsigned)i);
	return paths;
}

struct asked {
	const char *path, *leaf;
	size_t len;
};

static struct asked asked_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return (struct asked){path, slash ? slash + 1 : path, strlen(path)};
}

/* Most paths fail at one of a few bytes. */
static bool fits(const struct place *place, const struct asked *asked)
{
	size_t prefix = place->prefix;
	if (asked->len < prefix || (place->first && *asked->leaf != place->first) ||
	    (place->last && (!asked->len || asked->path[asked->len - 1] != place->last)) ||
	    (prefix && asked->path[prefix - 1] != place->glob[prefix - 1]) ||
	    memcmp(asked->path, place->glob, prefix) != 0)
		return false;
	return (!place->leaf || glob_name(place->leaf, asked->leaf)) &&
	       glob_path(place->glob, asked->path);
}

void paths_want(const struct paths *paths, const char *path, uint8_t mask[MASK_SIZE])
{
	struct asked asked = asked_of(path);
	for (size_t i = 0; i < MASK_SIZE; i++)
		mask[i] |= paths->always[i];
	vec_each(&paths->rules, place)
		if (fits(place, &asked))
			mask[place->owner >> 3] |= (uint8_t)(1u << (place->owner & 7));
}

uint64_t paths_boxes(const struct paths *paths, const char *path)
{
	struct asked asked = asked_of(path);
	uint64_t bits = 0;
	vec_each(&paths->boxes, place)
		if (fits(place, &asked))
			bits |= (uint64_t)1 << place->owner;
	return bits;
}

static void places_free(place_list *list)
{
	vec_each(list, place)
		free(place->glob);
	vec_free(list);
}

void paths_free(struct paths *paths)
{
	if (!paths)
		return;
	places_free(&paths->rules);
	places_free(&paths->boxes);
	free(paths);
}
