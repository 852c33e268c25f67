/* SPDX-License-Identifier: MIT */
/* The walk, on trees made here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "discover/discover.h"
#include "scratch.h"

/* ---- trees ---- */

/* By descriptor and from the leaf upwards, since trees here are deep. */
static void clear(int fd)
{
	for (;;) {
		bool went = false;
		DIR *dir = fdopendir(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		for (struct dirent *at; dir && !went && (at = readdir(dir));) {
			if (!strcmp(at->d_name, ".") || !strcmp(at->d_name, ".."))
				continue;
			if (!unlinkat(fd, at->d_name, 0) ||
			    !unlinkat(fd, at->d_name, AT_REMOVEDIR))
				continue;
			int below = openat(fd, at->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			assert_true(below >= 0);
			fchmod(below, 0700);
			/* One level of a chain comes up, so no depth is too deep. */
			char name[32];
			static unsigned number;
			DIR *inner = fdopendir(dup(below));
			for (struct dirent *in; (in = readdir(inner));) {
				if (!strcmp(in->d_name, ".") || !strcmp(in->d_name, ".."))
					continue;
				snprintf(name, sizeof name, "up-%u", number++);
				assert_int_equal(renameat(below, in->d_name, fd, name), 0);
			}
			closedir(inner);
			close(below);
			went = true;
		}
		if (dir)
			closedir(dir);
		if (!went)
			return;
	}
}

static int root_remove(void **state)
{
	(void)state;
	int fd = open(scratch_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	clear(fd);
	close(fd);
	return rmdir(scratch_root);
}

/* ---- the walk ---- */

struct seen {
	unsigned entries, deepest, faults;
	size_t longest;
	int error;
	struct buf paths; /* one a line */
};

static bool on_entry(const struct discover_entry *entry, void *context)
{
	struct seen *seen = context;
	seen->entries++;
	if (entry->depth > seen->deepest)
		seen->deepest = entry->depth;
	if (strlen(entry->path) > seen->longest)
		seen->longest = strlen(entry->path);
	if (seen->entries < 1000)
		buf_printf(&seen->paths, "%s\n", entry->path);
	return strcmp(entry->name, "not-entered") != 0;
}

static void on_fault(const char *path, int error, void *context)
{
	struct seen *seen = context;
	(void)path;
	seen->faults++;
	seen->error = error;
}

static void walk(const char *path, bool detached, struct seen *ret)
{
	struct discover_visitor visitor = {NULL, on_entry, on_fault, ret, false};
	struct volume volume = {.path = mem_strdup("/"), .detached = detached};
	*ret = (struct seen){0};
	assert_int_equal(plat_dir_open(path, &volume.dir), 0);
	assert_int_equal(discover_walk(&volume, &visitor), 0);
	plat_dir_close(volume.dir);
	free(volume.path);
}

static bool saw(const struct seen *seen, const char *path)
{
	_cleanup_free_ char *line = mem_printf("%s\n", path);
	return strstr(buf_text(&seen->paths), line) != NULL;
}

static void deep_trees_are_walked(void **state)
{
	(void)state;
	enum { LEVELS = 6000 };
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	struct rlimit more = {LEVELS + 100,
			      LEVELS + 100 > files.rlim_max ? LEVELS + 100 : files.rlim_max};
	if (setrlimit(RLIMIT_NOFILE, &more) < 0)
		skip();
	int fd = open(scratch_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < LEVELS; i++) {
		assert_int_equal(mkdirat(fd, "dir", 0755), 0);
		int next = openat(fd, "dir", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	int leaf = openat(fd, "leaf", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_true(leaf >= 0);
	close(leaf);
	close(fd);
	struct seen seen;
	walk(scratch_root, false, &seen);
	assert_int_equal(seen.entries, LEVELS + 1);
	assert_int_equal(seen.deepest, LEVELS + 1);
	assert_true(seen.longest > PATH_MAX);
	assert_int_equal(seen.faults, 0);
	buf_free(&seen.paths);
	setrlimit(RLIMIT_NOFILE, &files);
}

/* As many directories as one keeps the names of, and more; below each a file. */
static void every_directory_is_entered_once(void **state)
{
	(void)state;
	enum { FEW = 20, MANY = 400 };
	static const char *const places[] = {"few", "many"};
	struct seen seen;
	for (int place = 0; place < 2; place++)
		for (int i = 0; i < (place ? MANY : FEW); i++) {
			_cleanup_free_ char *dir = mem_printf("%s/%s/a-longer-name-%d",
							      scratch_root, places[place], i);
			_cleanup_free_ char *file = mem_printf("%s/file", dir);
			_cleanup_free_ char *above = mem_printf("%s/%s", scratch_root,
								places[place]);
			if (!i)
				assert_int_equal(mkdir(above, 0755), 0);
			assert_int_equal(mkdir(dir, 0755), 0);
			int fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
			assert_true(fd >= 0);
			close(fd);
		}
	walk(scratch_root, false, &seen);
	assert_int_equal(seen.entries, 2 + 2 * (FEW + MANY));
	assert_int_equal(seen.faults, 0);
	for (int i = 0; i < MANY; i++) {
		_cleanup_free_ char *file = mem_printf("/many/a-longer-name-%d/file", i);
		assert_true(saw(&seen, file));
	}
	buf_free(&seen.paths);
}

static void too_few_descriptors_are_reported(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf path = {0};
	for (int i = 0; i < 100; i++)
		buf_puts(&path, "/d");
	scratch_put_dir(path.data);
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){50, files.rlim_max});
	struct seen seen;
	walk(scratch_root, false, &seen);
	setrlimit(RLIMIT_NOFILE, &files);
	assert_int_equal(seen.faults, 1);
	assert_int_equal(seen.error, -EMFILE);
	buf_free(&seen.paths);
}

static void names_are_bytes(void **state)
{
	(void)state;
	static const char *const names[] = {"/new\nline", "/\xff\xfe\x80", "/ ",
					    "/-rf",	  "/\\",	   "/*"};
	struct seen seen;
	for (size_t i = 0; i < 6; i++)
		scratch_put(names[i], "x");
	walk(scratch_root, false, &seen);
	assert_int_equal(seen.entries, 6);
	for (size_t i = 0; i < 6; i++)
		assert_true(saw(&seen, names[i]));
	buf_free(&seen.paths);
}

static void special_files_are_not_opened(void **state)
{
	(void)state;
	struct seen seen;
	_cleanup_free_ char *fifo = scratch_path("/fifo");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	scratch_put_link("/loop", ".");
	scratch_put_link("/out", "/etc");
	walk(scratch_root, false, &seen); /* would wait here for a writer */
	assert_int_equal(seen.entries, 3);
	struct plat_dir *dir;
	struct plat_file *file;
	assert_int_equal(plat_dir_open(scratch_root, &dir), 0);
	assert_int_equal(plat_file_open_at(dir, "fifo", &file), -ENXIO);
	assert_int_equal(plat_file_open_at(dir, "loop", &file), -ELOOP);
	plat_dir_close(dir);
	buf_free(&seen.paths);
}

static void what_is_not_wanted_is_not_entered(void **state)
{
	(void)state;
	struct seen seen;
	scratch_put("/not-entered/file", "x");
	scratch_put("/other/file", "x");
	walk(scratch_root, false, &seen);
	assert_false(saw(&seen, "/not-entered/file"));
	assert_true(saw(&seen, "/other/file"));
	buf_free(&seen.paths);
}

static void unreadable_directories_are_reported(void **state)
{
	(void)state;
	if (!geteuid())
		skip(); /* root reads all */
	scratch_put_dir("/closed");
	_cleanup_free_ char *closed = scratch_path("/closed");
	chmod(closed, 0);
	struct seen seen;
	walk(scratch_root, false, &seen);
	assert_int_equal(seen.faults, 1);
	assert_int_equal(seen.error, -EACCES);
	buf_free(&seen.paths);
}

static struct seen *vanish_seen;
static bool vanish_entry(const struct discover_entry *entry, void *context)
{
	_cleanup_free_ char *other = scratch_path("/later");
	rmdir(other);
	(void)context;
	return entry->info.kind == PLAT_DIR;
}

static bool drop_on_entry(const struct discover_entry *entry, void *context)
{
	_cleanup_free_ char *place = scratch_path(entry->path);
	(void)context;
	vanish_seen->entries++;
	return rmdir(place) == 0;
}

static void vanished_entries_are_nobodys_loss(void **state)
{
	(void)state;
	struct seen seen = {0};
	vanish_seen = &seen;
	scratch_put_dir("/goes");
	scratch_put_dir("/later");
	struct volume volume = {.path = (char *)(uintptr_t) "/"};
	struct discover_visitor visitors[] = {{NULL, drop_on_entry, on_fault, &seen, false},
					      {NULL, vanish_entry, on_fault, &seen, false}};
	assert_int_equal(plat_dir_open(scratch_root, &volume.dir), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(discover_walk(&volume, &visitors[i]), 0);
	assert_int_equal(seen.faults, 0);
	assert_int_equal(seen.entries, 2);
	plat_dir_close(volume.dir);
}

/* What a listing says of a file is what a look at it says, or nothing. */
static void listings_tell_true_inodes(void **state)
{
	struct plat_dir *dir;
	struct plat_info info;
	const char *name;
	enum plat_kind kind;
	unsigned told = 0;
	(void)state;
	scratch_put("/one", "1");
	scratch_put("/two", "2");
	assert_int_equal(plat_dir_open(scratch_root, &dir), 0);
	while (plat_dir_next(dir, &name, &kind) > 0) {
		uint64_t inode = plat_dir_inode(dir);
		assert_int_equal(plat_info_at(dir, name, &info), 0);
		assert_true(!inode || inode == info.id.inode);
		told += inode != 0;
	}
	plat_dir_close(dir);
	/* No file system has a true inode for one of its files only. */
	assert_true(told == 0 || told >= 2);
}

/* Of what is no directory a visitor may be content with its kind. */
static bool brief_entry(const struct discover_entry *entry, void *context)
{
	struct seen *seen = context;
	assert_int_equal(entry->info.kind, PLAT_FILE);
	assert_int_equal(entry->info.size, 0);
	seen->entries++;
	return strcmp(entry->name, "short") == 0;
}

static void brief_visitors_see_no_more(void **state)
{
	struct seen briefly = {0};
	struct discover_visitor visitor = {brief_entry, on_entry, on_fault, &briefly, false};
	struct volume volume = {.path = (char *)(uintptr_t) "/"};
	(void)state;
	scratch_put_dir("/folder");
	scratch_put("/folder/short", "1");
	scratch_put("/folder/long", "2");
	assert_int_equal(plat_dir_open(scratch_root, &volume.dir), 0);
	assert_int_equal(discover_walk(&volume, &visitor), 0);
	plat_dir_close(volume.dir);
	assert_int_equal(briefly.entries,
			 4); /* two briefly, one of them and the folder in full */
	assert_int_equal(briefly.faults, 0);
	buf_free(&briefly.paths);
}

static void times_of_access_stay(void **state)
{
	(void)state;
	scratch_put("/dir/file", "x");
	_cleanup_free_ char *dir = scratch_path("/dir");
	struct timespec old[2] = {{1000000000, 5}, {1000000000, 5}};
	utimensat(AT_FDCWD, dir, old, 0);
	struct seen seen;
	walk(scratch_root, false, &seen);
	struct stat st;
	stat(dir, &st);
	assert_int_equal(st.st_atim.tv_sec, 1000000000);
	assert_int_equal(st.st_atim.tv_nsec, 5);
	buf_free(&seen.paths);
}

/* In a mount namespace of its own: its exit code is what failed. */
static int inside_mounts(void)
{
	_cleanup_free_ char *point = scratch_path("/mnt"), *bind = scratch_path("/bind"),
			    *dir = scratch_path("/dir");
	struct seen seen;
	struct plat_dir *view;
	bool detached;
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", point, "tmpfs", 0, NULL) < 0 ||
	    mount(dir, bind, NULL, MS_BIND, NULL) < 0)
		return 77;
	scratch_put("/mnt/above", "x");
	walk(scratch_root, false, &seen);
	if (saw(&seen, "/mnt/above") || saw(&seen, "/bind/file") || !saw(&seen, "/dir/file"))
		return 1;
	if (plat_volume_open(scratch_root, false, &view, &detached) < 0)
		return 2;
	if (!detached)
		return 77;
	struct discover_visitor visitor = {NULL, on_entry, on_fault, &seen, true};
	struct volume volume = {
		.path = (char *)(uintptr_t) "/", .dir = view, .detached = detached};
	buf_cut(&seen.paths, 0);
	if (discover_walk(&volume, &visitor) < 0)
		return 3;
	if (!saw(&seen, "/mnt/hidden") || saw(&seen, "/mnt/above") || saw(&seen, "/bind/file"))
		return 4;
	return 0;
}

static void other_mounts_are_not_entered(void **state)
{
	(void)state;
	scratch_put("/mnt/hidden", "x");
	scratch_put("/dir/file", "x");
	scratch_put_dir("/bind");
	fflush(NULL);
	pid_t pid = fork();
	if (!pid)
		_exit(unshare(CLONE_NEWNS) < 0 ? 77 : inside_mounts());
	int status;
	waitpid(pid, &status, 0);
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static void many_names_cost_little(void **state)
{
	(void)state;
	enum { FILES = 20000 };
	scratch_put_dir("/many");
	_cleanup_free_ char *many = scratch_path("/many");
	int fd = open(many, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < FILES; i++) {
		char name[16];
		snprintf(name, sizeof name, "%d", i);
		close(openat(fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	}
	close(fd);
	struct seen seen;
	uint64_t start = clock_ms();
	walk(scratch_root, false, &seen);
	assert_int_equal(seen.entries, FILES + 1);
	assert_true(clock_ms() - start < 10000);
	buf_free(&seen.paths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, root_remove)
		T(deep_trees_are_walked),
		T(every_directory_is_entered_once),
		T(too_few_descriptors_are_reported),
		T(names_are_bytes),
		T(special_files_are_not_opened),
		T(what_is_not_wanted_is_not_entered),
		T(unreadable_directories_are_reported),
		T(vanished_entries_are_nobodys_loss),
		T(listings_tell_true_inodes),
		T(brief_visitors_see_no_more),
		T(times_of_access_stay),
		T(other_mounts_are_not_entered),
		T(many_names_cost_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
