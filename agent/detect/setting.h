/* SPDX-License-Identifier: MIT */
/* The key that a value stands under, and the line that both stand on. */
#ifndef DETECT_SETTING_H
#define DETECT_SETTING_H

#include "detect/judge.h"

/* The key speaks about a secret: "password_file", "tokenType", "public_key_token". */
bool setting_is_about(const struct evidence *evidence);
/* REASON_BITs of what it says. */
uint64_t setting_key_reasons(const struct evidence *evidence);
/* Its name ends in "password" or the like, and = or : stands right behind. */
bool setting_ends_in_password(const struct evidence *evidence);
/* It says secret, password, token or a key of a service, and not that it is an id's. */
bool setting_is_of_secret(const struct evidence *evidence);
/* The value is the key once more, numbered perhaps: accessToken = "accessToken-1938". */
bool setting_repeats_key(const struct evidence *evidence);
/* The value stands right behind = or : and within no quotes of its line. */
bool setting_is_bare(const struct evidence *evidence);
bool setting_in_comment(const struct evidence *evidence);
/* A user's name or a host is set a few lines before or behind. */
bool setting_has_user(const struct evidence *evidence);

#endif
