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

struct line {
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
	if (n < 9 || sscanf(field[2], "%u:%u", &ret->major, &ret->minor) != 2)
		return false;
	ret->within = unescape(field[3]);
	ret->point = unescape(field[4]);
	ret->type = mem_strdup(field[7]);
	ret->source = unescape(field[8]);
	return true;
}

static int read_lines(lines *ret)
{
	FILE *table = fopen("/proc/self/mountinfo", "re");
	if (!table)
		return -errno;
	char *text = NULL;
	size_t cap = 0;
	while (getline(&text, &cap, table) > 0) {
		struct line line;
		if (parse(text, &line))
			*vec_add(ret) = line;
	}
	free(text);
	fclose(table);
	return 0;
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

static bool line_disk(const struct line *line, char out[NAME_MAX + 1])
{
	/* btrfs shows an anonymous device number; its source names the real one. */
	struct stat st;
	if (str_starts(line->source, "/dev/") && !stat(line->source, &st) &&
	    S_ISBLK(st.st_mode))
		return disk_of(major(st.st_rdev), minor(st.st_rdev), out, 0);
	return disk_of(line->major, line->minor, out, 0);
}

static bool is_network(const char *type)
{
	static const char *const known[] = {"nfs", "cifs", "smb", "ceph", "gluster", "9p",
					    "fuse", "afs", "lustre", "gpfs", "virtiofs",
					    "ocfs2", "gfs2", "beegfs", "davfs", "ncpfs"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		/* fuseblk is a local disk behind a helper, as ntfs-3g */
		if (str_starts(type, known[i]) && strcmp(type, "fuseblk") != 0)
			return true;
	return false;
}

static enum plat_mount_kind kind_of(const struct line *line, const struct line *root,
				    const char *root_within, bool root_is_mount)
{
	char disk[NAME_MAX + 1], system[NAME_MAX + 1];
	if (is_network(line->type))
		return PLAT_MOUNT_NETWORK;
	bool same = line->major == root->major && line->minor == root->minor;
	if (same && (strcmp(line->type, "btrfs") != 0 || below(line->within, root_within)))
		return PLAT_MOUNT_AGAIN;
	if (!line_disk(line, disk))
		return strcmp(line->type, "zfs") ? PLAT_MOUNT_PSEUDO : PLAT_MOUNT_DISK;
	/* A plain directory as root: what somebody mounted below it is not
	 * known to be part of the same image. */
	if (!root_is_mount || !line_disk(root, system) || strcmp(disk, system) != 0)
		return PLAT_MOUNT_DISK;
	return PLAT_MOUNT_SYSTEM;
}

int plat_mounts(const char *root, struct plat_mount **ret, size_t *ret_count)
{
	_cleanup_(lines_free) lines all = {0};
	char real[PATH_MAX];
	if (!realpath(root, real))
		return -errno;
	int r = read_lines(&all);
	if (r < 0)
		return r;
	const struct line *home = NULL; /* the mount that root lies on: the last */
	vec_each(&all, line) if (below(real, line->point) &&
				 (!home || strlen(line->point) >= strlen(home->point)))
		home = line;
	if (!home)
		return -ENOENT;
	const char *rest = below(real, home->point);
	bool is_mount = strcmp(real, home->point) == 0;
	_cleanup_free_ char *within =
		is_mount ? mem_strdup(home->within)
			 : mem_printf("%s%s", strcmp(home->within, "/") ? home->within : "", rest);
	VEC(struct plat_mount) found = {0};
	vec_each(&all, line) {
		const char *inside = below(line->point, real);
		if (!inside || strcmp(inside, "/") == 0)
			continue;
		*vec_add(&found) = (struct plat_mount){
			.path = mem_strdup(inside),
			.type = mem_strdup(line->type),
			.kind = kind_of(line, home, within, is_mount),
		};
	}
	*ret = found.v;
	*ret_count = found.n;
	return 0;
}

void plat_mounts_free(struct plat_mount *mounts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(mounts[i].path);
		free(mounts[i].type);
	}
	free(mounts);
}
