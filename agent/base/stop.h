/* SPDX-License-Identifier: MIT */
/* Whether the run has to end between two steps, and why. Every loop that may
 * last asks; whoever is told to stop finishes the step at hand and returns. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

enum stop_reason {
	STOP_NOT,
	STOP_SIGNAL,
	STOP_DEADLINE,
	STOP_PARENT_GONE,
};

/* Async-signal-safe; the first reason stays. */
void stop_request(enum stop_reason reason);

/* Called by stop_asked at most every 100 ms; may call stop_request. */
void stop_set_watch(void (*watch)(void));

enum stop_reason stop_asked(void);
const char *stop_text(enum stop_reason reason);

#endif
