/* SPDX-License-Identifier: MIT */
#include "generalize/answers.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/mem.h"

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
	size_t copy, text; /* their lengths where it begins */
	unsigned line;
	const char *holds; /* what becomes of it with a password in it, or NULL */
	const char *cut;   /* what became of it, when it is left out */
	bool password, plain, command;
	bool filled; /* of a password: there is a value */
};

/* `copy` is what is left of the file so far, `text` what stands between its tags: an element
 * that is left out is taken from their ends when it ends. */
struct check {
	XML_Parser parser;
	struct level levels[ANSWERS_DEPTH + 1];
	unsigned depth;
	struct buf copy, text;
	const char *pass;
	struct generalized *into;
	struct buf *fault;
	int r;
};

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* A name without its prefix. */
static const char *local(const char *name)
{
	const char *colon = strchr(name, ':');
	return colon ? colon + 1 : name;
}

static unsigned line_now(const struct check *check)
{
	return (unsigned)XML_GetCurrentLineNumber(check->parser);
}

static int wrong_at(struct check *check, unsigned line, const char *what)
{
	buf_printf(check->fault, "line %u: %s", line, what);
	XML_StopParser(check->parser, XML_FALSE);
	return check->r = -EINVAL;
}

static int wrong(struct check *check, const char *what)
{
	return wrong_at(check, line_now(check), what);
}

static bool is_password(const char *name)
{
	size_t len = strlen(name), word = strlen("password");
	return len >= word && ascii_compare(name + len - word, "password") == 0;
}

static bool is_command(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (is(name, commands[i]))
			return true;
	return false;
}

/* ---- its build ---- */

/* As the parser lists them: names, each before its value. */
static const char *attribute(const char **list, const char *name)
{
	for (; *list; list += 2)
		if (is(*list, name))
			return list[1];
	return NULL;
}

static int check_pass(struct check *check, const char **attributes)
{
	const char *pass = attribute(attributes, "pass");
	if (!pass)
		return wrong(check, "settings without a pass");
	for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
		if (!is(pass, passes[i].name))
			continue;
		check->pass = passes[i].name;
		if (!passes[i].runs)
			*vec_add(&check->into->ignored) = mem_strdup(pass);
		return 0;
	}
	return wrong(check, "settings for a pass that there is not");
}

static int check_component(struct check *check, const char *name, const char **attributes)
{
	static const char *const needed[] = {"name", "processorArchitecture", "publicKeyToken",
					     "language", "versionScope"};
	if (!is(local(name), "component"))
		return wrong(check, "settings hold something but components");
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		if (attribute(attributes, needed[i]))
			continue;
		_cleanup_free_ char *what = mem_printf("a component without %s", needed[i]);
		return wrong(check, what);
	}
	return 0;
}

static int check_place(struct check *check, const char *name, const char **attributes)
{
	if (check->depth == 1) {
		const char *space = attribute(attributes, "xmlns");
		return is(name, "unattend") && space && is(space, NAMESPACE)
			       ? 0
			       : wrong(check, "not an answer file: unattend of " NAMESPACE
					      " is no outermost element");
	}
	if (check->depth == 2) {
		check->pass = "";
		return is(local(name), "settings") ? check_pass(check, attributes) : 0;
	}
	return check->depth == 3 && *check->pass ? check_component(check, name, attributes) : 0;
}

/* ---- passwords ---- */

/* "net user NAME WORD", or the word password with something behind it. */
static bool has_password(const char *text)
{
	static const char *const words[] = {"password", "passwd"};
	_cleanup_(buf_wipe) struct buf line = {0};
	buf_puts(&line, text);
	if (line.len)
		ascii_lower_all(line.data);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *at = strstr(buf_text(&line), words[i]);
		if (at && at[strlen(words[i])] && strchr("=: \"'&", at[strlen(words[i])]))
			return true;
	}
	const char *at = strstr(buf_text(&line), "net user ");
	if (!at)
		return false;
	at += strlen("net user ");
	at += strspn(at, " ");
	at += strcspn(at, " ");
	at += strspn(at, " ");
	return *at && *at != '/';
}

/* What the parser is at goes to on_other as it is written, but in UTF-8. */
static void keep(const struct check *check)
{
	XML_DefaultCurrent(check->parser);
}

static void on_other(void *context, const char *at, int len)
{
	struct check *check = context;
	buf_add(&check->copy, at, (size_t)len);
}

static const char *of_holder(const char *name)
{
	for (size_t i = 0; i < sizeof holders / sizeof *holders; i++)
		if (is(name, holders[i].element))
			return holders[i].became;
	return NULL;
}

/* The parser may tell what it has begun after it was stopped. */
static void on_open(void *context, const char *name, const char **attributes)
{
	struct check *check = context;
	if (check->r < 0)
		return;
	if (check->depth == ANSWERS_DEPTH) {
		wrong(check, "too many levels");
		return;
	}
	check->levels[++check->depth] = (struct level){
		.copy = check->copy.len,
		.text = check->text.len,
		.line = line_now(check),
		.holds = of_holder(local(name)),
		.password = is_password(local(name)),
		.plain = is(local(name), "PlainText"),
		.command = is_command(local(name)),
	};
	if (!check_place(check, name, attributes))
		keep(check);
}

/* A value stands in the element itself or in its Value; what says how it is written is none.
 * Blanks are no value, but for those that are written as references. */
