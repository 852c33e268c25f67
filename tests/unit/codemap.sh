#!/bin/bash
# SPDX-License-Identifier: MIT
# codemap.sh SOURCE_TREE: the fenced block under "## Code map" in README.md and
# the tree tell the same. A line begins with a path (or several, "a, b"); lines
# that begin with a space go on with the text of the line before.
#   - every path named is there;
#   - every folder right below agent, platform, patterns and tests is named;
#   - where one folder inside another is named, its sisters are named as well.
set -euo pipefail

paths() { # README
	awk '/^#/ && !fence { map = ($0 == "## Code map") }
	     map && /^```/ { fence = !fence; next }
	     map && fence && /^[^ \t#]/ {
		for (i = 1; i <= NF; i++) {
			last = $i !~ /,$/
			sub(/,$/, "", $i); sub(/\/$/, "", $i)
			print $i
			if (last) break
		}
	     }' "$1" | sort -u
}

folders() { # FOLDER: those in it that hold something
	local each
	for each in "$1"/*/; do
		each=${each%/}
		[[ ${each##*/} == __pycache__ ]] && continue
		[[ -n $(find "$each" -type f -not -path '*/__pycache__/*' -print -quit 2>/dev/null) ]] &&
			echo "$each"
	done
	return 0
}

check() { # README, in the tree
	local named path folder fault=0
	named=$(paths "$1")
	[[ -n $named ]] || { echo "README.md has no code map"; return 1; }
	for path in $named; do
		[[ -e $path ]] || { echo "named, but not there: $path"; fault=1; }
	done
	# A dot: files right in the tree have no folder whose sisters count.
	for folder in agent platform patterns tests $(for path in $named; do
		[[ -d $path && $path == */* ]] && dirname "$path"
	done | sort -u); do
		for path in $(folders "$folder"); do
			grep -qxF "$path" <<<"$named" || { echo "there, but not named: $path"; fault=1; }
		done
	done
	return "$fault"
}

cd "$1"
check README.md

# It has to be able to fail: a map with a folder more, and one with one less.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed 's|^agent/base|agent/not-there|' README.md >"$work/README.md"
said=$(check "$work/README.md") && { echo "a wrong map was taken for right"; exit 1; }
for fault in 'not there: agent/not-there' 'not named: agent/base'; do
	grep -q "$fault" <<<"$said" || { echo "not seen in a wrong map: $fault"; exit 1; }
done
