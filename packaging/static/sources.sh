# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Debian source packages by an apt of our own: its lists, cache and sources lie in
# our cache, the sources are the machine's own as deb-src, and apt checks signatures
# as always. Nothing of the machine's apt changes, no hook of it runs.
#
#     sources_choose CACHE PACKAGE...    -> CACHE/sources/chosen, once a day
#     sources_chosen CACHE PACKAGE...    their lines of it: name, version, digest, .dsc
#     sources_unpack CACHE PACKAGE DIR

# The Debian parts of the machine's sources, without what is no part of its release.
sources_lines() {
	local codename
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	apt-get indextargets --format '$(ORIGIN) deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Identifier: Packages' | sed -n 's/^Debian //p' |
		grep -E " $codename(-security|-updates)? " | sort -u
}

sources_apt() { # CACHE LIST COMMAND...
	local apt=$1/apt list=$2
	shift 2
	local program=apt-get
	[[ $1 == showsrc ]] && program=apt-cache
	"$program" -q -c "$apt/apt.conf" -o Dir::Etc::SourceList="$apt/$list" "$@"
}

sources_prepare() { # CACHE
	local apt=$1/apt
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$1/sources"
	sources_lines >"$apt/all.list"
	grep -v -e '-security ' "$apt/all.list" >"$apt/plain.list" || true
	[[ -s $apt/all.list ]] || { echo "static: this machine has no Debian sources" >&2; return 1; }
	# APT::Update and DPkg hold the machine's hooks. Root's cache is closed to
	# apt's own user, so that the download can not be its.
	cat >"$apt/apt.conf" <<-END
		#clear APT::Update;
		#clear DPkg;
		Dir::Etc::SourceParts "-";
		Dir::State "$apt";
		Dir::State::Lists "$apt/lists";
		Dir::Cache "$apt/cache";
		APT::Sandbox::User "$(id -un)";
	END
	sources_apt "$1" all.list update
}

# The pool of the security archive does not always have the sources that its index
# lists; the release's own pool may have the same version, or there is an older one.
sources_fetch() { # CACHE PACKAGE: prints its line of "chosen"
	local version list newest='' dsc
	for version in $(sources_apt "$1" all.list showsrc --only-source "$2" |
		sed -n 's/^Version: //p' | sort -rVu); do
		newest=${newest:-$version}
		dsc=$2_${version#*:}.dsc
		for list in all.list plain.list; do
			(cd "$1/sources" && sources_apt "$1" "$list" source --download-only --only-source \
				"$2=$version" >>"$1/sources/log" 2>&1) || continue
			[[ $version == "$newest" ]] ||
				echo "static: the source of $2 $newest can not be had; taking $version" >&2
			echo "$2 $version $(cd "$1/sources" && sha256sum "$dsc")"
			return
		done
	done
	echo "static: no source of $2; see $1/sources/log" >&2
	return 1
}

sources_choose() { # CACHE PACKAGE...
	local cache=$1 package chosen=$1/sources/chosen
	shift
	[[ -n $(find "$chosen" -mtime -1 2>/dev/null) ]] && sources_chosen "$cache" "$@" >/dev/null && return
	if ! sources_prepare "$cache" >&2; then
		sources_chosen "$cache" "$@" >/dev/null || return 1
		echo "static: no news of the sources; taking those of the last time" >&2
		return 0
	fi
	: >"$cache/sources/log"
	for package; do
		sources_fetch "$cache" "$package" || return 1
	done >"$chosen.new"
	mv "$chosen.new" "$chosen"
}

sources_chosen() { # CACHE PACKAGE...; fails if one is not there
	local chosen=$1/sources/chosen package
	shift
	for package; do
		grep "^$package " "$chosen" || return 1
	done
}

sources_unpack() { # CACHE PACKAGE DIR
	local dsc
	dsc=$(awk -v name="$2" '$1 == name { print $4 }' "$1/sources/chosen")
	dpkg-source --no-check -x "$1/sources/$dsc" "$3" >/dev/null
}
