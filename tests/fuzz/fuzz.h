/* SPDX-License-Identifier: MIT */
/* What every target is made of. One that finds something false says so by
 * must(); a crash, a leak or a hang says it by itself.
 *
 *     ./dev fuzz packages 60       searches with libFuzzer
 *     ctest -R fuzz.packages       the seeds and fixed changes to them */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
/* Once before all; a target may lack it. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Ends the program, and the input at hand is what is reported. */
#define must(condition) ((condition) ? (void)0 : fuzz_fails(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_fails(const char *what, const char *file, int line);

/* What an input is made of, taken from its front; zeros and nothing at its end. */
struct bytes {
	const uint8_t *at;
	size_t len;
};

uint8_t bytes_byte(struct bytes *bytes);
uint32_t bytes_number(struct bytes *bytes);		     /* two bytes, big-endian */
struct bytes bytes_take(struct bytes *bytes, size_t len);    /* at most so many */
struct bytes bytes_until(struct bytes *bytes, uint8_t stop); /* which is left out */
char *bytes_text(struct bytes bytes); /* with a NUL behind; freed by the caller */

/* A file in memory with this content. `which` tells several at a time apart, at
 * most FUZZ_FILES; it is the same file with new content at every call, and stays
 * ours. */
enum { FUZZ_FILES = 4 };
struct plat_file *fuzz_file(unsigned which, struct bytes content);
