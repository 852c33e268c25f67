/* SPDX-License-Identifier: MIT */
/* JSON Web Tokens (RFC 7519): HEADER.CLAIMS.SIGNATURE, each in base64url. */
#ifndef DETECT_JWT_H
#define DETECT_JWT_H

#include "detect/judge.h"

/* The header can be read as one. */
bool jwt_is(struct span token);

/* One that no service issues: a header alone, the claims of a tutorial or a test. */
bool jwt_is_example(struct span token);

#endif
