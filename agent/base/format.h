/* SPDX-License-Identifier: MIT */
/* FORMAT(2, 3): parameter 2 is a format as of printf with C's own conversions, %zu and
 * %lld among them, and 3 the first to be put in. GCC's "printf" means those of the target's
 * own library, which for some has none of them; Clang knows no other word. */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#ifdef __clang__
#define FORMAT(text, first) __attribute__((format(printf, text, first)))
#else
#define FORMAT(text, first) __attribute__((format(gnu_printf, text, first)))
#endif

#endif
