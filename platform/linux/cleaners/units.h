/* SPDX-License-Identifier: MIT */
/* Which systemd units a boot of the guest starts, as far as its files tell. */
#ifndef CLEANERS_UNITS_H
#define CLEANERS_UNITS_H

#include "peek.h"

/* Adds the names of all units that a boot to multi-user.target pulls in. */
void units_started(const struct guest *guest, peek_list *ret);

/* Appends a unit's file and its drop-ins; false when there is none or it is
 * masked. */
bool units_text(const struct guest *guest, const char *name, struct buf *ret);

/* A unit of that name leads nowhere: a link to /dev/null in /etc. */
bool units_masked(const struct guest *guest, const char *name);

/* The name of the unit itself where a name is an alias, which a link makes;
 * allocated, or NULL: there is no such unit. */
char *units_own_name(const struct guest *guest, const char *name);

#endif