static void on_text(void *context, const char *at, int len)
{
	struct check *check = context;
	size_t before = check->copy.len;
	if (check->r < 0)
		return;
	buf_add(&check->text, at, (size_t)len);
	keep(check);
	const char *written = check->copy.data + before;
	if (check->levels[check->depth].plain || !written[strspn(written, " \t\r\n")])
		return;
	for (unsigned i = check->depth; i; i--)
		check->levels[i].filled = true;
}

static void leave_out(struct check *check, const char *name)
{
	struct level *level = &check->levels[check->depth], *holder = level - 1;
	struct generalized_password *password = vec_add(&check->into->passwords);
	password->element = mem_strdup(local(name));
	password->pass = mem_strdup(check->pass);
	password->line = level->line;
	if (holder->holds)
		password->became = holder->cut = holder->holds;
	else
		password->became = level->cut = alone;
}

static void cut(struct check *check, const struct level *level)
{
	buf_cut(&check->copy, level->copy);
	buf_cut(&check->text, level->text);
	/* Whatever stands behind it, no "]]>" comes of it. */
	if (check->copy.data[check->copy.len - 1] == ']')
		buf_puts(&check->copy, "<!---->");
}

static void on_close(void *context, const char *name)
{
	struct check *check = context;
	struct level *level = &check->levels[check->depth];
	if (check->r < 0)
		return;
	keep(check);
	if (level->command && has_password(buf_text(&check->text) + level->text)) {
		wrong_at(check, level->line,
			 "a command with a password in it would stay readable on each clone: "
			 "take it out of the answer file");
		return;
	}
	if (level->password && level->filled)
		leave_out(check, name);
	if (level->cut)
		cut(check, level);
	check->depth--;
}

/* ---- the parser ---- */

/* The copy has one of its own, as it is UTF-8. */
static void on_declaration(void *context, const char *version, const char *encoding,
			   int standalone)
{
	(void)context, (void)version, (void)encoding, (void)standalone;
}

/* What it can bring (entities of its own, files of others) is behind its begin. */
static void on_document_type(void *context, const char *name, const char *system,
			     const char *public, int internal)
{
	struct check *check = context;
	(void)name, (void)system, (void)public, (void)internal;
	if (!check->r)
		wrong(check, "a document type, which an answer file does not need");
}

/* The parser's memory holds passwords: all of it is overwritten before it is given back. */
struct block {
	size_t len;
	max_align_t bytes[];
};

static void *block_new(size_t len)
{
	struct block *block = mem_alloc(sizeof *block + len);
	block->len = len;
	return block->bytes;
}

static struct block *block_of(void *at)
{
	return (void *)((char *)at - offsetof(struct block, bytes));
}

static void block_free(void *at)
{
	if (!at)
		return;
	mem_wipe(at, block_of(at)->len);
	free(block_of(at));
}

static void *block_resize(void *at, size_t len)
{
	void *moved = block_new(len);
	if (at)
		memcpy(moved, at, block_of(at)->len < len ? block_of(at)->len : len);
	block_free(at);
	return moved;
}

/* By its first character, the mark of UTF-16 or one of ASCII. The declaration is not asked:
 * many tell what the text was before it was stored. */
static bool is_wide(const uint8_t *at, size_t len)
{
	return len >= 2 && (at[0] >= 0xfe || !at[0] || !at[1]);
}

static const char *reason(const struct check *check, const uint8_t *bytes, size_t len)
{
	enum XML_Error code = XML_GetErrorCode(check->parser);
	XML_Index at = XML_GetCurrentByteIndex(check->parser);
	if (code == XML_ERROR_NO_ELEMENTS && check->depth)
		return "an element has no end";
	if (code == XML_ERROR_INVALID_TOKEN && at >= 0 && (size_t)at < len && bytes[at] >= 0x80)
		return "a bad character: it is neither UTF-8 nor UTF-16, or stands in a name";
	return XML_ErrorString(code);
}

static int parse(struct check *check, const void *bytes, size_t len)
{
	static const XML_Memory_Handling_Suite memory = {block_new, block_resize, block_free};
	XML_Parser parser = XML_ParserCreate_MM(is_wide(bytes, len) ? "UTF-16" : "UTF-8",
						&memory, NULL);
	check->parser = parser;
	XML_SetUserData(parser, check);
	XML_SetElementHandler(parser, on_open, on_close);
	XML_SetCharacterDataHandler(parser, on_text);
	XML_SetXmlDeclHandler(parser, on_declaration);
	XML_SetStartDoctypeDeclHandler(parser, on_document_type);
	XML_SetDefaultHandler(parser, on_other);
	if (XML_Parse(parser, bytes, (int)len, XML_TRUE) != XML_STATUS_OK && !check->r)
		wrong(check, reason(check, bytes, len));
	XML_ParserFree(parser);
	return check->r;
}

int answers_check(const void *bytes, size_t len, struct buf *ret, struct generalized *into,
		  struct buf *fault)
{
	struct check check = {.pass = "", .into = into, .fault = fault};
	/* At once, so that nothing that holds a password is moved. */
	buf_reserve(&check.copy, 2 * len + 64);
	buf_reserve(&check.text, 2 * len);
	buf_puts(&check.copy, "<?xml version=\"1.0\" encoding=\"utf-8\"?>");
	int r = parse(&check, bytes, len);
	if (!r)
		buf_add(ret, check.copy.data, check.copy.len);
	buf_wipe(&check.copy);
	buf_wipe(&check.text);
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
