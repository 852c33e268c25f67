/* SPDX-License-Identifier: MIT */
#include "detect/paths.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/glob.h"
#include "base/sort.h"
#include "base/str.h"
#include "base/vec.h"

struct place {
	char *glob;
	size_t prefix;	  /* so many first bytes stand for themselves */
	const char *leaf; /* last component, or NULL: can be any */
	char first, last; /* bytes that the leaf begins and ends with, or 0 */
	/* The component before it with its slashes, or NULL: can be any. */
	const char *parent;
	size_t parent_len;
	unsigned owner; /* a rule or a box */
};

/* In an order by which most are never asked: by the first byte of their leaf; without
 * one, by the second of their path. */
enum { NO_BYTE = 256, KEYS = 2 * 256 };
struct place_list {
	VEC(struct place) all;
	size_t from[KEYS + 1]; /* where those of a key begin */
};

struct paths {
	uint8_t always[MASK_SIZE]; /* rules that want every path */
	uint8_t unlisted[MASK_SIZE];
	struct place_list rules, boxes;
	bool any_case; /* their globs are folded */
};

/* "a/(**)/b" also is "a/b": the slash before such a component is not needed. */
static size_t prefix_of(const char *glob)
{
	size_t len = strcspn(glob, "*?[\\");
	return len && glob[len] == '*' && glob[len + 1] == '*' ? len - 1 : len;
}

static void set_parent(struct place *place, const char *slash)
{
	const char *from = slash;
	while (from > place->glob && from[-1] != '/')
		from--;
	if (from == place->glob || strcspn(from, "*?[\\/") != (size_t)(slash - from))
		return;
	place->parent = from - 1;
	place->parent_len = (size_t)(slash + 1 - place->parent);
}

static void add(struct place_list *list, const char *glob, unsigned owner, bool any_case)
{
	struct place *place = vec_add(&list->all);
	bool home = str_starts(glob, "~/");
	place->glob = home ? mem_printf("/**/%s", glob + 2) : mem_strdup(glob);
	place->owner = owner;
	if (any_case)
		fold_text(place->glob);
	place->prefix = prefix_of(place->glob);
	const char *slash = strrchr(place->glob, '/');
	const char *leaf = slash ? slash + 1 : place->glob;
	size_t len = strlen(leaf);
	place->leaf = strcmp(leaf, "**") == 0 ? NULL : leaf;
	if (place->leaf && slash && slash > place->glob)
		set_parent(place, slash);
	if (place->leaf && len && !strchr("*?[\\", leaf[0]))
		place->first = leaf[0];
	if (place->leaf && len && !strpbrk(leaf, "[\\") && !strchr("*?", leaf[len - 1]))
		place->last = leaf[len - 1];
}

static unsigned key_of(const struct place *place)
{
	if (place->first)
		return (uint8_t)place->first;
	return NO_BYTE + (place->prefix > 1 ? (uint8_t)place->glob[1] : 0);
}

static int by_key(const void *a, const void *b)
{
	return (int)key_of(a) - (int)key_of(b);
}

static void index_list(struct place_list *list)
{
	sort_stable(list->all.v, list->all.n, sizeof *list->all.v, by_key);
	vec_each(&list->all, place)
		list->from[key_of(place) + 1]++;
	for (size_t key = 0; key < KEYS; key++)
		list->from[key + 1] += list->from[key];
}

struct paths *paths_new(const struct rules *rules, const box_list *boxes, bool any_case)
{
	struct paths *paths = mem_alloc(sizeof *paths);
	paths->any_case = any_case;
	for (size_t i = 0; i < rules->secrets.n; i++) {
		const strings *globs = &rules->secrets.v[i].paths;
		if (rules->secrets.v[i].unlisted)
			paths->unlisted[i >> 3] |= (uint8_t)(1u << (i & 7));
		if (!globs->n)
			paths->always[i >> 3] |= (uint8_t)(1u << (i & 7));
		vec_each(globs, glob)
			add(&paths->rules, *glob, (unsigned)i, any_case);
	}
	for (size_t i = 0; i < boxes->n; i++)
		vec_each(&boxes->v[i]->paths, glob)
			add(&paths->boxes, *glob, (unsigned)i, any_case);
	index_list(&paths->rules);
	index_list(&paths->boxes);
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
	if (place->parent &&
	    ((size_t)(asked->leaf - asked->path) < place->parent_len ||
	     memcmp(asked->leaf - place->parent_len, place->parent, place->parent_len) != 0))
		return false;
	return (!place->leaf || glob_name(place->leaf, asked->leaf)) &&
	       glob_path(place->glob, asked->path);
}

