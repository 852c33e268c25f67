/* SPDX-License-Identifier: MIT */
/* Which files a package owns unchanged, for every kind of database, and what is
 * said when one can not be read. */
#include "scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "classify/owned.h"
#include "detect/detect.h"
#include "detect/listing.h"
#include "made.h"
#include "packaged.h"

static struct rules rules;
static struct detect *detect; /* NULL: no workers here */

static int read_apart(enum packages_kind kind, const struct packages_file *files, size_t count,
		      packages_sink *sink, void *sink_context, void *context)
{
	(void)context;
	return detect_packages(detect, kind, files, count, sink, sink_context);
}

struct told {
	unsigned times;
	int error;
	char database[64];
};

static void on_unread(const char *database, int error, void *context)
{
	struct told *told = context;
	told->times++;
	told->error = error;
	snprintf(told->database, sizeof told->database, "%s", database);
}

static struct told ask_by(const struct packages_reader *reader, const char *const *paths,
			  size_t count, bool *owned)
{
	struct told told = {0};
	struct guest *guest = scratch_guest();
	struct owned *all = owned_new(guest);
	owned_read(all, reader);
	for (size_t i = 0; i < count; i++) {
		struct sum sum;
		owned[i] = owned_unchanged(all, paths[i]);
		owned_listed(all, paths[i], 0, &sum);
		assert_true(sum.known || !owned[i]);
	}
	owned_tell_unread(all, on_unread, &told);
	owned_free(all);
	guest_free(guest);
	return told;
}

static struct told ask(const char *const *paths, size_t count, bool *owned)
{
	return ask_by(&packages_here, paths, count, owned);
}

static void md5(const char *text, char out[DIGEST_TEXT])
{
	digest_text(EVP_md5(), text, out);
}

/* ---- dpkg ---- */

static void unchanged_files_of_packages_are_owned(void **state)
{
	(void)state;
	static const char *const paths[] = {
		"/etc/conf",	      "/etc/other",	"/srv/x",	  "/usr/lib/merged",
		"/usr/share/changed", "/usr/share/doc", "/usr/share/gone"};
	char sum[DIGEST_TEXT];
	bool owned[7];
	md5("same", sum);
	_cleanup_free_ char *sums = mem_printf(
		"%s  usr/share/doc\n%s  usr/share/changed\n%s  lib/merged\n%s  usr/share/gone\n"
		"%s\n%s \n  \nshort  usr/x\n%s  ../../srv/x\n%s  /etc//other\n",
		sum, sum, sum, sum, sum, sum, sum, sum);
	_cleanup_free_ char *status = mem_printf(
		"Package: a\nConffiles:\n /etc/conf %s\n /etc/other %s0\n /etc/other\n /\n",
		sum, sum);
	scratch_put("/var/lib/dpkg/info/a.md5sums", sums);
	scratch_put("/var/lib/dpkg/info/a.list", "/srv/x\n");
	scratch_put("/var/lib/dpkg/status", status);
	scratch_put("/usr/share/doc", "same");
	scratch_put("/usr/share/changed", "samE");
	scratch_put("/usr/lib/merged", "same");
	scratch_put("/etc/conf", "same");
	scratch_put("/etc/other", "same");
	scratch_put("/srv/x", "same");
	assert_int_equal(ask(paths, 7, owned).times, 0);
	assert_true(owned[0]);
	assert_false(owned[1]);
	assert_false(owned[2]);
	assert_true(owned[3]);
	assert_false(owned[4]);
	assert_true(owned[5]);
	assert_false(owned[6]);
}

static void a_link_is_not_what_a_package_owns(void **state)
{
	(void)state;
	static const char *const paths[] = {"/usr/share/doc"};
	char sum[DIGEST_TEXT];
	bool owned = true;
	md5("same", sum);
	_cleanup_free_ char *sums = mem_printf("%s  usr/share/doc\n", sum);
	scratch_put("/var/lib/dpkg/info/a.md5sums", sums);
	scratch_put("/usr/share/real", "same");
	scratch_put_link("/usr/share/doc", "real");
	assert_int_equal(ask(paths, 1, &owned).times, 0);
	assert_false(owned);
}

/* More lists than one message has room for. */
static void every_list_is_read(void **state)
{
	(void)state;
	enum { LISTS = 3 * PLAT_FILES_MAX + 5 };
	static char names[LISTS][24];
	const char *paths[LISTS];
	bool owned[LISTS];
	char sum[DIGEST_TEXT];
	md5("same", sum);
	for (size_t i = 0; i < LISTS; i++) {
		snprintf(names[i], sizeof names[i], "/usr/f%04zu", i);
		paths[i] = names[i];
		_cleanup_free_ char *list = mem_printf("/var/lib/dpkg/info/%zu.md5sums", i);
		_cleanup_free_ char *text = mem_printf("%s  %s\n", sum, names[i] + 1);
		scratch_put(list, text);
		scratch_put(paths[i], "same");
	}
	assert_int_equal(ask(paths, LISTS, owned).times, 0);
	for (size_t i = 0; i < LISTS; i++)
		assert_true(owned[i]);
}

