#!/bin/sh
# no_weak_symbols.sh NM ARCHIVE: fails if an object built for an instruction set (avx*) defines anything but its table.
set -eu
"$1" --defined-only "$2" | awk '
  /^[^ ]*\.o:$/ { object = $0; simd = object ~ /^avx/; if (simd) ++objects }
  simd && NF == 3 && $2 ~ /^[A-Zuvw]$/ && $3 !~ /Kernels|^DW\.ref\./ { print object, $0; bad = 1 }
  END { if (!objects) { print "no avx objects in the archive"; exit 1 } exit bad }'
