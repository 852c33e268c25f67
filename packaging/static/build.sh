#!/bin/bash
# SPDX-License-Identifier: MIT
# build.sh x86_64-linux-musl|aarch64-linux-musl|x86_64-w64-mingw32: the libraries of the
# static program, from Debian's source packages. Prints the folder they lie in: bin/ (the
# compiler), lib/, include/, share/magic.mgc and `sources`, the list of versions used.
#
# The folder is named after all that decides its content: the versions of the sources,
# the compiler and these scripts. It is built once.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/sources.sh"
. "$here/recipes.sh"

LIBRARIES=(zlib bzip2 xz-utils libzstd lz4 pcre2 jansson libyaml expat file openssl libarchive)
export SOURCE_DATE_EPOCH=1 LC_ALL=C TZ=UTC
unset CFLAGS CPPFLAGS LDFLAGS CC AR RANLIB MAKEFLAGS

TARGET=${1:?which target}
case $TARGET in
x86_64-linux-musl)
	GCC=x86_64-linux-gnu-gcc KERNEL_HEADERS=/usr/include
	KERNEL_HEADERS_ASM=/usr/include/x86_64-linux-gnu/asm
	;;
aarch64-linux-musl)
	GCC=aarch64-linux-gnu-gcc KERNEL_HEADERS=/usr/aarch64-linux-gnu/include
	KERNEL_HEADERS_ASM=$KERNEL_HEADERS/asm
	;;
x86_64-w64-mingw32)
	# Debian has two of them; which one the short name is, is each machine's choice.
	GCC=x86_64-w64-mingw32-gcc-win32 SYSTEM_NAME=Windows_NT
	;;
*)
	echo "static: no such target: $TARGET" >&2
	exit 2
	;;
esac
case $TARGET in
*-linux-musl)
	PLATFORM=linux FOLDER=${TARGET%%-*} BINUTILS=${GCC%gcc}
	PACKAGES=(musl "${LIBRARIES[@]}") TEST_PACKAGES=()
	;;
*-mingw32)
	PLATFORM=windows FOLDER=windows-${TARGET%%-*} BINUTILS=$TARGET-
	PACKAGES=("${LIBRARIES[@]}") TEST_PACKAGES=(cmocka)
	;;
esac
TOOLCHAIN=$here/../../platform/$PLATFORM/${TARGET%%-*}.cmake
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/imgsan/static

key() {
	{
		sources_chosen "$CACHE" "${PACKAGES[@]}" "${TEST_PACKAGES[@]}"
		cat "$here"/* "${TOOLCHAIN%/*}"/*.cmake
		"$GCC" -v 2>&1
		"${BINUTILS}ld" --version
	} | sha256sum | cut -c1-16
}

# What every library and the program itself is compiled with. A wrapper, called by its
# name alone: OpenSSL writes its command line, and with it our paths, into its output.
#   - position independent and static, whatever is linked: see the specs
#   - outline atomics ask glibc which processor this is
#   - for Windows each header has to be told that its library is no DLL
compiler_write() {
	local flags=("-ffile-prefix-map=$PREFIX=." "-ffile-prefix-map=$WORK=." -fstack-protector-strong)
	case $TARGET in
	*-linux-musl)
		sed "s|@PREFIX@|$PREFIX|g" "$here/musl.specs" >"$PREFIX/lib/musl.specs"
		flags=("-specs=$PREFIX/lib/musl.specs" -fPIC "${flags[@]}")
		;;
	*-mingw32)
		flags+=(-isystem "$PREFIX/include" "-L$PREFIX/lib" -DPCRE2_STATIC -DLIBARCHIVE_STATIC
			-DYAML_DECLARE_STATIC -DLZMA_API_STATIC -DBZ_EXPORT)
		;;
	esac
	[[ $TARGET == aarch64-* ]] && flags+=(-mno-outline-atomics)
	cat >"$PREFIX/bin/$CC" <<-END
		#!/bin/sh
		exec $GCC ${flags[*]} "\$@"
	END
	chmod +x "$PREFIX/bin/$CC"
}

build_all() {
	local package
	trap 'tail -n 30 "$LOG" >&2; echo "static: $package does not build; see $LOG" >&2' ERR
	rm -rf "$PREFIX" "$WORK"
	mkdir -p "$PREFIX"/{bin,include,lib/pkgconfig,share} "$WORK"
	compiler_write
	for package in "${PACKAGES[@]}" "${TEST_PACKAGES[@]}"; do
		echo "static: building $package for $TARGET" >&2
		sources_unpack "$CACHE" "$package" "$WORK/$package"
		LOG=$PREFIX/$package.log
		(cd "$WORK/$package" && "build_${package//-/_}") >"$LOG" 2>&1
	done
	rm -rf "$WORK"
	sources_chosen "$CACHE" "${PACKAGES[@]}" | cut -d' ' -f1-3 >"$PREFIX/sources"
}

mkdir -p "$CACHE/$FOLDER"
exec 8>"$CACHE/lock" 9>"$CACHE/$FOLDER/lock"
flock 9
flock 8
sources_choose "$CACHE" musl "${LIBRARIES[@]}" cmocka
flock -u 8
PREFIX=$CACHE/$FOLDER/$(key)
WORK=$PREFIX.work
PATH=$PREFIX/bin:$PATH
CC=$TARGET-gcc AR=${BINUTILS}ar RANLIB=${BINUTILS}ranlib
# Written last: what a killed run left is built again.
[[ -e $PREFIX/sources ]] || build_all
echo "$PREFIX"
