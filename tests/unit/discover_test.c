/* SPDX-License-Identifier: MIT */
/* The walk, the accounts and the mounts, on trees and tables made here. */
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
#include "base/str.h"
#include "discover/discover.h"
#include "linux/look/mounts.h"
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
	struct discover_visitor visitor = {NULL, on_entry, on_fault, ret};
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
	struct discover_visitor visitors[] = {{NULL, drop_on_entry, on_fault, &seen},
					      {NULL, vanish_entry, on_fault, &seen}};
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
	struct discover_visitor visitor = {brief_entry, on_entry, on_fault, &briefly};
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
	struct discover_visitor visitor = {NULL, on_entry, on_fault, &seen};
	struct volume volume = {(char *)(uintptr_t) "/", view, detached};
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

/* ---- accounts and homes ---- */

static struct guest *discover(void)
{
	struct guest *guest;
	assert_int_equal(discover_guest(scratch_root, GUEST_LINUX, NULL, &guest), 0);
	return guest;
}

static const struct account *account(const struct guest *guest, const char *name)
{
	vec_each(&guest->accounts, at)
		if (strcmp(at->name, name) == 0)
			return at;
	return NULL;
}

static void accounts_survive_junk(void **state)
{
	(void)state;
	scratch_put("/srv/app/x", "x");
	scratch_put("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n"
				   "\n:::::\nnonsense\n+::::::\n#c:x:1:1::/srv/app:/bin/sh\n"
				   "big:x:4294967296:0::/srv/app:/bin/sh\n"
				   "neg:x:-1:0::/srv/app:/bin/sh\n"
				   "app:x:7:7::/srv/app/:/usr/sbin/nologin\n"
				   "short:x:8:8:\n"
				   "rel:x:9:9::srv/app:/bin/sh");
	struct guest *guest = discover();
	assert_null(account(guest, "big"));
	assert_null(account(guest, "neg"));
	assert_null(account(guest, "short"));
	assert_non_null(account(guest, "root"));
	assert_string_equal(account(guest, "app")->home, "/srv/app");
	assert_false(account(guest, "app")->can_login);
	assert_null(account(guest, "rel")->home);
	guest_free(guest);
}

static void a_nul_hides_no_account(void **state)
{
	(void)state;
	static const char text[] =
		"root:x:0:0::/root:/bin/sh\nbad\0line\nme:x:5:5::/:/bin/sh\n";
	scratch_put("/etc/passwd", "");
	_cleanup_free_ char *place = scratch_path("/etc/passwd");
	FILE *file = fopen(place, "we");
	fwrite(text, 1, sizeof text - 1, file);
	fclose(file);
	struct guest *guest = discover();
	assert_non_null(account(guest, "me"));
	guest_free(guest);
}

static void homes_stay_inside(void **state)
{
	(void)state;
	scratch_put("/data/u/x", "x");
	scratch_put_dir("/home");
	scratch_put_dir("/etc/inner");
	scratch_put_link("/home/u", "/data/u");
	scratch_put_link("/home/bad", "/etc");
	scratch_put_link("/home/worse", "../../../../etc/inner");
	scratch_put_link("/home/loop", "loop");
	scratch_put_dir("/home/orphan");
	scratch_put("/home/file", "x");
	scratch_put_dir("/var/tmp");
	scratch_put("/etc/passwd",
		    "u:x:5:5::/home/u:/bin/sh\nbad:x:6:6::/home/bad:/bin/sh\n"
		    "loop:x:7:7::/home/loop:/bin/sh\nup:x:8:8::/home/../data/u/..:/bin/sh\n"
		    "tmp:x:9:9::/var/tmp:/bin/sh\nworse:x:9:9::/home/worse:/bin/sh\n");
	struct guest *guest = discover();
	assert_string_equal(account(guest, "u")->home, "/data/u");
	assert_null(account(guest, "bad")->home);
	assert_null(account(guest, "worse")->home);
	assert_null(account(guest, "loop")->home);
	assert_null(account(guest, "tmp")->home);
	assert_string_equal(account(guest, "up")->home, "/data");
	assert_true(guest_is_home(guest, "/home/orphan"));
	assert_false(guest_is_home(guest, "/home/file"));
	assert_int_equal(guest->homes.n, 3);
	/* Homes in homes: the innermost counts. */
	assert_string_equal(guest_home_of(guest, "/data/u/x"), "/data/u");
	assert_string_equal(guest_home_of(guest, "/data/uu"), "/data");
	guest_free(guest);
}

