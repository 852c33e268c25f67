/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "git/reader.h"

static int load(struct inflow *in, uint64_t offset)
{
	size_t want = offset < in->end ? WINDOW : 0;
	if (want > in->end - offset)
		want = (size_t)(in->end - offset);
	int64_t n = want ? plat_file_read(in->file, in->window, want, offset) : 0;
	in->z.next_in = in->window;
	in->z.avail_in = n > 0 ? (uInt)n : 0;
	in->at = offset + in->z.avail_in;
	return n < 0 ? (int)n : 0;
}

/* Where the window begins is not kept: it is what lies before `at`, back to the
 * window's first byte. */
static bool in_window(const struct inflow *in, uint64_t offset)
{
	size_t filled = (size_t)(in->z.next_in - in->window) + in->z.avail_in;
	return in->z.next_in && offset < in->at && in->at - offset <= filled;
}

int64_t inflow_look(struct inflow *in, struct plat_file *file, uint64_t end, uint64_t offset,
		    size_t want, const uint8_t **ret)
{
	bool known = in->file == file && in->end == end && in_window(in, offset);
	in->file = file;
	in->end = end;
	if (known) {
		size_t left = (size_t)(in->at - offset);
		in->z.next_in += (ptrdiff_t)in->z.avail_in - (ptrdiff_t)left;
		in->z.avail_in = (uInt)left;
	}
	if (!known || (in->z.avail_in < want && in->at < end)) {
		int r = load(in, offset);
		if (r < 0)
			return r;
	}
	*ret = in->z.next_in;
	return in->z.avail_in;
}

int inflow_begin(struct inflow *in, struct plat_file *file, uint64_t end, uint64_t offset)
{
	const uint8_t *bytes;
	int64_t n = inflow_look(in, file, end, offset, 1, &bytes);
	if (n < 0)
		return (int)n;
	in->ended = false;
	if (!in->ready && inflateInit(&in->z) != Z_OK)
		return -ENOMEM;
	in->ready = true;
	return inflateReset(&in->z) == Z_OK ? 0 : -EBADMSG;
}

int64_t inflow_read(struct inflow *in, void *out, size_t cap)
{
	in->z.next_out = out;
	in->z.avail_out = (uInt)cap;
	while (in->z.avail_out && !in->ended) {
		if (!in->z.avail_in) {
			int r = load(in, in->at);
			if (r < 0)
				return r;
			if (!in->z.avail_in)
				return -EBADMSG;
		}
		int r = inflate(&in->z, Z_NO_FLUSH);
		in->ended = r == Z_STREAM_END;
		if (r != Z_OK && r != Z_STREAM_END)
			return -EBADMSG;
	}
	return (int64_t)(cap - in->z.avail_out);
}

int inflow_all(struct inflow *in, uint8_t *out, size_t size)
{
	uint8_t more;
	int64_t n = size ? inflow_read(in, out, size) : 0;
	if (n < 0 || (size_t)n != size)
		return -EBADMSG;
	/* The last bytes may come before the mark that ends the stream. */
	return inflow_read(in, &more, 1) == 0 ? 0 : -EBADMSG;
}

uint64_t inflow_where(const struct inflow *in)
{
	return in->at - in->z.avail_in;
}

void inflow_forget(struct inflow *in)
{
	in->file = NULL;
}

void inflow_clear(struct inflow *in)
{
	if (in->ready)
		inflateEnd(&in->z);
	mem_wipe(in->window, sizeof in->window);
	in->ready = false;
	in->file = NULL;
}
