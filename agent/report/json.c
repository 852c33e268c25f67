/* SPDX-License-Identifier: MIT */
#include "report/json.h"

#include <jansson.h>

#include "base/str.h"
#include "model/reason.h"
#include "report/stats.h"
#include "report/sysprep.h"
#include "report/tally.h"
#include "rules/rules.h"

/* What is left out, one more each time, until the report fits. */
enum detail {
	DETAIL_ALL,
	DETAIL_NO_STEPS,
	DETAIL_NO_PLACES,
	DETAIL_NO_KNOWN,
	DETAIL_NO_FINDINGS
};

struct writer {
	const struct outcome *outcome;
	const struct report_options *options;
	enum detail detail;
};

static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static void put_number(json_t *object, const char *key, uint64_t number)
{
	put(object, key, json_integer((json_int_t)number));
}

/* Bytes of any origin; true when they had to be quoted. */
static bool put_bytes(json_t *object, const char *key, const char *text)
{
	_cleanup_(buf_free) struct buf quoted = {0};
	json_t *plain = text && !strchr(text, 0x7f) ? json_string(text) : NULL;
	if (!text)
		plain = json_null();
	if (!plain)
		str_quote(&quoted, text);
	put(object, key, plain ? plain : json_string(buf_text(&quoted)));
	return !plain;
}

/* A path: programs have to know whether it is the name itself. */
static void put_path(json_t *object, const char *key, const char *flag, const char *path)
{
	if (put_bytes(object, key, path))
		put(object, flag, json_true());
}

static struct report_item look_up(const struct writer *writer, const char *name)
{
	struct report_item item = {0};
	if (writer->options->item && name)
		writer->options->item(writer->options->rules, name, &item);
	return item;
}

/* Of the place, so that the next report has the same: FNV-1a, 48 of its bits. */
static json_t *id_json(const char *name, const char *path, const char *member, uint64_t offset,
		       uint64_t length)
{
	_cleanup_(buf_free) struct buf place = {0};
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	char hex[13];
	buf_printf(&place, "%s\n%s\n%s\n%llu %llu", str_or(name, ""), str_or(path, ""),
		   str_or(member, ""), (unsigned long long)offset, (unsigned long long)length);
	for (size_t i = 0; i < place.len; i++)
		sum = (sum ^ (uint8_t)place.data[i]) * UINT64_C(0x100000001b3);
	snprintf(hex, sizeof hex, "%012llx", (unsigned long long)(sum >> 16));
	return json_string(hex);
}

/* "+quoted", "-comment"; without weight a reason has a plus. */
static json_t *because_json(const struct writer *writer, uint64_t because)
{
	const struct rules *rules = writer->options->rules;
	json_t *array = json_array();
	for (int i = 0; i < REASON_WEIGHED; i++) {
		if (!(because & REASON_BIT(i)))
			continue;
		char text[40];
		snprintf(text, sizeof text, "%c%s",
			 rules && rules->weights.of[i] < 0 ? '-' : '+',
			 reason_name((enum reason)i));
		json_array_append_new(array, json_string(text));
	}
	return array;
}

