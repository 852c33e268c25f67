#!/bin/bash
# SPDX-License-Identifier: MIT
# forbidden.sh SOURCE_TREE: nothing under agent/ calls the system or names it, and
# the half of the platform that looks (plat) does not change names or content.
# The libraries come from the GRAPH that tests/unit/layers writes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Whole names; 64-bit and checked variants (open64, __open_2) are meant as well.
files='open|openat|openat2|creat|fopen|freopen|fdopen|tmpfile|mkstemp|mkostemp|opendir|fdopendir|nftw|fts_open|glob'
changes='unlink|unlinkat|remove|rmdir|rename|renameat|renameat2|link|linkat|symlink|symlinkat|mkdir|mkdirat|mknod|mknodat|mkfifo'
changes+='|chmod|fchmod|fchmodat|chown|fchown|lchown|fchownat|truncate|ftruncate|utime|utimes|futimens|utimensat|write|pwrite|writev'
changes+='|setxattr|lsetxattr|fsetxattr|removexattr|fallocate|copy_file_range|sendfile|ioctl|mount|umount|umount2|chroot|chdir|fchdir'
starts='fork|vfork|clone|clone3|execl|execle|execlp|execv|execve|execvp|execvpe|fexecve|system|popen|posix_spawn|posix_spawnp|dlopen|syscall|kill'
talks='socket|socketpair|connect|bind|getaddrinfo|gethostbyname|getpwnam|getpwuid|getspnam'
prints='stdout|printf|puts|putchar|vprintf'
# What plat may all the same: it opens, waits, and locks workers into an empty root.
looks='ioctl|mount|umount|umount2|chroot|chdir|fchdir|mkdtemp|rmdir|write|writev'

# LIBRARY ARCHIVE: undefined names that it may not have.
calls() {
	local names="$files|$changes|$starts|$talks" spared=-
	case $1 in
	cli) ;; # writes to the terminal
	plat) names=$changes spared=$looks ;;
	*) names+="|$prints" ;;
	esac
	"${NM:-nm}" -u "$2" | awk '{ print $NF }' |
		sed -E 's/^__(.*)_(2|chk)$/\1/; s/@.*//; s/64$//' |
		grep -xE "$names" | grep -vxE -e "$spared" | sort -u || true
}

# TREE: lines that name an operating system or its headers.
words() {
	grep -rnE '_WIN32|__MINGW|__linux__|_MSC_VER|<windows\.h>|<sys/|<linux/|<unistd\.h>|<fcntl\.h>|<dirent\.h>|<pwd\.h>' \
		--include='*.[ch]' "$1/agent" || true
}

# Both have to be able to see something.
printf 'int unlink(const char *);\nint wrong_(void);\nint wrong_(void)\n{\n\treturn unlink("");\n}\n' >"$work/wrong.c"
${CC:-cc} -c -o "$work/wrong.o" "$work/wrong.c"
[[ $(calls report "$work/wrong.o") == unlink ]] || { echo "a planted call was not seen"; exit 1; }
mkdir "$work/agent"
echo '#include <unistd.h>' >"$work/agent/wrong.c"
[[ -n $(words "$work") ]] || { echo "a planted header was not seen"; exit 1; }

failed=0 seen=0
while IFS='|' read -r library side archive _; do
	[[ $side == agent || $library == plat ]] || continue
	seen=$((seen + 1))
	[[ -e $archive ]] || { echo "$archive is not built"; exit 1; }
	for call in $(calls "$library" "$archive"); do
		echo "$library calls $call"
		failed=1
	done
done <"$GRAPH"
[[ $seen -gt 0 ]] || { echo "no libraries in $GRAPH"; exit 1; }
# TREE: who plans or looks on Windows calls nothing of the system that changes the machine.
acts() {
	grep -rn 'sys_act_' --include='*.[ch]' "$1/platform/windows/cleaners" "$1/platform/windows/look" || true
}
mkdir -p "$work/platform/windows/cleaners" "$work/platform/windows/look"
echo 'sys_act_wrong();' >"$work/platform/windows/cleaners/wrong.c"
[[ -n $(acts "$work") ]] || { echo "a planted sys_act_ was not seen"; exit 1; }
found=$(acts "$1")
[[ -z $found ]] || { echo "$found"; failed=1; }
found=$(words "$1")
[[ -z $found ]] || { echo "$found"; failed=1; }
exit "$failed"
