#!/bin/bash
# SPDX-License-Identifier: MIT
# bench.sh PROGRAM [ROOT]: scan against reading all files with cat, and clean of
# 100,000 files in /tmp against rm -rf, in one run. The ratios are what counts.
set -euo pipefail
program=$1
root=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d /var/tmp/imgsan-bench-XXXXXX)
trap 'rm -rf "$work"' EXIT

seconds() { # command...: wall time of a run that may end with any code below 6
	local start=$EPOCHREALTIME code=0
	"$@" >/dev/null 2>&1 || code=$?
	[[ $code -lt 6 ]] || { echo "$1 ended with $code" >&2; exit 1; }
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }'
}

compare() { # title seconds baseline seconds
	awk -v t="$1" -v a="$2" -v n="$3" -v b="$4" \
		'BEGIN { printf "%s: %.2f s, %s: %.2f s, ratio %.2f\n", t, a, n, b, a / (b > 0 ? b : 0.01) }'
}

read_all() {
	find "$root" -xdev -type f -exec cat {} +
}

temp_files() { # where
	mkdir -p "$1/etc" "$1/tmp"
	echo ID=debian >"$1/etc/os-release"
	local folder
	for folder in {1..100}; do
		mkdir "$1/tmp/$folder"
		(cd "$1/tmp/$folder" && seq 1000 | split -l 1 -a 3 -)
	done
}

if [[ -z $root ]]; then
	root=$work/root
	mkdir "$root"
	tar -C "$root" --exclude='./dev/*' -xpf "$(python3 "$here/../lib/rootfs.py")"
fi
read_all >/dev/null # both find the same warm cache
compare "scan" "$(seconds "$program" scan --root "$root")" "cat" "$(seconds read_all)"

temp_files "$work/a"
temp_files "$work/b"
compare "clean of 100,000 files" "$(seconds "$program" clean --root "$work/a" --yes)" \
	"rm -rf" "$(seconds rm -rf "$work/b/tmp")"
[[ -z $(find "$work/a/tmp" -type f -print -quit) ]] || { echo "clean left files" >&2; exit 1; }
