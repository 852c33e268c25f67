/* SPDX-License-Identifier: MIT */
/* What cloud-init will do on the clone, as far as the guest's files tell. */
#ifndef CLEANERS_CLOUDINIT_H
#define CLEANERS_CLOUDINIT_H

#include "model/guest.h"

/* Installed, and nothing switches it off. */
bool cloudinit_runs(const struct guest *guest);

/* The types of missing host keys (keygen.h) that its ssh module will make. */
unsigned cloudinit_host_key_types(const struct guest *guest);

/* It runs, may find user data, and will put keys or passwords in place. */
bool cloudinit_sets_logins(const struct guest *guest);

/* It runs and will write the network settings of a new instance. */
bool cloudinit_writes_network(const struct guest *guest);

#endif
