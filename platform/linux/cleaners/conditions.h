/* SPDX-License-Identifier: MIT */
/* Whether a unit's Condition and Assert lines will hold when a clone boots. */
#ifndef CLEANERS_CONDITIONS_H
#define CLEANERS_CONDITIONS_H

#include "model/guest.h"

/* The text of a unit with its drop-ins. What can not be known from the disk is taken
 * as not being so, and the ssh host keys as gone. */
bool conditions_hold(const struct guest *guest, const char *text);

#endif
