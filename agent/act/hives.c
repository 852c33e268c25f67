/* SPDX-License-Identifier: MIT */
/* Steps in the registry of a Windows that does not run: all about one hive are one change of
 * its file. It is read as a whole, changed in memory and cleaned of what was removed from it
 * earlier (regf/regf.h), and comes back as every new content does: under another name, then
 * renamed (content.c).
 *
 * The logs of a hive hold pages of it as they were. Windows asks for them only when the hive
 * is dirty (the format's specification, "Dirty state of a hive"), and has logs of no bytes
 * itself; that it takes these for none was not tried on a real one. They are zeroed and
 * emptied first: cut off there, the hive still has what the steps are about, and the next run
 * does both. The logs of transactions (.blf, .regtrans-ms) stay as they are.
 */
#include <errno.h>
#include <string.h>

#include "act/hands.h"
#include "act/value.h"
#include "base/cleanup.h"
#include "base/number.h"
#include "regf/regf.h"
#include "model/realm.h"
#include "registry/places.h"

#define DIRTY                                                                             \
	"the hive is dirty: Windows has not written all of it. Start that Windows, shut " \
	"it down (shutdown /s /f /t 0) and run this again; nothing was changed"

enum { MOST_LOG = 512 << 20 };
static const char *const log_names[] = {".LOG", ".LOG1", ".LOG2"};
enum { LOGS = sizeof log_names / sizeof *log_names };

struct member {
	struct step *step;
	char *key;
	int error; /* of its edit; 0: made, or there was nothing to do */
	bool gone; /* already */
};

struct work {
	char *path;
	struct plat_info info;
	struct buf bytes;
	struct log {
		char *path; /* NULL: there is none */
		struct plat_info info;
	} logs[LOGS];
	VEC(struct member) members;
};

static void work_clear(struct work *work)
{
	free(work->path);
	buf_wipe(&work->bytes);
	for (size_t i = 0; i < LOGS; i++)
		free(work->logs[i].path);
	vec_each(&work->members, member)
		free(member->key);
	vec_free(&work->members);
}

/* ---- which steps ---- */

static void add_member(struct work *work, struct step *step, struct registry_spot *spot)
{
	struct member *member = vec_add(&work->members);
	member->step = step;
	member->key = spot->key;
	spot->key = NULL;
}

/* Those behind the first that wait for the same hive; what is to be done last waits. */
static void gather(const struct hands *hands, struct step *first, struct work *work)
{
	const struct plan *plan = hands->plan;
	for (struct step *step = first + 1; step < plan->steps.v + plan->steps.n; step++) {
		struct registry_spot spot;
		if (step->state != STEP_PLANNED || realm_of(step->path) != REALM_REGISTRY ||
		    step->last != first->last ||
		    registry_find(hands->setup->guest, step->path, &spot) < 0)
			continue;
		const char *refusal = hands_refuses(hands, step);
		if (strcmp(spot.file, work->path) == 0 && refusal)
			hands_skip(step, refusal);
		else if (strcmp(spot.file, work->path) == 0)
			add_member(work, step, &spot);
		registry_spot_clear(&spot);
	}
}

/* ---- the files ---- */

static int read_file(const struct guest *guest, const char *path, size_t most,
		     struct plat_info *ret_info, struct buf *ret)
{
	struct plat_file *file;
	int r = guest_file(guest, path, &file);
	if (r < 0)
		return r == -ENXIO ? -EBADMSG : r; /* it is none */
	r = plat_file_info(file, ret_info);
	if (!r)
		r = plat_file_slurp(file, most, ret);
	plat_file_close(file);
	return r;
}

/* -EBUSY when one is newer than the hive. */
static int read_logs(const struct guest *guest, struct work *work)
{
	for (size_t i = 0; i < LOGS; i++) {
		_cleanup_free_ char *name = mem_printf("%s%s", work->path, log_names[i]);
		_cleanup_(buf_free) struct buf path = {0};
		_cleanup_(buf_wipe) struct buf bytes = {0};
		struct log *log = &work->logs[i];
		int r = guest_resolve(guest, name, &path);
		if (!r)
			r = read_file(guest, path.data, MOST_LOG, &log->info, &bytes);
		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r;
		if (regf_log_is_newer(work->bytes.data, bytes.data, bytes.len))
			return -EBUSY;
		log->path = mem_strdup(path.data);
	}
	return 0;
}

