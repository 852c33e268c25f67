/* SPDX-License-Identifier: MIT */
#include "plan/planfile.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/realm.h"

#define SCHEMA "imgsan.plan/1"

/* JSON has no bytes: paths and content are written byte for byte as Latin-1
 * characters, which every reader shows and which comes back exactly. */
static json_t *from_bytes(const char *bytes, size_t len)
{
	struct buf text = {0};
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c < 0x80) {
			buf_add(&text, &c, 1);
		} else {
			char pair[2] = {(char)(0xc0 | (c >> 6)), (char)(0x80 | (c & 0x3f))};
			buf_add(&text, pair, 2);
		}
	}
	json_t *value = json_stringn(buf_text(&text), text.len);
	buf_free(&text);
	return value;
}

static char *to_bytes(const json_t *value, size_t *ret_len)
{
	const unsigned char *text = (const unsigned char *)json_string_value(value);
	if (!text)
		return NULL;
	size_t len = json_string_length(value), out = 0;
	char *bytes = mem_alloc(len + 1);
	for (size_t i = 0; i < len; i++) {
		if (text[i] < 0x80) {
			bytes[out++] = (char)text[i];
		} else if ((text[i] & 0xfc) == 0xc0 && i + 1 < len) {
			bytes[out++] = (char)(((text[i] & 3) << 6) | (text[i + 1] & 0x3f));
			i++;
		} else {
			free(bytes);
			return NULL;
		}
	}
	bytes[out] = 0;
	if (ret_len)
		*ret_len = out;
	return bytes;
}

/* Text, so without a NUL inside; the caller frees. */
static char *to_text(const json_t *value)
{
	size_t len;
	char *text = to_bytes(value, &len);
	if (text && strlen(text) == len)
		return text;
	free(text);
	return NULL;
}

static json_t *from_target(const struct plat_info *target)
{
	return json_pack("{s:I,s:I,s:i,s:I,s:I,s:I,s:I}", "device",
			 (json_int_t)target->id.device, "inode", (json_int_t)target->id.inode,
			 "kind", (int)target->kind, "size", (json_int_t)target->size, "links",
			 (json_int_t)target->links, "mtime", (json_int_t)target->mtime, "ctime",
			 (json_int_t)target->ctime);
}

static json_t *from_step(const struct step *step)
{
	json_t *ranges = json_array(), *keep = json_array();
	vec_each(&step->ranges, range)
		json_array_append_new(ranges, json_pack("[I,I,s,i]", (json_int_t)range->offset,
							(json_int_t)range->length,
							coding_name(range->coded.coding),
							(int)range->coded.lead));
	vec_each(&step->keep, glob)
		json_array_append_new(keep, from_bytes(*glob, strlen(*glob)));
	json_t *value = json_pack(
		"{s:s,s:o,s:s,s:o,s:o,s:o,s:o,s:b,s:i,s:I,s:I}", "action",
		action_name(step->action), "path", from_bytes(step->path, strlen(step->path)),
		"name", step->name, "why", from_bytes(step->why, strlen(step->why)), "target",
		from_target(&step->target), "ranges", ranges, "keep", keep, "keep_sockets",
		step->keep_sockets, "mode", (int)step->mode, "files", (json_int_t)step->files,
		"bytes", (json_int_t)step->bytes);
	if (step->content)
		json_object_set_new(value, "content",
				    from_bytes(step->content, step->content_len));
	return value;
}

