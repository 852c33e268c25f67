/* SPDX-License-Identifier: MIT */
/* What the logs of Sysprep (setupact.log, setuperr.log) say of a run that failed. */
#ifndef GENERALIZE_LOG_H
#define GENERALIZE_LOG_H

#include "model/generalized.h"

#define LOG_LINES_MOST 6  /* that are quoted */
#define LOG_LINE_MOST 300 /* bytes of one */

/* Goes through a log (UTF-8, UTF-16 with its mark, or any 8-bit code page) from the byte
 * `from` <= len, or from the last line behind it that begins a run, adds the lines that tell an
 * error to `into->errors`, each once and without what may be a secret, and sets `cause`,
 * `meaning` and `remedy` where it is a known one. True: a line says that the run was given up.
 */
bool log_read(const void *bytes, size_t len, size_t from, struct generalized *into);

/* The line without values that may be secrets. */
void log_redact(const char *line, size_t len, struct buf *out);

/* The known cause that has this name: for what no log tells. */
void log_set_cause(const char *name, struct generalized *into);

#endif
