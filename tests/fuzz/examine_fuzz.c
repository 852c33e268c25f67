/* SPDX-License-Identifier: MIT */
/* Bytes of a file, looked at with all the rules that we ship. What is found has to lie
 * in the file and to be what stands there. Archives: container_fuzz. */
#include <openssl/sha.h>
#include <string.h>

#include "base/cleanup.h"
#include "detect/keys.h"
#include "examining.h"

static struct examiner examiner;
static struct bytes file;
static unsigned ticks;

static bool is_wide(void)
{
	return file.len > 1 &&
	       (!memcmp(file.at, "\xff\xfe", 2) || !memcmp(file.at, "\xfe\xff", 2));
}

static void on_found(const struct found *found, const char *member, void *context)
{
	(void)context;
	uint8_t digest[SHA256_DIGEST_LENGTH];
	must(found->rule < examiner.patterns->each.n && found->confidence <= CONFIDENCE_HIGH);
	must(!member && codings_hold(found->codings) && found->lead <= 4 && found->length);
	must(found->offset <= file.len && found->length <= file.len - found->offset);
	must(found->line && found->column);
	if (found->codings || is_wide())
		return;
	SHA256(file.at + found->offset, found->length, digest);
	must(!memcmp(digest, found->digest, sizeof digest));
}

static void on_trouble(enum trouble trouble, const char *member, void *context)
{
	(void)context;
	must(trouble > TROUBLE_NONE && trouble < TROUBLE_DIED && !member);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	examiner = fuzz_examiner(on_found, on_trouble, &ticks);
	return keys_warm_up();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t all[MASK_SIZE];
	struct source source;
	memset(all, 0xff, sizeof all);
	file = (struct bytes){bytes, len};
	ticks = 1000000; /* enough for any input that ends */
	source_memory(&source, bytes, len);
	examine_file(&examiner, &source, all, DETECT_NO_CONTAINER);
	source_clear(&source);
	return 0;
}
