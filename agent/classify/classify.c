/* SPDX-License-Identifier: MIT */
#include "classify/classify.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/glob.h"
#include "base/str.h"

struct pattern {
	const struct artefact *artefact;
	char *text;		 /* component ends are NULs */
	VEC(const char *) parts; /* into text */
	bool home;		 /* begins in every home */
};

/* A pattern of which the first `at` components have matched. */
struct state {
	const struct pattern *pattern;
	size_t at;
};
typedef VEC(struct state) states;

struct classifier {
	const struct rules *rules;
	const struct guest *guest;
	VEC(struct pattern *) patterns;
	VEC(states) levels; /* [depth]: what can match members of that directory */
	size_t top;	    /* components of the volume's own path */
};

static bool any_depth(const char *part)
{
	return part[0] == '*' && part[1] == '*' && !part[2];
}

static void add_pattern(struct classifier *c, const struct artefact *artefact, const char *glob)
{
	struct pattern *pattern = mem_alloc(sizeof *pattern);
	pattern->artefact = artefact;
	pattern->home = glob[0] == '~';
	pattern->text = mem_strdup(glob + (glob[0] == '~'));
	if (c->guest->any_case)
		fold_text(pattern->text);
	for (char *save, *part = strtok_r(pattern->text, "/", &save); part;
	     part = strtok_r(NULL, "/", &save))
		*vec_add(&pattern->parts) = part;
	*vec_add(&c->patterns) = pattern;
}

/* Where a directory really lies in the guest. */
struct place {
	char *folder, *real;  /* real: "" when it is not there */
	size_t len;	      /* of folder */
	size_t next;	      /* of the same hash, + 1 */
	struct plat_dir *dir; /* NULL: not there, or has not been needed */
};

struct places {
	const struct guest *guest;
	VEC(struct place) v;
	size_t heads[256]; /* by hash: the last, + 1 */
};

static size_t real_place(struct places *places, const char *folder, size_t len);

static struct plat_dir *dir_of(struct places *places, size_t at)
{
	struct place *place = &places->v.v[at];
	if (!place->dir && guest_dir(places->guest, place->real, &place->dir, NULL) < 0)
		place->dir = NULL;
	return place->dir;
}

static void resolve(const struct places *places, const char *folder, struct buf *ret)
{
	if (guest_resolve(places->guest, folder, ret) < 0)
		buf_cut(ret, 0);
}

static bool is_name(const char *leaf)
{
	return *leaf && strcmp(leaf, ".") != 0 && strcmp(leaf, "..") != 0;
}

/* One look into the directory above tells of most folders that they are not there. */
static void find(struct places *places, const char *folder, struct buf *ret)
{
	const char *leaf = str_leaf(folder), *inside;
	bool mount = guest_volume(places->guest, folder, &inside) && !inside[1];
	size_t above = leaf > folder + 1 && is_name(leaf) && !mount
			       ? real_place(places, folder, (size_t)(leaf - 1 - folder))
			       : places->v.n;
	if (above == places->v.n) {
		resolve(places, folder, ret);
		return;
	}
	struct plat_info info;
	struct plat_dir *dir = *places->v.v[above].real ? dir_of(places, above) : NULL;
	if (!dir || plat_info_at(dir, leaf, &info) < 0)
		return;
	const char *real = places->v.v[above].real;
	if (info.kind == PLAT_SYMLINK)
		resolve(places, folder, ret);
	else
		buf_printf(ret, "%s/%s", real[1] ? real : "", leaf);
}

static size_t *head_of(struct places *places, const char *folder, size_t len)
{
	unsigned hash = 0;
	for (size_t i = 0; i < len; i++)
		hash = hash * 31 + (unsigned char)folder[i];
	return &places->heads[hash % (sizeof places->heads / sizeof *places->heads)];
}

/* Many patterns begin in few directories: each is looked for once. */
static size_t real_place(struct places *places, const char *folder, size_t len)
{
	size_t *head = head_of(places, folder, len), next;
	for (size_t i = *head; i && places->v.v; i = next) {
		const struct place *place = &places->v.v[i - 1];
		if (place->len == len && memcmp(place->folder, folder, len) == 0)
			return i - 1;
		next = place->next;
	}
	_cleanup_(buf_free) struct buf real = {0};
	char *own = mem_strndup(folder, len);
	find(places, own, &real);
	*vec_add(&places->v) = (struct place){own, mem_strdup(buf_text(&real)), len, *head,
					      NULL};
	return (*head = places->v.n) - 1;
}

static void places_clear(struct places *places)
{
	vec_each(&places->v, place) {
		free(place->folder);
		free(place->real);
		plat_dir_close(place->dir);
	}
	vec_free(&places->v);
}

/* A guest may have moved a directory behind a link (/var/run -> /run): the
 * pattern is also tried where its literal beginning really lies. */
static void add_moved_pattern(struct classifier *c, struct places *known,
			      const struct artefact *artefact, const char *glob)
{
	size_t end = 0;
	for (size_t at = 0; glob[at];) {
		size_t len = 1 + strcspn(glob + at + 1, "/");
		if (!glob[at + len] || !glob_literal(glob + at, len))
			break;
		at += len;
		end = at;
	}
	if (!end || !c->guest->volumes.n)
		return;
	size_t at = real_place(known, glob, end); /* moves the places */
	const struct place *place = &known->v.v[at];
	const char *real = place->real;
	if (!*real || !real[1] || strcmp(real, place->folder) == 0)
		return;
	_cleanup_(buf_free) struct buf moved = {0};
	glob_quote(&moved, real);
	buf_puts(&moved, glob + end);
	add_pattern(c, artefact, moved.data);
}