/* What the list of its package was made after is as it was packed, or older. */
static void a_file_younger_than_its_package_was_changed(void **state)
{
	(void)state;
	const int64_t second = 1000000000, built = 1600000000 * second;
	char same[DIGEST_TEXT];
	struct sum sum;
	md5("same", same);
	_cleanup_free_ char *sums = mem_printf("%s  usr/lib/a\n", same);
	_cleanup_free_ char *status = mem_printf("Package: a\nConffiles:\n /etc/a %s\n", same);
	scratch_put("/var/lib/dpkg/info/a.md5sums", sums);
	scratch_put("/var/lib/dpkg/status", status);
	assert_true(os_set_times(scratch_at("/var/lib/dpkg/info/a.md5sums"), built,
				 built + second - 100));
	struct guest *guest = scratch_guest();
	struct owned *owned = owned_new(guest);
	owned_read(owned, &packages_here);
	assert_true(owned_listed(owned, "/usr/lib/a", built, &sum));
	assert_true(owned_listed(owned, "/usr/lib/a", built + second - 1, &sum));
	assert_true(owned_listed(owned, "/usr/lib/a", built - 99 * second, &sum));
	assert_false(owned_listed(owned, "/usr/lib/a", built + second, &sum));
	assert_true(sum.known);
	assert_false(owned_listed(owned, "/usr/lib/b", built, &sum));
	assert_false(sum.known);
	assert_false(owned_listed(owned, "/etc/a", built, &sum)); /* when is not told */
	assert_true(sum.known);
	owned_free(owned);
	guest_free(guest);
}

/* ---- the others ---- */

static void all_databases_of_a_guest_are_asked(void **state)
{
	(void)state;
	static const char *const paths[] = {"/etc/alpha.conf",	   "/etc/x.conf",
					    "/opt/p7/it",	   "/top",
					    "/usr/bin/tool",	   "/usr/share/a b",
					    "/usr/share/alpha/1",  "/usr/share/alpha/2",
					    "/usr/share/alpha/a b"};
	bool owned[9];
	assert_true(made_copy("apk/installed", "/lib/apk/db/installed"));
	assert_true(made_copy("pacman/mtree", "/var/lib/pacman/local/a-1-1/mtree"));
	scratch_put("/var/lib/pacman/local/ALPM_DB_VERSION", "9\n");
	scratch_put("/etc/x.conf", "two");
	scratch_put("/usr/bin/tool", "three!");
	scratch_put("/top", "four");
	scratch_put("/usr/share/a b", "one");
	scratch_put("/etc/alpha.conf", "conf\n");
	scratch_put("/opt/p7/it", "p7\n");
	scratch_put("/usr/share/alpha/1", "1\n");
	scratch_put("/usr/share/alpha/2", "changed\n");
	scratch_put("/usr/share/alpha/a b", "a b\n");
	assert_int_equal(ask(paths, 9, owned).times, 0);
	assert_true(owned[1] && owned[3] && owned[5]);
	assert_false(owned[0] || owned[2] || owned[4] || owned[6]);
	static const char *const files[][2] = {
		{"sqlite/rpmdb.sqlite", "/var/lib/rpm/rpmdb.sqlite"},
		{"ndb/Packages.db", "/usr/lib/sysimage/rpm/Packages.db"},
		{"bdb/Packages", "/var/lib/rpm/Packages"}};
	for (size_t i = 0; i < 3; i++) {
		if (!made_copy(files[i][0], files[i][1])) {
			print_message("skipped: no RPM here\n");
			return;
		}
		assert_int_equal(ask(paths, 9, owned).times, 0);
		assert_true(owned[0] && owned[2] && owned[3] && owned[6] && owned[8]);
		assert_false(owned[4] || owned[7]);
		assert_true(os_remove(scratch_at(files[i][1])));
	}
}

static void a_database_that_can_not_be_read_is_told(void **state)
{
	(void)state;
	static const char *const paths[] = {"/top"};
	bool owned;
	scratch_put("/top", "four");
	scratch_put("/var/lib/rpm/Packages", "this is none");
	struct told told = ask(paths, 1, &owned);
	assert_int_equal(told.times, 1);
	assert_int_equal(told.error, -EBADMSG);
	assert_string_equal(told.database, "/var/lib/rpm/Packages");
	scratch_put("/var/lib/pacman/local/a/mtree", "no");
	scratch_put("/var/lib/pacman/local/b/mtree", "no");
	told = ask(paths, 1, &owned);
	assert_int_equal(told.times, 2);
	assert_string_equal(told.database, "/var/lib/pacman/local");
	assert_false(owned);
}

static void a_database_in_two_places_is_asked_once(void **state)
{
	(void)state;
	static const char *const paths[] = {"/top"};
	bool owned;
	scratch_put("/usr/lib/sysimage/rpm/Packages", "this is none");
	scratch_put_link("/var/lib/rpm", "../../usr/lib/sysimage/rpm");
	assert_int_equal(ask(paths, 1, &owned).times, 1);
}

