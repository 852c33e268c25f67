/* SPDX-License-Identifier: MIT */
#include "cli/because.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/str.h"
#include "platform.h"

enum { MOST_REPORT_BYTES = 256 << 20 };

static const char *text_of(const json_t *finding, const char *key)
{
	return str_or(json_string_value(json_object_get(finding, key)), "");
}

static void add_quoted(struct buf *out, const char *before, const char *text)
{
	if (!*text)
		return;
	buf_puts(out, before);
	str_quote(out, text);
}

/* Of a pair, where its other half stands. */
static void add_id(const json_t *places, struct buf *out)
{
	size_t at;
	const json_t *place;
	json_array_foreach(places, at, place) {
		if (strcmp(text_of(place, "role"), "id") != 0)
			continue;
		buf_printf(out, "\nits id at line %lld: ",
			   (long long)json_integer_value(json_object_get(place, "line")));
		add_quoted(out, "", text_of(place, "name"));
		add_quoted(out, " ", text_of(place, "shown"));
	}
}

static void add_head(const json_t *finding, struct buf *out)
{
	json_int_t line = json_integer_value(json_object_get(finding, "line"));
	add_quoted(out, "", text_of(finding, "name"));
	add_quoted(out, " at ", text_of(finding, "path"));
	add_quoted(out, " > ", text_of(finding, "member"));
	if (line)
		buf_printf(out, ":%lld", (long long)line);
	add_id(json_object_get(finding, "places"), out);
	add_quoted(out, "\n", text_of(finding, "title"));
	add_quoted(out, "\nseverity ", text_of(finding, "severity"));
	add_quoted(out, ", confidence ", text_of(finding, "confidence"));
	buf_puts(out, "\n");
	size_t at;
	const json_t *seen;
	json_array_foreach(json_object_get(finding, "seen"), at, seen)
		add_quoted(out, at ? ", " : "seen: ", str_or(json_string_value(seen), ""));
	buf_puts(out, at ? "\n\n" : "\n");
}

/* "+checksum" */
static bool reason_in(const json_t *item, enum reason *ret)
{
	const char *name = json_string_value(item);
	return name && *name && reason_parse(name + 1, ret);
}

/* What the reasons come to, and whether the report says so, too. */
static void add_sum(const struct weights *weights, uint64_t mask, const char *reported,
		    struct buf *out)
{
	enum confidence level;
	bool counts = weights_level(weights, mask, &level);
	const char *name = counts ? confidence_name(level) : "no finding";
	buf_printf(out, "%5d  %s: low from %d, medium from %d, high from %d\n",
		   weights_sum(weights, mask), name, weights->low, weights->medium,
		   weights->high);
	if (*reported && strcmp(name, reported) != 0) {
		buf_puts(out,
			 "The report was made with other weights than these: there it is ");
		str_quote(out, reported);
		buf_puts(out, ".\n");
	}
}

static void add_reasons(const struct weights *weights, const json_t *finding, struct buf *out)
{
	size_t at;
	const json_t *item;
	uint64_t mask = 0;
	json_array_foreach(json_object_get(finding, "because"), at, item) {
		enum reason reason;
		if (!reason_in(item, &reason))
			continue;
		mask |= REASON_BIT(reason);
		buf_printf(out, "%+5d  %-15s  %s\n", weights->of[reason], reason_name(reason),
			   reason_text(reason));
	}
	if (mask)
		add_sum(weights, mask, text_of(finding, "confidence"), out);
	else
		buf_puts(out, "Nothing was weighed: this is no secret.\n");
}

static json_t *find_in(json_t *list, const char *id)
{
	size_t at;
	json_t *item;
	json_array_foreach(list, at, item)
		if (strcmp(text_of(item, "id"), id) == 0)
			return item;
	return NULL;
}

/* Of the findings of one look, or of what its steps take away. */
static json_t *find_in_look(const json_t *look, const char *id)
{
	size_t at;
	json_t *step, *found = find_in(json_object_get(look, "findings"), id);
	if (!found)
		found = find_in(json_object_get(look, "known"), id);
	json_array_foreach(json_object_get(look, "steps"), at, step) {
		if (found)
			break;
		found = find_in(json_object_get(step, "secrets"), id);
		if (found)
			json_object_set(found, "path", json_object_get(step, "path"));
	}
	return found;
}

/* A clean has looked twice. */
static json_t *find(const json_t *report, const char *id)
{
	json_t *found = find_in_look(report, id);
	return found ? found : find_in_look(json_object_get(report, "left"), id);
}

static int say(struct buf *fault, const char *before, const char *word, const char *after)
{
	buf_puts(fault, before);
	str_quote(fault, word);
	buf_puts(fault, after);
	return -EINVAL;
}

int because_explain(const struct rules *rules, const char *report_file, const char *id,
		    struct buf *out, struct buf *fault)
{
	_cleanup_(buf_free) struct buf text = {0};
	int r = plat_trusted_read(report_file, MOST_REPORT_BYTES, &text);
	if (r < 0)
		return say(fault, "", report_file,
			   r == -EPERM	  ? ": can be written by others"
			   : r == -ENOENT ? ": there is no such file"
					  : ": can not be read");
	json_t *report = json_loadb(buf_text(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *finding = find(report, id);
	if (!report)
		r = say(fault, "", report_file, " is no JSON report");
	else if (!finding)
		r = say(fault, "no finding of the report has the id ", id, "");
	if (finding) {
		add_head(finding, out);
		add_reasons(&rules->weights, finding, out);
	}
	json_decref(report);
	return r < 0 ? r : 0;
}
