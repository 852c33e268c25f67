/* SPDX-License-Identifier: MIT */
#include "firstboot.h"

#include <string.h>

#include "base/cleanup.h"
#include "keygen.h"

#define UNITS "/etc/systemd/system"
#define UNIT "imgsan-ssh-host-keys.service"

/* Not ordered before the sockets: those come before basic.target, which it waits
 * for itself. What a socket starts has the drop-in. Somebody who keeps only one type
 * of key gets no others, hence the condition. */
static const char unit_text[] = "[Unit]\n"
				"Description=Make ssh host keys where there are none (imgsan)\n"
				"ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key\n"
				"RequiresMountsFor=/etc/ssh\n"
				"Before=ssh.service sshd.service\n"
				"\n"
				"[Service]\n"
				"Type=oneshot\n"
				"RemainAfterExit=yes\n"
				"ExecStart=/usr/bin/ssh-keygen -A\n";

/* A file can not enable a unit, only a link can; a drop-in of what needs it does the
 * same. */
static const char dropin_text[] = "[Unit]\n"
				  "Wants=" UNIT "\n"
				  "After=" UNIT "\n";

static void create(const struct guest *guest, struct plan *plan, const char *path,
		   const char *text, const char *why)
{
	if (guest_has(guest, path))
		return;
	struct step *step = plan_add_step(plan, STEP_CREATE, path);
	step->why = mem_strdup(why);
	step->content = mem_strdup(text);
	step->content_len = strlen(text);
	step->mode = 0644;
	step->files = 1;
}

const char *firstboot_plan(const struct guest *guest, struct plan *plan)
{
	peek_list units = {0};
	if (!peek_is(guest, UNITS, PLAT_DIR))
		return "there is no systemd here that could start a unit";
	if (!guest_has(guest, "/usr/bin/ssh-keygen"))
		return "there is no /usr/bin/ssh-keygen";
	keygen_sshd_units(guest, &units);
	size_t found = units.n;
	if (found)
		create(guest, plan, UNITS "/" UNIT, unit_text,
		       "makes new ssh host keys at the first boot of a clone");
	vec_each(&units, unit) {
		_cleanup_free_ char *path = mem_printf(UNITS "/%s.d/imgsan-ssh-host-keys.conf",
						       *unit);
		create(guest, plan, path, dropin_text, "starts " UNIT " before the ssh server");
	}
	peek_list_free(&units);
	return found ? NULL : "no boot starts an ssh server here";
}