struct classifier *classify_new(const struct rules *rules, const struct guest *guest)
{
	struct classifier *c = mem_alloc(sizeof *c);
	struct places known = {.guest = guest};
	c->rules = rules;
	c->guest = guest;
	vec_each(&rules->artefacts, artefact) {
		if (!(artefact->os & (1u << guest->os)) || artefact->members.n)
			continue;
		vec_each(&artefact->paths, glob) {
			add_pattern(c, artefact, *glob);
			if (**glob == '/' && !guest->any_case) /* no link is followed there */
				add_moved_pattern(c, &known, artefact, *glob);
		}
	}
	places_clear(&known);
	return c;
}

void classify_free(struct classifier *c)
{
	if (!c)
		return;
	vec_each(&c->patterns, pattern) {
		vec_free(&(*pattern)->parts);
		free((*pattern)->text);
		free(*pattern);
	}
	vec_free(&c->patterns);
	vec_each(&c->levels, level)
		vec_free(level);
	vec_free(&c->levels);
	free(c);
}

static states *level_at(struct classifier *c, size_t depth)
{
	while (c->levels.n <= depth)
		(void)vec_add(&c->levels);
	return &c->levels.v[depth];
}

/* The states of a pattern follow each other, but where one home lies in another. */
static bool is_known(const states *level, const struct pattern *pattern, size_t at)
{
	for (size_t i = level->n; i && level->v[i - 1].pattern == pattern; i--)
		if (level->v[i - 1].at == at)
			return true;
	return false;
}

/* Adds a state and, since ** may stand for nothing, what follows it. */
static void add_state(states *level, const struct pattern *pattern, size_t at)
{
	for (; at < pattern->parts.n; at++) {
		if (is_known(level, pattern, at))
			return;
		*vec_add(level) = (struct state){pattern, at};
		if (!any_depth(pattern->parts.v[at]))
			return;
	}
}

/* The states of a directory that has just been named, from its parent's. */
static void advance(const states *from, const char *name, states *to)
{
	vec_each(from, state) {
		const char *part = state->pattern->parts.v[state->at];
		if (any_depth(part))
			add_state(to, state->pattern, state->at);
		else if (state->at + 1 < state->pattern->parts.n && glob_name(part, name))
			add_state(to, state->pattern, state->at + 1);
	}
}

/* `name` is folded where names ignore case. */
static void open_level(struct classifier *c, size_t depth, const char *path, const char *name)
{
	states *to = level_at(c, depth);
	to->n = 0;
	if (depth)
		advance(&c->levels.v[depth - 1], name, to);
	bool home = guest_is_home(c->guest, path);
	if (depth && !home)
		return;
	vec_each(&c->patterns, pattern)
		if ((*pattern)->home ? home : !depth)
			add_state(to, *pattern, 0);
}

void classify_volume(struct classifier *c, const struct volume *volume)
{
	char *path = mem_strdup(volume->path);
	open_level(c, 0, "/", "");
	c->top = 0;
	for (char *slash = path; *slash && slash[1];) {
		char *end = slash + 1 + strcspn(slash + 1, "/");
		char kept = *end;
		*end = 0;
		_cleanup_free_ char *name = c->guest->any_case ? fold_copy(slash + 1)
							       : mem_strdup(slash + 1);
		open_level(c, ++c->top, path, name);
		*end = kept;
		slash = end;
	}
	free(path);
}

bool classify_glob(bool any_case, const char *glob, const char *path, const char *home)
{
	if (glob[0] != '~')
		return glob_path_in(any_case, glob, path);
	if (!home)
		return false;
	size_t len = strlen(home);
	return (any_case ? fold_compare_n(path, home, len) : strncmp(path, home, len)) == 0 &&
	       glob_path_in(any_case, glob + 1, path + len);
}

/* What a keep glob names stays, and so does all below it. */
static bool keeps(const struct guest *guest, const struct artefact *artefact, const char *path)
{
	if (!artefact->keep.n)
		return false;
	const char *home = guest_home_of(guest, path);
	_cleanup_free_ char *above = mem_strdup(path);
	for (char *slash = above + strlen(above); slash && slash != above;
	     slash = strrchr(above, '/')) {
		*slash = 0;
		vec_each(&artefact->keep, glob)
			if (classify_glob(guest->any_case, *glob, above, home))
				return true;
	}
	return false;
}

/* The first in pack order of those whose last component this is. */
static const struct artefact *best_of(const struct classifier *c, const states *from,
				      const char *path, const char *name)
{
	const struct artefact *best = NULL;
	vec_each(from, state) {
		const struct pattern *pattern = state->pattern;
		if (state->at + 1 != pattern->parts.n || (best && pattern->artefact >= best) ||
		    !glob_name(pattern->parts.v[state->at], name) ||
		    keeps(c->guest, pattern->artefact, path))
			continue;
		best = pattern->artefact;
	}
	return best;
}

const struct artefact *classify_entry(struct classifier *c, const char *path, const char *name,
				      unsigned depth, bool is_dir)
{
	size_t here = c->top + depth;
	_cleanup_free_ char *folded = c->guest->any_case ? fold_copy(name) : NULL;
	name = folded ? folded : name;
	const struct artefact *best = best_of(c, level_at(c, here - 1), path, name);
	if (is_dir)
		open_level(c, here, path, name);
	return best;
}
