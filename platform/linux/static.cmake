# SPDX-License-Identifier: MIT
# The one static file, with the libraries that packaging/static/build.sh made:
#   cmake -B build/static-aarch64 -DCMAKE_TOOLCHAIN_FILE=platform/linux/aarch64.cmake \
#         -DIMGSAN_PREFIX=$(packaging/static/build.sh aarch64-linux-musl)
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${IMGSAN_PREFIX}/bin/${CMAKE_SYSTEM_PROCESSOR}-linux-musl-gcc)
set(CMAKE_AR ${CMAKE_SYSTEM_PROCESSOR}-linux-gnu-ar)
set(CMAKE_RANLIB ${CMAKE_SYSTEM_PROCESSOR}-linux-gnu-ranlib)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES IMGSAN_PREFIX)

# Libraries and headers of the machine that builds must never be picked up.
set(CMAKE_FIND_ROOT_PATH ${IMGSAN_PREFIX})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${IMGSAN_PREFIX}/lib/pkgconfig)
set(PKG_CONFIG_ARGN --static CACHE STRING "")

# Stripped, and the same bytes wherever the tree lies. musl's own macros and its
# ioctl(2), which takes an int, change signs.
set(CMAKE_C_FLAGS_INIT "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -Wno-sign-conversion")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-s")
