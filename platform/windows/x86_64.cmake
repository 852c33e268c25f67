# SPDX-License-Identifier: MIT
# Cross build for 64-bit Windows with mingw-w64, with the libraries that
# packaging/static/build.sh made:
#   cmake -B build/windows-x86_64 -DCMAKE_TOOLCHAIN_FILE=platform/windows/x86_64.cmake \
#         -DIMGSAN_PREFIX=$(packaging/static/build.sh x86_64-w64-mingw32)
# Without a prefix only what needs none of them is compiled: the contract.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(target x86_64-w64-mingw32)
if(IMGSAN_PREFIX)
  set(CMAKE_C_COMPILER ${IMGSAN_PREFIX}/bin/${target}-gcc)
  set(CMAKE_FIND_ROOT_PATH ${IMGSAN_PREFIX})
  set(ENV{PKG_CONFIG_LIBDIR} ${IMGSAN_PREFIX}/lib/pkgconfig)
else()
  set(CMAKE_C_COMPILER ${target}-gcc)
endif()
set(CMAKE_AR ${target}-ar)
set(CMAKE_RANLIB ${target}-ranlib)
set(CMAKE_RC_COMPILER ${target}-windres)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES IMGSAN_PREFIX)
set(PKG_CONFIG_ARGN --static CACHE STRING "")

# Libraries and headers of the machine that builds must never be picked up.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Stripped, and the same bytes wherever and whenever it is built.
set(CMAKE_C_FLAGS_INIT "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -s -Wl,--no-insert-timestamp")
