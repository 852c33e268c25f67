/* SPDX-License-Identifier: MIT */
/* Everything that is generated from the tables in options.c. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/buf.h"
#include "cli/options.h"

/* COMMAND_COUNT: the overview. */
void help_write(enum command command, struct buf *out);
void help_man(struct buf *out);

#endif
