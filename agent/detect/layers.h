/* SPDX-License-Identifier: MIT */
/* A stream and what is encoded in it: a decoded run is a stream again, or a
 * container, and so on until the path of codings is full. */
#ifndef DETECT_LAYERS_H
#define DETECT_LAYERS_H

#include "detect/examine.h"

/* Tells what is found in a stream that is no container. `depth`: of containers. */
void layers_scan(struct examiner *examiner, struct source *source, const char *member,
		 const uint8_t *enabled, unsigned depth);
void layers_clear(struct examiner *examiner);

#endif
