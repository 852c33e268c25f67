/* SPDX-License-Identifier: MIT */
/* Which mounts below a root belong to the captured disk, from
 * /proc/self/mountinfo (proc(5)) and /sys/dev/block. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "base/vec.h"
#include "handles.h"
#include "mounts.h"

struct line {
	unsigned id, parent; /* of the mount */
	unsigned major, minor;
	char *within; /* which directory of its file system is mounted */
	char *point, *type, *source;
};
typedef VEC(struct line) lines;

static void lines_free(lines *all)
{
	vec_each(all, line) {
		free(line->within);
		free(line->point);
		free(line->type);
		free(line->source);
	}
	vec_free(all);
}

/* mountinfo writes blanks and backslashes as \ooo. */
static char *unescape(const char *text)
{
	char *out = mem_strdup(text), *to = out;
	for (const char *c = text; *c; c++) {
		if (*c == '\\' && c[1] && c[2] && c[3]) {
			*to++ = (char)((c[1] - '0') * 64 + (c[2] - '0') * 8 + (c[3] - '0'));
			c += 3;
		} else {
			*to++ = *c;
		}
	}
	*to = 0;
	return out;
}

static bool parse(char *text, struct line *ret)
{
	char *field[11] = {0};
	size_t n = 0;
	for (char *save, *word = strtok_r(text, " \n", &save); word;
	     word = strtok_r(NULL, " \n", &save)) {
		if (n == 6 && strcmp(word, "-") != 0)
			continue; /* optional fields end at the dash */
		if (n < 11)
			field[n++] = word;
	}
	if (n < 9 || field[4][0] != '/' || sscanf(field[0], "%u", &ret->id) != 1 ||
	    sscanf(field[1], "%u", &ret->parent) != 1 ||
	    sscanf(field[2], "%u:%u", &ret->major, &ret->minor) != 2)
		return false;
	ret->within = unescape(field[3]);
	ret->point = unescape(field[4]);
	ret->type = mem_strdup(field[7]);
	ret->source = unescape(field[8]);
	return true;
}

static void read_lines(FILE *table, lines *ret)
{
	char *text = NULL;
	size_t cap = 0;
	while (getline(&text, &cap, table) > 0) {
		struct line line;
		if (parse(text, &line))
			*vec_add(ret) = line;
	}
	free(text);
}

