/* SPDX-License-Identifier: MIT */
#include "generalize/answers.h"

#include <errno.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "generalize/xml.h"

#define NAMESPACE "urn:schemas-microsoft-com:unattend"

/* "How configuration passes work" (Windows Setup): which there are, and which of them run
 * when sysprep /generalize /oobe is run and the clone starts. */
static const struct pass {
	const char *name;
	bool runs;
} passes[] = {
	{"windowsPE", false}, {"offlineServicing", false}, {"generalize", true},
	{"specialize", true}, {"auditSystem", false},	   {"auditUser", false},
	{"oobeSystem", true},
};

/* With what a password goes. Nothing that is left would work, or it would be open. */
static const struct holder {
	const char *element, *became;
} holders[] = {
	{"LocalAccount", "the account was left out with it: have the cloud's agent make it"},
	{"DomainAccount", "the account was left out with it"},
	{"AutoLogon", "the automatic logon was left out with it"},
	{"Credentials", "left out with the user it belongs to: nothing joins or logs in by it"},
};
static const char alone[] = "left out: have the cloud's agent set one on each clone";

/* Elements that hold a line to run. */
static const char *const commands[] = {"CommandLine", "Path"};

struct level {
	struct xml_span name;
	size_t start;
	const char *cut; /* what became of it, when it is left out */
	bool filled;	 /* of a password: there is a value */
};

struct cut {
	size_t start, end;
};

struct check {
	const char *text;
	struct level levels[XML_DEPTH + 1];
	struct xml_span pass;
	VEC(struct cut) cuts;
	struct generalized *into;
	struct buf *fault;
};

static char *copy_of(struct xml_span span)
{
	return mem_strndup(span.at, span.len);
}

static int wrong(const struct check *check, size_t at, const char *what)
{
	buf_printf(check->fault, "line %u: %s", xml_line(check->text, at), what);
	return -EINVAL;
}

static bool ends_with(struct xml_span name, const char *word)
{
	size_t len = strlen(word);
	return name.len >= len && ascii_holds(name.at + name.len - len, len, word);
}

static bool is_password(struct xml_span name)
{
	return ends_with(name, "password");
}

/* ---- its build ---- */

static int check_pass(struct check *check, const struct xml_event *event)
{
	const struct xml_span *pass = xml_attribute(event, "pass");
	if (!pass)
		return wrong(check, event->start, "settings without a pass");
	for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
		if (!xml_is(*pass, passes[i].name))
			continue;
		check->pass = *pass;
		if (!passes[i].runs)
			*vec_add(&check->into->ignored) = copy_of(*pass);
		return 0;
	}
	return wrong(check, event->start, "settings for a pass that there is not");
}

static int check_component(struct check *check, const struct xml_event *event)
{
	static const char *const needed[] = {"name", "processorArchitecture", "publicKeyToken",
					     "language", "versionScope"};
	if (!xml_is(xml_local(event->name), "component"))
		return wrong(check, event->start, "settings hold something but components");
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		if (xml_attribute(event, needed[i]))
			continue;
		buf_printf(check->fault, "line %u: a component without %s",
			   xml_line(check->text, event->start), needed[i]);
		return -EINVAL;
	}
	return 0;
}

static int check_place(struct check *check, const struct xml_event *event)
{
	struct xml_span local = xml_local(event->name);
	if (event->depth == 1) {
		const struct xml_span *space = xml_attribute(event, "xmlns");
		return xml_is(event->name, "unattend") && space && xml_is(*space, NAMESPACE)
			       ? 0
			       : wrong(check, event->start,
				       "not an answer file: unattend of " NAMESPACE
				       " is no outermost element");
	}
	if (event->depth == 2) {
		check->pass = (struct xml_span){"", 0};
		return xml_is(local, "settings") ? check_pass(check, event) : 0;
	}
	return event->depth == 3 && check->pass.len ? check_component(check, event) : 0;
}

/* ---- passwords ---- */

static int on_open(struct check *check, const struct xml_event *event)
{
	check->levels[event->depth] = (struct level){event->name, event->start, NULL, false};
	return check_place(check, event);
}

/* "net user NAME WORD", or the word password with something behind it. */
static bool has_password(struct xml_span text)
{
	static const char *const words[] = {"password", "passwd"};
	_cleanup_free_ char *line = copy_of(text);
	ascii_lower_all(line);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *at = strstr(line, words[i]);
		if (at && at[strlen(words[i])] && strchr("=: \"'&", at[strlen(words[i])]))
			return true;
	}
	const char *at = strstr(line, "net user ");
	if (!at)
		return false;
	at += strlen("net user ");
	at += strspn(at, " ");
	at += strcspn(at, " ");
	at += strspn(at, " ");
	return *at && *at != '/';
}

