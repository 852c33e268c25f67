/* SPDX-License-Identifier: MIT */
/* The flat tree is what libyaml loads: of texts as people write them, and of every pack
 * that was put into the program. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <yaml.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "rules/packs_inside.h"

#define PATTERNS IMGSAN_SOURCE "/patterns/"

struct loaded {
	yaml_document_t yaml;
	const struct document *doc;
};

static const struct node *compare(struct loaded *loaded, int index, const struct node *node);

static const struct node *compare_list(struct loaded *loaded, const yaml_node_t *want,
				       const struct node *node)
{
	assert_int_equal(node->kind, NODE_LIST);
	const struct node *at = node + 1;
	for (yaml_node_item_t *item = want->data.sequence.items.start;
	     item < want->data.sequence.items.top; item++)
		at = compare(loaded, *item, at);
	return at;
}

static const struct node *compare_map(struct loaded *loaded, const yaml_node_t *want,
				      const struct node *node)
{
	assert_int_equal(node->kind, NODE_MAP);
	const struct node *at = node + 1;
	for (yaml_node_pair_t *pair = want->data.mapping.pairs.start;
	     pair < want->data.mapping.pairs.top; pair++) {
		at = compare(loaded, pair->key, at);
		at = compare(loaded, pair->value, at);
	}
	return at;
}

/* Gives what stands behind the node and all below it. */
static const struct node *compare(struct loaded *loaded, int index, const struct node *node)
{
	const yaml_node_t *want = yaml_document_get_node(&loaded->yaml, index);
	const struct node *behind = node + 1;
	assert_int_equal(node->line, want->start_mark.line + 1);
	if (want->type == YAML_SEQUENCE_NODE) {
		behind = compare_list(loaded, want, node);
	} else if (want->type == YAML_MAPPING_NODE) {
		behind = compare_map(loaded, want, node);
	} else {
		assert_int_equal(node->kind, NODE_TEXT);
		assert_string_equal(node_text(loaded->doc, node), want->data.scalar.value);
	}
	assert_ptr_equal(node_next(node), behind);
	return behind;
}

static void same_as_libyaml(const struct document *doc, const char *text, size_t len)
{
	yaml_parser_t parser;
	struct loaded loaded = {.doc = doc};
	assert_true(yaml_parser_initialize(&parser));
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	assert_true(yaml_parser_load(&parser, &loaded.yaml));
	assert_non_null(yaml_document_get_root_node(&loaded.yaml));
	compare(&loaded, 1, doc->nodes);
	yaml_document_delete(&loaded.yaml);
	yaml_parser_delete(&parser);
}

/* ---- packs inside ---- */

static void slurp(const char *path, struct buf *ret)
{
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	size_t n;
	while ((n = fread(buf_reserve(ret, 1 << 16), 1, 1 << 16, file)) > 0)
		ret->len += n;
	fclose(file);
}

static const struct pack_inside *find(const char *path)
{
	for (const struct pack_inside *pack = packs_inside; pack->path; pack++)
		if (strcmp(pack->path, path) == 0)
			return pack;
	fail_msg("%s is not in the program", path);
	return NULL;
}

static size_t files;

static int each_file(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info;
	(void)where;
	if (kind != FTW_F || !str_ends(path, ".yaml"))
		return 0;
	_cleanup_(buf_free) struct buf text = {0};
	const struct pack_inside *pack = find(path + strlen(PATTERNS));
	const struct document doc = {.nodes = pack->nodes, .texts = pack->texts};
	slurp(path, &text);
	same_as_libyaml(&doc, buf_text(&text), text.len);
	files++;
	return 0;
}

static void test_packs_inside(void **state)
{
	(void)state;
	assert_int_equal(nftw(PATTERNS, each_file, 8, FTW_PHYS), 0);
	size_t inside = 0;
	while (packs_inside[inside].path)
		inside++;
	assert_true(files > 10);
	assert_int_equal(files, inside);
}

/* ---- files ---- */

static const char *const texts[] = {
	"plain",
	"---\n",
	"[]",
	"{}",
	"# a remark\n\na: 1\nb:\n  - x\n  - [y, 'z z', {k: v}]\nc: {d: [], e: {}}\n",
	"- >\n  folded\n  text\n\n- |\n  kept\n  as it is\n- \"\\u00e9 \\\"?\\\" \\\\ \\t\"\n-\n- ~\n",
	"\357\273\277a:\r\n  b: \xc3\xa9\r\n  ? [q]\r\n  : - - - deep\r\n",
};

static void test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		_cleanup_(buf_free) struct buf fault = {0};
		struct document doc;
		if (document_parse(&doc, texts[i], strlen(texts[i]), "x.yaml", &fault) < 0)
			fail_msg("%s", buf_text(&fault));
		same_as_libyaml(&doc, texts[i], strlen(texts[i]));
		document_free(&doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packs_inside),
		cmocka_unit_test(test_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
