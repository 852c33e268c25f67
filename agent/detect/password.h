/* SPDX-License-Identifier: MIT */
/* The judge of values that people choose: nothing in their shape proves them, so
 * the words round them have to. */
#ifndef DETECT_PASSWORD_H
#define DETECT_PASSWORD_H

#include "detect/judge.h"

judge_function password_judge;

#endif
