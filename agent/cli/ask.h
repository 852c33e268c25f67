/* SPDX-License-Identifier: MIT */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "model/plan.h"

struct guest;

/* For engine_options.confirm; context is a struct report_options. Shows the plan
 * and reads the answer from the terminal; all but y and yes is no. */
bool ask_confirm(const struct plan *plan, const struct guest *guest, void *context);

/* Whether a line that was typed is a yes. */
bool ask_is_yes(const char *line);

#endif
