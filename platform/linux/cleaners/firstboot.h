/* SPDX-License-Identifier: MIT */
/* A systemd unit that makes ssh host keys before sshd starts, when there is none. */
#ifndef CLEANERS_FIRSTBOOT_H
#define CLEANERS_FIRSTBOOT_H

#include "model/guest.h"
#include "model/plan.h"

/* Plans what is missing of it. NULL, or why it can not be put in place. */
const char *firstboot_plan(const struct guest *guest, struct plan *plan);

#endif
