#!/bin/bash
# SPDX-License-Identifier: MIT
# bench.sh PROGRAM [ROOT]: scan of a stock root against a search for a few words by
# ripgrep (at most 1.5 times as long), against reading all files with cat, and against
# other scanners, one run of each, where they are on PATH; the memory of a scan (at
# most 150 MB). Then clean of FILES=1000000 temporary files (0: not) against rm -rf of
# as many (at most 1.3 times). All in turn, in ROUNDS=5 (3 of clean). The median ratio
# of wall time is what counts; that of processor time is steadier on a busy machine.
# WORK is the directory for the trees.
set -euo pipefail
program=$1
root=${2:-}
files=${FILES:-1000000}
rounds=${ROUNDS:-5}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${WORK:-/var/tmp}/imgsan-bench-XXXXXX")
trap 'rm -rf "$work"' EXIT
TIMEFORMAT="%R %U %S"

timed() { # command...: "wall cpu" of a run that may end with any code below 6
	local code=0 times
	times=$({ time "$@" >/dev/null 2>"$work/errors"; } 2>&1) || code=$?
	[[ $code -lt 6 ]] || { echo "$1 ended with $code" >&2; exit 1; }
	awk '{ printf "%.3f %.3f", $1, $2 + $3 }' <<<"$times"
}

# Lines "round name wall cpu" as a table: medians, and those of the ratios of the first
# name to each, round by round.
compare() { # name=most...: the ratios that are wanted
	awk -v wanted="$*" '
		function median(values, v, n, i, j, x) {
			n = split(values, v)
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) { x = v[j]; v[j] = v[j - 1]; v[j - 1] = x }
			return v[int((n + 1) / 2)]
		}
		function ratio(a, b) { return a / (b > 0 ? b : 0.01) }
		BEGIN { for (i = split(wanted, w); i; i--) { split(w[i], pair, "="); most[pair[1]] = pair[2] } }
		!first { first = $2 }
		!($2 in wall) { names[++count] = $2 }
		$2 == first { mine = $3; used = $4 }
		{ wall[$2] = wall[$2] " " $3; cpu[$2] = cpu[$2] " " $4
		  by_wall[$2] = by_wall[$2] " " ratio(mine, $3); by_cpu[$2] = by_cpu[$2] " " ratio(used, $4) }
		END {
			printf "%-12s %10s %10s   %s to it: wall, cpu\n", "", "wall s", "cpu s", first
			for (i = 1; i <= count; i++) {
				n = names[i]
				printf "%-12s %10.3f %10.3f", n, median(wall[n]), median(cpu[n])
				if (n != first)
					printf "   %.2f %.2f", median(by_wall[n]), median(by_cpu[n])
				if (n in most)
					printf ", wanted at most %s", most[n]
				print ""
			}
		}'
}

read_all() {
	find "$root" -xdev -type f -exec cat {} +
}

search_words() {
	rg --no-config -uuu -a -c -i 'password|secret|token|apikey|api_key|private key' "$root"
}

scan_peers() { # the minutes that these take are not spent more than once
	local name
	local -A line=(
		[gitleaks]="gitleaks dir --no-banner --exit-code 0"
		[betterleaks]="betterleaks dir --no-banner --exit-code 0"
		[trufflehog]="trufflehog filesystem --no-verification --no-update"
	)
	for name in "${!line[@]}"; do
		if command -v "$name" >/dev/null; then
			echo "0 $name $(timed ${line[$name]} "$root")"
		else
			echo "$name is not on PATH" >&2
		fi
	done
}

scan_rounds() {
	local i
	for ((i = 0; i < rounds; i++)); do
		echo "$i scan $(timed "$program" scan --root "$root")"
		command -v rg >/dev/null && echo "$i rg $(timed search_words)"
		echo "$i cat $(timed read_all)"
	done
	scan_peers
}

clean_rounds() { # both work on the same tree, made anew
	local i
	for ((i = 0; i < 3; i++)); do
		python3 "$here/trees.py" "$work/tree" "$files"
		echo "$i clean $(timed "$program" clean --root "$work/tree" --yes)"
		[[ -z $(find "$work/tree/tmp" -type f -print -quit) ]] || { echo "clean left files" >&2; exit 1; }
		rm -rf "$work/tree"
		python3 "$here/trees.py" "$work/tree" "$files"
		echo "$i rm $(timed rm -rf "$work/tree/tmp")"
		rm -rf "$work/tree"
	done
}

if [[ -z $root ]]; then
	root=$work/root
	mkdir "$root"
	tar -C "$root" --exclude='./dev/*' -xpf "$(python3 "$here/../lib/rootfs.py")"
fi
sync # a tree just written is not read as fast
read_all >/dev/null # all find the same warm cache
uptime
scan_rounds | compare rg=1.5
echo "memory of a scan: $(($(python3 "$here/../lib/pss.py" "$program" scan --root "$root") / 1024)) MB, wanted at most 150"
[[ $files -eq 0 ]] || clean_rounds | compare rm=1.3
