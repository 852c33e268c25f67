/* SPDX-License-Identifier: MIT */
/* A walk of the scratch place that remembers what it saw. */
#pragma once

#include "base/buf.h"
#include "discover/discover.h"

struct seen {
	unsigned entries, deepest, faults;
	size_t longest; /* path */
	int error;
	struct buf paths; /* one a line, of the first thousand; freed by the caller */
};

/* For a visitor whose context is a struct seen; a directory "not-entered" is not. */
bool on_entry(const struct discover_entry *entry, void *context);
void on_fault(const char *path, int error, void *context);

/* Of a directory of the host. */
void walk(const char *path, bool detached, struct seen *ret);
bool saw(const struct seen *seen, const char *path);
