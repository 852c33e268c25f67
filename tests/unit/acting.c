/* SPDX-License-Identifier: MIT */
#include "acting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "act/act.h"
#include "base/mem.h"
#include "mutate.h"
#include "plan/guard.h"
#include "scratch.h"

struct guest *guest;
struct guard *guard;
struct plan *plan;
unsigned syncs;
void (*before_rmdir)(void);
void (*before_rename)(void);
const char *(*on_member)(const char *path);

/* ---- calls that a test looks at ---- */

/* The linker gives a call of plat_x to __wrap_plat_x, and __real_plat_x is plat_x. */
int __real_plat_file_sync(struct plat_file *file);
int __wrap_plat_file_sync(struct plat_file *file);
int __real_plat_rmdir(struct plat_dir *dir, const char *name);
int __wrap_plat_rmdir(struct plat_dir *dir, const char *name);
int __real_plat_rename(struct plat_dir *dir, const char *from, const char *to);
int __wrap_plat_rename(struct plat_dir *dir, const char *from, const char *to);
int __real_plat_rename_new(struct plat_dir *dir, const char *from, const char *to);
int __wrap_plat_rename_new(struct plat_dir *dir, const char *from, const char *to);

int __wrap_plat_file_sync(struct plat_file *file)
{
	syncs++;
	return __real_plat_file_sync(file);
}

int __wrap_plat_rmdir(struct plat_dir *dir, const char *name)
{
	void (*hook)(void) = before_rmdir;
	before_rmdir = NULL;
	if (hook)
		hook();
	return __real_plat_rmdir(dir, name);
}

int __wrap_plat_rename(struct plat_dir *dir, const char *from, const char *to)
{
	if (before_rename)
		before_rename();
	return __real_plat_rename(dir, from, to);
}

int __wrap_plat_rename_new(struct plat_dir *dir, const char *from, const char *to)
{
	if (before_rename)
		before_rename();
	return __real_plat_rename_new(dir, from, to);
}

/* ---- the guest ---- */

/* A multiple of 100, the units of some systems. */
#define LONG_AGO INT64_C(1000000000000000700)

bool is_there(const char *path)
{
	return os_exists(scratch_at(path));
}

void age(const char *path)
{
	assert_true(os_set_times(scratch_at(path), LONG_AGO, LONG_AGO));
}

bool is_aged(const char *path)
{
	int64_t access, change;
	assert_true(os_times(scratch_at(path), &access, &change));
	return change == LONG_AGO;
}

void give_name(const char *from, const char *to)
{
	assert_true(os_hard_link(scratch_at(from), scratch_at(to)));
}

void move(const char *from, const char *to)
{
	assert_true(os_rename(scratch_at(from), scratch_at(to)));
}

void drop(const char *path)
{
	assert_true(os_remove(scratch_at(path)));
}

void guest_open(void)
{
	guard_free(guard);
	guest_free(guest);
	guest = guest_new(scratch_root);
	struct volume *volume = vec_add(&guest->volumes);
	volume->path = mem_strdup("/");
	assert_int_equal(plat_volume_open(scratch_root, false, &volume->dir, &volume->detached),
			 0);
	*vec_add(&guest->homes) = mem_strdup("/home/u");
	guard = guard_new(guest, NULL, 0);
}

int acting_start(void **state)
{
	assert_int_equal(scratch_make(state), 0);
	scratch_put_dir("/d");
	scratch_put_dir("/outside");
	scratch_put("/outside/precious", "precious");
	guest_open();
	plan = plan_new();
	before_rmdir = NULL;
	before_rename = NULL;
	on_member = NULL;
	return 0;
}

int acting_end(void **state)
{
	plan_free(plan);
	guard_free(guard);
	guest_free(guest);
	guard = NULL;
	guest = NULL;
	return scratch_remove(state);
}

/* ---- steps ---- */

struct step *step_for(enum action action, const char *path)
{
	struct step *step = plan_add_step(plan, action, path);
	step->name = "test";
	if (action != STEP_CREATE)
		assert_int_equal(guest_look(guest, path, &step->target), 0);
	if (action == STEP_CREATE || action == STEP_REPLACE) {
		step->content = mem_strdup("new\n");
		step->content_len = 4;
		step->mode = 0644;
	}
	return step;
}

static const char *refuses(const void *context, enum action action, const char *path,
			   const struct plat_info *target)
{
	const char *refusal = on_member ? on_member(path) : NULL;
	return refusal ? refusal : guard_refuses(context, action, path, target);
}

void act(void)
{
	struct act_setup setup = {.guest = guest, .refuses = refuses, .context = guard};
	assert_int_equal(act_run(&setup, plan), 0);
}

void expect(const struct step *step, enum step_state state, const char *part)
{
	if (step->state != state || (part && (!step->error || !strstr(step->error, part))))
		fail_msg("%s is %s (%s), not %s (%s)", step->path, step_state_name(step->state),
			 step->error ? step->error : "", step_state_name(state),
			 part ? part : "");
	if (!part && step->error)
		fail_msg("%s: %s", step->path, step->error);
}

struct step *redaction(const char *path, uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	struct step *step = step_for(STEP_REDACT, path);
	*vec_add(&step->ranges) = (struct range){a, a_len, {0}};
	*vec_add(&step->ranges) = (struct range){b, b_len, {0}};
	return step;
}

/* ---- trees ---- */

void small_tree(void)
{
	scratch_put_dir("/d/t");
	scratch_put_dir("/d/t/sub");
	scratch_put("/d/t/a", SECRET);
	scratch_put("/d/t/sub/b", SECRET);
	scratch_put("/d/t/sub/c", SECRET);
}
