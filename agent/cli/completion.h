/* SPDX-License-Identifier: MIT */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "base/buf.h"

/* Completions for "bash", "zsh" or "fish"; -EINVAL for another shell. */
int completion_write(const char *shell, struct buf *out);

#endif
