/* SPDX-License-Identifier: MIT */
/* The fast answer which rules want a path is the plain one, for every rule there is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/paths.h"

static struct rules *rules;
static size_t wanted, asked;

static void ask(const struct paths *paths, const char *path)
{
	uint8_t mask[MASK_SIZE] = {0};
	paths_want(paths, path, mask);
	for (size_t i = 0; i < rules->secrets.n; i++) {
		const struct secret_rule *rule = &rules->secrets.v[i];
		bool want = patterns_want_path(rule, path), got = mask[i >> 3] >> (i & 7) & 1;
		if (want != got)
			fail_msg("%s: rule %s wants it: %d", path, rule->name, want);
		wanted += want && rule->paths.n;
		asked += rule->paths.n > 0;
	}
}

/* What stands for the wildcards of a glob: mostly something that fits. */
static char *path_of(const char *glob, unsigned choice)
{
	static const char *const any[] = {"", "a", "b/c", ".x/y/z"};
	static const char *const stars[] = {"", "q", "conf.d", "a.b"};
	struct buf path = {0};
	if (*glob == '~') {
		buf_puts(&path, choice & 1 ? "/home/u" : "");
		glob++;
	}
	for (; *glob; glob++) {
		if (glob[0] == '*' && glob[1] == '*') {
			buf_puts(&path, any[choice % 4]);
			glob += glob[2] == '/' && !(choice & 4) ? 2 : 1;
		} else if (*glob == '*') {
			buf_puts(&path, stars[choice / 2 % 4]);
		} else {
			buf_add(&path, *glob == '?' ? "k" : glob, 1);
		}
	}
	if (choice % 7 == 6)
		buf_puts(&path, "x");
	return path.len ? path.data : mem_strdup("");
}

static void the_same_rules(void **unused)
{
	(void)unused;
	static const char *const paths_all[] = {"/",	       "/etc",	   "/etc/",   "",
						"/etc/passwd", "relative", "/a/b/c/d"};
	box_list boxes = {0};
	patterns_boxes(rules, &boxes);
	struct paths *paths = paths_new(rules, &boxes, false);
	for (size_t i = 0; i < sizeof paths_all / sizeof *paths_all; i++)
		ask(paths, paths_all[i]);
	vec_each(&rules->secrets, rule)
		vec_each(&rule->paths, glob)
			for (unsigned choice = 0; choice < 32; choice++) {
				char *path = path_of(*glob, choice);
				ask(paths, path);
				free(path);
			}
	assert_true(wanted > 500 && asked > 2 * wanted);
	paths_free(paths);
	vec_free(&boxes);
}

/* Of a file as it was packed, and of what package managers say of packages, but not of
 * the scripts of packages. */
static void unlisted_by_path(void **unused)
{
	(void)unused;
	static const struct {
		const char *path;
		bool as_built, asked;
	} cases[] = {
		{"/usr/share/doc/a", true, false},
		{"/usr/share/doc/a", false, true},
		{"/usr/local/share/a", true, true},
		{"/etc/a", true, true},
		{"/opt/usr/a", true, true},
		{"/var/lib/dpkg/status", false, false},
		{"/var/lib/dpkg/status-old", false, false},
		{"/var/lib/dpkg/info/a.list", false, false},
		{"/var/lib/dpkg/info/a.md5sums", false, false},
		{"/var/lib/dpkg/info/a.postinst", false, true},
		{"/var/lib/dpkg/info/a.postinst", true, true},
		{"/var/lib/dpkg/other", false, true},
		{"/var/cache/debconf/templates.dat-old", false, false},
		{"/var/cache/debconf/config.dat", false, true},
		{"/var/cache/debconf/passwords.dat", false, true},
		{"/var/lib/pacman/local/a-1/desc", false, false},
		{"/var/lib/pacman/local/a-1/install", false, true},
		{"/lib/apk/db/installed", false, false},
		{"/lib/apk/db/scripts.tar", false, true},
	};
	struct rules two = {0};
	*vec_add(&two.secrets) = (struct secret_rule){0};
	*vec_add(&two.secrets) = (struct secret_rule){.unlisted = true};
	box_list none = {0};
	struct paths *paths = paths_new(&two, &none, false);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t mask[MASK_SIZE] = {0};
		paths_want(paths, cases[i].path, mask);
		paths_unlisted(paths, cases[i].path, cases[i].as_built, mask);
		if (mask[0] != (cases[i].asked ? 3 : 1))
			fail_msg("%s, as built %d: %d", cases[i].path, cases[i].as_built,
				 mask[0]);
	}
	paths_free(paths);
	vec_free(&two.secrets);
}

static void boxes_by_path(void **unused)
{
	(void)unused;
	static const char *const globs[] = {"/boot/initrd*", "/etc/**", "~/.x/*.cpio"};
	struct artefact artefacts[3] = {0};
	box_list boxes = {0};
	for (size_t i = 0; i < 3; i++) {
		*vec_add(&artefacts[i].paths) = mem_strdup(globs[i]);
		*vec_add(&boxes) = &artefacts[i];
	}
	struct rules none = {0};
	struct paths *paths = paths_new(&none, &boxes, false);
	assert_int_equal(paths_boxes(paths, "/boot/initrd.img-6"), 1);
	assert_int_equal(paths_boxes(paths, "/boot/old/initrd.img"), 0);
	assert_int_equal(paths_boxes(paths, "/etc"), 0);
	assert_int_equal(paths_boxes(paths, "/etc/a/b"), 2);
	assert_int_equal(paths_boxes(paths, "/etcetera"), 0);
	assert_int_equal(paths_boxes(paths, "/root/.x/a.cpio"), 4);
	assert_int_equal(paths_boxes(paths, "/.x/.cpio"), 4);
	paths_free(paths);
	vec_free(&boxes);
	for (size_t i = 0; i < 3; i++) {
		free(artefacts[i].paths.v[0]);
		vec_free(&artefacts[i].paths);
	}
}

static int set_up(void **state)
{
	struct rules_options options = {0};
	struct buf fault = {0};
	(void)state;
	if (rules_load(&options, &rules, &fault) < 0) {
		print_message("%s\n", buf_text(&fault));
		return -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rules_free(rules);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_rules),
		cmocka_unit_test(unlisted_by_path),
		cmocka_unit_test(boxes_by_path),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
