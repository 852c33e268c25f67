/* SPDX-License-Identifier: MIT */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "base/buf.h"
#include "cli/options.h"

/* 0, or -EINVAL with one line in *fault. *ret is valid in both cases; free with
 * parse_free. Texts in it point into argv unless they come from a list. */
int parse_arguments(int argc, char **argv, struct cli *ret, struct buf *fault);
void parse_free(struct cli *cli);

/* COMMAND_COUNT when there is no such command. */
enum command parse_command(const char *name);

#endif