static json_t *identity_json(const uint8_t id[FINDING_ID_SIZE])
{
	char hex[FINDING_ID_SIZE * 2 + 1];
	for (size_t i = 0; i < FINDING_ID_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
	return json_string(hex);
}

/* One of the places of a finding; both have its path and member. */
static void add_place(json_t *places, const char *role, const struct partner *place)
{
	json_t *object = json_object();
	put(object, "role", json_string(role));
	put_bytes(object, "name", place->name);
	put_bytes(object, "shown", place->shown);
	put_number(object, "line", place->line);
	put_number(object, "column", place->column);
	put_number(object, "offset", place->offset);
	put_number(object, "length", place->length);
	json_array_append_new(places, object);
}

/* The secret, then the id that it is used with. */
static json_t *places_json(const struct partner *secret, const struct partner *id)
{
	json_t *array = json_array();
	add_place(array, "secret", secret);
	if (id->name)
		add_place(array, "id", id);
	return array;
}

static json_t *taken_json(const struct writer *writer, const struct step *step)
{
	json_t *array = json_array();
	vec_each(&step->taken, it) {
		json_t *object = json_object();
		put(object, "id", id_json(it->rule, step->path, NULL, it->offset, it->length));
		put_bytes(object, "name", it->rule);
		put(object, "confidence", json_string(confidence_name(it->confidence)));
		put_number(object, "line", it->line);
		put(object, "secret", identity_json(it->secret_id));
		put(object, "places",
		    places_json(&(struct partner){it->rule, it->shown, it->offset, it->length,
						  it->line, it->column},
				&it->partner));
		put(object, "because", because_json(writer, it->because));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *step_json(const struct writer *writer, const struct step *step)
{
	json_t *object = json_object();
	put(object, "action", json_string(action_name(step->action)));
	put_path(object, "path", "path_quoted", step->path);
	put_bytes(object, "name", str_or(step->name, ""));
	put(object, "class", json_string(class_name(step->class)));
	put(object, "severity", json_string(severity_name(step->severity)));
	put_bytes(object, "why", step->why);
	put(object, "state", json_string(step_state_name(step->state)));
	put_bytes(object, "error", step->error);
	put_number(object, "files", step->files);
	put_number(object, "bytes", step->bytes);
	put_number(object, "ranges", step->ranges.n);
	put(object, "secrets", taken_json(writer, step));
	put(object, "provision", json_boolean(step->provision));
	return object;
}

static json_t *steps_json(const struct writer *writer, const struct plan *plan)
{
	json_t *array = json_array();
	vec_each(&plan->steps, step)
		json_array_append_new(array, step_json(writer, step));
	return array;
}

static json_t *seen_json(unsigned seen)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{SEEN_WHOLE_FILE, "whole-file"}, {SEEN_ENCRYPTED, "encrypted"},
		{SEEN_CHECKSUM, "checksum"},	 {SEEN_IN_CONTAINER, "in-container"},
		{SEEN_BINARY, "binary"},	 {SEEN_PARSED, "parsed"},
		{SEEN_VENDOR, "vendor"},	 {SEEN_HISTORY, "history"},
		{SEEN_DATABASE, "database"},	 {SEEN_ALLOWED, "allowed"},
		{SEEN_NAMED, "named"},
	};
	json_t *array = json_array();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (seen & names[i].bit)
			json_array_append_new(array, json_string(names[i].name));
	return array;
}

static json_t *codings_json(uint32_t path)
{
	json_t *array = json_array();
	for (; path; path = codings_inner(path))
		json_array_append_new(array, json_string(coding_name(codings_outer(path))));
	return array;
}

static json_t *finding_json(const struct writer *writer, const struct finding *finding)
{
	struct report_item item = look_up(writer, finding->name);
	json_t *object = json_object();
	put(object, "id",
	    id_json(finding->name, finding->path, finding->member, finding->offset,
		    finding->length));
	put(object, "kind", json_string(finding_kind_name(finding->kind)));
	put_bytes(object, "name", str_or(finding->name, ""));
	put_bytes(object, "title", item.title);
	put(object, "class", json_string(class_name(finding->class)));
	put(object, "severity", json_string(severity_name(finding->severity)));
	put(object, "confidence", json_string(confidence_name(finding->confidence)));
	put_path(object, "path", "path_quoted", str_or(finding->path, ""));
	put_path(object, "member", "member_quoted", finding->member);
	put_number(object, "line", finding->line);
	put_number(object, "column", finding->column);
	put(object, "codings", codings_json(finding->codings));
	put_number(object, "offset", finding->offset);
	put_number(object, "length", finding->length);
	put_number(object, "files", finding->files);
	put_number(object, "bytes", finding->bytes);
	put_bytes(object, "shown", finding->shown);
	bool secret = finding->kind == FINDING_SECRET;
	put(object, "secret", secret ? identity_json(finding->secret_id) : json_null());
	put(object, "places",
	    secret ? places_json(&(struct partner){finding->name, finding->shown,
						   finding->offset, finding->length,
						   finding->line, finding->column},
				 &finding->partner)
		   : json_array());
	put(object, "seen", seen_json(finding->seen));
	put(object, "because", because_json(writer, finding->because));
	put_bytes(object, "advice", item.advice);
	put_bytes(object, "text", finding->text);
	return object;
}

static json_t *findings_json(const struct writer *writer, const struct plan *plan)
{
	json_t *array = json_array();
	vec_each(&plan->findings, finding)
		json_array_append_new(array, finding_json(writer, finding));
	return array;
}

static json_t *known_json(const struct writer *writer, const struct plan *plan)
{
	json_t *array = json_array();
	vec_each(&plan->known, finding)
		json_array_append_new(array, finding_json(writer, finding));
	return array;
}

static void put_plan(const struct writer *writer, json_t *object, const struct plan *plan)
{
	bool steps = plan && writer->detail < DETAIL_NO_STEPS;
	bool findings = plan && writer->detail < DETAIL_NO_FINDINGS;
	bool known = plan && writer->detail < DETAIL_NO_KNOWN;
	put(object, "steps", steps ? steps_json(writer, plan) : json_array());
	put(object, "findings", findings ? findings_json(writer, plan) : json_array());
	put(object, "known", known ? known_json(writer, plan) : json_array());
}

static json_t *guest_json(const struct guest *guest)
{
	json_t *object = json_object();
	if (!guest)
		return json_decref(object), json_null();
	put_path(object, "root", "root_quoted", guest->root);
	put(object, "live", json_boolean(guest->live));
	put(object, "os",
	    guest->os == GUEST_LINUX	 ? json_string("linux")
	    : guest->os == GUEST_WINDOWS ? json_string("windows")
					 : json_null());
	put_bytes(object, "distribution", guest->distribution);
	return object;
}

static json_t *counts_json(const struct outcome *outcome)
{
	struct tally tally;
	json_t *object = json_object(), *steps = json_object(), *findings = json_object();
	tally_count(outcome, &tally);
	for (int state = 0; state <= STEP_FAILED; state++)
		put_number(steps, step_state_name((enum step_state)state),
			   tally.by_state[state]);
	for (int severity = 0; severity <= SEVERITY_CRITICAL; severity++)
		put_number(findings, severity_name((enum severity)severity),
			   tally.by_severity[severity]);
	put(object, "steps", steps);
	put_number(object, "steps_left", tally.left_steps);
	put(object, "findings", findings);
	put_number(object, "secrets", tally.secrets);
	put_number(object, "places", tally.places);
	put_number(object, "unexamined", tally.unexamined);
	put_number(object, "notes", tally.notes);
	return object;
}

static json_t *protections_json(unsigned guards)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{PLAT_GUARD_UID, "uid"},     {PLAT_GUARD_ROOT, "root"},
		{PLAT_GUARD_NNP, "nnp"},     {PLAT_GUARD_LIMITS, "limits"},
		{PLAT_GUARD_CALLS, "calls"}, {PLAT_GUARD_LANDLOCK, "landlock"},
	};
	json_t *array = json_array();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (guards & names[i].bit)
			json_array_append_new(array, json_string(names[i].name));
	return array;
}

