/* SPDX-License-Identifier: MIT */
#include "plan/keys_inside.h"

#include <errno.h>

#include "base/error.h"

struct found keys_value(const char *place, const struct view_value *value, int64_t written)
{
	struct plat_info info = {
		.kind = PLAT_FILE, .size = value->len, .links = 1, .mtime = written};
	return (struct found){place, info, 1, value->len};
}

struct counting {
	struct found *found;
	bool members;
	unsigned depth;
};

static int count_value(const struct view_value *value, void *context)
{
	struct counting *c = context;
	c->found->files++;
	c->found->bytes += value->len;
	c->members = true;
	return 0;
}

static int count_key(struct view_key *key, struct found *found, unsigned depth);

static int count_child(const struct view_child *child, void *context)
{
	struct counting *c = context;
	struct view_key *key;
	c->members = true;
	if (c->depth >= HIVE_DEPTH_MAX)
		return -EBADMSG;
	if (view_child_open(child, &key) < 0) /* who takes it away will say */
		return 0;
	int r = count_key(key, c->found, c->depth + 1);
	view_close(key);
	return r < 0 ? r : 0;
}

/* 1: it has members. */
static int count_key(struct view_key *key, struct found *found, unsigned depth)
{
	struct counting counting = {found, false, depth};
	int r = view_each_value(key, count_value, &counting);
	if (r >= 0)
		r = view_each_key(key, count_child, &counting);
	return r < 0 ? r : counting.members;
}

int keys_key(const char *place, struct view_key *key, struct found *ret)
{
	struct plat_info info = {.kind = PLAT_DIR, .links = 1, .mtime = view_written(key)};
	*ret = (struct found){place, info, 0, 0};
	return count_key(key, ret, 0);
}

/* ---- what could not be looked at ---- */

static void unexamined(const struct survey_setup *setup, const char *path, char *text)
{
	struct finding *finding = plan_add_finding(setup->plan, FINDING_UNEXAMINED,
						   "unexamined-file", path);
	finding->class = CLASS_TRACE;
	finding->severity = SEVERITY_MEDIUM;
	finding->text = text;
}

static bool is_told(const struct survey_setup *setup, const char *path)
{
	vec_each(&setup->plan->findings, finding)
		if (finding->kind == FINDING_UNEXAMINED && strcmp(finding->path, path) == 0)
			return true;
	return false;
}

void keys_fault(const struct survey_setup *setup, const struct view_hive *hive, int error)
{
	const char *path = hive->running ? hive->place : hive->file;
	if (error == -ENOENT || error == -EINTR || is_told(setup, path))
		return;
	unexamined(setup, path,
		   mem_printf("what it holds of the registry could not be read to its end: %s",
			      error_text(error)));
}

void keys_unopened(const struct survey_setup *setup, const char *place, int error)
{
	if (error != -ENOENT)
		unexamined(setup, place,
			   mem_printf("the key could not be opened: %s", error_text(error)));
}

void keys_states(const struct survey_setup *setup, const struct view *view)
{
	const struct view_hive *hives;
	size_t count = view_hives(view, &hives);
	for (size_t i = 0; i < count; i++)
		if (hives[i].dirty && !hives[i].running && !is_told(setup, hives[i].file))
			unexamined(setup, hives[i].file,
				   mem_printf("could not be examined fully: %s; start that "
					      "Windows, shut it down (shutdown /s /f /t 0) "
					      "and look again",
					      hives[i].dirty));
}
