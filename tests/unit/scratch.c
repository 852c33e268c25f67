/* SPDX-License-Identifier: MIT */
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"

char scratch_root[64];

static bool may_mount;

int scratch_make(void **state)
{
	(void)state;
	return os_make_root(scratch_root, sizeof scratch_root) ? 0 : -1;
}

int scratch_remove(void **state)
{
	(void)state;
	return os_remove_tree(scratch_root) ? 0 : -1;
}

const char *scratch_at(const char *path)
{
	static char places[8][512];
	static unsigned turn;
	char *place = places[turn++ % 8];
	snprintf(place, sizeof places[0], "%s%s", scratch_root, path);
	return place;
}

char *scratch_path(const char *path)
{
	return mem_printf("%s%s", scratch_root, path);
}

/* Allocated, and all directories above it are there. */
static char *place_for(const char *path)
{
	char *place = scratch_path(path);
	for (char *at = place + strlen(scratch_root) + 1; (at = strchr(at, '/')); at++) {
		*at = 0;
		os_make_dir(place);
		*at = '/';
	}
	return place;
}

void scratch_put_bytes(const char *path, const char *bytes, size_t len)
{
	_cleanup_free_ char *place = place_for(path);
	FILE *file = os_open(place, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

void scratch_put(const char *path, const char *text)
{
	scratch_put_bytes(path, text, strlen(text));
}

void scratch_put_dir(const char *path)
{
	_cleanup_free_ char *place = place_for(path);
	assert_true(os_make_dir(place));
}

void scratch_put_link(const char *path, const char *to)
{
	_cleanup_free_ char *place = place_for(path);
	if (!os_make_link(to, place)) {
		print_message("skipped: no symlinks here\n");
		skip();
	}
}

const char *scratch_text(const char *path)
{
	static char text[256];
	FILE *file = os_open(scratch_at(path), "rb");
	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = 0;
	fclose(file);
	return text;
}

struct guest *scratch_guest(void)
{
	struct guest *guest = guest_new(scratch_root);
	struct plat_dir *dir;
	assert_int_equal(plat_dir_open(scratch_root, &dir), 0);
	*vec_add(&guest->volumes) = (struct volume){.path = mem_strdup("/"), .dir = dir};
	return guest;
}

int scratch_hide_mounts(void **state)
{
	(void)state;
	may_mount = os_hide_mounts();
	return 0;
}

void scratch_need_mounts(void)
{
	if (!may_mount) {
		print_message("skipped: needs root with all its rights\n");
		skip();
	}
}
