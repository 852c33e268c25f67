/* SPDX-License-Identifier: MIT */
/* Inside of rules/: the parts of loading. All give 0 or -EINVAL with a fault. */
#ifndef RULES_PACK_H
#define RULES_PACK_H

#include "rules/record.h"

#define PACK_FILE_MAX (1u << 20) /* bytes */

/* A list of names that have to differ over all packs. */
struct pack_name {
	const char *name, *file; /* not owned */
	unsigned line;
};
typedef VEC(struct pack_name) pack_names;

struct pack_loader {
	struct rules *rules;
	strings *files; /* owns the names of files that are not inside */
	pack_names names;
	struct buf *fault;
};

/* One file: top keys `secrets` and `artefacts`, `weights` and `thresholds`, or `policy`
 * (only checked). */
int pack_take(struct pack_loader *loader, struct document *doc);
int pack_read(struct pack_loader *loader, const char *text, size_t len, const char *file);
/* Every *.yaml below a directory of the machine we run on, in name order. */
int pack_read_dir(struct pack_loader *loader, const char *dir);
/* A file that decides what is deleted, with a fault in words. */
int pack_slurp(const char *host_path, struct buf *ret, struct buf *fault);

/* Takes a name for an entry, or says who has it. */
int pack_take_name(struct pack_loader *loader, struct document *doc, const char *name,
		   unsigned line);

int secrets_read(struct document *doc, const struct node *node, void *loader);
void secrets_clear(struct secret_rule *rule);

int artefacts_read(struct document *doc, const struct node *node, void *loader);
void artefacts_clear(struct artefact *artefact);

/* The top keys `weights` and `thresholds` of a pack; they stand for those read before. */
int weights_read(struct document *doc, const struct node *weights,
		 const struct node *thresholds, struct rules *rules);

int policy_read(struct document *doc, struct policy *policy);
void policy_clear(struct policy *policy);
/* Additions to a policy from the command line: "NAME=DISPOSITION", an account. */
int policy_treat(struct policy *policy, const char *text, struct buf *fault);
int policy_remove_account(struct policy *policy, const char *name, struct buf *fault);

#endif
