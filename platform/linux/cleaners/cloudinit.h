/* SPDX-License-Identifier: MIT */
/* What cloud-init will do on the clone, as far as the guest's files tell. */
#ifndef CLEANERS_CLOUDINIT_H
#define CLEANERS_CLOUDINIT_H

#include "model/guest.h"

/* Installed, and nothing switches it off. */
bool cloudinit_runs(const struct guest *guest);

/* It runs, and its ssh module will make host keys that are missing. */
bool cloudinit_makes_host_keys(const struct guest *guest);

#endif