/* ---- in a worker ---- */

/* What a worker does wrong the size of the database tells it: it has this many entries. */
enum trick {
	HONEST,
	CRASH,
	HANG,
	LIE_MAGIC,
	LIE_LENGTH,
	LIE_PATH,
	LIE_NUL,
	LIE_ALGORITHM,
	LIE_STOPPED,
	TRICKS
};
enum { STALL_MS = 4000 };

#define HEAD "P:x\nF:usr/share\n"
#define ENTRY "R:file%zu\nZ:Q1/gW83NxJKAEngaXxoqd8u1OY4QY=\n"

static enum trick trick_of(uint64_t size)
{
	const size_t head = strlen(HEAD), entry = strlen(ENTRY) - strlen("%zu") + 1;
	bool fits = size > head && (size - head) % entry == 0 && (size - head) / entry < TRICKS;
	return fits ? (enum trick)((size - head) / entry) : HONEST;
}

static void misbehave(struct plat_channel *channel, const struct packages_file *files)
{
	struct listing_answer answer = {
		LISTING_MAGIC, false, 0, 3 + 2 + 16, {0, 2, 0, '/', 'a'}};
	size_t len = offsetof(struct listing_answer, records) + answer.len;
	switch (trick_of(files->size)) {
	case HONEST:
	case TRICKS:
		return;
	case CRASH:
		_Exit(9);
	case HANG:
		for (volatile unsigned i = 0;; i++)
			;
	case LIE_MAGIC:
		answer.magic++;
		break;
	case LIE_LENGTH:
		answer.records[1] = 200;
		break;
	case LIE_PATH:
		answer.records[3] = 'a';
		break;
	case LIE_NUL:
		answer.records[4] = 0;
		break;
	case LIE_ALGORITHM:
		answer.records[2] = PACKAGES_ALGORITHMS;
		break;
	case LIE_STOPPED: /* as if the run had to end, which needs no other word */
		answer.done = true;
		answer.error = EINTR;
		break;
	}
	plat_send(channel, &answer, len, NULL, 0);
}

/* Before any test: where workers are started again they come to this, and do not return. */
static int start_workers(void **state)
{
	struct buf fault = {0};
	struct detect_limits limits = {.stall_ms = STALL_MS};
	(void)state;
	listing_test_hook = misbehave;
	if (detect_prepare(&rules, 1, &limits, &detect, &fault) < 0)
		print_message("skipped: no workers here: %s\n", buf_text(&fault));
	buf_free(&fault);
	return 0;
}

static int end_workers(void **state)
{
	(void)state;
	if (detect)
		detect_free(detect);
	return 0;
}

static void put_long_database(size_t entries)
{
	struct buf text = {0};
	buf_puts(&text, HEAD);
	for (size_t i = 0; i < entries; i++)
		buf_printf(&text, ENTRY, i);
	scratch_put("/lib/apk/db/installed", buf_text(&text));
	buf_free(&text);
}

static void a_worker_reads_all_of_it(void **state)
{
	(void)state;
	static const char *const paths[] = {"/usr/share/file0", "/usr/share/file149999",
					    "/usr/share/file150000"};
	struct packages_reader apart = {read_apart, NULL};
	bool owned[3], here[3];
	if (!detect)
		skip();
	put_long_database(150000);

	for (size_t i = 0; i < 3; i++)
		scratch_put(paths[i], "one");
	uint64_t begun = clock_ms();
	assert_int_equal(ask_by(&apart, paths, 3, owned).error, 0);
	print_message("150,000 files in %u ms\n", (unsigned)(clock_ms() - begun));
	assert_int_equal(ask(paths, 3, here).times, 0);
	assert_memory_equal(owned, here, sizeof owned);
	assert_false(owned[2]);
}

static void a_bad_worker_is_told(void **state)
{
	(void)state;
	static const char *const paths[] = {"/a"};
	struct packages_reader apart = {read_apart, NULL};
	if (!detect)
		skip();
	scratch_put("/a", "a");
	for (enum trick trick = CRASH; trick < TRICKS; trick++) {
		bool owned;
		put_long_database(trick);
		struct told told = ask_by(&apart, paths, 1, &owned);
		assert_int_equal(told.times, 1);
		assert_int_equal(told.error, trick == CRASH  ? -EPIPE
					     : trick == HANG ? -ETIMEDOUT
							     : -EPROTO);
		assert_false(owned);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)
		T(unchanged_files_of_packages_are_owned),
		T(a_link_is_not_what_a_package_owns),
		T(a_file_younger_than_its_package_was_changed),
		T(every_list_is_read),
		T(all_databases_of_a_guest_are_asked),
		T(a_database_that_can_not_be_read_is_told),
		T(a_database_in_two_places_is_asked_once),
		T(a_worker_reads_all_of_it),
		T(a_bad_worker_is_told),
	};
	return cmocka_run_group_tests(tests, start_workers, end_workers);
}
