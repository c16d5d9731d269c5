"""The packed Unicode table: what the generator writes, and what kernel and twin read from it."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import unicodedata2

from tiny_dancer.scoring.twin.unicode import DROP, SPACE, UnicodeTable, unicode_table, unpack

KERNELS = Path(__file__).parents[2] / "wasm_kernels"
CODE_POINTS = [cp for cp in range(0x110000) if not 0xD800 <= cp < 0xE000]


def load_generator():
    spec = importlib.util.spec_from_file_location("make_unicode", KERNELS / "make_unicode.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = load_generator()


@pytest.fixture(scope="module")
def expected():
    """What becomes of every code point but the surrogates, with Hangul left to the reader."""
    table = {cp: GENERATOR.classify(cp) for cp in CODE_POINTS}
    return {cp: (cls, "".join(map(chr, text))) for cp, (cls, text) in table.items()}


def test_checked_in_files_are_what_the_generator_writes(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["make_unicode.py", "--check"])
    assert GENERATOR.main() == 0


def test_a_changed_file_fails_the_check(monkeypatch, tmp_path, capsys):
    changed = tmp_path / "unicode.bin"
    changed.write_bytes(GENERATOR.BINARY.read_bytes()[:-1])
    monkeypatch.setattr(GENERATOR, "BINARY", changed)
    monkeypatch.setattr(sys, "argv", ["make_unicode.py", "--check"])
    assert GENERATOR.main() == 1
    assert "unicode.bin" in capsys.readouterr().err


def test_another_unicode_version_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(unicodedata2, "unidata_version", "15.1.0")
    monkeypatch.setattr(sys, "argv", ["make_unicode.py"])
    assert GENERATOR.main() == 2
    assert "15.1.0" in capsys.readouterr().err


def test_packed_table_stays_below_six_kilobytes():
    assert len(GENERATOR.BINARY.read_bytes()) <= 6 * 1024


def test_twin_reads_every_code_point_as_it_was_packed(expected):
    entry = unicode_table().entry
    for cp, (cls, text) in expected.items():
        got = entry(cp)
        assert got[0] == cls, f"U+{cp:04X}"
        if cls not in (SPACE, DROP):
            assert got[1] == (text or chr(cp)), f"U+{cp:04X}"


def test_twin_names_the_version():
    assert unicode_table().version == (16, 0, 0)


def test_syllables_decompose_as_nfd_does():
    entry = unicode_table().entry
    for cp in range(0xAC00, 0xD7A4):
        assert entry(cp)[1] == unicodedata2.normalize("NFD", chr(cp))


def test_class_runs_that_do_not_fill_the_blocks_are_refused():
    with pytest.raises(ValueError, match="do not cover"):
        unpack(bytes([16, 0, 0, 0, 1, 0, 0, 1, 63 << 1 & 0x7F, 0]))


def test_lower_case_is_pinned_whatever_this_python_knows():
    assert GENERATOR.lower(0xA7DC) == [0x19B]  # new in 16.0
    assert GENERATOR.lower(0xA7CE) == [0xA7CE]  # new in 17.0
    assert GENERATOR.lower(0x130) == [0x69, 0x307]


DUMP = """
#include "unicode.h"
#include <stdio.h>
#include <stdlib.h>
static unsigned calls, fail_at;
static void *allocate(uint32_t n) { return ++calls == fail_at ? NULL : calloc(1, n); }
int main(int argc, char **argv)
{
    if (argc > 1) {
        fail_at = (unsigned)atoi(argv[1]);
        printf("%d\\n", uc_init(allocate));
        return 0;
    }
    if (uc_init(allocate) != 0)
        return 1;
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        uint32_t entry = uc_entry(cp);
        printf("%u ", entry & 7);
        for (uint32_t i = 0; i < (entry >> 3 & 31); i++)
            printf("%02x", uc_text[(entry >> 8) + i]);
        putchar('\\n');
    }
    return 0;
}
"""


@pytest.fixture(scope="module")
def dump(tmp_path_factory):
    """A program around the kernel's unicode.c, with every check of the compiler that is there."""
    compiler = shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler on this machine")
    folder = tmp_path_factory.mktemp("unicode")
    (folder / "dump.c").write_text(DUMP)
    flags = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror"]
    checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    sources = [str(folder / "dump.c"), str(KERNELS / "unicode.c"), f"-I{KERNELS}"]
    command = [compiler, *flags, *sources, "-o", str(folder / "dump")]
    if subprocess.run([*command, *checks], capture_output=True, check=False).returncode != 0:
        subprocess.run(command, check=True)  # a compiler without the sanitizers' libraries
    return folder / "dump"


def test_kernel_reads_every_code_point_as_it_was_packed(dump, expected):
    lines = subprocess.run([dump], capture_output=True, check=True, text=True).stdout.split("\n")
    for cp, (cls, text) in expected.items():
        if cp not in GENERATOR.HANGUL:
            assert lines[cp] == f"{cls} {text.encode().hex()}", f"U+{cp:04X}"


@pytest.mark.parametrize("call", ["1", "2", "3"])
def test_kernel_reports_exhausted_memory(dump, call):
    run = subprocess.run(
        [dump, call],
        capture_output=True,
        check=True,
        text=True,
        env={"ASAN_OPTIONS": "detect_leaks=0"},
    )
    assert run.stdout == "-4\n"


def test_header_says_what_generated_it():
    first = GENERATOR.HEADER.read_text().split("\n")[0]
    assert re.search(r"make_unicode\.py from unicodedata2 16\.0\.0", first)


def test_table_is_unpacked_once():
    assert isinstance(unicode_table(), UnicodeTable)
    assert unicode_table() is unicode_table()
