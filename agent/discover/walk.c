/* SPDX-License-Identifier: MIT */
/* The walk holds one open directory for each level. Of a directory the files come
 * first, then its directories. The names of those are kept meanwhile where they are
 * few; else the directory is read a second time, so that no list grows with it. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/stop.h"
#include "base/str.h"
#include "discover/discover.h"

/* Deeper trees exist only to be in the way; they are reported. */
#define MOST_LEVELS 100000

enum {
	NAMES_BYTES = 4096, /* kept of one directory, */
	NAMES_LEVELS = 64,  /* of one that lies no deeper */
};

struct level {
	struct plat_dir *dir;
	size_t path_len;  /* of this directory in the shared path */
	struct buf names; /* of what may be a directory: kind, name, NUL */
	size_t named;	  /* of these bytes were taken */
	bool folders;	  /* it has members that may be directories */
	bool again;	  /* and more than `names` holds: it is to be read again */
	bool entering;	  /* only directories now */
};

struct walk {
	const struct discover_visitor *visitor;
	const struct volume *volume;
	uint64_t mount;
	struct buf path;
	VEC(struct level) levels;
};

static void fault(struct walk *walk, int error)
{
	/* What is gone since its name was read is nobody's loss. */
	if (error != -ENOENT)
		walk->visitor->fault(buf_text(&walk->path), error, walk->visitor->context);
}

static void push(struct walk *walk, struct plat_dir *dir)
{
	*vec_add(&walk->levels) = (struct level){.dir = dir, .path_len = walk->path.len};
}

static void enter(struct walk *walk, struct plat_dir *parent, const char *name)
{
	struct plat_dir *dir;
	int r = walk->levels.n < MOST_LEVELS ? plat_dir_open_at(parent, name, &dir) : -EMFILE;
	if (r < 0)
		fault(walk, r);
	else
		push(walk, dir);
}

static bool is_foreign(const struct walk *walk, const struct plat_info *info)
{
	return !walk->volume->detached && info->mount != walk->mount;
}

int discover_take(const struct discover_entry *entry, struct plat_file **ret)
{
	if (!*entry->file)
		return plat_file_open_at(entry->parent, entry->name, ret);
	*ret = *entry->file;
	*entry->file = NULL;
	return 0;
}

/* Where other mounts can be seen, one may hide a file: nothing is opened there before
 * that is known. */
static int look_at(struct walk *walk, struct discover_entry *entry, enum plat_kind kind)
{
	if (kind == PLAT_FILE && walk->visitor->reads && walk->volume->detached)
		return plat_file_look_at(entry->parent, entry->name, entry->file, &entry->info);
	return plat_info_at(entry->parent, entry->name, &entry->info);
}

struct telling {
	struct walk *walk;
	const struct discover_entry *of;
};

static int tell_stream(const char *name, uint64_t size, void *context)
{
	const struct telling *telling = context;
	struct walk *walk = telling->walk;
	struct plat_file *file = NULL;
	size_t len = walk->path.len;
	(void)size;
	buf_printf(&walk->path, ":%s", name);
	struct discover_entry entry = *telling->of;
	entry.path = buf_text(&walk->path);
	entry.name = str_leaf(entry.path);
	entry.file = &file;
	entry.stream = true;
	int r = look_at(walk, &entry, PLAT_FILE);
	if (r < 0)
		fault(walk, r);
	else
		(void)walk->visitor->entry(&entry, walk->visitor->context);
	plat_file_close(file);
	buf_cut(&walk->path, len);
	return stop_asked() ? -EINTR : 0;
}

static void tell_streams(struct walk *walk, const struct discover_entry *of)
{
	struct telling telling = {walk, of};
	if (!walk->volume->streams)
		return;
	int r = plat_streams(of->parent, of->name, tell_stream, &telling);
	if (r < 0 && r != -EINTR)
		fault(walk, r);
}

