/* SPDX-License-Identifier: MIT */
/* The flags of a volume. */
#include <errno.h>

#include "../../platform/linux/look/handles.h"
#include "../../platform/linux/look/ntfs.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct bytes volume = {bytes, len};
	uint16_t flags;
	int r = ntfs_volume_flags(fuzz_file(0, volume)->fd, &flags);
	must(!r || r == -ENOSYS || r == -EBADMSG);
	return 0;
}
