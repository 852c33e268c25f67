/* SPDX-License-Identifier: MIT */
#include "classify/databases.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

/* In the folder the file `name` and, if it is there, its log; "*.x" is every file
 * that ends so, "*" with a slash the file of that name in every folder. */
static const struct database {
	const char *folder, *name, *log;
	enum packages_kind kind;
} databases[] = {
	{"/var/lib/dpkg", "status", NULL, PACKAGES_DPKG_STATUS},
	{"/var/lib/dpkg/info", "*.md5sums", NULL, PACKAGES_DPKG_SUMS},
	{"/var/lib/rpm", "rpmdb.sqlite", "rpmdb.sqlite-wal", PACKAGES_RPM_SQLITE},
	{"/usr/lib/sysimage/rpm", "rpmdb.sqlite", "rpmdb.sqlite-wal", PACKAGES_RPM_SQLITE},
	{"/var/lib/rpm", "Packages.db", NULL, PACKAGES_RPM_NDB},
	{"/usr/lib/sysimage/rpm", "Packages.db", NULL, PACKAGES_RPM_NDB},
	{"/var/lib/rpm", "Packages", NULL, PACKAGES_RPM_BDB},
	{"/usr/lib/sysimage/rpm", "Packages", NULL, PACKAGES_RPM_BDB},
	{"/lib/apk/db", "installed", NULL, PACKAGES_APK},
	{"/usr/lib/apk/db", "installed", NULL, PACKAGES_APK},
	{"/var/lib/pacman/local", "*/mtree", NULL, PACKAGES_PACMAN},
};

enum { DATABASES = sizeof databases / sizeof *databases };

struct asking {
	const struct packages_reader *reader;
	packages_sink *sink;
	void *context;
	const struct database *database;
	struct packages_file files[PLAT_FILES_MAX];
	size_t count;
};

static int flush(struct asking *asking)
{
	int r = !asking->count ? 0
			       : asking->reader->read(asking->database->kind, asking->files,
						      asking->count, asking->sink,
						      asking->context, asking->reader->context);
	while (asking->count)
		plat_file_close(asking->files[--asking->count].file);
	return r;
}

static int add(struct asking *asking, struct plat_dir *dir, const char *name)
{
	struct packages_file *file = &asking->files[asking->count];
	struct plat_info info;
	int r = plat_file_open_at(dir, name, &file->file);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = plat_file_info(file->file, &info);
	if (r < 0) {
		plat_file_close(file->file);
		return r;
	}
	file->size = info.size;
	file->written = (uint32_t)(info.mtime / 1000000000);
	return ++asking->count == PLAT_FILES_MAX ? flush(asking) : 0;
}

static int add_inner(struct asking *asking, struct plat_dir *dir, const char *name)
{
	struct plat_dir *inner;
	int r = plat_dir_open_at(dir, name, &inner);
	if (r < 0) /* ALPM_DB_VERSION stands beside the packages */
		return r == -ENOTDIR || r == -ENOENT ? 0 : r;
	r = add(asking, inner, str_leaf(asking->database->name));
	plat_dir_close(inner);
	return r;
}

static int add_many(struct asking *asking, struct plat_dir *dir)
{
	const char *wanted = asking->database->name, *name;
	enum plat_kind kind;
	int result = 0, r;
	while ((r = plat_dir_next(dir, &name, &kind)) > 0) {
		int one = wanted[1] == '/'	       ? add_inner(asking, dir, name)
			  : str_ends(name, wanted + 1) ? add(asking, dir, name)
						       : 0;
		if (!result)
			result = one;
		if (one == -ETIMEDOUT || one == -EINTR)
			return one; /* the next one would only take as long */
	}
	return result ? result : r;
}

static int ask(struct asking *asking, struct plat_dir *dir)
{
	const struct database *database = asking->database;
	int r = database->name[0] == '*' ? add_many(asking, dir)
					 : add(asking, dir, database->name);
	if (!r && asking->count && database->log)
		r = add(asking, dir, database->log);
	int last = flush(asking);
	return r ? r : last;
}

static bool is_new(struct plat_dir *dir, const struct database *database,
		   struct plat_id seen[DATABASES])
{
	size_t at = (size_t)(database - databases);
	struct plat_info info = {0};
	plat_dir_info(dir, &info);
	seen[at] = info.id;
	for (size_t i = 0; i < at; i++)
		if (databases[i].kind == database->kind && plat_same(seen[i], info.id))
			return false;
	return true;
}

static void tell(const struct database *database, int error, owned_unread *unread,
		 void *context)
{
	bool many = database->name[0] == '*';
	_cleanup_free_ char *path = mem_printf("%s%s%s", database->folder, many ? "" : "/",
					       many ? "" : database->name);
	unread(path, error, context);
}

void databases_read(const struct guest *guest, const struct packages_reader *reader,
		    packages_sink *sink, void *sink_context, owned_unread *unread,
		    void *context)
{
	struct plat_id seen[DATABASES] = {0};
	if (guest->os != GUEST_LINUX) /* what looks like one there is somebody's copy */
		return;
	for (size_t i = 0; i < DATABASES; i++) {
		struct asking asking = {reader, sink, sink_context, &databases[i], {{0}}, 0};
		struct plat_dir *dir;
		int r = guest_dir(guest, databases[i].folder, &dir, NULL);
		if (r == -ENOENT || r == -ENOTDIR)
			continue;
		if (!r) {
			if (is_new(dir, &databases[i], seen))
				r = ask(&asking, dir);
			plat_dir_close(dir);
		}
		if (r == -EINTR) /* the run has to stop and says so as a whole */
			return;
		if (r < 0)
			tell(&databases[i], r, unread, context);
	}
}
