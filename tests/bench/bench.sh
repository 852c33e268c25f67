#!/bin/bash
# SPDX-License-Identifier: MIT
# bench.sh PROGRAM [ROOT]: scan against reading all files with cat (at most 3 times
# as long), and clean of FILES=1000000 temporary files against rm -rf of as many (at
# most 1.3 times), one after the other in ROUNDS=3. The median ratio of wall time
# is what counts; that of processor time is steadier on a busy machine. WORK is the
# directory for the trees.
set -euo pipefail
program=$1
root=${2:-}
files=${FILES:-1000000}
rounds=${ROUNDS:-3}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${WORK:-/var/tmp}/imgsan-bench-XXXXXX")
trap 'rm -rf "$work"' EXIT
TIMEFORMAT="%R %U %S"

timed() { # command...: "wall cpu" of a run that may end with any code below 6
	local code=0 times
	times=$({ time "$@" >/dev/null 2>"$work/errors"; } 2>&1) || code=$?
	[[ $code -lt 6 ]] || { echo "$1 ended with $code" >&2; exit 1; }
	awk '{ printf "%.2f %.2f", $1, $2 + $3 }' <<<"$times"
}

compare() { # title other most: medians of lines "wall cpu wall cpu"
	awk -v t="$1" -v o="$2" -v most="$3" '
		function ratio(a, b) { return a / (b > 0 ? b : 0.01) }
		{ printf "  %s %.2f s (%.2f cpu), %s %.2f s (%.2f cpu)\n", t, $1, $2, o, $3, $4
		  wall[NR] = ratio($1, $3); cpu[NR] = ratio($2, $4) }
		function median(v, i, j, x) {
			for (i = 2; i <= NR; i++)
				for (j = i; j > 1 && v[j] < v[j - 1]; j--) { x = v[j]; v[j] = v[j - 1]; v[j - 1] = x }
			return v[int((NR + 1) / 2)]
		}
		END { printf "%s / %s: ratio %.2f (cpu %.2f), wanted at most %s\n",
		      t, o, median(wall), median(cpu), most }'
}

read_all() {
	find "$root" -xdev -type f -exec cat {} +
}

scan_rounds() {
	for ((i = 0; i < rounds; i++)); do
		echo "$(timed "$program" scan --root "$root") $(timed read_all)"
	done
}

clean_rounds() { # both work on the same tree, made anew
	local ours theirs
	for ((i = 0; i < rounds; i++)); do
		python3 "$here/trees.py" "$work/tree" "$files"
		ours=$(timed "$program" clean --root "$work/tree" --yes)
		[[ -z $(find "$work/tree/tmp" -type f -print -quit) ]] || { echo "clean left files" >&2; exit 1; }
		rm -rf "$work/tree"
		python3 "$here/trees.py" "$work/tree" "$files"
		theirs=$(timed rm -rf "$work/tree/tmp")
		rm -rf "$work/tree"
		echo "$ours $theirs"
	done
}

if [[ -z $root ]]; then
	root=$work/root
	mkdir "$root"
	tar -C "$root" --exclude='./dev/*' -xpf "$(python3 "$here/../lib/rootfs.py")"
fi
read_all >/dev/null # both find the same warm cache
uptime
scan_rounds | compare scan cat 3
clean_rounds | compare "clean of $files" "rm -rf" 1.3
