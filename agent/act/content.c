/* SPDX-License-Identifier: MIT */
/* Changing what a file holds: in place for a redaction, so that the old bytes are
 * overwritten and inode, owner, mode and labels stay; by rename for new content,
 * so that a reader sees the old or the new file and never a part. */
#include <errno.h>
#include <string.h>

#include "act/grip.h"
#include "act/hands.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "model/redaction.h"

/* ---- redaction ---- */

/* No secret is as long; a plan that was edited may say anything. */
#define MOST_RANGE (64u << 20)

/* All ranges are looked at before the first byte is written. */
static int check_ranges(const struct step *step, uint64_t size)
{
	uint64_t end = 0;
	vec_each(&step->ranges, range) {
		if (range->offset < end || !range->length || range->length > MOST_RANGE ||
		    !redaction_knows(range->coded.coding))
			return -EINVAL;
		if (range->offset > size || range->length > size - range->offset)
			return -ECANCELED;
		end = range->offset + range->length;
	}
	return step->ranges.n ? 0 : -EINVAL;
}

/* Reads a range and writes it back redacted, or with `proof` sees that it is. */
static int go_over(struct plat_file *file, const struct range *range, bool proof)
{
	size_t len = (size_t)range->length;
	_cleanup_(buf_wipe) struct buf bytes = {0};
	char *room = buf_reserve(&bytes, len);
	bytes.len = len; /* so that all of it is wiped */
	int64_t n = plat_file_read(file, room, len, range->offset);
	if (n != (int64_t)len)
		return n < 0 ? (int)n : -ECANCELED;
	if (proof)
		return redaction_is_coded(room, len, range->coded) ? 0 : -EIO;
	redaction_fill_coded(room, len, range->coded);
	return plat_file_write(file, room, len, range->offset);
}

static int redact_open(const struct step *step, const struct grip *grip)
{
	if (!hands_same_content(&step->target, &grip->info) || grip->info.links > 1)
		return -ECANCELED;
	int r = check_ranges(step, grip->info.size);
	if (r < 0)
		return r;
	vec_each(&step->ranges, range) {
		r = go_over(grip->file, range, false);
		if (r < 0)
			return r;
	}
	r = plat_file_sync(grip->file);
	for (size_t i = 0; !r && i < step->ranges.n; i++)
		r = go_over(grip->file, &step->ranges.v[i], true);
	return r;
}

void hands_redact(struct step *step, struct plat_dir *dir, const char *leaf)
{
	struct grip grip;
	int r = grip_take(dir, leaf, &step->target, &grip);
	if (!r) {
		r = redact_open(step, &grip);
		grip_drop(&grip);
	}
	if (r < 0)
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

/* Holes stay holes, so that no sparse file fills the disk. */
static int overwrite(struct plat_file *file, uint64_t size)
{
	static const char zeros[65536];
	uint64_t start, end = 0;
	while (end < size && !plat_file_data(file, end, size, &start, &end)) {
		for (uint64_t at = start, len; at < end; at += len) {
			len = end - at < sizeof zeros ? end - at : sizeof zeros;
			int r = plat_file_write(file, zeros, (size_t)len, at);
			if (r < 0)
				return r;
		}
	}
	return plat_file_sync(file);
}

/* The old file has no name any more: its bytes would lie in free space. FUSE keeps one of
 * its own for it (.fuse_hidden...) as long as it is open, so there it has a name still, and
 * is not what has the old one. */
static void overwrite_old(struct plat_dir *dir, const char *leaf, struct plat_file *old)
{
	struct plat_info now, there;
	if (plat_file_info(old, &now) < 0 || now.links > 1)
		return;
	if (now.links && (plat_info_at(dir, leaf, &there) < 0 || plat_same(there.id, now.id)))
		return;
	(void)overwrite(old, now.size);
}

int hands_erase(struct plat_dir *dir, const char *leaf, const struct plat_info *planned)
{
	struct grip grip;
	int r = grip_take(dir, leaf, planned, &grip);
	if (r < 0)
		return r;
	r = grip.info.links > 1 ? -EMLINK : overwrite(grip.file, grip.info.size);
	if (!r)
		r = plat_file_truncate(grip.file);
	if (!r)
		r = plat_file_sync(grip.file);
	grip_drop(&grip);
	return r;
}

/* Gives the new file its name. Nothing that came meanwhile is written over. */
static int name_new(struct step *step, struct plat_dir *dir, const char *temporary,
		    const char *leaf)
{
	struct plat_info now;
	if (step->action == STEP_CREATE)
		return plat_rename_new(dir, temporary, leaf);
	int r = plat_info_at(dir, leaf, &now);
	if (!r && (!plat_same(step->target.id, now.id) || now.size != step->target.size ||
		   now.mtime != step->target.mtime))
		r = -ECANCELED;
	return r ? r : plat_rename(dir, temporary, leaf);
}

static int put(struct step *step, struct plat_dir *dir, const char *leaf, struct grip *old)
{
	/* Always the same name, so that a run after a kill finds and drops it. */
	_cleanup_free_ char *temporary = mem_printf(".%s.imgsan-new", leaf);
	struct plat_file *fresh;
	int r = plat_unlink(dir, temporary);
	if (r < 0 && r != -ENOENT)
		return r;
	r = plat_file_create(dir, temporary, old ? 0600 : step->mode & 0777, &fresh);
	if (r < 0)
		return r;
	r = fill_new(step, fresh, old ? old->file : NULL);
	if (!r)
		r = name_new(step, dir, temporary, leaf);
	if (r < 0)
		(void)plat_unlink(dir, temporary);
	else if (old && old->frozen)
		(void)plat_file_freeze(fresh, old->flags);
	plat_file_close(fresh);
	return r;
}

static int replace(struct step *step, struct plat_dir *dir, const char *leaf)
{
	struct grip old;
	int r = grip_take(dir, leaf, &step->target, &old);
	if (r < 0)
		return r;
	r = hands_same_content(&step->target, &old.info) ? put(step, dir, leaf, &old)
							 : -ECANCELED;
	if (!r && old.info.links == 1) {
		old.frozen = false;
		/* Or a loss of power could bring back the old name, with zeros. */
		if (!plat_dir_sync(dir))
			overwrite_old(dir, leaf, old.file);
	}
	grip_drop(&old);
	return r;
}

void hands_write_new(struct step *step, struct plat_dir *dir, const char *leaf)
{
	bool fresh = step->action == STEP_CREATE;
	int r = fresh ? put(step, dir, leaf, NULL) : replace(step, dir, leaf);
	if (fresh && r == -EEXIST)
		hands_skip(step, "there is already such a file");
	else if (r < 0)
		hands_fail(step, "could not be written", r);
	else
		hands_done(step, !fresh && step->target.links > 1
					 ? "the old content has other names (hard links)"
					 : NULL);
}
