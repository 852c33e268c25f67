/* SPDX-License-Identifier: MIT */
/* What workers may say, made into a plan and a report: findings and steps at any
 * places, with any bytes in their names.
 *
 *     a byte: how the report looks; then, each up to a newline,
 *     kind, rule, confidence, seen, lead, codings, links: a byte each; offset and
 *     length: two bytes; the path; a zero byte; the member, or nothing */
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "plan/settle.h"
#include "report/report.h"

enum { FILE_SIZE = 0x30000, STEPS_FROM = 4, WIDTH_MOST = 200 };

static struct rules *rules;
static struct guest *guest;
static struct guard *guard;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	_cleanup_(buf_free) struct buf fault = {0};
	must(!rules_load(&(struct rules_options){0}, &rules, &fault));
	guest = guest_new("/nowhere");
	guest_add_home(guest, "/home/a");
	guard = guard_new(guest, NULL, 0);
	return 0;
}

/* Paths as the walk gives them. */
static char *path_of(struct bytes bytes)
{
	char *path = mem_printf("/%.*s", (int)bytes.len, (const char *)bytes.at);
	for (char *at = path; (at = strstr(at, "//"));)
		at[1] = 'x';
	return path;
}

static void add(struct plan *plan, struct bytes *line)
{
	unsigned kind = bytes_byte(line) % (STEPS_FROM + STEP_REDACT);
	const struct secret_rule *rule =
		&rules->secrets.v[bytes_byte(line) * 3 % rules->secrets.n];
	struct finding told = {
		.confidence = bytes_byte(line) % (CONFIDENCE_HIGH + 1),
		.seen = bytes_byte(line) & (unsigned)(SEEN_VENDOR - 1),
		.lead = bytes_byte(line) % 5,
	};
	uint32_t codings = codings_add(0, bytes_byte(line) % CODING_COUNT);
	struct plat_info target = {
		.kind = PLAT_FILE, .size = FILE_SIZE, .links = 1 + bytes_byte(line) % 2};
	uint64_t offset = bytes_number(line), length = bytes_number(line) + 1;
	_cleanup_free_ char *path = path_of(bytes_until(line, 0));
	if (kind >= STEPS_FROM) {
		struct step *step = plan_add_step(plan, kind - STEPS_FROM, path);
		step->name = rules->artefacts.v[0].name;
		step->why = mem_strdup("why");
		step->target = target;
		return;
	}
	struct finding *finding = plan_add_finding(plan, kind, rule->name, path);
	finding->class = rule->class;
	finding->severity = rule->severity;
	finding->confidence = told.confidence;
	finding->target = target;
	if (line->len)
		finding->member = bytes_text(*line);
	if (kind != FINDING_SECRET) {
		finding->text = bytes_text(*line);
		return;
	}
	finding->only_id = rule->partner;
	finding->seen = told.seen & ~(unsigned)SEEN_IN_CONTAINER;
	finding->seen |= finding->member ? SEEN_IN_CONTAINER : 0;
	finding->because = REASON_BIT(offset % REASON_WEIGHED);
	finding->shown = rule->shown;
	finding->codings = codings;
	finding->lead = told.lead;
	finding->offset = offset;
	finding->length = length;
	finding->line = finding->column = 1;
}

static void look(const struct plan *plan)
{
	vec_each(&plan->steps, step) {
		uint64_t end = 0;
		must(step->path && step->why && step->name);
		must(step->action != STEP_REDACT ||
		     (step->ranges.n && step->target.links == 1));
		vec_each(&step->ranges, range) {
			must(range->length && range->offset >= end);
			end = range->offset + range->length;
		}
		must(end <= FILE_SIZE);
	}
	vec_each(&plan->findings, finding)
		must(finding->path && finding->name && finding->severity <= SEVERITY_CRITICAL &&
		     !finding->only_id);
}

static void report(struct plan *plan, unsigned how)
{
	struct outcome outcome = {.mode = ENGINE_SCAN, .guest = guest, .plan = plan};
	struct report_options options = {.version = "0",
					 .rules = rules,
					 .most = how & 1 ? 6000 : 0,
					 .rows = how & 2 ? 72 : 0,
					 .width = how % WIDTH_MOST,
					 .verbosity = how & 4 ? 1 : 0};
	_cleanup_(buf_free) struct buf text = {0}, json = {0};
	json_error_t error;
	report_find("text")->write(&outcome, &options, &text);
	must(!options.most || text.len <= options.most);
	for (size_t i = 0; i < text.len; i++)
		must(text.data[i] == '\n' || (text.data[i] >= ' ' && text.data[i] <= '~'));
	report_find("json")->write(&outcome, &options, &json);
	json_t *root = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, &error);
	must(root);
	json_decref(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct selection all;
	struct bytes rest = {bytes, len};
	_cleanup_(plan_free_ptr) struct plan *plan = plan_new();
	unsigned how = bytes_byte(&rest);
	while (rest.len) {
		struct bytes line = bytes_until(&rest, '\n');
		add(plan, &line);
	}
	settle_findings(plan, guest, rules, guard, &all, NULL);
	look(plan);
	report(plan, how);
	return 0;
}
