# SPDX-License-Identifier: MIT
# Writes libmagic's database, compressed, as C: cmake -DFROM=magic.mgc -DTO=magic_inside.c -P embed.cmake
file(ARCHIVE_CREATE OUTPUT ${TO}.zst PATHS ${FROM} FORMAT raw COMPRESSION Zstd COMPRESSION_LEVEL 9)
file(READ ${TO}.zst hex HEX)
file(REMOVE ${TO}.zst)
file(SIZE ${FROM} size)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${TO} "#include \"detect/magic_inside.h\"

static const unsigned char bytes[] = {${bytes}};

const struct magic_inside magic_inside = {bytes, sizeof bytes, ${size}};
")