static json_t *left_out_json(const struct writer *writer)
{
	const struct guest *guest = writer->outcome->guest;
	json_t *array = json_array();
	if (!guest || writer->detail >= DETAIL_NO_PLACES)
		return array;
	vec_each(&guest->left_out, left) {
		json_t *object = json_object();
		put_path(object, "path", "path_quoted", left->path);
		put_bytes(object, "why", left->why);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *stats_json(const struct outcome *outcome)
{
	json_t *object = json_object();
	put_number(object, "files", outcome->files);
	put_number(object, "bytes", outcome->bytes);
	put_number(object, "examined_files", outcome->stats.files);
	put_number(object, "examined_bytes", outcome->stats.bytes);
	put_number(object, "workers_replaced", outcome->stats.replaced);
	put_number(object, "elapsed_ms", outcome->elapsed_ms);
	json_t *stages = stats_stages(outcome);
	if (stages)
		put(object, "stages_us", stages);
	return object;
}

static json_t *omitted_json(enum detail detail)
{
	static const char *const names[] = {"steps", "left_out", "known", "findings"};
	json_t *array = json_array();
	for (unsigned i = 0; i < (unsigned)detail; i++)
		json_array_append_new(array, json_string(names[i]));
	return array;
}

static void put_head(const struct writer *writer, json_t *object)
{
	const struct outcome *outcome = writer->outcome;
	_cleanup_(buf_free) struct buf line = {0};
	tally_line(outcome, writer->options, &line);
	put(object, "schema", json_string(JSON_SCHEMA));
	put(object, "version", json_string(writer->options->version));
	put(object, "command", json_string(tally_command(outcome->mode)));
	put(object, "started", json_string(outcome->started));
	put(object, "finished", json_string(outcome->finished));
	put(object, "complete", json_boolean(tally_complete(outcome)));
	put(object, "stopped",
	    outcome->stopped ? json_string(stop_text(outcome->stopped)) : json_null());
	put(object, "exit_code", json_integer(tally_exit(outcome, writer->options)));
	put(object, "verdict", json_string(tally_verdict(outcome)));
	put(object, "summary", json_string(buf_text(&line)));
	put_bytes(object, "fatal", outcome->fatal);
}

static json_t *report_json(const struct writer *writer)
{
	const struct outcome *outcome = writer->outcome;
	const struct rules *rules = writer->options->rules;
	json_t *object = json_object(), *left = outcome->left ? json_object() : json_null();
	put_head(writer, object);
	put(object, "guest", guest_json(outcome->guest));
	put_bytes(object, "policy", rules ? rules->policy.name : NULL);
	put_bytes(object, "secret_key", *outcome->stats.key_id ? outcome->stats.key_id : NULL);
	put(object, "fail_on", json_string(severity_name(outcome->fail_on)));
	put(object, "counts", counts_json(outcome));
	put(object, "protections", protections_json(outcome->stats.guards));
	put_plan(writer, object, outcome->plan);
	if (outcome->left)
		put_plan(writer, left, outcome->left);
	put(object, "left", left);
	put(object, "sysprep", sysprep_json(outcome->generalized));
	put(object, "left_out", left_out_json(writer));
	put(object, "omitted", omitted_json(writer->detail));
	put(object, "stats", stats_json(outcome));
	return object;
}

static int append(const char *bytes, size_t len, void *out)
{
	buf_add(out, bytes, len);
	return 0;
}

void json_write(const struct outcome *outcome, const struct report_options *options,
		struct buf *out)
{
	struct writer writer = {.outcome = outcome, .options = options};
	size_t flags = JSON_ENSURE_ASCII | (options->most ? JSON_COMPACT : JSON_INDENT(2));
	size_t before = out->len;
	for (;;) {
		json_t *report = report_json(&writer);
		json_dump_callback(report, append, out, flags);
		json_decref(report);
		buf_puts(out, "\n");
		if (!options->most || out->len - before <= options->most ||
		    writer.detail == DETAIL_NO_FINDINGS)
			return;
		buf_cut(out, before);
		writer.detail++;
	}
}
