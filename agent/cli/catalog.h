/* SPDX-License-Identifier: MIT */
/* Artefacts, cleaners and secret rules side by side: what list prints, what
 * explain finds, what --only and --skip may name. */
#ifndef CLI_CATALOG_H
#define CLI_CATALOG_H

#include "base/buf.h"
#include "cli/options.h"
#include "report/report.h"

struct catalog_item {
	const char *kind; /* "artefact", "cleaner", "secret" */
	const char *name, *title, *why, *advice, *reopen;
	enum class class;
	enum severity severity;
	unsigned os;			 /* bits 1 << enum guest_os; 0: any */
	const struct artefact *artefact; /* one of these may be set */
	const struct secret_rule *secret;
	VEC(const char *) held_by; /* into the artefact or cleaner */
	bool last;
	enum disposition disposition; /* what the policy says */
	const char *happens;	      /* one word for it */
};

typedef VEC(struct catalog_item) catalog;

/* By class, worst first. */
void catalog_build(const struct rules *rules, catalog *ret);
void catalog_free(catalog *items);

/* For report_options.item. */
bool catalog_describe(const struct rules *rules, const char *name, struct report_item *ret);

/* 0, or -EINVAL when a name is neither one of ours nor a category. */
int catalog_check_names(const struct rules *rules, const strings *names, const char *option,
			struct buf *fault);

/* -EINVAL with a line in *fault for an unknown name. */
int catalog_explain(const struct rules *rules, const char *name, struct buf *out,
		    struct buf *fault);

#endif
