/* SPDX-License-Identifier: MIT */
/* A configuration in TOML: the tree is one, and nothing in it leads out of its arrays. */
#include "base/cleanup.h"
#include "fuzz.h"
#include "rules/toml.h"

static size_t look(const struct toml *doc, unsigned node, unsigned depth)
{
	const struct toml_node *at = toml_at(doc, node);
	size_t seen = 1;
	unsigned count = 0;
	must(depth <= 3 * TOML_DEPTH);
	must(at->text + at->text_len < doc->texts.len);
	must(at->key + at->key_len < doc->texts.len);
	must(!toml_text(doc, node)[at->text_len] && !toml_key(doc, node)[at->key_len]);
	must(!at->first || at->kind == TOML_ARRAY || at->kind == TOML_TABLE);
	toml_each(doc, node, it)
	{
		must(it > node && it < doc->nodes.n);
		seen += look(doc, it, depth + 1);
		count++;
	}
	must(count == at->count);
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_(buf_free) struct buf fault = {0};
	char *text = bytes_text((struct bytes){bytes, len});
	struct toml doc;
	int r = toml_parse(&doc, text, len, "fuzz.toml", &fault);
	must((r < 0) == (fault.len > 0));
	must(look(&doc, TOML_TOP, 0) == doc.nodes.n - 1);
	toml_free(&doc);
	free(text);
	return 0;
}
