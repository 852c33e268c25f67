/* SPDX-License-Identifier: MIT */
/* What sshd_config and the files that it includes say for everybody. */
#ifndef CLEANERS_SSHD_CONFIG_H
#define CLEANERS_SSHD_CONFIG_H

#include "peek.h"

struct sshd_setting {
	char *key, *value;
};

typedef VEC(struct sshd_setting) sshd_config;

/* In the order of reading; what stands in a Match block is left out. */
void sshd_config_read(const struct guest *guest, sshd_config *ret);
void sshd_config_free(sshd_config *config);

/* The first one counts, as for sshd; NULL when it is not set. */
const char *sshd_config_value(const sshd_config *config, const char *key);
bool sshd_config_is(const sshd_config *config, const char *key, const char *value,
		    bool otherwise);

#endif
