/* SPDX-License-Identifier: MIT */
/* The accounts and homes of a guest, on trees made here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "discover/discover.h"
#include "scratch.h"

static struct guest *discover(void)
{
	struct guest *guest;
	assert_int_equal(discover_guest(scratch_root, GUEST_LINUX, NULL, NULL, &guest), 0);
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

static void an_empty_passwd_has_no_accounts(void **state)
{
	(void)state;
	scratch_put("/etc/passwd", "");
	struct guest *guest = discover();
	assert_int_equal(guest->accounts.n, 0);
	assert_int_equal(guest->left_out.n, 0);
	guest_free(guest);
}

static void a_nul_hides_no_account(void **state)
{
	(void)state;
	static const char text[] =
		"root:x:0:0::/root:/bin/sh\nbad\0line\nme:x:5:5::/:/bin/sh\n";
	scratch_put("/etc/passwd", "");
	_cleanup_free_ char *place = scratch_path("/etc/passwd");
	FILE *file = os_open(place, "wb");
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

static void expect_system(enum guest_os os, bool sure)
{
	struct guest *guest;
	assert_int_equal(discover_guest(scratch_root, 0, NULL, NULL, &guest), 0);
	assert_int_equal(guest->os, os);
	assert_int_equal(guest->unfit == NULL, sure);
	guest_free(guest);
}

static void the_system_is_known_by_what_only_it_has(void **state)
{
	(void)state;
	expect_system(GUEST_LINUX, true);
	scratch_put("/Windows/System32/ntdll.dll", "MZ");
	expect_system(GUEST_WINDOWS, true);
	scratch_put("/usr/bin/bash.exe", "MZ");
	expect_system(GUEST_WINDOWS, true);
	scratch_put("/etc/hosts", "x");
	expect_system(GUEST_LINUX, true);
	scratch_put("/Windows/System32/config/SYSTEM", "no hive");
	expect_system(GUEST_LINUX, true);
	scratch_put("/Windows/System32/config/SYSTEM", "regf and more");
	expect_system(GUEST_WINDOWS, true);
}

/* Nobody guesses then, and nothing is changed. */
static void what_could_be_either_system_has_to_be_told(void **state)
{
	struct guest *guest;
	(void)state;
	scratch_put("/windows/system32/config/system", "regf and more");
	scratch_put("/usr/lib/os-release", "ID=debian\n");
	expect_system(GUEST_LINUX, false);
	for (enum guest_os os = GUEST_LINUX; os <= GUEST_WINDOWS; os++) {
		assert_int_equal(discover_guest(scratch_root, os, NULL, NULL, &guest), 0);
		assert_int_equal(guest->os, os);
		assert_null(guest->unfit);
		guest_free(guest);
	}
}

/* Beside the system drive, which may have no directory of such a name. */
static void a_drive_may_lie_elsewhere(void **state)
{
	struct guest *guest;
	struct plat_info info;
	(void)state;
	scratch_put("/c/Windows/System32/ntdll.dll", "MZ");
	scratch_put("/other/Profiles/dora/a.txt", "x");
	_cleanup_free_ char *root = scratch_path("/c");
	_cleanup_free_ char *there = mem_printf("/d:=%s/other", scratch_root);
	_cleanup_free_ char *none = mem_printf("/E:=%s/none", scratch_root);
	_cleanup_free_ char *again = mem_printf("/F:=%s", root);
	const char *const include[] = {there, none, again, NULL};
	assert_int_equal(discover_guest(root, 0, include, NULL, &guest), 0);
	assert_int_equal(guest->volumes.n, 2);
	assert_string_equal(guest->volumes.v[1].path, "/D:");
	assert_int_equal(guest_look(guest, "/D:/profiles/DORA/a.txt", &info), 0);
	assert_int_equal(guest->left_out.n, 2);
	assert_string_equal(guest->left_out.v[0].path, "/E:");
	assert_int_equal(guest->left_out.v[0].error, -ENOENT);
	assert_string_equal(guest->left_out.v[1].path, "/F:");
	assert_int_equal(guest->left_out.v[1].error, -EEXIST);
	guest_free(guest);
}