static bool is_system(const char *path)
{
	return str_starts(path, "/usr/") && !str_starts(path, "/usr/local/");
}

/* What package managers say of packages; not what packages let them do. */
static bool is_listing(const char *path)
{
	static const struct {
		const char *prefix, *suffix;
	} places[] = {
		{"/var/lib/dpkg/status", ""},
		{"/var/lib/dpkg/available", ""},
		{"/var/lib/dpkg/info/", ".list"},
		{"/var/lib/dpkg/info/", ".md5sums"},
		{"/var/lib/dpkg/info/", ".shlibs"},
		{"/var/lib/dpkg/info/", ".symbols"},
		{"/var/lib/dpkg/info/", ".triggers"},
		{"/var/lib/dpkg/info/", ".templates"}, /* questions, but no answers */
		{"/var/cache/debconf/templates.dat", ""},
		{"/var/lib/apt/lists/", ""},
		{"/var/lib/rpm/", ""},
		{"/var/lib/pacman/local/", "/desc"},
		{"/var/lib/pacman/local/", "/files"},
		{"/var/lib/pacman/local/", "/mtree"},
		{"/lib/apk/db/installed", ""},
	};
	if (!str_starts(path, "/var/") && !str_starts(path, "/lib/apk/"))
		return false;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (str_starts(path, places[i].prefix) && str_ends(path, places[i].suffix))
			return true;
	return false;
}

void paths_unlisted(const struct paths *paths, const char *path, bool as_built,
		    uint8_t mask[MASK_SIZE])
{
	if (!is_listing(path) && !(as_built && is_system(path)))
		return;
	for (size_t i = 0; i < MASK_SIZE; i++)
		mask[i] &= (uint8_t)~paths->unlisted[i];
}

static void set_bits(const struct place_list *list, const struct asked *asked, unsigned key,
		     uint8_t *mask)
{
	for (size_t i = list->from[key]; i < list->from[key + 1]; i++) {
		const struct place *place = &list->all.v[i];
		if (fits(place, asked))
			mask[place->owner >> 3] |= (uint8_t)(1u << (place->owner & 7));
	}
}

/* A bit for the owner of each glob that the path fits. */
static void ask(const struct place_list *list, const char *path, bool any_case, uint8_t *mask)
{
	_cleanup_free_ char *folded = any_case ? fold_copy(path) : NULL;
	path = folded ? folded : path;
	struct asked asked = asked_of(path);
	set_bits(list, &asked, NO_BYTE, mask);
	if (asked.len > 1 && path[1])
		set_bits(list, &asked, NO_BYTE + (uint8_t)path[1], mask);
	if (*asked.leaf)
		set_bits(list, &asked, (uint8_t)*asked.leaf, mask);
}

void paths_want(const struct paths *paths, const char *path, uint8_t mask[MASK_SIZE])
{
	for (size_t i = 0; i < MASK_SIZE; i++)
		mask[i] |= paths->always[i];
	ask(&paths->rules, path, paths->any_case, mask);
}

uint64_t paths_boxes(const struct paths *paths, const char *path)
{
	uint8_t mask[BOXES_MAX / 8] = {0};
	uint64_t bits = 0;
	ask(&paths->boxes, path, paths->any_case, mask);
	for (size_t i = 0; i < sizeof mask; i++)
		bits |= (uint64_t)mask[i] << 8 * i;
	return bits;
}

static void places_free(struct place_list *list)
{
	vec_each(&list->all, place)
		free(place->glob);
	vec_free(&list->all);
}

void paths_free(struct paths *paths)
{
	if (!paths)
		return;
	places_free(&paths->rules);
	places_free(&paths->boxes);
	free(paths);
}
