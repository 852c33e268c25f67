# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# How each library is built: in its unpacked source, for $TARGET, into $PREFIX, with
# $CC, $AR and $RANLIB. The order is that of PACKAGES in build.sh. SYSTEM_NAME is what
# makefiles call the system where it is not the one that builds.

JOBS=$(nproc)

cmake_library() { # CMAKE-TARGET -D...: configures, builds, leaves it in out/
	local library=$1
	shift
	cmake -S . -B out -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
		-DCMAKE_TOOLCHAIN_FILE="$TOOLCHAIN" -DIMGSAN_PREFIX="$PREFIX" \
		-DCMAKE_INSTALL_PREFIX="$PREFIX" -DCMAKE_INSTALL_LIBDIR=lib -Wno-dev "$@"
	cmake --build out --parallel "$JOBS" --target "$library"
}

keep() { # FILE...: archives, headers and .pc files go where they belong
	local file
	for file; do
		case $file in
		*.a) cp "$file" "$PREFIX/lib/" ;;
		*.pc) cp "$file" "$PREFIX/lib/pkgconfig/" ;;
		*) cp "$file" "$PREFIX/include/" ;;
		esac
	done
}

# The C library first; the compiler's own default is the machine's glibc.
build_musl() {
	./configure --target="${TARGET%%-*}" --prefix="$PREFIX" --disable-shared \
		--enable-wrapper=no CC="$GCC" CFLAGS="-ffile-prefix-map=$WORK=."
	make -j"$JOBS" AR="$AR" RANLIB="$RANLIB" install-headers install-libs
	local part
	for part in linux asm-generic; do
		ln -sfn "$KERNEL_HEADERS/$part" "$PREFIX/include/$part"
	done
	ln -sfn "$KERNEL_HEADERS_ASM" "$PREFIX/include/asm"
}

