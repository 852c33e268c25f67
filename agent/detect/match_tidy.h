/* SPDX-License-Identifier: MIT */
/* What was found in a stream, as it is told: by place, each once, and marked where
 * keys are all that there is. Asked while the last window is still in hand. */
#ifndef DETECT_MATCH_TIDY_H
#define DETECT_MATCH_TIDY_H

#include "detect/match.h"

void match_tidy(struct match *match);

#endif
