/* SPDX-License-Identifier: MIT */
#include "plan/survey_texts.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/number.h"
#include "base/sort.h"
#include "base/stop.h"
#include "base/utf8.h"
#include "model/keyglob.h"
#include "model/realm.h"
#include "plan/keys_inside.h"
#include "registry/registry.h"

enum { LEAST = 8 /* bytes of a text that could be a secret: four characters */ };

/* Lists that Windows keeps of its parts, most of its hives: no program's settings. */
static const char *const passed_over[] = {
	"HKLM\\SOFTWARE\\Classes\\CLSID",
	"HKLM\\SOFTWARE\\Classes\\Interface",
	"HKLM\\SOFTWARE\\Classes\\TypeLib",
	"HKLM\\SOFTWARE\\Classes\\WOW6432Node",
	"HKLM\\SOFTWARE\\Classes\\ActivatableClasses",
	"HKLM\\SOFTWARE\\WOW6432Node\\Classes",
	"HKLM\\SOFTWARE\\Microsoft\\WindowsRuntime",
	"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Appx",
	"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing",
	"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\UserData",
	"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\SideBySide",
	"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WINEVT",
	"HKLM\\SYSTEM\\CurrentControlSet\\Enum",
	"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Class",
	"HKLM\\SYSTEM\\CurrentControlSet\\Control\\DeviceClasses",
	"HKLM\\SYSTEM\\DriverDatabase",
	NULL};

struct texts_survey {
	const struct survey_setup *setup;
	survey_text *examine;
	void *context;
};

struct at {
	struct texts_survey *survey;
	const char *place;
	unsigned depth;
	int64_t written;
};

/* ---- what a value says ---- */

static void add_unit(uint32_t c, struct buf *out)
{
	uint8_t character[4];
	buf_add(out, character, utf8_put(c ? c : '\n', character));
}

/* Every character for itself, so that a place in the text is one in the value. */
static void decode(const struct buf *data, struct buf *out)
{
	const uint8_t *at = (const uint8_t *)buf_text(data);
	size_t units = data->len / 2;
	while (units && !le16(at + 2 * (units - 1)))
		units--;
	for (size_t i = 0; i < units; i++) {
		uint32_t c = le16(at + 2 * i);
		uint32_t low = i + 1 < units ? le16(at + 2 * i + 2) : 0;
		if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
			i++;
		}
		add_unit(c, out);
	}
}

static int on_value(const struct view_value *value, void *context)
{
	const struct at *at = context;
	bool text = value->type == REGISTRY_SZ || value->type == REGISTRY_EXPAND_SZ ||
		    value->type == REGISTRY_MULTI_SZ;
	if (!text || value->len < LEAST)
		return 0;
	_cleanup_free_ char *place = mem_printf("%s\\\\%s", at->place, value->name);
	_cleanup_(buf_wipe) struct buf data = {0}, decoded = {0};
	int r = view_data(value, &data);
	if (r == -EFBIG) {
		keys_unopened(at->survey->setup, place, r);
		return 0;
	}
	if (r < 0)
		return r;
	decode(&data, &decoded);
	struct found found = keys_value(place, value, at->written);
	return at->survey->examine(place, &found.info, buf_text(&decoded), decoded.len,
				   at->survey->context);
}

/* ---- the walk ---- */

static bool is_passed_over(const char *place, const char *name)
{
	for (const char *const *glob = passed_over; *glob; glob++)
		if (fold_compare(strrchr(*glob, '\\') + 1, name) == 0 &&
		    keyglob_fits(*glob, place))
			return true;
	return false;
}

static int walk(struct texts_survey *survey, struct view_key *key, const char *place,
		unsigned depth);

static int on_key(const struct view_child *child, void *context)
{
	enum { LISTED_TO = 6 }; /* components of the longest place that is passed over */
	const struct at *above = context;
	_cleanup_free_ char *place = mem_printf("%s\\%s", above->place, view_child_name(child));
	struct view_key *key;
	if (stop_asked())
		return -EINTR;
	if (above->depth < LISTED_TO && is_passed_over(place, view_child_name(child)))
		return 0;
	if (view_child_open(child, &key) < 0) /* a link, or survey_keys would have said it */
		return 0;
	int r = walk(above->survey, key, place, above->depth + 1);
	view_close(key);
	return r;
}

static int walk(struct texts_survey *survey, struct view_key *key, const char *place,
		unsigned depth)
{
	struct at at = {survey, place, depth, view_written(key)};
	if (depth > HIVE_DEPTH_MAX)
		return -EBADMSG;
	int r = view_each_value(key, on_value, &at);
	return r < 0 ? r : view_each_key(key, on_key, &at);
}

static bool holds_settings(const struct view_hive *hive)
{
	return strcmp(hive->place, "HKLM\\SAM") != 0 &&
	       strcmp(hive->place, "HKLM\\SECURITY") != 0;
}

void survey_texts(const struct survey_setup *setup, struct view *view, survey_text *examine,
		  void *context)
{
	struct texts_survey survey = {setup, examine, context};
	const struct view_hive *hives;
	size_t count = view_hives(view, &hives);
	for (size_t i = 0; i < count && !stop_asked(); i++) {
		struct view_key *root;
		if (!holds_settings(&hives[i]))
			continue;
		int r = view_open(view, hives[i].place, &root);
		if (!r) {
			r = walk(&survey, root, hives[i].place, 0);
			view_close(root);
		}
		if (r < 0)
			keys_fault(setup, &hives[i], r);
	}
	keys_states(setup, view);
}

/* ---- one secret, told once ---- */

/* A secret in a hive's file. */
struct told {
	const char *file;
	const uint8_t *id;
};

static int compare_told(const void *a, const void *b)
{
	const struct told *x = a, *y = b;
	int order = memcmp(x->id, y->id, FINDING_ID_SIZE);
	return order ? order : strcmp(x->file, y->file);
}

/* As the view has it: the guest may spell it in another way. */
static const char *hive_file(const struct view *view, const char *path)
{
	const struct view_hive *hives;
	size_t count = view_hives(view, &hives);
	for (size_t i = 0; i < count; i++)
		if (fold_compare(hives[i].file, path) == 0)
			return hives[i].file;
	return NULL;
}

void survey_texts_settle(struct plan *plan, const struct view *view)
{
	VEC(struct told) values = {0};
	const char *inside;
	size_t kept = 0;
	vec_each(&plan->findings, finding) {
		if (finding->kind != FINDING_SECRET ||
		    realm_of(finding->path) != REALM_REGISTRY)
			continue;
		const struct view_hive *hive = view_hive_of(view, finding->path, &inside);
		if (hive)
			*vec_add(&values) = (struct told){hive->file, finding->secret_id};
	}
	/* What is moved below is read here only. */
	VEC(bool) gone = {0};
	if (values.n)
		sort_stable(values.v, values.n, sizeof *values.v, compare_told);
	vec_each(&plan->findings, finding) {
		struct told raw = {NULL, finding->secret_id};
		if (values.n && finding->kind == FINDING_SECRET)
			raw.file = hive_file(view, finding->path);
		*vec_add(&gone) = raw.file && bsearch(&raw, values.v, values.n,
						      sizeof *values.v, compare_told);
	}
	for (size_t i = 0; i < gone.n; i++)
		if (gone.v[i])
			finding_clear(&plan->findings.v[i]);
		else
			plan->findings.v[kept++] = plan->findings.v[i];
	plan->findings.n = kept;
	vec_free(&values);
	vec_free(&gone);
}