void planfile_write(const struct plan *plan, const struct guest *guest, struct buf *out)
{
	json_t *steps = json_array();
	vec_each(&plan->steps, step)
		json_array_append_new(steps, from_step(step));
	json_t *root = json_pack("{s:s,s:o,s:o}", "schema", SCHEMA, "root",
				 from_bytes(guest->root, strlen(guest->root)), "steps", steps);
	char *text = json_dumps(root, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	buf_puts(out, text);
	buf_puts(out, "\n");
	free(text);
	json_decref(root);
}

/* A name that outlives the plan, and what stands behind it. */
static bool find_name(const char *name, const struct rules *rules,
		      const struct cleaner *const *list, struct step *step)
{
	vec_each(&rules->artefacts, artefact)
		if (strcmp(artefact->name, name) == 0) {
			step->name = artefact->name;
			step->class = artefact->class;
			step->severity = artefact->severity;
			step->last = artefact->last;
			return true;
		}
	const struct secret_rule *rule = secret_rule_find(rules, name);
	if (rule) {
		step->name = rule->name;
		step->class = rule->class;
		step->severity = rule->severity;
		return true;
	}
	for (; *list; list++)
		if (strcmp((*list)->name, name) == 0) {
			step->name = (*list)->name;
			step->class = (*list)->class;
			step->severity = (*list)->severity;
			step->last = cleaner_last(*list, step->path);
			return true;
		}
	return false;
}

static bool to_target(json_t *value, struct plat_info *ret)
{
	json_int_t device, inode, size, links, mtime, ctime;
	int kind;
	if (json_unpack(value, "{s:I,s:I,s:i,s:I,s:I,s:I,s:I !}", "device", &device, "inode",
			&inode, "kind", &kind, "size", &size, "links", &links, "mtime", &mtime,
			"ctime", &ctime) < 0 ||
	    kind < 0 || kind > PLAT_DEVICE)
		return false;
	*ret = (struct plat_info){
		.id = {(uint64_t)device, (uint64_t)inode},
		.kind = (enum plat_kind)kind,
		.size = (uint64_t)size,
		.links = (uint64_t)links,
		.mtime = mtime,
		.ctime = ctime,
	};
	return true;
}

static bool to_ranges(json_t *list, struct step *step)
{
	/* Of a value of the registry they count in its text, which may be longer. */
	uint64_t most = realm_of(step->path) == REALM_REGISTRY ? 2 * step->target.size
							       : step->target.size;
	size_t i;
	json_t *pair;
	uint64_t end = 0;
	if (!json_is_array(list))
		return false;
	json_array_foreach(list, i, pair) {
		json_int_t offset, length;
		const char *coding;
		struct coded how;
		int lead;
		if (json_unpack(pair, "[I,I,s,i!]", &offset, &length, &coding, &lead) < 0 ||
		    offset < 0 || length <= 0 || (uint64_t)offset < end ||
		    (uint64_t)offset + (uint64_t)length > most ||
		    !coding_parse(coding, &how.coding) || !redaction_knows(how.coding) ||
		    lead < 0 || lead > 4)
			return false;
		how.lead = (unsigned)lead;
		*vec_add(&step->ranges) = (struct range){(uint64_t)offset, (uint64_t)length,
							 how};
		end = (uint64_t)offset + (uint64_t)length;
	}
	return step->action != STEP_REDACT || step->ranges.n;
}

static bool to_keep(json_t *list, struct step *step)
{
	size_t i;
	json_t *glob;
	if (!json_is_array(list))
		return false;
	json_array_foreach(list, i, glob) {
		char *text = to_text(glob);
		if (!text)
			return false;
		*vec_add(&step->keep) = text;
	}
	return true;
}

static const char *read_step(json_t *value, const struct rules *rules,
			     const struct cleaner *const *list, struct plan *plan)
{
	const char *action, *name;
	json_t *path, *why, *target, *ranges, *keep, *content = NULL;
	int keep_sockets, mode;
	json_int_t files, bytes;
	enum action parsed;
	size_t len;
	if (json_unpack(value, "{s:s,s:o,s:s,s:o,s:o,s:o,s:o,s:b,s:i,s:I,s:I,s?o!}", "action",
			&action, "path", &path, "name", &name, "why", &why, "target", &target,
			"ranges", &ranges, "keep", &keep, "keep_sockets", &keep_sockets, "mode",
			&mode, "files", &files, "bytes", &bytes, "content", &content) < 0)
		return "has missing, unknown or mistyped fields";
	if (files < 0 || bytes < 0 || mode < 0)
		return "has a number below zero";
	if (!action_parse(action, &parsed))
		return "names an unknown action";
	_cleanup_free_ char *place = to_bytes(path, &len);
	if (!place || strlen(place) != len || len < 2 || !realm_is_plain(place))
		return "has a path that is not absolute and plain";
	struct step *step = plan_add_step(plan, parsed, place);
	step->why = to_text(why);
	step->keep_sockets = keep_sockets;
	step->mode = (uint32_t)mode & 0777;
	step->files = (uint64_t)files;
	step->bytes = (uint64_t)bytes;
	if (content)
		step->content = to_bytes(content, &step->content_len);
	if (!step->why || (content && !step->content))
		return "has text that is not Latin-1";
	if (!find_name(name, rules, list, step))
		return "names an item that no pack and no cleaner has";
	if (!to_target(target, &step->target))
		return "has a bad target";
	if (!to_ranges(ranges, step) || !to_keep(keep, step))
		return "has bad ranges or a bad keep list";
	step->provision = step->class == CLASS_SERVICE;
	bool wants_content = parsed == STEP_REPLACE || parsed == STEP_CREATE;
	return wants_content == (step->content != NULL) ? NULL
							: "has content where there is none";
}

int planfile_read(const struct buf *text, const struct rules *rules,
		  const struct cleaner *const *list, struct plan *plan, struct buf *fault)
{
	json_error_t error;
	const char *schema, *root_path;
	json_t *steps, *value;
	json_t *root = json_loadb(buf_text(text), text->len,
				  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (!root) {
		buf_printf(fault, "line %d: %s", error.line, error.text);
		return -EINVAL;
	}
	const char *wrong = NULL;
	size_t i = 0;
	if (json_unpack(root, "{s:s,s:s,s:o!}", "schema", &schema, "root", &root_path, "steps",
			&steps) < 0 ||
	    strcmp(schema, SCHEMA) != 0 || !json_is_array(steps))
		wrong = "is missing: the file is no plan (" SCHEMA ")";
	else
		json_array_foreach(steps, i, value)
			if ((wrong = read_step(value, rules, list, plan)))
				break;
	if (wrong)
		buf_printf(fault, "step %zu %s", i + 1, wrong);
	json_decref(root);
	return wrong ? -EINVAL : 0;
}