static void links_in_homes_are_not_followed(void **state)
{
	(void)state;
	scratch_put("/etc/shadow", "x");
	scratch_put("/etc/passwd", "u:x:5:5::/home/u:/bin/sh\n");
	scratch_put_dir("/home/u");
	scratch_put_link("/home/u/.ssh", "/etc");
	struct guest *guest = discover();
	struct buf text = {0};
	struct plat_dir *dir;
	struct plat_info info;
	assert_int_equal(guest_read(guest, "/home/u/.ssh/shadow", 100, &text), -ELOOP);
	assert_int_equal(guest_dir(guest, "/home/u/.ssh", &dir, NULL), -ELOOP);
	assert_int_equal(guest_look(guest, "/home/u/.ssh", &info), 0);
	assert_int_equal(info.kind, PLAT_SYMLINK);
	assert_true(guest_read(guest, "/home/u/../../etc/shadow", 100, &text) < 0);
	guest_free(guest);
}

static void links_of_strangers_are_not_followed(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	scratch_put("/etc/passwd", "u:x:5:5::/srv/u:/bin/sh\n");
	scratch_put_dir("/data/u");
	scratch_put_dir("/srv");
	scratch_put_link("/srv/u", "/data/u");
	_cleanup_free_ char *link = scratch_path("/srv/u");
	struct guest *guest = discover();
	assert_true(guest_is_home(guest, "/data/u"));
	guest_free(guest);
	assert_int_equal(lchown(link, 1234, 1234), 0);
	guest = discover();
	assert_false(guest_is_home(guest, "/data/u"));
	guest_free(guest);
}

/* /home on a volume of its own, which the view of / does not show. */
static void paths_are_found_across_volumes(void **state)
{
	(void)state;
	scratch_put_dir("/one/home");
	scratch_put_dir("/two/u");
	scratch_put("/two/u/file", "there");
	scratch_put_link("/one/link", "home/u");
	_cleanup_free_ char *one = scratch_path("/one"), *two = scratch_path("/two");
	struct guest *guest = guest_new(scratch_root);
	struct plat_dir *dir;
	assert_int_equal(plat_dir_open(one, &dir), 0);
	*vec_add(&guest->volumes) = (struct volume){mem_strdup("/"), dir, true};
	assert_int_equal(plat_dir_open(two, &dir), 0);
	*vec_add(&guest->volumes) = (struct volume){mem_strdup("/home"), dir, true};
	_cleanup_(buf_free) struct buf real = {0}, text = {0};
	assert_int_equal(guest_resolve(guest, "/link/file", &real), 0);
	assert_string_equal(real.data, "/home/u/file");
	assert_int_equal(guest_read(guest, "/link/file", 100, &text), 0);
	assert_string_equal(text.data, "there");
	guest_free(guest);
}

static void ten_thousand_homes_cost_little(void **state)
{
	(void)state;
	struct guest *guest = guest_new("/");
	uint64_t start = clock_ms();
	for (unsigned i = 0; i < 10000; i++) {
		_cleanup_free_ char *home = mem_printf("/home/user%u", i * 7919 % 10000);
		assert_non_null(guest_add_home(guest, home));
		assert_ptr_equal(guest_add_home(guest, home), guest_add_home(guest, home));
	}
	assert_int_equal(guest->homes.n, 10000);
	for (unsigned i = 0; i < 1000000; i++) {
		char path[64];
		snprintf(path, sizeof path, "/home/user%u/.cache/a/b/c", i % 10000);
		const char *home = guest_home_of(guest, path);
		assert_true(home && str_starts(path, home) && path[strlen(home)] == '/');
	}
	assert_null(guest_home_of(guest, "/home/userx/y"));
	assert_null(guest_home_of(guest, "/home"));
	assert_true(clock_ms() - start < 10000);
	guest_free(guest);
}

/* ---- mounts ---- */

/* 8:x is the system disk, 9:x another one, all else is none. */
static bool disk(unsigned major_number, unsigned minor_number, const char *source, char *out)
{
	(void)minor_number;
	if (strcmp(source, "/dev/sda2") == 0)
		major_number = 8;
	if (major_number == 8 || major_number == 9)
		strcpy(out, major_number == 8 ? "sda" : "sdb");
	return major_number == 8 || major_number == 9;
}

static const char *mounts_text(const char *table, const char *at, struct buf *out)
{
	static const char *const kinds[] = {"system", "disk", "network", "pseudo", "again"};
	struct plat_mount *mounts;
	size_t count;
	FILE *file = fmemopen((void *)(uintptr_t)table, strlen(table), "r");
	int r = mounts_read(file, at, disk, &mounts, &count);
	fclose(file);
	buf_cut(out, 0);
	if (r < 0)
		return "none";
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s=%s ", mounts[i].path, kinds[mounts[i].kind]);
	plat_mounts_free(mounts, count);
	return buf_text(out);
}

