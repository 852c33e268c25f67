/* SPDX-License-Identifier: MIT */
/* Changing what a file holds: in place for a redaction, so that the old bytes are
 * overwritten and inode, owner, mode and labels stay; by rename for new content,
 * so that a reader sees the old or the new file and never a part. */
#include <errno.h>
#include <string.h>

#include "act/hands.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "model/redaction.h"

/* ---- redaction ---- */

static int overwrite(struct plat_file *file, const struct range *range)
{
	size_t len = (size_t)range->length;
	_cleanup_(buf_wipe) struct buf bytes = {0};
	char *room = buf_reserve(&bytes, len);
	int64_t n = plat_file_read(file, room, len, range->offset);
	if (n != (int64_t)len)
		return n < 0 ? (int)n : -ESTALE;
	redaction_fill(room, len);
	int r = plat_file_write(file, room, len, range->offset);
	if (!r)
		r = plat_file_sync(file);
	if (r < 0)
		return r;
	n = plat_file_read(file, room, len, range->offset);
	return n == (int64_t)len && redaction_is(room, len) ? 0 : -EIO;
}

static int redact_open(struct step *step, struct plat_file *file)
{
	struct plat_info now;
	int r = plat_file_info(file, &now);
	if (r < 0)
		return r;
	if (!hands_same_content(&step->target, &now) || now.links > 1)
		return -ESTALE;
	vec_each(&step->ranges, range) {
		if (range->offset + range->length > now.size ||
		    range->offset + range->length < range->offset)
			return -ESTALE;
		r = overwrite(file, range);
		if (r < 0)
			return r;
	}
	return 0;
}

void hands_redact(struct step *step, struct plat_dir *dir, const char *leaf)
{
	struct plat_file *file;
	struct plat_info seen, now;
	uint32_t flags;
	/* Taking the immutable flag off changes ctime: compare before that. */
	int r = plat_info_at(dir, leaf, &seen);
	bool same = !r && hands_same_content(&step->target, &seen);
	int frozen = same ? plat_thaw(dir, leaf, &flags) : 0;
	if (!r)
		r = !same ? -ESTALE : frozen < 0 ? frozen : plat_file_open_write(dir, leaf, &file);
	if (!r) {
		if (frozen > 0 && !plat_file_info(file, &now))
			step->target.ctime = now.ctime;
		r = redact_open(step, file);
		plat_file_close(file);
	}
	if (frozen > 0)
		(void)plat_freeze(dir, leaf, flags);
	if (r == -ESTALE)
		hands_skip(step, "changed since it was planned");
	else if (r < 0)
		hands_fail(step, "could not be redacted", r);
	else
		hands_done(step, NULL);
}

/* ---- new content ---- */

static int fill_new(struct step *step, struct plat_file *fresh, struct plat_file *old)
{
	int r = plat_file_write(fresh, step->content, step->content_len, 0);
	if (!r && old)
		r = plat_file_dress(old, fresh);
	return r ? r : plat_file_sync(fresh);
}

/* The old file has no name any more: its bytes would lie in free space. */
static void overwrite_old(struct plat_file *old, uint64_t size)
{
	static const char zeros[4096];
	for (uint64_t at = 0; at < size; at += sizeof zeros) {
		size_t len = size - at < sizeof zeros ? (size_t)(size - at) : sizeof zeros;
		if (plat_file_write(old, zeros, len, at) < 0)
			return;
	}
	(void)plat_file_sync(old);
}

static int put(struct step *step, struct plat_dir *dir, const char *leaf,
	       struct plat_file *old)
{
	/* Always the same name, so that a run after a kill finds and drops it. */
	_cleanup_free_ char *temporary = mem_printf(".%s.imgsan-new", leaf);
	struct plat_file *fresh;
	int r = plat_unlink(dir, temporary);
	if (r < 0 && r != -ENOENT)
		return r;
	r = plat_file_create(dir, temporary, old ? 0600 : step->mode, &fresh);
	if (r < 0)
		return r;
	r = fill_new(step, fresh, old);
	plat_file_close(fresh);
	struct plat_info now;
	if (!r && old && !(r = plat_info_at(dir, leaf, &now)) &&
	    !hands_same_content(&step->target, &now))
		r = -ESTALE;
	if (!r)
		r = plat_rename(dir, temporary, leaf);
	if (r < 0)
		(void)plat_unlink(dir, temporary);
	return r;
}

void hands_write_new(struct step *step, struct plat_dir *dir, const char *leaf)
{
	struct plat_file *old = NULL;
	struct plat_info now;
	int r = 0;
	if (step->action == STEP_REPLACE) {
		r = plat_file_open_write(dir, leaf, &old);
		if (!r && (r = plat_file_info(old, &now)) == 0 &&
		    !hands_same_content(&step->target, &now))
			r = -ESTALE;
	}
	if (!r)
		r = put(step, dir, leaf, old);
	if (!r && old && now.links == 1)
		overwrite_old(old, now.size);
	plat_file_close(old);
	if (r == -ESTALE)
		hands_skip(step, "changed since it was planned");
	else if (r < 0)
		hands_fail(step, "could not be written", r);
	else
		hands_done(step, NULL);
}
