/* SPDX-License-Identifier: MIT */
/* The automaton against glob_path, and Debian's package database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "classify/classify.h"
#include "own_rules.h"
#include "scratch.h"

static struct artefact *add_artefact(struct rules *rules, const char *glob)
{
	return own_artefact(rules, glob, glob);
}

/* What a walk would ask: every directory on the way, then the path. */
static const char *ask(struct classifier *c, const char *path)
{
	_cleanup_free_ char *part = mem_strdup(path);
	const struct artefact *artefact = NULL;
	unsigned depth = 0;
	for (char *at = part; at;) {
		char *name = at + 1, *next = strchr(name, '/');
		if (next)
			*next = 0;
		artefact = classify_entry(c, part, name, ++depth, next != NULL);
		if (next)
			*next = '/';
		at = next;
	}
	return artefact ? artefact->name : NULL;
}

/* ---- the automaton says what glob_path says ---- */

static const char *pick(const char *const *list, size_t count)
{
	return list[(size_t)rand() % count];
}

static char *random_path(const char *const *parts, size_t count, bool home)
{
	struct buf path = {0};
	if (home)
		buf_puts(&path, "~");
	for (int n = 1 + rand() % 5; n; n--)
		buf_printf(&path, "/%s", pick(parts, count));
	return path.data;
}

static const char *expected(const struct rules *rules, const struct guest *guest,
			    const char *path)
{
	vec_each(&rules->artefacts, artefact) {
		const char *glob = artefact->paths.v[0];
		if (*glob == '/' && glob_path(glob, path))
			return artefact->name;
		vec_each(&guest->homes, home)
			if (*glob == '~' && classify_glob(false, glob, path, *home))
				return artefact->name;
	}
	return NULL;
}

static void the_automaton_is_glob_path(void **state)
{
	(void)state;
	static const char *const globs[] = {"a", "b",	 "*",	 "**", "a*",
					    "?", "[ab]", "[!a]", "ab", "**"};
	static const char *const names[] = {"a", "b", "ab", "c", "ba"};
	srand(20260101);
	unsigned hits = 0;
	for (int round = 0; round < 300; round++) {
		struct rules rules = {0};
		struct guest *guest = scratch_guest();
		guest_add_home(guest, "/a");
		guest_add_home(guest, "/a/b");
		guest_add_home(guest, "/c");
		for (int i = 0; i < 6; i++) {
			_cleanup_free_ char *glob = random_path(globs, 10, rand() % 3 == 0);
			add_artefact(&rules, glob);
		}
		struct classifier *c = classify_new(&rules, guest);
		classify_volume(c, &guest->volumes.v[0]);
		for (int i = 0; i < 60; i++) {
			_cleanup_free_ char *path = random_path(names, 5, false);
			const char *want = expected(&rules, guest, path), *got = ask(c, path);
			hits += want != NULL;
			if (got != want && (!got || !want || strcmp(got, want) != 0))
				fail_msg("%s: %s, not %s", path, got ? got : "-",
					 want ? want : "-");
		}
		classify_free(c);
		own_rules_clear(&rules);
		guest_free(guest);
	}
	assert_in_range(hits, 3000, 17000);
}

static void volumes_begin_at_their_path(void **state)
{
	(void)state;
	struct rules rules = {0};
	struct guest *guest = scratch_guest();
	guest_add_home(guest, "/home/u");
	add_artefact(&rules, "~/.history");
	add_artefact(&rules, "/home/*/log");
	struct classifier *c = classify_new(&rules, guest);
	struct volume volume = {.path = (char *)(uintptr_t) "/home"};
	classify_volume(c, &volume);
	assert_null(classify_entry(c, "/home/u", "u", 1, true));
	assert_string_equal(classify_entry(c, "/home/u/.history", ".history", 2, false)->name,
			    "~/.history");
	assert_string_equal(classify_entry(c, "/home/u/log", "log", 2, false)->name,
			    "/home/*/log");
	volume.path = (char *)(uintptr_t) "/home/u";
	classify_volume(c, &volume);
	assert_non_null(classify_entry(c, "/home/u/.history", ".history", 1, false));
	classify_free(c);
	own_rules_clear(&rules);
	guest_free(guest);
}

static void the_first_artefact_that_does_not_keep_wins(void **state)
{
	(void)state;
	struct rules rules = {0};
	struct guest *guest = scratch_guest();
	guest_add_home(guest, "/home/u");
	struct artefact *first = add_artefact(&rules, "/home/**");
	first->name[0] = '1';
	*vec_add(&first->keep) = mem_strdup("~/kept");
	add_artefact(&rules, "/home/**")->name[0] = '2';
	struct classifier *c = classify_new(&rules, guest);
	classify_volume(c, &guest->volumes.v[0]);
	assert_int_equal(ask(c, "/home/u/x")[0], '1');
	assert_int_equal(ask(c, "/home/u/kept")[0], '2');
	assert_int_equal(ask(c, "/home/u/kept/a/b")[0], '2');
	assert_int_equal(ask(c, "/home/u/kepter")[0], '1');
	assert_int_equal(ask(c, "/home/v/kept")[0], '1');
	assert_null(ask(c, "/srv/x"));
	classify_free(c);
	own_rules_clear(&rules);
	guest_free(guest);
}

static void moved_directories_are_known(void **state)
{
	(void)state;
	struct rules rules = {0};
	scratch_put("/run/[x]/file", "x");
	scratch_put("/var/x", "x");
	scratch_put_link("/var/run", "../run/[x]");
	scratch_put_link("/var/top", "/");
	struct guest *guest = scratch_guest();
	add_artefact(&rules, "/var/run/*.pid");
	add_artefact(&rules, "/var/top/*");
	struct classifier *c = classify_new(&rules, guest);
	classify_volume(c, &guest->volumes.v[0]);
	assert_string_equal(ask(c, "/run/[x]/a.pid"), "/var/run/*.pid");
	assert_null(ask(c, "/run/x/a.pid"));
	assert_string_equal(ask(c, "/var/run/a.pid"), "/var/run/*.pid");
	assert_null(ask(c, "/etc")); /* a link to / moves nothing */
	classify_free(c);
	own_rules_clear(&rules);
	guest_free(guest);
}

static void traps_of_users_move_no_pattern(void **state)
{
	(void)state;
	struct rules rules = {0};
	scratch_put("/etc/passwd", "");
	scratch_put("/var/lib/app/x", "x");
	scratch_put_link("/var/lib/app/secrets", "/etc");
	if (!os_give_away(scratch_at("/var/lib/app/secrets")))
		skip();
	struct guest *guest = scratch_guest();
	add_artefact(&rules, "/var/lib/app/secrets/*");
	struct classifier *c = classify_new(&rules, guest);
	classify_volume(c, &guest->volumes.v[0]);
	assert_null(ask(c, "/etc/passwd"));
	classify_free(c);
	own_rules_clear(&rules);
	guest_free(guest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)
		T(the_automaton_is_glob_path),
		T(volumes_begin_at_their_path),
		T(the_first_artefact_that_does_not_keep_wins),
		T(moved_directories_are_known),
		T(traps_of_users_move_no_pattern),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