/* Every user of Windows can make /etc. */
static void the_running_system_is_the_one_we_are_for(void **state)
{
	struct guest *guest;
	(void)state;
	assert_int_equal(discover_guest("/", 0, NULL, NULL, &guest), 0);
	assert_int_equal(guest->os == GUEST_WINDOWS, strcmp(plat_system(), "windows") == 0);
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
	scratch_put("/etc/passwd", "u:x:5:5::/srv/u:/bin/sh\n");
	scratch_put_dir("/data/u");
	scratch_put_dir("/srv");
	scratch_put_link("/srv/u", "/data/u");
	struct guest *guest = discover();
	assert_true(guest_is_home(guest, "/data/u"));
	guest_free(guest);
	if (!os_give_away(scratch_at("/srv/u")))
		skip();
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
	scratch_put_link("/one/deep/back", "../home/u/../../home/./u/file");
	_cleanup_free_ char *one = scratch_path("/one"), *two = scratch_path("/two");
	struct guest *guest = guest_new(scratch_root);
	struct plat_dir *dir;
	assert_int_equal(plat_dir_open(one, &dir), 0);
	*vec_add(&guest->volumes) = (struct volume){
		.path = mem_strdup("/"), .dir = dir, .detached = true};
	assert_int_equal(plat_dir_open(two, &dir), 0);
	*vec_add(&guest->volumes) = (struct volume){
		.path = mem_strdup("/home"), .dir = dir, .detached = true};
	_cleanup_(buf_free) struct buf real = {0}, text = {0};
	assert_int_equal(guest_resolve(guest, "/link/file", &real), 0);
	assert_string_equal(real.data, "/home/u/file");
	assert_int_equal(guest_read(guest, "/link/file", 100, &text), 0);
	assert_string_equal(text.data, "there");
	buf_cut(&real, 0);
	assert_int_equal(guest_resolve(guest, "/deep/../deep/back", &real), 0);
	assert_string_equal(real.data, "/home/u/file");
	assert_true(guest_has(guest, "/home"));
	assert_true(guest_has(guest, "/home/u/file"));
	assert_false(guest_has(guest, "/home/home"));
	guest_free(guest);
}

/* Milliseconds that half a million questions take. */
static uint64_t ask_for_homes(unsigned homes)
{
	struct guest *guest = guest_new("/");
	for (unsigned i = 0; i < homes; i++) {
		_cleanup_free_ char *home = mem_printf("/home/user%u", i * 7919 % homes);
		assert_non_null(guest_add_home(guest, home));
		assert_ptr_equal(guest_add_home(guest, home), guest_add_home(guest, home));
	}
	assert_int_equal(guest->homes.n, homes);
	uint64_t start = clock_ms();
	for (unsigned i = 0; i < 500000; i++) {
		char path[64];
		snprintf(path, sizeof path, "/home/user%u/.cache/a/b/c", i % homes);
		const char *home = guest_home_of(guest, path);
		assert_true(home && str_starts(path, home) && path[strlen(home)] == '/');
	}
	uint64_t took = clock_ms() - start;
	assert_null(guest_home_of(guest, "/home/userx/y"));
	assert_null(guest_home_of(guest, "/home"));
	guest_free(guest);
	return took;
}

/* A hundred times as many are no twenty times the work; on a machine that is busy with
 * something else one of the two may take long, but not three times in a row. */
static void ten_thousand_homes_cost_little(void **state)
{
	(void)state;
	bool little = false;
	for (int i = 0; i < 3 && !little; i++)
		little = ask_for_homes(10000) <= 20 * ask_for_homes(100) + 50;
	assert_true(little);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)
		T(accounts_survive_junk),
		T(an_empty_passwd_has_no_accounts),
		T(a_nul_hides_no_account),
		T(homes_stay_inside),
		T(the_system_is_known_by_what_only_it_has),
		T(what_could_be_either_system_has_to_be_told),
		T(a_drive_may_lie_elsewhere),
		cmocka_unit_test(the_running_system_is_the_one_we_are_for),
		T(links_in_homes_are_not_followed),
		T(links_of_strangers_are_not_followed),
		T(paths_are_found_across_volumes),
		cmocka_unit_test(ten_thousand_homes_cost_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
