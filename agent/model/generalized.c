/* SPDX-License-Identifier: MIT */
#include "model/generalized.h"

struct generalized *generalized_new(void)
{
	return mem_alloc(sizeof(struct generalized));
}

void generalized_free(struct generalized *generalized)
{
	if (!generalized)
		return;
	vec_each(&generalized->facts, fact)
		buf_free(&fact->detail);
	vec_each(&generalized->passwords, password) {
		free(password->element);
		free(password->pass);
	}
	vec_each(&generalized->ignored, pass)
		free(*pass);
	vec_each(&generalized->errors, line)
		free(*line);
	vec_free(&generalized->facts);
	vec_free(&generalized->passwords);
	vec_free(&generalized->ignored);
	vec_free(&generalized->errors);
	free(generalized->why);
	free(generalized->answer_file);
	free(generalized->line);
	free(generalized->image_state);
	free(generalized);
}

const char *generalized_state_name(enum generalized_state state)
{
	static const char *const names[] = {"not-run", "done", "failed"};
	return names[state];
}

const char *generalized_fact_name(enum plat_fact_state state)
{
	static const char *const names[] = {"passes", "unknown", "blocks"};
	return names[state];
}
