/* SPDX-License-Identifier: MIT */
/* Shell patterns for one name and for whole paths. Bytes, not characters; no
 * locale; linear in practice because only the last star is ever retried. */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* One path component: `*`, `?`, `[a-z]`, `[!a-z]`, `\` quotes. A leading dot is
 * matched by a star: hidden files are what we look for. */
bool glob_name(const char *pattern, const char *name);

/* A whole path; `**` as a component stands for any number of components, none
 * included. */
bool glob_path(const char *pattern, const char *path);

/* Likewise; with any_case letters match in either case (base/fold.h). */
bool glob_name_in(bool any_case, const char *pattern, const char *name);
bool glob_path_in(bool any_case, const char *pattern, const char *path);

/* Appends a path as a pattern that matches just it. */
void glob_quote(struct buf *out, const char *path);

/* NULL, or what is wrong with the pattern. */
const char *glob_fault(const char *pattern);

/* True when the pattern is a literal (holds no wildcard). */
bool glob_literal(const char *pattern, size_t len);

#endif
