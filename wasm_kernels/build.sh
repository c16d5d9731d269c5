#!/usr/bin/env bash
# Builds the kernel with Emscripten into the Python package, with a manifest beside it.
set -euo pipefail
readonly CALLED_FROM=$PWD
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
readonly PACKAGE=../py/tiny_dancer/data
export EMCC_CORES=1

readonly EXPORTS=_td_abi,_td_unicode,_td_alloc,_td_load,_td_block,_td_result,_td_candidates,_td_array,_td_commit,_td_run,_td_part
# No fast-math, no relaxed SIMD, a * b + c never fused: the arithmetic is part of the specification.
# The stack lies first, so that an overflow traps instead of writing over data.
readonly FLAGS=(
    -std=c11 -O3 -msimd128 -mbulk-memory -ffp-contract=off -fno-builtin -fvisibility=hidden
    -s STANDALONE_WASM=1 --no-entry -s ASSERTIONS=0 -s TOTAL_STACK=65536 '-Wl,--stack-first'
    -s INITIAL_MEMORY=1048576 -s ALLOW_MEMORY_GROWTH=1 -s MAXIMUM_MEMORY=268435456
)
readonly WARNINGS=(
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
)

usage() {
    cat <<'TEXT'
usage: build.sh [--out DIR]      build kernel.wasm and kernel.json into DIR (default: the Python package)
       build.sh --check          build twice in two folders: same bytes, and those of the package
       build.sh --check-warnings compile with every warning an error, by emcc and by the host's compiler
TEXT
}

say() { printf 'kernel: %s\n' "$*" >&2; }
die() {
    say "$*"
    exit 1
}

need_emcc() { type -P emcc >/dev/null || die "emcc is missing; on Debian: apt-get install emscripten"; }

# The compiler that did it: Debian's emcc calls Debian's clang, other builds of the same version another one.
tools() { printf '%s, clang %s' "$(emcc -dumpversion)" "$(emcc -v 2>&1 | sed -n 's/.*clang version \([0-9.]*\).*/\1/p')"; }

# number FILE NAME: the number after NAME
number() { sed -n "s/.*$2[^0-9]*\([0-9a-fx]*\).*/\1/p" "$1" | head -n 1; }

# compile DIR: kernel.wasm from the sources of the current folder. Their names stay relative, so that the path of
# the folder does not get into the output.
compile() { emcc ./*.c -o "$1/kernel.wasm" "${FLAGS[@]}" "${WARNINGS[@]}" -s EXPORTED_FUNCTIONS="$EXPORTS"; }

# manifest DIR: kernel.json for the kernel.wasm there
manifest() {
    local bytes tables
    bytes=$(wc -c <"$1/kernel.wasm")
    tables=$(number unicode_tables.h 'uc_packed\[')
    cat >"$1/kernel.json" <<JSON
{
  "made_by": "wasm_kernels/build.sh",
  "sha256": "$(sha256sum <"$1/kernel.wasm" | cut -d' ' -f1)",
  "bytes": $bytes,
  "unicode_table_bytes": $tables,
  "code_bytes": $((bytes - tables)),
  "abi": $(($(number abi.h TD_ABI_VERSION))),
  "unicode": "$(sed -n 's/.*UC_VERSION (\([0-9]*\)u << 16 | \([0-9]*\)u << 8 | \([0-9]*\)u).*/\1.\2.\3/p' unicode.h)",
  "emcc": "$(tools)",
  "flags": "${FLAGS[*]}"
}
JSON
}

build() {
    need_emcc
    compile "$1"
    manifest "$1"
    say "$(number "$1/kernel.json" '"bytes"') bytes, $(number "$1/kernel.json" '"code_bytes"') without the Unicode tables"
}

check() {
    need_emcc
    local scratch folder made_by
    scratch=$(mktemp -d)
    for folder in one "another one"; do
        mkdir -p "$scratch/$folder"
        cp -- *.c *.h "$scratch/$folder"
        (cd "$scratch/$folder" && compile .)
    done
    cmp "$scratch/one/kernel.wasm" "$scratch/another one/kernel.wasm" || die "two builds differ; they are in $scratch"
    say "two builds in two folders are equal"
    made_by=$(sed -n 's/.*"emcc": "\(.*\)".*/\1/p' $PACKAGE/kernel.json)
    if [[ $made_by == "$(tools)" ]]; then
        cmp "$scratch/one/kernel.wasm" $PACKAGE/kernel.wasm || die "the package holds another kernel: run ./build.sh kernel"
        manifest "$scratch/one"
        cmp "$scratch/one/kernel.json" $PACKAGE/kernel.json || die "the package holds another manifest: run ./build.sh kernel"
        say "the package holds the same bytes"
        rm -rf "$scratch"
    else
        say "the package's kernel was made by $made_by, this is $(tools): not compared"
        printf '%s\n' "$scratch/one/kernel.wasm" # for the oracle suite
    fi
}

check_warnings() {
    local compiler=${CC:-cc} checked=
    if type -P emcc >/dev/null; then
        emcc -c -std=c11 -msimd128 "${WARNINGS[@]}" -fsyntax-only ./*.c
        checked=1
    fi
    if type -P "$compiler" >/dev/null; then
        "$compiler" -std=c11 "${WARNINGS[@]}" -fsyntax-only ./*.c
        checked=1
    fi
    [[ $checked ]] || say "no C compiler here: warnings are not checked"
}

case ${1:-} in
    '') build $PACKAGE ;;
    --out)
        [[ $# -eq 2 ]] || { usage >&2 && exit 2; }
        cd -- "$CALLED_FROM" && mkdir -p "$2" && out=$(cd -- "$2" && pwd) && cd - >/dev/null
        build "$out"
        ;;
    --check) check ;;
    --check-warnings) check_warnings ;;
    -h | --help) usage ;;
    *)
        usage >&2
        exit 2
        ;;
esac
