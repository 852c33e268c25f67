/* SPDX-License-Identifier: MIT */
/* What a hive of the Windows registry (a file of the form "regf") holds at a few places.
 *
 *     const char *const keys[] = {"Microsoft\\Windows NT\\CurrentVersion", NULL};
 *     registry_read(file, size, keys, on_value, context);
 *
 * It reads what it is asked for and nothing else, so that it costs the same in a hive of
 * 100 MB; of what it reads hive.h says more. */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include "registry/hive.h"

enum registry_type { /* MS-DTYP and winnt.h */
		     REGISTRY_SZ = 1,
		     REGISTRY_EXPAND_SZ = 2,
		     REGISTRY_DWORD = 4,
		     REGISTRY_MULTI_SZ = 7,
};

enum {
	REGISTRY_NAME_MAX = HIVE_NAME_MAX, /* bytes of a name; values of longer ones and */
	REGISTRY_DATA_MAX = 16344,	   /* bytes of a value; longer ones are not told */
	REGISTRY_KEYS_MAX = 16,
};

struct registry_value {
	size_t asked;	  /* index of the key that was asked for */
	const char *key;  /* the name of the key that holds it, WTF-8 */
	const char *name; /* "" for its default value */
	uint32_t type;
	const uint8_t *data;
	size_t len;
};

typedef void registry_sink(const struct registry_value *value, void *context);

/* Tells the values of the keys (NULL-terminated, at most REGISTRY_KEYS_MAX; without regard
 * to case). A path that ends in \* means all keys there. A key that is missing is no fault.
 * -EBADMSG for what is no hive or a damaged one, -EFBIG when too much had to be read; what
 * was told before that holds. */
int registry_read(struct plat_file *file, uint64_t size, const char *const *keys,
		  registry_sink *sink, void *context);

/* registry_read, wherever it runs. */
struct registry_reader {
	int (*read)(struct plat_file *file, uint64_t size, const char *const *keys,
		    registry_sink *sink, void *sink_context, void *context);
	void *context;
};

/* Appends a text value as WTF-8, up to its first NUL; false: it is none. */
bool registry_text(const struct registry_value *value, struct buf *out);
bool registry_number(const struct registry_value *value, uint32_t *ret);

#endif
