/* SPDX-License-Identifier: MIT */
/* certificate:STORE\THUMBPRINT of the machine; its private key goes with it. */
#include <errno.h>
#include <string.h>

#include <windows.h>

#include "../system/system.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "fault.h"
#include "objects.h"

int certificate_remove(const char *name, char **ret_why)
{
	size_t len = strcspn(name, "\\");
	_cleanup_free_ char *store = mem_strndup(name, len);
	if (!len || !name[len])
		return -EINVAL;
	fault_point("CertDelete");
	uint32_t error = sys_act_certificate_delete(store, name + len + 1);
	if (error == (uint32_t)CRYPT_E_NOT_FOUND || error == ERROR_FILE_NOT_FOUND)
		return -ENOENT;
	return object_result(error, "the certificate or its key could not be deleted", ret_why);
}
