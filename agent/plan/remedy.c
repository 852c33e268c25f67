/* SPDX-License-Identifier: MIT */
#include "plan/remedy.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/redaction.h"

/* "base64@12": what is encoded in a text as a whole, as a key store is. */
static bool is_encoded_whole(const char *member)
{
	enum coding coding;
	const char *at = member ? strchr(member, '@') : NULL;
	_cleanup_free_ char *name = mem_strndup(str_or(member, ""),
						at ? (size_t)(at - member) : 0);
	return at && at[1 + strspn(at + 1, "0123456789")] == 0 && coding_parse(name, &coding);
}

const char *remedy_for(const struct finding *finding)
{
	if (finding->seen & SEEN_HISTORY)
		return "in git history: rewrite it (git filter-repo), expire reflogs, or clone anew";
	if (finding->seen & SEEN_DATABASE)
		return "in a database: delete it there and VACUUM, because deleted rows stay "
		       "in free pages";
	if (is_encoded_whole(finding->member))
		return "encoded in the text: take the encoded lines out by hand";
	if (finding->seen & SEEN_IN_CONTAINER)
		return "inside an archive: remove or rebuild the archive";
	if (!redaction_knows(finding->codings))
		return "encoded in a way that is not changed in place: remove it by hand";
	if (finding->seen & SEEN_BINARY)
		return "not a text file: remove the file or the secret by its program";
	return NULL;
}
