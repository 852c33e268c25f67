/* SPDX-License-Identifier: MIT */
/* A tree of a test's own in a new directory. Paths are those inside the tree and
 * begin with a slash. What can not be made fails the test. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/guest.h"
#include "scratch_os.h"

extern char scratch_root[64];

/* Setup and teardown of a test. */
int scratch_make(void **state);
int scratch_remove(void **state);

/* The path as the host has it: the next eight calls leave it alone, or allocated. */
const char *scratch_at(const char *path);
char *scratch_path(const char *path);

/* Directories on the way are made too. */
void scratch_put(const char *path, const char *text);
void scratch_put_bytes(const char *path, const char *bytes, size_t len);
void scratch_put_dir(const char *path);
void scratch_put_link(const char *path, const char *to);

/* What a file begins with, valid until the next call. */
const char *scratch_text(const char *path);

/* A guest with the tree as its only volume. */
struct guest *scratch_guest(void);

/* Setup of a group: mounts of a test are seen by nobody else and end with it. */
int scratch_hide_mounts(void **state);
/* Skips the test unless scratch_hide_mounts had the rights to. */
void scratch_need_mounts(void);
