/* SPDX-License-Identifier: MIT */
/* One cleaner alone on the scratch tree, and what it planned. */
#pragma once

#include "plan/cleaner.h"

/* Adds what is needed of a `struct cleaning`: guest and policy may be left out. The
 * guest is freed. */
struct plan *plan_asked(struct guest *guest, const char *name, struct cleaning asked);
struct plan *plan_with(struct guest *guest, const char *name);
struct plan *plan_of(const char *name);

/* The guest with the accounts that its passwd has. */
struct guest *guest_with_accounts(void);

const struct step *step_at(const struct plan *plan, enum action action, const char *path);
/* Whatever it does. */
const struct step *step_on(const struct plan *plan, const char *path);
const struct finding *finding_with(const struct plan *plan, const char *part);

/* Exactly these steps, each "action, path". */
void steps_are(struct plan *plan, size_t count, ...);

/* Shaped like a password hash, made afresh each time. */
const char *hash_make(char out[48]);