/* A value stands in the element itself or in its Value; what says how it is written is none. */
static int on_text(struct check *check, const struct xml_event *event)
{
	struct level *level = &check->levels[event->depth];
	struct xml_span local = xml_local(level->name);
	bool blank = strspn(event->text.at, " \t\r\n") >= event->text.len;
	if (blank)
		return 0;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (xml_is(local, commands[i]) && has_password(event->text))
			return wrong(check, event->start,
				     "a command with a password in it would stay readable on "
				     "each clone: take it out of the answer file");
	if (xml_is(local, "PlainText"))
		return 0;
	for (unsigned i = event->depth; i; i--)
		if (is_password(xml_local(check->levels[i].name)))
			check->levels[i].filled = true;
	return 0;
}

static const char *cut_holder(struct check *check, unsigned depth)
{
	for (size_t i = 0; depth && i < sizeof holders / sizeof *holders; i++) {
		struct level *holder = &check->levels[depth - 1];
		if (xml_is(xml_local(holder->name), holders[i].element))
			return holder->cut = holders[i].became;
	}
	return NULL;
}

static void note_password(struct check *check, const struct level *level, const char *became)
{
	struct generalized_password *password = vec_add(&check->into->passwords);
	password->element = copy_of(xml_local(level->name));
	password->pass = copy_of(check->pass);
	password->line = xml_line(check->text, level->start);
	password->became = became;
}

static void on_close(struct check *check, const struct xml_event *event)
{
	struct level *level = &check->levels[event->depth];
	if (is_password(xml_local(level->name)) && level->filled) {
		const char *became = cut_holder(check, event->depth);
		if (!became)
			became = level->cut = alone;
		note_password(check, level, became);
	}
	if (level->cut)
		*vec_add(&check->cuts) = (struct cut){level->start, event->end};
}

static int on_event(const struct xml_event *event, void *context)
{
	struct check *check = context;
	switch (event->kind) {
	case XML_DECLARATION: /* the copy is UTF-8 */
		*vec_add(&check->cuts) = (struct cut){event->start, event->end};
		return 0;
	case XML_OPEN:
		return on_open(check, event);
	case XML_TEXT:
		return on_text(check, event);
	case XML_CLOSE:
		on_close(check, event);
	}
	return 0;
}

/* They come in the order of their ends, so one that holds others stands behind them. */
static void drop_inner_cuts(struct check *check)
{
	size_t kept = check->cuts.n, limit = SIZE_MAX;
	for (size_t i = check->cuts.n; i--;) {
		struct cut cut = check->cuts.v[i];
		if (cut.end > limit)
			continue;
		check->cuts.v[--kept] = cut;
		limit = cut.start;
	}
	for (size_t i = 0; kept + i < check->cuts.n; i++)
		check->cuts.v[i] = check->cuts.v[kept + i];
	check->cuts.n -= kept;
}

static void copy_uncut(struct check *check, size_t len, struct buf *ret)
{
	size_t at = 0;
	drop_inner_cuts(check);
	buf_puts(ret, "<?xml version=\"1.0\" encoding=\"utf-8\"?>");
	vec_each(&check->cuts, cut) {
		buf_add(ret, check->text + at, cut->start - at);
		at = cut->end;
	}
	buf_add(ret, check->text + at, len - at);
}

int answers_check(const void *bytes, size_t len, struct buf *ret, struct generalized *into,
		  struct buf *fault)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	int r = xml_text(bytes, len, &text);
	if (r < 0) {
		buf_puts(fault, "it is neither UTF-8 nor UTF-16");
		return -EINVAL;
	}
	struct check check = {.text = buf_text(&text), .into = into, .fault = fault};
	r = xml_walk(buf_text(&text), text.len, on_event, &check, fault);
	if (!r)
		copy_uncut(&check, text.len, ret);
	vec_free(&check.cuts);
	return r;
}

/* ---- one of ours ---- */

static void add_component(struct buf *ret, const char *name, const char *architecture,
			  const char *content)
{
	buf_printf(ret,
		   "    <component name=\"%s\" processorArchitecture=\"%s\" "
		   "publicKeyToken=\"31bf3856ad364e35\" language=\"neutral\" "
		   "versionScope=\"nonSxS\">\n%s    </component>\n",
		   name, architecture, content);
}

void answers_make(const char *architecture, struct buf *ret)
{
	buf_puts(ret, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		      "<unattend xmlns=\"" NAMESPACE "\">\n"
		      "  <settings pass=\"generalize\">\n");
	add_component(ret, "Microsoft-Windows-PnpSysprep", architecture,
		      "      <PersistAllDeviceInstalls>true</PersistAllDeviceInstalls>\n"
		      "      <DoNotCleanUpNonPresentDevices>true"
		      "</DoNotCleanUpNonPresentDevices>\n");
	buf_puts(ret, "  </settings>\n  <settings pass=\"oobeSystem\">\n");
	add_component(ret, "Microsoft-Windows-Shell-Setup", architecture,
		      "      <OOBE>\n"
		      "        <HideEULAPage>true</HideEULAPage>\n"
		      "        <ProtectYourPC>3</ProtectYourPC>\n"
		      "        <SkipMachineOOBE>true</SkipMachineOOBE>\n"
		      "        <SkipUserOOBE>true</SkipUserOOBE>\n"
		      "      </OOBE>\n");
	buf_puts(ret, "  </settings>\n</unattend>\n");
}
