/* SPDX-License-Identifier: MIT */
/* What the parts of the text report share. */
#ifndef REPORT_WRITER_H
#define REPORT_WRITER_H

#include "report/group.h"
#include "report/page.h"

struct writer {
	const struct outcome *outcome;
	const struct report_options *options;
	unsigned width;
	struct page page;
};

/* How many of so many places are shown below an item. */
size_t writer_places(const struct writer *writer, size_t count);
/* "... 12 more", where not all were shown */
void writer_more(struct buf *out, size_t shown, size_t count);
/* Columns that are left for a path; -v hardly cuts any. */
size_t writer_room(const struct writer *writer, size_t column);
/* "1 secret in 40 places", where there are several. */
void writer_secrets(const struct group *group, struct buf *out);
/* A sentence below an item; NULL and "" are none. */
void writer_sentence(const struct writer *writer, const char *text, struct buf *out);
/* What is known of an artefact, cleaner or rule. */
struct report_item writer_item(const struct writer *writer, const char *name);
/* Whether everything that is known is said of each item. */
bool writer_tells_all(const struct writer *writer);

/* Steps by what became of them; with what goes by class. */
void steps_section(struct writer *writer, const char *title, unsigned weight,
		   const struct plan *plan, group_step_filter *filter);
/* Credentials that were there to be read: what has to be done elsewhere. */
void steps_revoke_section(struct writer *writer);
void steps_provision_section(struct writer *writer);
/* What a service has to be told so that it writes into a new file. */
void steps_held_section(struct writer *writer);

#endif