static int read_hive(const struct guest *guest, struct work *work)
{
	int r = read_file(guest, work->path, REGF_MOST, &work->info, &work->bytes);
	if (!r)
		r = regf_fit(work->bytes.data, work->bytes.len);
	return r ? r : read_logs(guest, work);
}

static int erase_log(struct hands *hands, const struct log *log)
{
	struct plat_dir *root, *dir = NULL;
	const char *inside, *leaf;
	if (!log->path || !log->info.size)
		return 0;
	int r = hands_enter(hands, log->path, &root, &inside);
	if (!r)
		r = plat_parent_open(root, inside, &dir, &leaf);
	if (r < 0)
		return r;
	r = hands_erase(dir, leaf, &log->info);
	plat_dir_close(dir);
	return r;
}

/* The carrier ends as a step about the file would; its remark is what is told. */
static void put_hive(struct hands *hands, struct work *work, struct step *carrier)
{
	struct plat_dir *root;
	const char *inside;
	int r = hands_enter(hands, work->path, &root, &inside);
	if (r < 0) {
		hands_fail(carrier, "its volume can not be written", r);
		return;
	}
	*carrier = (struct step){.action = STEP_REPLACE,
				 .path = work->path,
				 .target = work->info,
				 .content = work->bytes.data,
				 .content_len = work->bytes.len};
	hands_step(hands, carrier, root, inside);
}

/* ---- the edits ---- */

/* -ECANCELED: it is not as it was planned. */
static int read_planned(const struct regf *hive, const struct member *member, const char *name,
			struct buf *ret, uint32_t *ret_type)
{
	const struct step *step = member->step;
	int64_t written;
	int r = regf_written(hive, member->key, &written);
	if (!r)
		r = regf_read_value(hive, member->key, name, ret, ret_type);
	if (!r && (written != step->target.mtime || ret->len != step->target.size))
		r = -ECANCELED;
	return r;
}

static int redact(struct regf *hive, const struct member *member, const char *name)
{
	_cleanup_(buf_wipe) struct buf data = {0};
	uint32_t type;
	int r = read_planned(hive, member, name, &data, &type);
	if (!r)
		r = value_redact(member->step, type, (uint8_t *)data.data, data.len);
	return r ? r : regf_write_value(hive, member->key, name, data.data, data.len);
}

/* Its type stays. */
static int replace(struct regf *hive, const struct member *member, const char *name)
{
	_cleanup_(buf_wipe) struct buf before = {0}, data = {0};
	const struct step *step = member->step;
	uint32_t type;
	int r = read_planned(hive, member, name, &before, &type);
	if (!r && step->content_len)
		r = value_encode(type, step->content, step->content_len, &data);
	return r ? r : regf_write_value(hive, member->key, name, data.data, data.len);
}

static int edit_value(struct regf *hive, const struct member *member, const char *name)
{
	const struct step *step = member->step;
	switch (step->action) {
	case STEP_REMOVE:
		return regf_remove_value(hive, member->key, name);
	case STEP_TRUNCATE:
		return regf_write_value(hive, member->key, name, "", 0);
	case STEP_REDACT:
		return redact(hive, member, name);
	case STEP_REPLACE:
		return replace(hive, member, name);
	default:
		return -EOPNOTSUPP;
	}
}

static int edit_key(struct regf *hive, const struct member *member)
{
	const struct step *step = member->step;
	if (step->keep.n)
		return -EOPNOTSUPP;
	if (step->action == STEP_REMOVE)
		return regf_remove_key(hive, member->key);
	return step->action == STEP_EMPTY_TREE ? regf_empty_key(hive, member->key)
					       : -EOPNOTSUPP;
}

static void edit(struct regf *hive, struct member *member)
{
	size_t len;
	const char *name = realm_value(member->step->path, &len);
	member->error = name ? edit_value(hive, member, name) : edit_key(hive, member);
	member->gone = member->error == -ENOENT;
	if (member->gone)
		member->error = 0;
}