build_zlib() {
	"$CC" -O2 -DHAVE_UNISTD_H -c ./*.c
	"$AR" rcs libz.a ./*.o
	sed -e "s|@prefix@|$PREFIX|; s|@exec_prefix@|$PREFIX|; s|@libdir@|$PREFIX/lib|" \
		-e "s|@sharedlibdir@|$PREFIX/lib|; s|@includedir@|$PREFIX/include|; s|@VERSION@|0|" \
		zlib.pc.in >zlib.pc
	keep libz.a zlib.h zconf.h zlib.pc
}

build_bzip2() {
	make -j"$JOBS" CC="$CC" AR="$AR" RANLIB="$RANLIB" libbz2.a
	keep libbz2.a bzlib.h
}

build_xz_utils() {
	cmake_library liblzma -DENABLE_NLS=OFF
	keep out/liblzma.a src/liblzma/api/lzma.h
	cp -r src/liblzma/api/lzma "$PREFIX/include/"
}

build_libzstd() {
	make -j"$JOBS" -C lib CC="$CC" AR="$AR" RANLIB="$RANLIB" \
		${SYSTEM_NAME:+TARGET_SYSTEM=$SYSTEM_NAME} libzstd.a
	keep lib/libzstd.a lib/*.h
}

build_lz4() {
	make -j"$JOBS" -C lib CC="$CC" AR="$AR" RANLIB="$RANLIB" BUILD_SHARED=no \
		${SYSTEM_NAME:+TARGET_OS=$SYSTEM_NAME} liblz4.a
	keep lib/liblz4.a lib/*.h
}

build_pcre2() {
	cmake_library pcre2-8-static -DPCRE2_SUPPORT_JIT=ON -DPCRE2_BUILD_PCRE2GREP=OFF \
		-DPCRE2_BUILD_TESTS=OFF
	keep out/libpcre2-8.a out/pcre2.h out/libpcre2-8.pc
	[[ $TARGET != *-mingw32 ]] || pcre2_posix
}

# POSIX regular expressions, where the system has none.
pcre2_posix() {
	cmake --build out --parallel "$JOBS" --target pcre2-posix-static
	keep out/libpcre2-posix.a src/pcre2posix.h
}

build_jansson() {
	cmake_library jansson -DJANSSON_BUILD_DOCS=OFF -DJANSSON_EXAMPLES=OFF \
		-DJANSSON_WITHOUT_TESTS=ON
	keep out/lib/libjansson.a out/include/*.h out/jansson.pc
}

build_libyaml() {
	cmake_library yaml -DBUILD_TESTING=OFF
	sed -e "s|@prefix@|$PREFIX|; s|@exec_prefix@|$PREFIX|; s|@includedir@|$PREFIX/include|" \
		-e "s|@libdir@|$PREFIX/lib|; s|@PACKAGE_VERSION@|0|" yaml-0.1.pc.in >yaml-0.1.pc
	keep out/libyaml.a include/yaml.h yaml-0.1.pc
}

# Without the parts for document types: files that have one are refused.
build_expat() {
	cd expat
	cmake_library expat -DEXPAT_DTD=OFF -DEXPAT_BUILD_TOOLS=OFF -DEXPAT_BUILD_EXAMPLES=OFF \
		-DEXPAT_BUILD_TESTS=OFF -DEXPAT_BUILD_DOCS=OFF
	keep out/libexpat.a lib/expat.h lib/expat_external.h out/Release/expat.pc
}

# Twice: for the machine that builds, whose `file` compiles the database (its layout
# depends on the byte order only), and the library for the target.
build_file() {
	local plain=(--disable-zlib --disable-bzlib --disable-xzlib --disable-zstdlib
		--disable-lzlib --disable-libseccomp --disable-shared --enable-static) regex=()
	mkdir native cross
	(cd native && ../configure "${plain[@]}" && make -j"$JOBS" -C src)
	native/src/file -C -m magic/Magdir
	cp Magdir.mgc "$PREFIX/share/magic.mgc"
	[[ $TARGET != *-mingw32 ]] || file_regex
	(cd cross && ../configure --host="$TARGET" --prefix=/nowhere "${plain[@]}" CC="$CC" "${regex[@]}" &&
		make -C src magic.h && make -j"$JOBS" -C src libmagic.la)
	sed -i "s|^prefix=.*|prefix=$PREFIX|; s/-lgnurx/-lpcre2-posix -lpcre2-8 -lshlwapi/" cross/libmagic.pc
	keep cross/src/.libs/libmagic.a cross/src/magic.h cross/libmagic.pc
}

# Its configure asks for a library of GNU's regex; ours is PCRE2's, by a header of its name.
file_regex() {
	mkdir shim
	cp "$here/regex.h" shim/
	"$AR" rcs shim/libgnurx.a
	regex=(ac_cv_lib_gnurx_regexec=yes CPPFLAGS="-I$PWD/shim" LDFLAGS="-L$PWD/shim")
}

# No TLS, no plug-ins, no configuration file: digests, HMAC and reading keys. -1: where the
# kernel has no getrandom(2), /dev/urandom does; no segment of shared memory that outlives us.
build_openssl() {
	local system
	case $TARGET in
	*-mingw32) system=mingw64 ;;
	*) system=linux-${TARGET%%-*} ;;
	esac
	./Configure "$system" --prefix=/nowhere --openssldir=/nowhere --libdir=lib \
		no-shared no-tests no-engine no-module no-dso no-autoload-config no-legacy \
		no-ssl no-tls no-dtls no-comp no-async no-cmp no-cms no-ct no-ocsp no-srp no-ts \
		no-ui-console no-afalgeng no-aria no-bf no-blake2 no-camellia no-cast no-idea \
		no-gost no-md4 no-mdc2 no-rc2 no-rc4 no-rmd160 no-scrypt no-seed no-siphash \
		no-siv no-sm3 no-sm4 no-whirlpool -DOPENSSL_RAND_SEED_DEVRANDOM_SHM_ID=-1 CC="$CC" AR="$AR" RANLIB="$RANLIB"
	make -j"$JOBS" build_generated
	make -j"$JOBS" libcrypto.a libcrypto.pc
	sed -i "s|^prefix=.*|prefix=$PREFIX|" libcrypto.pc
	keep libcrypto.a libcrypto.pc
	cp -r include/openssl "$PREFIX/include/"
}

# Reads what the containers need; writes nothing, opens nothing, follows no ACL.
build_libarchive() {
	local option off=()
	for option in OPENSSL LIBB2 LZO LIBXML2 EXPAT PCREPOSIX LIBGCC CNG TAR CPIO CAT XATTR \
		ACL TEST; do
		off+=("-DENABLE_$option=OFF")
	done
	# For Windows: which calls it may use, and what only a program that is run would tell it.
	off+=(-DWINDOWS_VERSION=WIN8 -DZLIB_WINAPI_EXITCODE=1 -DZLIB_WINAPI_EXITCODE__TRYRUN_OUTPUT=)
	cmake_library archive_static "${off[@]}" -DPOSIX_REGEX_LIB=NONE \
		-DENABLE_ZLIB=ON -DENABLE_BZip2=ON -DENABLE_LZMA=ON -DENABLE_ZSTD=ON -DENABLE_LZ4=ON
	cp out/libarchive/libarchive*.a libarchive.a # for Windows its name differs
	keep libarchive.a libarchive/archive.h libarchive/archive_entry.h \
		out/build/pkgconfig/libarchive.pc
}

build_cmocka() {
	cmake_library cmocka-static -DWITH_STATIC_LIB=ON -DWITH_EXAMPLES=OFF -DUNIT_TESTING=OFF
	cp out/src/libcmocka-static.a libcmocka.a
	keep libcmocka.a out/cmocka.pc include/*.h
}
