/* SPDX-License-Identifier: MIT */
/* The walk, on trees made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "discover/discover.h"
#include "scratch.h"
#include "walking.h"

static void deep_trees_are_walked(void **state)
{
	(void)state;
	enum { LEVELS = 6000, AND_MORE = 100 };
	unsigned levels = os_may_open(LEVELS + AND_MORE) - AND_MORE;
	levels = os_make_deep(scratch_root, "dir", levels);
	print_message("%u levels\n", levels);
	assert_true(levels >= 250);
	struct seen seen;
	walk(scratch_root, false, &seen);
	assert_int_equal(seen.entries, levels);
	assert_int_equal(seen.deepest, levels);
	assert_int_equal(seen.longest, levels * strlen("/dir"));
	assert_int_equal(seen.faults, 0);
	buf_free(&seen.paths);
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
			_cleanup_free_ char *file = mem_printf("/%s/a-longer-name-%d/file",
							       places[place], i);
			scratch_put(file, "");
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

static struct seen *vanish_seen;
static bool vanish_entry(const struct discover_entry *entry, void *context)
{
	os_remove(scratch_at("/later"));
	(void)context;
	return entry->info.kind == PLAT_DIR;
}

static bool drop_on_entry(const struct discover_entry *entry, void *context)
{
	(void)context;
	vanish_seen->entries++;
	return os_remove(scratch_at(entry->path));
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

static void times_of_directories_stay(void **state)
{
	(void)state;
	scratch_put("/dir/file", "x");
	const int64_t old = INT64_C(1000000000000000500);
	int64_t access, change;
	assert_true(os_set_times(scratch_at("/dir"), old, old));
	struct seen seen;
	walk(scratch_root, false, &seen);
	assert_true(os_times(scratch_at("/dir"), &access, &change));
	assert_true(change == old);
	if (os_keeps_access())
		assert_true(access == old);
	else
		print_message("skipped: times of access, which this system moves\n");
	buf_free(&seen.paths);
}

static void many_names_cost_little(void **state)
{
	(void)state;
	enum { FILES = 20000 };
	scratch_put_dir("/many");
	unsigned made = os_make_many(scratch_at("/many"), FILES);
	print_message("%u names\n", made);
	assert_true(made >= 1000);
	struct seen seen;
	uint64_t start = clock_ms();
	walk(scratch_root, false, &seen);
	assert_int_equal(seen.entries, made + 1);
	assert_true(clock_ms() - start < 10000);
	buf_free(&seen.paths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)
		T(deep_trees_are_walked),
		T(every_directory_is_entered_once),
		T(what_is_not_wanted_is_not_entered),
		T(vanished_entries_are_nobodys_loss),
		T(listings_tell_true_inodes),
		T(brief_visitors_see_no_more),
		T(times_of_directories_stay),
		T(many_names_cost_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
