/* SPDX-License-Identifier: MIT */
/* A file with encoded runs, looked at with all the rules that we ship: the first byte
 * says through how small a window, and whether the rest is encoded once more. What is
 * found lies in the file; what can be overwritten there is then the filling. */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/cleanup.h"
#include "detect/keys.h"
#include "examining.h"
#include "model/redaction.h"

enum { SMALL = 24 << 10 };

static struct examiner examiner;
static struct buf file;
static unsigned ticks;

static void check_redaction(const struct found *found)
{
	struct coded how = {(enum coding)found->codings, found->lead};
	struct buf copy = {0};
	buf_add(&copy, file.data + found->offset, found->length);
	redaction_fill_coded(copy.data, copy.len, how);
	must(copy.len == found->length && redaction_is_coded(copy.data, copy.len, how));
	buf_free(&copy);
}

static void on_found(const struct found *found, const char *member, void *context)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	(void)context;
	must(found->rule < examiner.patterns->each.n && found->confidence <= CONFIDENCE_HIGH);
	must(codings_hold(found->codings) && found->lead <= 4 && found->length);
	must(found->line && found->column);
	if (member)
		return;
	must(found->offset <= file.len && found->length <= file.len - found->offset);
	if (!found->codings) {
		SHA256((uint8_t *)file.data + found->offset, found->length, digest);
		must(!memcmp(digest, found->digest, sizeof digest));
	}
	if (redaction_knows((enum coding)found->codings) && !(found->seen & SEEN_BINARY))
		check_redaction(found);
}

static void on_trouble(enum trouble trouble, const char *member, void *context)
{
	(void)context, (void)member;
	must(trouble > TROUBLE_NONE && trouble < TROUBLE_DIED);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	examiner = fuzz_examiner(on_found, on_trouble, &ticks);
	return keys_warm_up();
}

/* Decoders meet well-formed runs more often so. */
static void make_file(const uint8_t *bytes, size_t len, unsigned how)
{
	buf_free(&file);
	if (how & 1) {
		char *room = buf_reserve(&file, len * 4 / 3 + 8);
		file.len = (size_t)EVP_EncodeBlock((uint8_t *)room, bytes, (int)len);
	} else if (how & 2) {
		for (size_t i = 0; i < len; i++)
			buf_printf(&file, how & 4 ? "\\u%04x" : "%%%02x", bytes[i]);
	} else {
		buf_add(&file, bytes, len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t all[MASK_SIZE];
	struct source source;
	if (len < 2)
		return 0;
	memset(all, 0xff, sizeof all);
	ticks = 1000000; /* enough for any input that ends */
	make_file(bytes + 1, len - 1, bytes[0]);
	examiner.window = bytes[0] & 8 ? SMALL : 0;
	source_memory(&source, buf_text(&file), file.len);
	examine_file(&examiner, &source, all, bytes[0] & 16 ? DETECT_NO_CONTAINER : 0);
	source_clear(&source);
	examine_clear(&examiner); /* windows of another size come next */
	return 0;
}
