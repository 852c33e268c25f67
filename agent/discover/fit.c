/* SPDX-License-Identifier: MIT */
/* Whether the volumes of a Windows guest that does not run may be changed. A hibernated
 * system, as Fast Startup leaves one at every shutdown, goes on with what it had in memory
 * of its file systems: who has written to them meanwhile has destroyed them. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "discover/inside.h"

/* The first bytes of hiberfil.sys while there is a system to go on with ("HORM": one that
 * always starts so; "RSTR": a start that did not come to its end). "WAKE" and zeros stand
 * there when it has gone on. */
static bool is_hibernated(const struct guest *guest)
{
	static const char *const marks[] = {"hibr", "HIBR", "HORM", "RSTR", "rstr"};
	struct plat_file *file;
	char head[4];
	if (guest_file(guest, "/hiberfil.sys", &file) < 0)
		return false;
	int64_t n = plat_file_read(file, head, sizeof head, 0);
	plat_file_close(file);
	for (size_t i = 0; n == sizeof head && i < sizeof marks / sizeof *marks; i++)
		if (memcmp(head, marks[i], sizeof head) == 0)
			return true;
	return false;
}

static void say(struct guest *guest, const char *volume, const char *what)
{
	if (!guest->unfit)
		guest->unfit = mem_printf("the volume %s %s", volume, what);
}

static void check(struct guest *guest, const struct volume *volume)
{
	unsigned state = 0;
	const char *path = volume->path;
	_cleanup_free_ char *host = guest_volume_host(guest, volume);
	int r = plat_volume_state(host, &state);
	if (r < 0 && r != -ENOSYS)
		inside_miss(guest, path, "whether the volume is dirty could not be read", r);
	if (state & PLAT_VOLUME_DIRTY)
		say(guest, path,
		    "is marked dirty: start Windows, run chkdsk /f there and shut it "
		    "down (shutdown /s /t 0)");
	if (state & PLAT_VOLUME_READ_ONLY)
		say(guest, path,
		    "is mounted read-only: mount it writable (ntfs-3g says why it "
		    "does not)");
}

void inside_fit(struct guest *guest)
{
	if (is_hibernated(guest))
		say(guest, "/",
		    "holds a hibernated system (or Fast Startup is on): start Windows "
		    "and shut it down with shutdown /s /t 0 after powercfg /h off");
	vec_each(&guest->volumes, volume)
		check(guest, volume);
}
