/* SPDX-License-Identifier: MIT */
/* Killed before each change that act/ makes on Windows and run again, it ends where it would
 * have ended without. The test starts itself for what is killed:
 *
 *	kill_test act ROOT      plans a step of each kind for what is there, and does them */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <windows.h>

#include "act/act.h"
#include "base/buf.h"
#include "base/mem.h"
#include "mutate.h"
#include "scratch.h"
#include "windows/look/names.h"

#define SECRET "abcdefgh"
enum { KILLED = 137, MOST_CHANGES = 500 };

/* ---- what is killed ---- */

static const char *refuses_nothing(const void *context, enum action action, const char *path,
				   const struct plat_info *target)
{
	(void)context, (void)action, (void)path, (void)target;
	return NULL;
}

/* Plans against what is there now, as a run after a kill does. */
static struct step *plan_for(struct plan *plan, const struct guest *guest, enum action action,
			     const char *path)
{
	struct plat_info target = {0};
	bool there = guest_look(guest, path, &target) == 0;
	if (there == (action == STEP_CREATE))
		return NULL;
	struct step *step = plan_add_step(plan, action, path);
	step->name = "test";
	step->target = target;
	if (action == STEP_CREATE || action == STEP_REPLACE) {
		step->content = mem_strdup("new\n");
		step->content_len = 4;
		step->mode = 0644;
	}
	return step;
}

static void plan_all(struct plan *plan, const struct guest *guest)
{
	plan_for(plan, guest, STEP_CREATE, "/d/made/new");
	plan_for(plan, guest, STEP_REPLACE, "/d/shadow");
	plan_for(plan, guest, STEP_TRUNCATE, "/d/log");
	plan_for(plan, guest, STEP_EMPTY_TREE, "/d/cache");
	plan_for(plan, guest, STEP_REMOVE, "/d/history");
	plan_for(plan, guest, STEP_REMOVE, "/d/tree");
	struct step *step = plan_for(plan, guest, STEP_REDACT, "/d/conf");
	*vec_add(&step->ranges) = (struct range){4, 8, {0}};
	*vec_add(&step->ranges) = (struct range){21, 8, {0}};
}

/* 0: all was done. */
static int act_on(const char *root)
{
	struct guest *guest = guest_new(root);
	struct plan *plan = plan_new();
	struct plat_dir *dir;
	struct act_setup setup = {.guest = guest, .refuses = refuses_nothing};
	if (plat_dir_open(root, &dir) < 0)
		return 2;
	*vec_add(&guest->volumes) = (struct volume){.path = mem_strdup("/"), .dir = dir};
	plan_all(plan, guest);
	int r = act_run(&setup, plan) < 0 ? 3 : 0;
	vec_each(&plan->steps, step) {
		if (step->state == STEP_DONE)
			continue;
		printf("%s %s: %s\n", action_name(step->action), step->path,
		       step->error ? step->error : step_state_name(step->state));
		r = 1;
	}
	plan_free(plan);
	guest_free(guest);
	return r;
}

/* ---- who kills ---- */

static void give_read_only(const char *path)
{
	assert_true(SetFileAttributesA(scratch_at(path), FILE_ATTRIBUTE_READONLY));
}

static void tree_make(void)
{
	scratch_put("/d/shadow", "old and secret");
	scratch_put("/d/log", "log");
	scratch_put("/d/cache/one", "1");
	scratch_put("/d/history", "history");
	scratch_put("/d/tree/sub/b", SECRET);
	scratch_put_dir("/d/tree/sub/deep");
	scratch_put("/d/conf", "key=" SECRET "\nother = " SECRET "\n");
	scratch_put("/d/kept", "kept");
	give_read_only("/d/conf");
	give_read_only("/d/shadow");
	give_read_only("/d/tree/sub/b");
	give_read_only("/d/tree/sub/deep");
}

