/* SPDX-License-Identifier: MIT */
/* What has to be so before a system is generalized, and what to do where it is not. */
#ifndef GENERALIZE_FACTS_H
#define GENERALIZE_FACTS_H

#include "model/generalized.h"

/* A row for each fact into `into->facts`, anew. The first that speaks against it, or NULL. */
const struct generalized_fact *facts_look(struct generalized *into);

/* The same with another teller than the system; for tests. */
typedef int facts_source(plat_fact_tell *tell, void *context);
const struct generalized_fact *facts_look_at(facts_source *source, struct generalized *into);

#endif
