/* SPDX-License-Identifier: MIT */
#include "list.h"

const struct cleaner *const cleaners[] = {
	&borrowed_hives_cleaner,   &certificates_cleaner, &credentials_cleaner,
	&stored_passwords_cleaner, &winrm_cleaner,	  NULL,
};