/* Tells the visitor of an entry; true: a directory that is to be entered. */
static bool tell(struct walk *walk, struct discover_entry *entry, enum plat_kind kind)
{
	const struct discover_visitor *visitor = walk->visitor;
	bool entering = walk->levels.v[walk->levels.n - 1].entering;
	entry->info.kind = kind;
	if (kind != PLAT_UNKNOWN && !entering && visitor->brief &&
	    visitor->brief(entry, visitor->context))
		return false;
	int r = look_at(walk, entry, kind);
	if (r < 0)
		fault(walk, r);
	if (r < 0 || (entry->info.kind == PLAT_DIR) != entering ||
	    is_foreign(walk, &entry->info))
		return false;
	if (entering)
		tell_streams(walk, entry);
	bool further = visitor->entry(entry, visitor->context);
	if (further && entry->info.kind == PLAT_FILE)
		tell_streams(walk, entry);
	return further && entering;
}

static void keep_name(struct walk *walk, struct level *level, const char *name,
		      enum plat_kind kind)
{
	size_t len = strlen(name) + 1;
	level->again |= walk->levels.n > NAMES_LEVELS || level->names.len + len > NAMES_BYTES;
	if (level->again)
		return;
	buf_add(&level->names, &(char){(char)kind}, 1);
	buf_add(&level->names, name, len);
}

static void visit(struct walk *walk, struct level *level, const char *name, enum plat_kind kind)
{
	struct plat_file *file = NULL;
	struct discover_entry entry = {
		.name = name,
		.depth = (unsigned)walk->levels.n,
		.parent = level->dir,
		.file = &file,
	};
	bool entering = level->entering, folder = kind == PLAT_UNKNOWN || kind == PLAT_DIR;
	if (folder && !entering) {
		level->folders = true;
		keep_name(walk, level, name, kind);
	}
	if (kind != PLAT_UNKNOWN && folder != entering)
		return;
	struct plat_dir *dir = level->dir; /* push moves the levels */
	size_t len = walk->path.len;
	if (!len || walk->path.data[len - 1] != '/')
		buf_puts(&walk->path, "/");
	buf_puts(&walk->path, name);
	entry.path = buf_text(&walk->path);
	if (tell(walk, &entry, kind))
		enter(walk, dir, name);
	plat_file_close(file);
	if (walk->levels.v[walk->levels.n - 1].dir == dir)
		buf_cut(&walk->path, len);
}

static void pop(struct walk *walk)
{
	struct level *level = &walk->levels.v[--walk->levels.n];
	plat_dir_close(level->dir);
	buf_free(&level->names);
	if (walk->levels.n)
		buf_cut(&walk->path, walk->levels.v[walk->levels.n - 1].path_len);
}

/* Like plat_dir_next: of the kept names or of the directory itself. */
static int next(struct level *level, const char **ret_name, enum plat_kind *ret_kind)
{
	if (!level->entering || level->again)
		return plat_dir_next(level->dir, ret_name, ret_kind);
	if (level->named == level->names.len)
		return 0;
	*ret_kind = (enum plat_kind)level->names.data[level->named];
	*ret_name = level->names.data + level->named + 1;
	level->named += strlen(*ret_name) + 2;
	return 1;
}

static void step(struct walk *walk)
{
	struct level *level = &walk->levels.v[walk->levels.n - 1];
	const char *name;
	enum plat_kind kind;
	int r = next(level, &name, &kind);
	if (r > 0) {
		visit(walk, level, name, kind);
		return;
	}
	if (r < 0)
		fault(walk, r);
	if (r == 0 && level->folders && !level->entering) {
		level->entering = true;
		if (level->again)
			plat_dir_rewind(level->dir);
		return;
	}
	pop(walk);
}

int discover_walk(const struct volume *volume, const struct discover_visitor *visitor)
{
	struct walk walk = {.visitor = visitor, .volume = volume};
	struct plat_dir *top;
	struct plat_info info;
	int r = plat_dir_open_at(volume->dir, ".", &top);
	if (r < 0)
		return r;
	r = plat_dir_info(top, &info);
	if (r < 0) {
		plat_dir_close(top);
		return r;
	}
	walk.mount = info.mount;
	buf_puts(&walk.path, volume->path);
	tell_streams(&walk, &(struct discover_entry){.name = ".", .depth = 1, .parent = top});
	push(&walk, top);
	while (walk.levels.n && !stop_asked())
		step(&walk);
	while (walk.levels.n)
		pop(&walk);
	vec_free(&walk.levels);
	buf_free(&walk.path);
	return 0;
}
