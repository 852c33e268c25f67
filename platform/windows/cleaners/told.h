/* SPDX-License-Identifier: MIT */
/* What the cleaners here say. */
#ifndef WINDOWS_CLEANERS_TOLD_H
#define WINDOWS_CLEANERS_TOLD_H

#include <stdint.h>

#include "model/plan.h"

/* `text` is taken over. */
void told_note(struct plan *plan, const char *place, char *text);
void told_posture(struct plan *plan, enum severity severity, const char *place, char *text);
/* Something could not be examined: "WHAT: what Windows says". */
void told_unexamined(struct plan *plan, const char *place, const char *what, uint32_t error);

#endif
