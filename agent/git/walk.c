/* SPDX-License-Identifier: MIT */
/* Commits from the newest to the oldest; a tree that was gone through is not gone
 * through again, so all of it costs what looking at each tree once does. */
#include <string.h>

#include "base/buf.h"
#include "base/sort.h"
#include "git/reader.h"

enum { NODES_MAX = 1 << 20, NAMES_MAX = 64 << 20, PATH_ROOM = 4096 };

struct node { /* a tree to be looked at */
	struct git_id id;
	uint32_t parent; /* number of the node it stands in */
	uint32_t name;	 /* offset in names */
};

struct search {
	struct git *git;
	git_visit *visit;
	void *context;
	const struct commit *commit;
	VEC(struct node) nodes;
	struct buf names;
	uint32_t node; /* that is gone through */
	const char *name;
	char path[PATH_ROOM];
};

/* ---- trees by id ---- */

static int compare_loose(const void *a, const void *b)
{
	return git_id_compare(&((const struct loose *)a)->id, &((const struct loose *)b)->id);
}

static struct loose *loose_find(struct git *git, const struct git_id *id)
{
	struct loose wanted = {.id = *id};
	return git->loose.n ? bsearch(&wanted, git->loose.v, git->loose.n, sizeof *git->loose.v,
				      compare_loose)
			    : NULL;
}

static struct pack *pack_with(struct git *git, const struct git_id *id, uint32_t *ret_entry)
{
	vec_each(&git->packs, pack) {
		*ret_entry = packed_find(*pack, id);
		if (*ret_entry != NONE)
			return *pack;
	}
	return NULL;
}

/* True the first time, and if it is there at all. */
static bool tree_visit(struct git *git, const struct git_id *id)
{
	uint32_t entry;
	struct loose *loose = loose_find(git, id);
	struct pack *pack = loose ? NULL : pack_with(git, id, &entry);
	if (!loose && (!pack || pack->entries[entry].type != GIT_TREE))
		return false;
	bool *visited = loose ? &loose->visited : &pack->entries[entry].visited;
	bool first = !*visited;
	*visited = true;
	return first;
}

static const struct held *tree_content(struct git *git, const struct git_id *id)
{
	uint32_t entry;
	struct loose *loose = loose_find(git, id);
	struct pack *pack = loose ? NULL : pack_with(git, id, &entry);
	return loose ? &loose->held : pack ? packed_content(git, pack, entry) : NULL;
}

/* ---- blobs ---- */

/* From the end, so that of a path that is too long the leaf stays. */
const char *git_path(struct git *git)
{
	struct search *search = git->search;
	uint32_t node = search->node;
	const char *name = search->name;
	char *room = search->path;
	size_t at = PATH_ROOM - 1;
	room[at] = 0;
	for (;;) {
		size_t len = strlen(name);
		if (len + 1 > at)
			break;
		at -= len;
		memcpy(room + at, name, len);
		if (!node)
			break;
		name = search->names.data + search->nodes.v[node].name;
		node = search->nodes.v[node].parent;
		room[--at] = '/';
	}
	return room + at + (room[at] == '/');
}

static void meet_blob(struct search *search, uint32_t node, const struct tree_entry *entry)
{
	struct git_place place = {entry->id, search->commit->id, search->commit->date,
				  entry->name};
	search->node = node;
	search->name = entry->name;
	search->visit(search->git, &place, search->context);
}

const uint8_t *git_blob(struct git *git, const struct git_id *id, size_t *ret_len)
{
	uint32_t entry;
	struct pack *pack = pack_with(git, id, &entry);
	const struct held *held = pack && pack->entries[entry].type == GIT_BLOB &&
						  !git_over(git)
					  ? packed_content(git, pack, entry)
					  : NULL;
	if (held)
		*ret_len = held->len;
	return held ? held_bytes(held) : NULL;
}

static void meet_folder(struct search *search, uint32_t node, const struct git_id *id,
			const char *name)
{
	size_t len = strlen(name) + 1;
	if (search->nodes.n >= NODES_MAX || len > PATH_ROOM ||
	    search->names.len + len > NAMES_MAX) {
		search->git->forgot = true;
		return;
	}
	if (!tree_visit(search->git, id))
		return;
	*vec_add(&search->nodes) = (struct node){*id, node, (uint32_t)search->names.len};
	buf_add(&search->names, name, len);
}

static void go_through(struct search *search, uint32_t node)
{
	struct git_id id = search->nodes.v[node].id;
	const struct held *tree = tree_content(search->git, &id);
	struct tree_entry entry = {0};
	size_t size;
	search->git->forgot |= !tree;
	for (size_t at = 0; tree && at < tree->len && !git_over(search->git); at += size) {
		size = tree_next(held_bytes(tree) + at, tree->len - at, search->git->id_size,
				 &entry);
		if (!size) /* the rest says nothing */
			return;
		if (entry.folder)
			meet_folder(search, node, &entry.id, entry.name);
		else if (!entry.link)
			meet_blob(search, node, &entry);
	}
}

/* ---- the whole ---- */

static int newest_first(const void *a, const void *b)
{
	const struct commit *x = a, *y = b;
	if (x->date != y->date)
		return x->date > y->date ? -1 : 1;
	return git_id_compare(&x->id, &y->id);
}

/* What was read may have been cut off; looking it up has bounds of its own. */
static void prepare(struct git *git)
{
	git->forgot |= git->told != 0;
	git->over = false;
	git->expanded = 0;
	vec_each(&git->packs, pack)
		packed_trees(git, *pack);
	sort_stable(git->loose.v, git->loose.n, sizeof *git->loose.v, compare_loose);
	sort_stable(git->commits.v, git->commits.n, sizeof *git->commits.v, newest_first);
}

bool git_walk(struct git *git, git_visit *visit, void *context)
{
	struct search *search = git->search = mem_alloc(sizeof *search);
	*search = (struct search){.git = git, .visit = visit, .context = context};
	prepare(git);
	vec_each(&git->commits, commit) {
		if (git_over(git))
			break;
		search->commit = commit;
		search->nodes.n = 0;
		buf_cut(&search->names, 0);
		meet_folder(search, 0, &commit->tree, "");
		for (uint32_t i = 0; i < search->nodes.n && !git_over(git); i++)
			go_through(search, i);
	}
	vec_free(&search->nodes);
	buf_free(&search->names);
	free(search);
	git->search = NULL;
	git->walked = true;
	return !git->forgot && !git->over;
}
