/* SPDX-License-Identifier: MIT */
/* The files of patterns/, put into the program by embed.cmake. */
#ifndef RULES_PACKS_INSIDE_H
#define RULES_PACKS_INSIDE_H

#include <stddef.h>

struct pack_inside {
	const char *path; /* below patterns/: "secrets/cloud.yaml" */
	const char *text;
	size_t len;
};

extern const struct pack_inside packs_inside[]; /* ends with path NULL */

#endif
