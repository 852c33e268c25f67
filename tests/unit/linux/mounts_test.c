/* SPDX-License-Identifier: MIT */
/* Which mounts belong to the captured disk, by tables made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "linux/look/mounts.h"
#include "scratch.h"

/* 8:x is the system disk, 9:x another one, all else is none. */
static bool disk(unsigned major_number, unsigned minor_number, const char *source, char *out)
{
	(void)minor_number;
	if (strcmp(source, "/dev/sda2") == 0)
		major_number = 8;
	if (major_number == 8 || major_number == 9)
		strcpy(out, major_number == 8 ? "sda" : "sdb");
	return major_number == 8 || major_number == 9;
}

static const char *mounts_text(const char *table, const char *at, struct buf *out)
{
	static const char *const kinds[] = {"system", "disk", "network", "pseudo", "again"};
	struct plat_mount *mounts;
	size_t count;
	FILE *file = fmemopen((void *)(uintptr_t)table, strlen(table), "r");
	int r = mounts_read(file, at, disk, &mounts, &count);
	fclose(file);
	buf_cut(out, 0);
	if (r < 0)
		return "none";
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s=%s ", mounts[i].path, kinds[mounts[i].kind]);
	plat_mounts_free(mounts, count);
	return buf_text(out);
}

/* In a chroot the mount that the root lies on does not show. */
static void a_changed_root_is_a_plain_directory(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf out = {0};
	assert_string_equal(mounts_text("30 29 8:3 / /data rw - ext4 /dev/sda3 rw\n"
					"31 29 0:4 / /proc rw - proc proc rw\n",
					"/", &out),
			    "/data=disk /proc=pseudo ");
}

static void mounts_are_told_apart(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf out = {0};
	static const char plain[] =
		"22 29 0:20 / /sys rw shared:7 - sysfs sysfs rw\n"
		"29 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
		"nonsense\n"
		"30 29 8:3 / /home rw shared:1 master:2 - ext4 /dev/sda3 rw\n"
		"31 29 9:1 / /my\\040data rw - xfs /dev/sdb1 rw\n"
		"32 29 8:1 /srv/x /bind rw - ext4 /dev/sda1 rw\n"
		"33 29 0:50 / /net rw - nfs4 server:/x rw\n"
		"35 22 0:51 / /sys/fs/fuse/connections rw - fusectl fusectl rw\n"
		"34 30 8:3 /u /home/again rw - ext4 /dev/sda3 rw\n";
	assert_string_equal(mounts_text(plain, "/", &out),
			    "/sys=pseudo /home=system /my data=disk /bind=again /net=network "
			    "/sys/fs/fuse/connections=pseudo /home/again=again ");
	assert_string_equal(mounts_text(plain, "/home", &out), "/again=again ");
	assert_string_equal(mounts_text(plain, "/srv", &out), "");
	assert_string_equal(mounts_text("", "/", &out), "none");
}

static void covered_mounts_are_not_listed(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf out = {0};
	static const char table[] = "1 0 0:1 / / rw - rootfs rootfs rw\n"
				    "29 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
				    "30 29 8:3 / /mnt/a rw - ext4 /dev/sda3 rw\n"
				    "31 29 0:30 / /mnt rw - tmpfs tmpfs rw\n"
				    "32 29 8:4 / /opt rw - ext4 /dev/sda4 rw\n"
				    "33 32 8:5 / /opt/x rw - ext4 /dev/sda5 rw\n"
				    "34 32 0:31 / /opt rw - tmpfs tmpfs rw\n"
				    "35 34 8:6 / /opt/y rw - ext4 /dev/sda6 rw\n";
	assert_string_equal(mounts_text(table, "/", &out),
			    "/mnt=pseudo /opt=pseudo /opt/y=system ");
}

static void subvolumes_and_subtrees_belong(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf out = {0};
	static const char btrfs[] = "29 1 0:25 /@ / rw - btrfs /dev/sda2 rw\n"
				    "30 29 0:25 /@home /home rw - btrfs /dev/sda2 rw\n"
				    "31 29 0:25 /@/srv /bind rw - btrfs /dev/sda2 rw\n";
	assert_string_equal(mounts_text(btrfs, "/", &out), "/home=system /bind=again ");
	/* ostree: /var lies beside the root on the same file system. */
	static const char ostree[] = "29 1 8:1 /deploy/0 / rw - ext4 /dev/sda1 rw\n"
				     "30 29 8:1 /var /var rw - ext4 /dev/sda1 rw\n";
	assert_string_equal(mounts_text(ostree, "/", &out), "/var=system ");
	static const char overlay[] = "29 1 0:40 / / rw - overlay overlay rw,lowerdir=/x\n"
				      "30 29 8:1 /f /etc/hosts rw - ext4 /dev/sda1 rw\n"
				      "31 29 0:40 /a /b rw - overlay overlay rw\n";
	assert_string_equal(mounts_text(overlay, "/", &out), "/etc/hosts=disk /b=again ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, x)
		cmocka_unit_test(a_changed_root_is_a_plain_directory),
		cmocka_unit_test(mounts_are_told_apart),
		cmocka_unit_test(covered_mounts_are_not_listed),
		cmocka_unit_test(subvolumes_and_subtrees_belong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