static int edit_all(struct work *work)
{
	struct regf *hive;
	int r = regf_open(&work->bytes, &hive);
	if (r < 0)
		return r;
	vec_each(&work->members, member)
		edit(hive, member);
	r = regf_sweep(hive);
	regf_close(hive);
	return r;
}

/* Whether the file has other bytes now: 1, or 0. */
static int differs(const struct guest *guest, const struct work *work)
{
	struct plat_file *file;
	char part[16384];
	if (work->bytes.len != work->info.size)
		return 1;
	int r = guest_file(guest, work->path, &file);
	if (r < 0)
		return r;
	for (size_t at = 0, len; !r && at < work->bytes.len; at += len) {
		len = smaller(work->bytes.len - at, sizeof part);
		int64_t n = plat_file_read(file, part, len, at);
		r = n < 0 ? (int)n
			  : (size_t)n < len || memcmp(part, work->bytes.data + at, len) != 0;
		r = r > 0 ? 1 : r;
	}
	plat_file_close(file);
	mem_wipe(part, sizeof part);
	return r;
}

/* ---- what became of it ---- */

static void tell_error(struct step *step, int error)
{
	switch (error) {
	case -EBUSY:
		hands_fail(step, DIRTY, 0);
		break;
	case -EBADMSG:
		hands_fail(step,
			   "the hive is damaged, or written by something that Windows is "
			   "not; nothing in it was changed",
			   0);
		break;
	case -ENOTSUP:
		hands_fail(step, "the hive is of a version that is not known here", 0);
		break;
	case -ENXIO:
		hands_fail(step, "no hive of this disk is known for that place", 0);
		break;
	case -ELOOP:
		hands_fail(step, "a link is in the way", 0);
		break;
	default: /* -ECANCELED among them */
		hands_fail(step, "the hive could not be changed", error);
	}
}

static void tell(const struct member *member, const struct step *carrier)
{
	struct step *step = member->step;
	if (member->error == -EOPNOTSUPP)
		hands_fail(step, "that can not be done to it", 0);
	else if (member->error)
		tell_error(step, member->error);
	else if (member->gone)
		hands_gone(step);
	else if (carrier->state == STEP_SKIPPED)
		hands_skip(step, carrier->error ? carrier->error : "its hive was not changed");
	else if (carrier->state != STEP_DONE)
		hands_fail(step, carrier->error ? carrier->error : "its hive was not changed",
			   0);
	else
		hands_done(step, carrier->error);
}

static int change(struct hands *hands, struct work *work, struct step *carrier)
{
	const struct guest *guest = hands->setup->guest;
	int r = read_hive(guest, work);
	if (!r)
		r = edit_all(work);
	if (!r)
		r = differs(guest, work);
	if (r < 0)
		return r;
	bool changed = r > 0;
	for (size_t i = 0; i < LOGS; i++) {
		r = erase_log(hands, &work->logs[i]);
		if (r < 0) {
			hands_fail(carrier, "a log of the hive could not be emptied", r);
			return 0;
		}
	}
	if (changed)
		put_hive(hands, work, carrier);
	else
		carrier->state = STEP_DONE;
	return 0;
}

void hands_hive(struct hands *hands, struct step *first)
{
	_cleanup_(work_clear) struct work work = {0};
	struct step carrier = {.state = STEP_PLANNED};
	struct registry_spot spot;
	int r = registry_find(hands->setup->guest, first->path, &spot);
	if (r == -ENOENT) {
		hands_gone(first);
		return;
	}
	if (r < 0) {
		tell_error(first, r);
		return;
	}
	work.path = mem_strdup(spot.file);
	add_member(&work, first, &spot);
	registry_spot_clear(&spot);
	gather(hands, first, &work);
	r = change(hands, &work, &carrier);
	vec_each(&work.members, member) {
		if (r < 0)
			tell_error(member->step, r);
		else
			tell(member, &carrier);
		if (member->step != first && hands->setup->done)
			hands->setup->done(member->step, hands->setup->progress_context);
	}
	free(carrier.error);
}
