/* SPDX-License-Identifier: MIT */
#include "packing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>

void packing_begin(struct packing *p, const char *format, const char *filter,
		   const char *options, size_t room, struct buf *out)
{
	*p = (struct packing){archive_write_new(), out, 0};
	struct archive *a = p->archive;
	assert_int_equal(archive_write_set_format_by_name(a, format), ARCHIVE_OK);
	if (filter)
		assert_int_equal(archive_write_add_filter_by_name(a, filter), ARCHIVE_OK);
	if (options)
		assert_int_equal(archive_write_set_options(a, options), ARCHIVE_OK);
	archive_write_set_bytes_per_block(a, 0);
	assert_int_equal(archive_write_open_memory(a, buf_reserve(out, room), room, &p->used),
			 ARCHIVE_OK);
}

void packing_add(struct packing *p, const char *name, const void *bytes, size_t len)
{
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_pathname(entry, name);
	archive_entry_set_size(entry, (la_int64_t)len);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	assert_int_equal(archive_write_header(p->archive, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(p->archive, bytes, len), len);
	archive_entry_free(entry);
}

void packing_end(struct packing *p)
{
	assert_int_equal(archive_write_close(p->archive), ARCHIVE_OK);
	archive_write_free(p->archive);
	p->out->len += p->used;
}

void packing_one(const char *format, const char *filter, const char *name, const void *bytes,
		 size_t len, struct buf *out)
{
	struct packing p;
	packing_begin(&p, format, filter, NULL, len * 2 + (64 << 10), out);
	packing_add(&p, name, bytes, len);
	packing_end(&p);
}
