/* SPDX-License-Identifier: MIT */
#include "git_told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

static void on_object(const struct git_object *object, void *context)
{
	struct told *told = context;
	static uint8_t piece[100000];
	*vec_add(&told->objects) = *object;
	*vec_add(&told->texts) = object->bytes ? mem_strndup((const char *)object->bytes,
							     object->size)
					       : mem_strdup("");
	for (int64_t n; object->large;) {
		n = git_stream_read(object->large, piece, sizeof piece);
		if (n <= 0)
			break;
		told->streamed += (uint64_t)n;
	}
}

static void on_trouble(enum git_trouble trouble, void *context)
{
	struct told *told = context;
	assert_false(told->troubles & 1u << trouble);
	told->troubles |= 1u << trouble;
}

static bool on_tick(void *context)
{
	struct told *told = context;
	return told->patience && ++told->ticks > told->patience;
}

void told_clear(struct told *told)
{
	vec_each(&told->texts, text)
		free(*text);
	vec_free(&told->texts);
	vec_free(&told->objects);
	*told = (struct told){0};
}

struct git *told_reader(struct told *told, bool sha256, uint64_t expand)
{
	struct git_sink sink = {on_object, on_trouble, on_tick, told};
	*told = (struct told){0};
	return git_new(sha256, expand, &sink);
}

void add_pack(struct git *git, const struct buf *pack)
{
	struct plat_file *file = file_of(pack->data, pack->len);
	assert_non_null(file);
	git_add_pack(git, file, pack->len);
}

void add_loose(struct git *git, const struct buf *loose)
{
	struct plat_file *file = file_of(loose->data, loose->len);
	assert_non_null(file);
	git_add_loose(git, file, loose->len);
	plat_file_close(file);
}

void read_pack(struct told *told, struct buf *pack)
{
	struct git *git = told_reader(told, false, WIDE);
	add_pack(git, pack);
	git_free(git);
	buf_cut(pack, 0);
}

struct git_id id_of(const char *hex)
{
	struct git_id id = {{0}};
	for (size_t i = 0; hex[2 * i]; i++) {
		char byte[3] = {hex[2 * i], hex[2 * i + 1], 0};
		id.bytes[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
	return id;
}

bool was_told(const struct told *told, const char *text)
{
	vec_each(&told->texts, it)
		if (strcmp(*it, text) == 0)
			return true;
	return false;
}
