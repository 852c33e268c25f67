#!/bin/bash
# SPDX-License-Identifier: MIT
# check.sh link LIBRARY         it links with what its NEEDS and EXTERNAL name
# check.sh wrong LIBRARY CALL   with a call of CALL added it does not
# check.sh hands                only act names plat_act
#
# GRAPH holds a line "name|side|archive|needs,...|external,..." for each library.
# Every library becomes a shared one without undefined names. What it may use is
# given as such too, so each offers only its own functions: a third-party library
# that one folder names does not silently become usable by all above it. plat_act is
# left out of what follows from NEEDS of NEEDS: only who names it has hands.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

field() { # LIBRARY NUMBER: commas become spaces
	awk -F'|' -v name="$1" -v field="$2" '$1 == name { print $field }' "$GRAPH" | tr , ' '
}

closure() { # LIBRARY: what it may use, itself not included
	local need
	for need in $(field "$1" 4); do
		echo "$need"
		closure "$need" | grep -vx plat_act || true
	done
}

build() { # LIBRARY [OBJECT]
	local library=$1 object=${2-} need allowed=()
	[[ -n $(field "$library" 3) ]] || { echo "no library $library in $GRAPH"; return 1; }
	for need in $(field "$library" 4); do
		[[ -e $work/lib$need.so ]] || build "$need" || return 1
	done
	for need in $(closure "$library" | sort -u); do
		allowed+=("$work/lib$need.so")
	done
	# shellcheck disable=SC2046,SC2086
	${CC:-cc} ${FLAGS-} -shared -fPIC -o "$work/lib$library.so" -Wl,-z,defs \
		-Wl,-rpath-link,"$work" ${object:+"$object"} \
		-Wl,--whole-archive "$(field "$library" 3)" -Wl,--no-whole-archive \
		"${allowed[@]}" $(field "$library" 5)
}

wrong() { # LIBRARY CALL
	build "$1" || { echo "$1 does not even link without the wrong call"; return 1; }
	printf 'void %s(void);\nvoid wrong_(void);\nvoid wrong_(void)\n{\n\t%s();\n}\n' \
		"$2" "$2" >"$work/wrong.c"
	${CC:-cc} -fPIC -c -o "$work/wrong.o" "$work/wrong.c"
	if build "$1" "$work/wrong.o" 2>"$work/said"; then
		echo "$1 may call $2"
		return 1
	fi
	grep -F "$2" "$work/said" || { cat "$work/said"; return 1; }
}

hands() {
	local named
	named=$(awk -F'|' '("," $4 ",") ~ /,plat_act,/ { print $1 }' "$GRAPH")
	[[ $named == act ]] || { echo "plat_act is named by: $named"; return 1; }
}

case $1 in
link) build "$2" ;;
wrong) wrong "$2" "$3" ;;
hands) hands ;;
*) exit 2 ;;
esac
