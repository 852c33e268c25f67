/* SPDX-License-Identifier: MIT */
/* The hands against a hostile or unlucky disk: what the tests of agent/act share.
 *
 * A test swaps names in two places where a local user could: in the guard's question
 * for a member, and right before a name is removed or given (the platform's call, which
 * the linker has acting.c stand before). */
#pragma once

#include "plan/guard.h"
#include "model/plan.h"

#define SECRET "abcdefgh"

/* Of the test that runs: "/d" is there, and "/outside/precious". */
extern struct guest *guest;
extern struct guard *guard;
extern struct plan *plan;

extern unsigned syncs; /* of files */
/* Called before the next one, and before each; NULL: nothing. */
extern void (*before_rmdir)(void);
extern void (*before_rename)(void);
/* The guard's answer for a member that a step covers; NULL: as it is. */
extern const char *(*on_member)(const char *path);

/* Setup and teardown of a test. */
int acting_start(void **state);
int acting_end(void **state);
void guest_open(void); /* anew, with the rights that we have now */

bool is_there(const char *path);
/* Times of long ago, to be seen later. */
void age(const char *path);
bool is_aged(const char *path);
/* What somebody else does to names; it has to work. */
void give_name(const char *from, const char *to); /* a hard link */
void move(const char *from, const char *to);
void drop(const char *path);
/* "/d/t" with the files a, sub/b and sub/c. */
void small_tree(void);

/* Adds a step against what is there now; new content is "new\n". */
struct step *step_for(enum action action, const char *path);
/* One that overwrites two ranges. */
struct step *redaction(const char *path, uint64_t a, uint64_t a_len, uint64_t b,
		       uint64_t b_len);
void act(void); /* does the plan */
/* `part` of the step's remark, NULL: there is none. */
void expect(const struct step *step, enum step_state state, const char *part);

#define RUN(action, path, state, part)                  \
	do {                                            \
		step_for(action, path);                 \
		act();                                  \
		expect(&plan->steps.v[0], state, part); \
	} while (0)

#define TEST(name) cmocka_unit_test_setup_teardown(name, acting_start, acting_end)