/* The part of path below base, or NULL when it does not lie there. */
static const char *below(const char *path, const char *base)
{
	size_t len = strlen(base);
	if (len == 1)
		return path;
	if (strncmp(path, base, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path[len] ? path + len : "/";
}

/* The name of the whole disk behind a block device ("vda" for vda1 and for a
 * logical volume on it), or false. */
static bool disk_of(unsigned major_number, unsigned minor_number, char out[NAME_MAX + 1],
		    int depth)
{
	char link[64], path[PATH_MAX];
	snprintf(link, sizeof link, "/sys/dev/block/%u:%u", major_number, minor_number);
	if (depth > 8 || !realpath(link, path))
		return false;
	_cleanup_free_ char *slaves = mem_printf("%s/slaves", path);
	DIR *dir = opendir(slaves);
	bool found = false;
	for (struct dirent *entry; dir && !found && (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		_cleanup_free_ char *number = mem_printf("%s/%s/dev", slaves, entry->d_name);
		FILE *file = fopen(number, "re");
		unsigned a, b;
		found = file && fscanf(file, "%u:%u", &a, &b) == 2 &&
			disk_of(a, b, out, depth + 1);
		if (file)
			fclose(file);
	}
	if (dir)
		closedir(dir);
	if (found)
		return true;
	_cleanup_free_ char *partition = mem_printf("%s/partition", path);
	if (access(partition, F_OK) == 0)
		*strrchr(path, '/') = 0;
	snprintf(out, NAME_MAX + 1, "%.*s", NAME_MAX, str_leaf(path));
	return true;
}

static bool real_disk(unsigned major_number, unsigned minor_number, const char *source,
		      char out[NAME_MAX + 1])
{
	/* btrfs shows an anonymous device number; its source names the real one. */
	struct stat st;
	if (str_starts(source, "/dev/") && !stat(source, &st) && S_ISBLK(st.st_mode))
		return disk_of(major(st.st_rdev), minor(st.st_rdev), out, 0);
	return disk_of(major_number, minor_number, out, 0);
}

static bool is_network(const char *type)
{
	static const char *const known[] = {
		"nfs",	  "cifs", "smb",      "ceph",  "gluster", "9p",	    "fuse",  "afs",
		"lustre", "gpfs", "virtiofs", "ocfs2", "gfs2",	  "beegfs", "davfs", "ncpfs"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		/* fuseblk is a local disk behind a helper, as ntfs-3g */
		if (str_starts(type, known[i]) && strcmp(type, "fuseblk") != 0 &&
		    strcmp(type, "fusectl") != 0)
			return true;
	return false;
}

/* What is left of the table: the mounts that a path can reach, and the root's. */
struct table {
	lines all;
	const char *root;	 /* real path */
	const struct line *home; /* the mount that root lies on */
	char *within;		 /* the directory of its file system that root is */
	mounts_disk *disk;
};

/* Something was mounted over it or over a directory above it. `from` is the mount
 * in it that we ask for: it hides its siblings, not itself. */
static bool is_hidden(const lines *all, const struct line *line, const struct line *from,
		      unsigned depth)
{
	const struct line *parent = NULL;
	vec_each(all, other) {
		bool above = other->parent == line->parent && other != line &&
			     strcmp(other->point, line->point) != 0 &&
			     below(line->point, other->point);
		bool over = other != from && other->parent == line->id &&
			    strcmp(other->point, line->point) == 0;
		if (other != line && (above || over))
			return true;
		if (other->id == line->parent && other != line)
			parent = other;
	}
	return parent && depth < 64 && is_hidden(all, parent, line, depth + 1);
}

static void drop_hidden(lines *all)
{
	lines kept = {0}, hidden = {0};
	vec_each(all, line)
		*(is_hidden(all, line, NULL, 0) ? vec_add(&hidden) : vec_add(&kept)) = *line;
	lines_free(&hidden);
	vec_free(all);
	*all = kept;
}

static bool same_system(const struct line *a, const struct line *b)
{
	return a->major == b->major && a->minor == b->minor;
}

/* Another mount below root, or root itself, shows all that this one shows. */
static bool is_again(const struct table *table, const struct line *line)
{
	if (same_system(line, table->home) && below(line->within, table->within))
		return true;
	vec_each(&table->all, other) {
		if (other == line || other == table->home || !same_system(line, other) ||
		    !below(other->point, table->root) || !below(line->within, other->within))
			continue;
		if (strcmp(line->within, other->within) != 0 || other < line)
			return true;
	}
	return false;
}

static enum plat_mount_kind kind_of(const struct table *table, const struct line *line)
{
	char disk[NAME_MAX + 1], system[NAME_MAX + 1];
	const struct line *home = table->home;
	if (is_network(line->type))
		return PLAT_MOUNT_NETWORK;
	if (is_again(table, line))
		return PLAT_MOUNT_AGAIN;
	if (!table->disk(line->major, line->minor, line->source, disk))
		return strcmp(line->type, "zfs") ? PLAT_MOUNT_PSEUDO : PLAT_MOUNT_DISK;
	/* A plain directory as root: what somebody mounted below it is not
	 * known to be part of the same image. */
	if (strcmp(table->root, home->point) != 0 ||
	    !table->disk(home->major, home->minor, home->source, system) ||
	    strcmp(disk, system) != 0)
		return PLAT_MOUNT_DISK;
	return PLAT_MOUNT_SYSTEM;
}

/* In a changed root the mount that root lies on is out of sight; it is then a
 * plain directory. */
static void find_root(struct table *table)
{
	static const struct line unseen = {.within = "", .point = "", .type = "", .source = ""};
	vec_each(&table->all, line)
		if (below(table->root, line->point) &&
		    (!table->home || strlen(line->point) >= strlen(table->home->point)))
			table->home = line;
	if (!table->home) {
		table->home = &unseen;
		table->within = mem_strdup("");
		return;
	}
	const char *rest = below(table->root, table->home->point),
		   *within = table->home->within;
	table->within = strcmp(rest, "/") == 0 || strcmp(table->root, table->home->point) == 0
				? mem_strdup(within)
				: mem_printf("%s%s", strcmp(within, "/") ? within : "", rest);
}

int mounts_read(FILE *from, const char *root, mounts_disk *disk, struct plat_mount **ret,
		size_t *ret_count)
{
	lines all = {0};
	read_lines(from, &all);
	drop_hidden(&all);
	struct table table = {.all = all, .root = root, .disk = disk};
	VEC(struct plat_mount) found = {0};
	bool known = table.all.n > 0;
	find_root(&table);
	for (size_t i = 0; i < table.all.n; i++) {
		const struct line *line = &table.all.v[i];
		const char *inside = below(line->point, root);
		if (!inside || strcmp(inside, "/") == 0)
			continue;
		*vec_add(&found) = (struct plat_mount){
			.path = mem_strdup(inside),
			.type = mem_strdup(line->type),
			.kind = kind_of(&table, line),
		};
	}
	lines_free(&table.all);
	free(table.within);
	if (!known)
		return -ENOENT;
	*ret = found.v;
	*ret_count = found.n;
	return 0;
}

int plat_mounts(const char *root, struct plat_mount **ret, size_t *ret_count)
{
	char real[PATH_MAX];
	if (!realpath(root, real))
		return -errno;
	FILE *table = fopen("/proc/self/mountinfo", "re");
	if (!table)
		return -errno;
	int r = mounts_read(table, real, real_disk, ret, ret_count);
	fclose(table);
	return r;
}

int mounts_source(uint64_t id, char **ret_source, char **ret_type)
{
	lines all = {0};
	FILE *table = fopen("/proc/self/mountinfo", "re");
	int r = -ENOENT;
	if (!table)
		return -errno;
	read_lines(table, &all);
	fclose(table);
	vec_each(&all, line) {
		if (line->id != id || !r)
			continue;
		*ret_source = mem_strdup(line->source);
		*ret_type = mem_strdup(line->type);
		r = 0;
	}
	lines_free(&all);
	return r;
}

void plat_mounts_free(struct plat_mount *mounts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(mounts[i].path);
		free(mounts[i].type);
	}
	free(mounts);
}