/* Ends with the exit code of `act ROOT`; at: which change it dies at. */
static DWORD act_apart(unsigned at)
{
	char self[MAX_PATH], command[2 * MAX_PATH], number[16];
	STARTUPINFOA start = {.cb = sizeof start};
	PROCESS_INFORMATION process;
	DWORD code = 0;
	assert_true(GetModuleFileNameA(NULL, self, sizeof self));
	snprintf(command, sizeof command, "\"%s\" act \"%s\"", self, scratch_root);
	snprintf(number, sizeof number, "%u", at);
	SetEnvironmentVariableA("IMGSAN_FAULT_AT", number);
	assert_true(CreateProcessA(self, command, NULL, NULL, FALSE, 0, NULL, NULL, &start,
				   &process));
	SetEnvironmentVariableA("IMGSAN_FAULT_AT", NULL);
	WaitForSingleObject(process.hProcess, INFINITE);
	assert_true(GetExitCodeProcess(process.hProcess, &code));
	CloseHandle(process.hThread);
	CloseHandle(process.hProcess);
	return code;
}

static void tell_member(const char *path, const WIN32_FIND_DATAW *entry, struct buf *out);

/* All names below, in their order, and what the files hold. */
static void tell(const char *path, struct buf *out)
{
	WIN32_FIND_DATAW entry;
	size_t units;
	char *all = mem_printf("%s/*", scratch_at(path));
	wchar_t *place = name_to_wide(all, &units);
	HANDLE listing = FindFirstFileW(place, &entry);
	free(place);
	free(all);
	assert_true(listing != INVALID_HANDLE_VALUE);
	do
		if (wcscmp(entry.cFileName, L".") && wcscmp(entry.cFileName, L".."))
			tell_member(path, &entry, out);
	while (FindNextFileW(listing, &entry));
	FindClose(listing);
}

static void tell_member(const char *path, const WIN32_FIND_DATAW *entry, struct buf *out)
{
	struct buf name = {0};
	name_from_wide(entry->cFileName, wcslen(entry->cFileName), &name);
	char *below = mem_printf("%s/%s", path, buf_text(&name));
	bool folder = entry->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY;
	buf_printf(out, "%s%s%s\n", below, folder ? "/" : "=",
		   folder ? "" : scratch_text(below));
	if (folder)
		tell(below, out);
	free(below);
	buf_free(&name);
}

static const char wanted[] = "/d/cache/\n"
			     "/d/conf=key=REDACTED\nother = REDACTED\n\n"
			     "/d/kept=kept\n"
			     "/d/log=\n"
			     "/d/made/\n"
			     "/d/made/new=new\n\n"
			     "/d/shadow=new\n\n";

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What is not NTFS lists names in an order of its own. */
static char *sorted(char *text)
{
	char *lines[64];
	size_t count = 0;
	struct buf out = {0};
	for (char *line = strtok(text, "\n"); line && count < 64; line = strtok(NULL, "\n"))
		lines[count++] = line;
	qsort(lines, count, sizeof *lines, compare_lines);
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%s\n", lines[i]);
	return out.data;
}

static void expect_end(unsigned at)
{
	struct buf got = {0};
	tell("/d", &got);
	char *copy = mem_strdup(wanted);
	char *want = sorted(copy), *have = sorted(got.data);
	if (strcmp(want, have) != 0)
		fail_msg("killed at change %u:\n%s", at, have);
	free(copy);
	free(want);
	free(have);
	buf_free(&got);
}

static void tree_drop(void **state)
{
	assert_int_equal(scratch_remove(state), 0);
	assert_int_equal(scratch_make(state), 0);
}

static void any_kill_is_made_good_by_the_next_run(void **state)
{
	unsigned at, killed = 0;
	for (at = 1; at < MOST_CHANGES; at++) {
		tree_make();
		DWORD code = act_apart(at);
		if (code != KILLED) {
			assert_int_equal(code, 0);
			expect_end(0);
			break;
		}
		killed++;
		assert_int_equal(act_on(scratch_root), 0); /* nothing kills us here */
		expect_end(at);
		tree_drop(state);
	}
	print_message("%u changes\n", killed);
	assert_true(killed > 30 && at < MOST_CHANGES);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "act") == 0)
		return act_on(argv[2]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(any_kill_is_made_good_by_the_next_run,
						scratch_make, scratch_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
