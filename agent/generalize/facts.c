/* SPDX-License-Identifier: MIT */
#include "generalize/facts.h"

#include "base/error.h"

/* By enum plat_fact. "Sysprep (System Preparation) Overview" and the pages it leads to name
 * most of them; each row's remedy is a sentence for whoever has to do it. */
static const struct row {
	const char *name, *title, *remedy;
} rows[PLAT_FACT_COUNT] = {
	[PLAT_FACT_ELEVATION] = {"elevation", "this process is not elevated",
				 "Run it as an administrator, from an elevated prompt."},
	[PLAT_FACT_PROGRAM] = {"program", "Sysprep is not there",
			       "Repair the system's files (sfc /scannow)."},
	[PLAT_FACT_DOMAIN] =
		{"domain", "the machine belongs to a domain",
		 "Take it out of the domain (to a workgroup), restart, and try again; "
		 "clones join by themselves."},
	[PLAT_FACT_REBOOT] = {"pending-reboot", "something waits for a restart",
			      "Restart Windows until nothing waits any more, then try again."},
	[PLAT_FACT_PACKAGES] =
		{"app-packages",
		 "app packages are installed for a user and not provisioned for all",
		 "Remove them for all users (Remove-AppxPackage -AllUsers) or provision "
		 "them (Add-AppxProvisionedPackage)."},
	[PLAT_FACT_ENCRYPTION] = {"encryption", "BitLocker has encrypted the system volume",
				  "Decrypt it to the end (manage-bde -off) and try again."},
	[PLAT_FACT_REARM] =
		{"rearm", "no rearm of Windows is left",
		 "Begin with a newer image of Windows; slmgr /dlv shows the number."},
	[PLAT_FACT_STATE] =
		{"state",
		 "Windows is not in the state that setup leaves it in, or Sysprep was "
		 "interrupted",
		 "Let setup end. Where Sysprep was interrupted or has run already, begin "
		 "with the last good state of the machine."},
	[PLAT_FACT_RUNNING] = {"running", "Sysprep or setup is running",
			       "Wait until it has ended."},
	[PLAT_FACT_UPGRADE] = {"upgrade", "this Windows was upgraded from an older one",
			       "Begin with a clean installation, or with Windows 10, version "
			       "1607, or later, where this is no hindrance."},
	[PLAT_FACT_ROLES] =
		{"roles", "roles of this server do not survive Sysprep",
		 "Remove the roles, and install them on the clones (Sysprep Support for "
		 "Server Roles)."},
	[PLAT_FACT_SPACE] = {"disk-space", "there is too little room on the system volume",
			     "Make room: one gigabyte at least."},
};

static void on_fact(enum plat_fact fact, enum plat_fact_state state, const char *detail,
		    void *context)
{
	struct generalized *into = context;
	struct generalized_fact *row = &into->facts.v[fact];
	if (state > row->state) { /* what speaks against it outweighs */
		row->state = state;
		buf_cut(&row->detail, 0);
	}
	if (detail && state == row->state && state != PLAT_FACT_PASSES)
		buf_printf(&row->detail, "%s%s", row->detail.len ? "; " : "", detail);
}

static void begin(struct generalized *into)
{
	vec_each(&into->facts, old)
		buf_free(&old->detail);
	into->facts.n = 0;
	for (size_t i = 0; i < PLAT_FACT_COUNT; i++) {
		struct generalized_fact *fact = vec_add(&into->facts);
		fact->name = rows[i].name;
		fact->title = rows[i].title;
		fact->remedy = rows[i].remedy;
	}
}

const struct generalized_fact *facts_look_at(facts_source *source, struct generalized *into)
{
	begin(into);
	int r = source(on_fact, into);
	if (r < 0)
		on_fact(PLAT_FACT_STATE, PLAT_FACT_BLOCKS, error_text(r), into);
	vec_each(&into->facts, fact)
		if (fact->state == PLAT_FACT_BLOCKS)
			return fact;
	return NULL;
}

const struct generalized_fact *facts_look(struct generalized *into)
{
	return facts_look_at(plat_generalize_facts, into);
}