/* In a chroot the mount that the root lies on does not show. */
static void a_changed_root_is_a_plain_directory(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf out = {0};
	assert_string_equal(mounts_text("30 29 8:3 / /data rw - ext4 /dev/sda3 rw\n"
					"31 29 0:4 / /proc rw - proc proc rw\n",
					"/", &out),
			    "/data=disk /proc=pseudo ");
}

static void mounts_are_told_apart(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf out = {0};
	static const char plain[] =
		"22 29 0:20 / /sys rw shared:7 - sysfs sysfs rw\n"
		"29 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
		"nonsense\n"
		"30 29 8:3 / /home rw shared:1 master:2 - ext4 /dev/sda3 rw\n"
		"31 29 9:1 / /my\\040data rw - xfs /dev/sdb1 rw\n"
		"32 29 8:1 /srv/x /bind rw - ext4 /dev/sda1 rw\n"
		"33 29 0:50 / /net rw - nfs4 server:/x rw\n"
		"35 22 0:51 / /sys/fs/fuse/connections rw - fusectl fusectl rw\n"
		"34 30 8:3 /u /home/again rw - ext4 /dev/sda3 rw\n";
	assert_string_equal(mounts_text(plain, "/", &out),
			    "/sys=pseudo /home=system /my data=disk /bind=again /net=network "
			    "/sys/fs/fuse/connections=pseudo /home/again=again ");
	assert_string_equal(mounts_text(plain, "/home", &out), "/again=again ");
	assert_string_equal(mounts_text(plain, "/srv", &out), "");
	assert_string_equal(mounts_text("", "/", &out), "none");
}

static void covered_mounts_are_not_listed(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf out = {0};
	static const char table[] = "1 0 0:1 / / rw - rootfs rootfs rw\n"
				    "29 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
				    "30 29 8:3 / /mnt/a rw - ext4 /dev/sda3 rw\n"
				    "31 29 0:30 / /mnt rw - tmpfs tmpfs rw\n"
				    "32 29 8:4 / /opt rw - ext4 /dev/sda4 rw\n"
				    "33 32 8:5 / /opt/x rw - ext4 /dev/sda5 rw\n"
				    "34 32 0:31 / /opt rw - tmpfs tmpfs rw\n"
				    "35 34 8:6 / /opt/y rw - ext4 /dev/sda6 rw\n";
	assert_string_equal(mounts_text(table, "/", &out),
			    "/mnt=pseudo /opt=pseudo /opt/y=system ");
}

static void subvolumes_and_subtrees_belong(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf out = {0};
	static const char btrfs[] = "29 1 0:25 /@ / rw - btrfs /dev/sda2 rw\n"
				    "30 29 0:25 /@home /home rw - btrfs /dev/sda2 rw\n"
				    "31 29 0:25 /@/srv /bind rw - btrfs /dev/sda2 rw\n";
	assert_string_equal(mounts_text(btrfs, "/", &out), "/home=system /bind=again ");
	/* ostree: /var lies beside the root on the same file system. */
	static const char ostree[] = "29 1 8:1 /deploy/0 / rw - ext4 /dev/sda1 rw\n"
				     "30 29 8:1 /var /var rw - ext4 /dev/sda1 rw\n";
	assert_string_equal(mounts_text(ostree, "/", &out), "/var=system ");
	static const char overlay[] = "29 1 0:40 / / rw - overlay overlay rw,lowerdir=/x\n"
				      "30 29 8:1 /f /etc/hosts rw - ext4 /dev/sda1 rw\n"
				      "31 29 0:40 /a /b rw - overlay overlay rw\n";
	assert_string_equal(mounts_text(overlay, "/", &out), "/etc/hosts=disk /b=again ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, root_remove)
		T(deep_trees_are_walked),
		T(too_few_descriptors_are_reported),
		T(names_are_bytes),
		T(special_files_are_not_opened),
		T(what_is_not_wanted_is_not_entered),
		T(unreadable_directories_are_reported),
		T(vanished_entries_are_nobodys_loss),
		T(times_of_access_stay),
		T(other_mounts_are_not_entered),
		T(many_names_cost_little),
		T(accounts_survive_junk),
		T(a_nul_hides_no_account),
		T(homes_stay_inside),
		T(links_in_homes_are_not_followed),
		T(links_of_strangers_are_not_followed),
		T(paths_are_found_across_volumes),
		T(listings_tell_true_inodes),
		T(brief_visitors_see_no_more),
		cmocka_unit_test(ten_thousand_homes_cost_little),
		cmocka_unit_test(mounts_are_told_apart),
		cmocka_unit_test(a_changed_root_is_a_plain_directory),
		cmocka_unit_test(covered_mounts_are_not_listed),
		cmocka_unit_test(subvolumes_and_subtrees_belong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
