/* SPDX-License-Identifier: MIT */
/* registry_dump ROOT: all that the registry of the Windows guest in ROOT holds, a line for
 * each thing, so that a script compares it with what it has put there:
 *
 *     hive PLACE FILE STATE
 *     key PLACE WRITTEN        value PLACE TYPE HEX        fault PLACE ERROR */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "discover/discover.h"
#include "registry/view.h"

struct at {
	const char *place;
	unsigned depth;
};

static void fault(const char *place, int error)
{
	printf("fault\t%s\t%d\n", place, -error);
}

static int on_value(const struct view_value *value, void *context)
{
	const struct at *at = context;
	_cleanup_(buf_free) struct buf data = {0};
	int r = view_data(value, &data);
	printf("value\t%s\\\\%s\t%u\t", at->place, value->name, (unsigned)value->type);
	for (size_t i = 0; i < data.len; i++)
		printf("%02x", (unsigned char)data.data[i]);
	printf("\n");
	return r;
}

static int dump(struct view_key *key, const struct at *at);

static int on_key(const struct view_child *child, void *context)
{
	const struct at *above = context;
	_cleanup_free_ char *place = mem_printf("%s\\%s", above->place, view_child_name(child));
	struct at at = {place, above->depth + 1};
	struct view_key *key;
	int r = view_child_open(child, &key);
	if (r < 0) {
		fault(place, r);
		return 0;
	}
	r = at.depth > HIVE_DEPTH_MAX ? -EBADMSG : dump(key, &at);
	view_close(key);
	return r;
}

static int dump(struct view_key *key, const struct at *at)
{
	struct at own = *at;
	printf("key\t%s\t%lld\n", at->place, (long long)view_written(key));
	int r = view_each_value(key, on_value, &own);
	return r < 0 ? r : view_each_key(key, on_key, &own);
}

static void dump_hive(struct view *view, const struct view_hive *hive)
{
	struct at at = {hive->place, 0};
	struct view_key *key;
	int r = view_open(view, hive->place, &key);
	printf("hive\t%s\t%s\t%s\n", hive->place, hive->file,
	       hive->dirty ? hive->dirty : "whole");
	if (!r) {
		r = dump(key, &at);
		view_close(key);
	}
	if (r < 0)
		fault(hive->place, r);
}

int main(int argc, char **argv)
{
	struct guest *guest;
	const struct view_hive *hives;
	struct view_key *set;
	if (argc < 2 || discover_guest(argv[1], GUEST_WINDOWS, NULL, NULL, &guest) < 0)
		return 2;
	struct view *view = view_new(guest);
	size_t count = view_hives(view, &hives);
	for (size_t i = 0; i < count; i++)
		dump_hive(view, &hives[i]);
	if (!view_open(view, "HKLM\\SYSTEM\\CurrentControlSet", &set)) {
		struct at at = {"CurrentControlSet", 0};
		(void)dump(set, &at);
		view_close(set);
	}
	view_free(view);
	guest_free(guest);
	return 0;
}
