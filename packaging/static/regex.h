/* SPDX-License-Identifier: MIT */
/* What libmagic asks of POSIX and mingw-w64 does not have. Only its recipe sees this. */
#ifndef STATIC_REGEX_H
#define STATIC_REGEX_H

#include <fcntl.h>
#include <io.h>
#include <pcre2posix.h>

/* For decompressing by other programs, which nobody asks it to. */
#define pipe(ends) _pipe(ends, 4096, _O_BINARY)

#endif
