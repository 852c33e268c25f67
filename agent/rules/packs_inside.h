/* SPDX-License-Identifier: MIT */
/* The files of patterns/, parsed while building and written by embed/embed.c. */
#ifndef RULES_PACKS_INSIDE_H
#define RULES_PACKS_INSIDE_H

#include "rules/document.h"

struct pack_inside {
	const char *path; /* below patterns/: "secrets/cloud.yaml" */
	const struct node *nodes;
	const char *texts;
};

extern const struct pack_inside packs_inside[]; /* ends with path NULL */

#endif
