/* SPDX-License-Identifier: MIT */
/* Runs while building, on the machine that builds: embed TO FILE.yaml... parses the packs
 * and writes them as the C tables of packs_inside.h. A pack that is not plain YAML ends
 * the build. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "rules/document.h"

static void read_all(FILE *file, struct buf *ret)
{
	enum { AT_ONCE = 1 << 16 };
	size_t n;
	do {
		n = fread(buf_reserve(ret, AT_ONCE), 1, AT_ONCE, file);
		ret->len += n;
	} while (n);
}

/* As a C literal of one line; only what is surely the same in every character set and
 * before every digit stands for itself. */
static void write_text(FILE *to, const char *text)
{
	fputs("\t\"", to);
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;
		if (byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\' && byte != '?')
			fputc(byte, to);
		else
			fprintf(to, "\\%03o", byte);
	}
	fputs("\\0\"\n", to);
}

static void write_pack(FILE *to, const struct document *doc, int number)
{
	const struct node *end = node_next(doc->nodes);
	fprintf(to, "static const struct node nodes%d[] = {\n", number);
	for (const struct node *node = doc->nodes; node < end; node++)
		fprintf(to, "\t{%d, %u, %u, %u},\n", (int)node->kind, node->line, node->size,
			node->text);
	fprintf(to, "};\nstatic const char texts%d[] =\n\t\"\"\n", number);
	for (const struct node *node = doc->nodes; node < end; node++)
		if (node->kind == NODE_TEXT)
			write_text(to, node_text(doc, node));
	fputs("\t;\n", to);
}

static int embed(FILE *to, const char *path, int number)
{
	_cleanup_(buf_free) struct buf text = {0}, fault = {0};
	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		return -1;
	}
	read_all(file, &text);
	fclose(file);
	struct document doc;
	int r = document_parse(&doc, buf_text(&text), text.len, path, &fault);
	if (r < 0)
		fprintf(stderr, "%s\n", buf_text(&fault));
	else
		write_pack(to, &doc, number);
	document_free(&doc);
	return r;
}

static int embed_all(FILE *to, char **paths)
{
	fputs("#include \"rules/packs_inside.h\"\n\n", to);
	int count = 0;
	for (; paths[count]; count++)
		if (embed(to, paths[count], count) < 0)
			return -1;
	fputs("\nconst struct pack_inside packs_inside[] = {\n", to);
	for (int i = 0; i < count; i++)
		fprintf(to, "\t{\"%s\", nodes%d, texts%d},\n", paths[i], i, i);
	fputs("\t{0},\n};\n", to);
	return 0;
}

int main(int argc, char **argv)
{
	FILE *to = argc > 2 ? fopen(argv[1], "wb") : NULL;
	if (!to) {
		perror(argc > 2 ? argv[1] : "usage: embed TO FILE.yaml...");
		return 1;
	}
	int r = embed_all(to, argv + 2);
	bool failed = ferror(to);
	return fclose(to) || failed || r < 0;
}
