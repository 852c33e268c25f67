/* SPDX-License-Identifier: MIT */
/* hive_edit FILE OUT: does what standard input says to a hive, one command in a line, and
 * tells the result of each; parts are divided by tabs, data is in hexadecimal.
 *
 *     remove KEY VALUE      drop KEY      empty KEY      write KEY VALUE DATA      read KEY
 * VALUE
 *
 * Then it is swept and written to OUT. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "regf/regf.h"

static int slurp(const char *path, struct buf *ret)
{
	FILE *file = fopen(path, "rb");
	size_t n;
	if (!file)
		return -errno;
	while ((n = fread(buf_reserve(ret, 65536), 1, 65536, file)))
		ret->len += n;
	fclose(file);
	return 0;
}

static int write_value(struct regf *hive, const char *key, const char *name, const char *hex)
{
	_cleanup_(buf_free) struct buf data = {0};
	size_t len = strlen(hex) / 2;
	if (!hex_bytes(hex, len, (uint8_t *)buf_reserve(&data, len)))
		return -EINVAL;
	return regf_write_value(hive, key, name, data.data, len);
}

static int read_value(struct regf *hive, const char *key, const char *name)
{
	_cleanup_(buf_free) struct buf data = {0};
	uint32_t type;
	int r = regf_read_value(hive, key, name, &data, &type);
	if (r < 0)
		return r;
	printf("%u ", type);
	for (size_t i = 0; i < data.len; i++)
		printf("%02x", (uint8_t)data.data[i]);
	printf(" ");
	return 0;
}

static int command(struct regf *hive, char *const *part)
{
	if (strcmp(part[0], "remove") == 0)
		return regf_remove_value(hive, part[1], part[2]);
	if (strcmp(part[0], "drop") == 0)
		return regf_remove_key(hive, part[1]);
	if (strcmp(part[0], "empty") == 0)
		return regf_empty_key(hive, part[1]);
	if (strcmp(part[0], "write") == 0)
		return write_value(hive, part[1], part[2], part[3]);
	return strcmp(part[0], "read") == 0 ? read_value(hive, part[1], part[2]) : -EINVAL;
}

static void each_line(struct regf *hive)
{
	static char line[1 << 18];
	while (fgets(line, sizeof line, stdin)) {
		char *part[4], *at = line;
		line[strcspn(line, "\n")] = 0;
		for (size_t i = 0; i < 4; i++) {
			part[i] = at;
			at += strcspn(at, "\t");
			if (*at)
				*at++ = 0;
		}
		printf("%d\n", command(hive, part));
	}
}

int main(int argc, char **argv)
{
	_cleanup_(buf_free) struct buf bytes = {0};
	struct regf *hive;
	if (argc != 3 || slurp(argv[1], &bytes) < 0)
		return 2;
	int r = regf_open(&bytes, &hive);
	if (!r) {
		each_line(hive);
		r = regf_sweep(hive);
		regf_close(hive);
	}
	FILE *out = r ? NULL : fopen(argv[2], "wb");
	if (out) {
		fwrite(bytes.data, 1, bytes.len, out);
		fclose(out);
	}
	printf("end %d\n", r);
	return r ? 1 : 0;
}
