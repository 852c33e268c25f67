/* SPDX-License-Identifier: MIT */
#include "report/sysprep.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "report/line.h"
#include "report/writer.h"

/* ---- JSON ---- */

static json_t *text_json(const char *text)
{
	_cleanup_(buf_free) struct buf quoted = {0};
	if (!text)
		return json_null();
	json_t *plain = json_string(text);
	if (plain)
		return plain;
	str_quote(&quoted, text);
	return json_string(buf_text(&quoted));
}

static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static json_t *facts_json(const struct generalized *it)
{
	json_t *array = json_array();
	vec_each(&it->facts, fact) {
		json_t *object = json_object();
		bool blocks = fact->state == PLAT_FACT_BLOCKS;
		put(object, "name", json_string(fact->name));
		put(object, "state", json_string(generalized_fact_name(fact->state)));
		put(object, "text", blocks ? json_string(fact->title) : json_null());
		put(object, "detail",
		    fact->detail.len ? text_json(buf_text(&fact->detail)) : json_null());
		put(object, "remedy", blocks ? json_string(fact->remedy) : json_null());
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *answers_json(const struct generalized *it)
{
	json_t *object = json_object(), *passwords = json_array(), *ignored = json_array();
	vec_each(&it->passwords, password) {
		json_t *row = json_object();
		put(row, "element", text_json(password->element));
		put(row, "pass", text_json(password->pass));
		put(row, "line", json_integer(password->line));
		put(row, "became", json_string(password->became));
		json_array_append_new(passwords, row);
	}
	vec_each(&it->ignored, pass)
		json_array_append_new(ignored, text_json(*pass));
	put(object, "given", text_json(it->answer_file));
	put(object, "passwords", passwords);
	put(object, "ignored_passes", ignored);
	return object;
}

json_t *sysprep_json(const struct generalized *it)
{
	if (!it)
		return json_null();
	json_t *object = json_object(), *errors = json_array();
	vec_each(&it->errors, line)
		json_array_append_new(errors, text_json(*line));
	put(object, "state", json_string(generalized_state_name(it->state)));
	put(object, "why", text_json(it->why));
	put(object, "preflight", facts_json(it));
	put(object, "answer_file", answers_json(it));
	put(object, "command", text_json(it->line));
	put(object, "exit_code",
	    it->ended ? json_integer((json_int_t)it->exit_code) : json_null());
	put(object, "elapsed_ms", json_integer((json_int_t)it->elapsed_ms));
	put(object, "image_state", text_json(it->image_state));
	put(object, "tag", json_boolean(it->tag));
	put(object, "cause", text_json(it->cause));
	put(object, "meaning", text_json(it->meaning));
	put(object, "remedy", text_json(it->remedy));
	put(object, "log", errors);
	put(object, "power_off", json_boolean(it->power_off));
	return object;
}

/* ---- text ---- */

static void say(struct page_section *section, const struct writer *writer, const char *lead,
		const char *text)
{
	if (text)
		line_wrapped(&section->lead, 2, lead, text, writer->width);
}

static void say_facts(struct page_section *section, const struct writer *writer,
		      const struct generalized *it)
{
	vec_each(&it->facts, fact) {
		_cleanup_(buf_free) struct buf text = {0};
		bool blocks = fact->state == PLAT_FACT_BLOCKS;
		if (!blocks &&
		    (fact->state == PLAT_FACT_PASSES || writer->options->verbosity <= 0))
			continue;
		buf_printf(&text, "%s: %s", fact->name, blocks ? fact->title : "not known");
		if (fact->detail.len)
			buf_printf(&text, " (%s)", buf_text(&fact->detail));
		say(section, writer, blocks ? "blocks  " : "unknown  ", buf_text(&text));
		if (blocks)
			line_wrapped(&section->lead, 10, "", fact->remedy, writer->width);
	}
}

static void say_answers(struct page_section *section, const struct writer *writer,
			const struct generalized *it)
{
	vec_each(&it->passwords, password) {
		_cleanup_free_ char *text = mem_printf("%s in pass %s, line %u: %s",
						       password->element, password->pass,
						       password->line, password->became);
		say(section, writer, "password  ", text);
	}
	if (it->passwords.n)
		say(section, writer, "",
		    "The answer file that was given is yours: its passwords are readable wherever "
		    "it lies. Keep it off the disk that is captured.");
	vec_each(&it->ignored, pass) {
		_cleanup_free_ char *text = mem_printf(
			"the answer file has settings for the pass %s, which does not run",
			*pass);
		say(section, writer, "note  ", text);
	}
}

static void say_result(struct page_section *section, const struct writer *writer,
		       const struct generalized *it)
{
	if (it->state == GENERALIZED_NOT_RUN) {
		say(section, writer,
		    "not run: ", str_or(it->why, "the run did not come that far"));
		return;
	}
	if (it->state == GENERALIZED_DONE) {
		say(section, writer, "",
		    "Sysprep has succeeded: Windows says so, and its tag file is new.");
	} else {
		say(section, writer, "failed: ", it->meaning);
		vec_each(&it->errors, line)
			say(section, writer, "log  ", *line);
		say(section, writer, "to do: ", it->remedy);
	}
	say(section, writer, "ImageState: ", it->image_state);
	if (writer->options->verbosity > 0)
		say(section, writer, "", it->line);
}

void sysprep_section(struct writer *writer)
{
	const struct generalized *it = writer->outcome->generalized;
	if (!it)
		return;
	struct page_section *section = page_section(&writer->page, "SYSPREP", PAGE_HEAVIEST);
	say_result(section, writer, it);
	say_facts(section, writer, it);
	say_answers(section, writer, it);
	page_drop_empty(&writer->page);
}

bool sysprep_has_run(const struct outcome *outcome)
{
	const struct generalized *it = outcome->generalized;
	return it && (it->state == GENERALIZED_DONE || it->state == GENERALIZED_FAILED);
}

void sysprep_verdict(const struct outcome *outcome, struct buf *out)
{
	const struct generalized *it = outcome->generalized;
	if (!it)
		return;
	if (it->state == GENERALIZED_DONE)
		buf_puts(out, ", generalized by Sysprep");
	else if (it->state == GENERALIZED_FAILED)
		buf_printf(out, "; SYSPREP FAILED (%s)", it->cause);
	else
		buf_puts(out, "; Sysprep was not run");
}
