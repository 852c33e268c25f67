/* SPDX-License-Identifier: MIT */
/* Host keys go only with proof that the clone makes new ones: without any, sshd
 * does not start and nobody gets in. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "firstboot.h"
#include "keygen.h"
#include "list.h"

/* ssh_host_<algorithm>_key or the same with .pub, and nothing else. */
static bool is_host_key(const char *name)
{
	static const char front[] = "ssh_host_";
	if (!str_starts(name, front))
		return false;
	const char *at = name + sizeof front - 1, *algorithm = at;
	while (isalnum((unsigned char)*at))
		at++;
	return at > algorithm && (strcmp(at, "_key") == 0 || strcmp(at, "_key.pub") == 0);
}

static void refuse(struct plan *plan, const peek_list *keys, const char *no_unit)
{
	struct buf text = {0};
	buf_puts(&text, "every clone would share these ssh host keys, but nothing "
			"here would make new ones, so they stay:");
	vec_each(keys, key)
		buf_printf(&text, " %s", *key);
	if (no_unit)
		buf_printf(&text, ". --install-firstboot-unit does not help: %s", no_unit);
	else
		buf_puts(&text, ". Give --install-firstboot-unit, install cloud-init, or "
				"enable a unit that runs \"ssh-keygen -A\" before sshd");
	struct finding *finding = plan_add_finding(plan, FINDING_POSTURE, "ssh-host-keys",
						   "/etc/ssh");
	finding->class = CLASS_IDENTITY;
	finding->severity = SEVERITY_HIGH;
	finding->text = text.data;
}

/* A link is not followed: what it leads to may serve something else. */
static int key_plan(const struct guest *guest, struct plan *plan, const char *name,
		    const char *why)
{
	struct step *step;
	_cleanup_free_ char *path = mem_printf("/etc/ssh/%s", name);
	if (peek_is(guest, path, PLAT_FILE)) {
		int got = cleaner_step(guest, plan, STEP_REMOVE, path, why, &step);
		return got == -ENOENT ? 0 : got;
	}
	struct finding *finding = plan_add_finding(plan, FINDING_POSTURE, "ssh-host-keys",
						   path);
	finding->class = CLASS_IDENTITY;
	finding->severity = SEVERITY_HIGH;
	finding->text = mem_strdup("an ssh host key that is no plain file: look "
				   "where it lies and replace it by hand");
	return 0;
}

static int keys_plan(const struct cleaning *cleaning, struct plan *plan, const peek_list *keys)
{
	const struct guest *guest = cleaning->guest;
	const char *because = keygen_proof(guest), *no_unit = NULL;
	if (!because && cleaning->firstboot_unit) {
		no_unit = firstboot_plan(guest, plan);
		because = no_unit ? NULL : "the unit that is put in place makes new ones";
	}
	if (!because) {
		if (keys->n)
			refuse(plan, keys, no_unit);
		return 0;
	}
	int got = 0;
	_cleanup_free_ char *why = mem_printf("every clone would share this host key; %s",
					      because);
	for (size_t i = 0; i < keys->n && got == 0; i++)
		got = key_plan(guest, plan, keys->v[i], why);
	return got;
}

static int plan_host_keys(const struct cleaning *cleaning, struct plan *plan)
{
	peek_list names = {0}, keys = {0};
	int got = peek_names(cleaning->guest, "/etc/ssh", &names);
	vec_each(&names, name)
		if (is_host_key(*name))
			peek_list_add(&keys, *name);
	if (got == 0 && (keys.n || cleaning->firstboot_unit))
		got = keys_plan(cleaning, plan, &keys);
	peek_list_free(&names);
	peek_list_free(&keys);
	return got == -ENOENT ? 0 : got;
}

const struct cleaner ssh_host_keys_cleaner = {
	.name = "ssh-host-keys",
	.title = "SSH host keys",
	.why = "clones that share host keys can impersonate one another",
	.advice = "compare the fingerprints of the clone after its first boot",
	.class = CLASS_IDENTITY,
	.severity = SEVERITY_HIGH,
	.os = GUEST_LINUX,
	.plan = plan_host_keys,
};
