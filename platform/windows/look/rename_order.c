/* SPDX-License-Identifier: MIT */
#include "rename_order.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "names.h"

enum { MOST_UNITS = 255 }; /* of one component, on every file system of Windows */

struct rename_order *rename_order_make(HANDLE folder, const char *to, ULONG flags)
{
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(to, &units);
	if (!wide || !units || units > MOST_UNITS || wcspbrk(wide, L"\\/:") ||
	    wcscmp(wide, L".") == 0 || wcscmp(wide, L"..") == 0)
		return NULL;
	struct rename_order *order = mem_alloc(sizeof *order + (units + 1) * sizeof *wide);
	order->flags = flags;
	order->folder = folder;
	order->bytes = (ULONG)(units * sizeof *wide);
	memcpy(order->name, wide, order->bytes);
	return order;
}

/* At least the size of the structure as its page has it, with a name of one unit. */
size_t rename_order_size(const struct rename_order *order)
{
	return offsetof(struct rename_order, name) + order->bytes + sizeof *order->name;
}
