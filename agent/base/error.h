/* SPDX-License-Identifier: MIT */
/* What an error of the contract means, in the same words on every system: some C libraries
 * know a part of the numbers that their own headers name, or have words of their own. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* `error`: a negative errno value, as functions give it. The text stays valid until the
 * next call. */
const char *error_text(int error);

#endif
