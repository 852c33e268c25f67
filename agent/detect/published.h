/* SPDX-License-Identifier: MIT */
/* Keys that everybody has: those that test suites and documentation ship. */
#ifndef DETECT_PUBLISHED_H
#define DETECT_PUBLISHED_H

#include "detect/judge.h"

/* `block`: what the base64 of a PEM block stands for. */
bool published_has(struct span block);

/* What a program has where nobody set another: Grafana's secret_key. */
bool published_default(struct span value);
/* A value that a standard or a manual shows. */
bool published_example(struct span value);

#endif
