"""Two builds of the kernel behind one small interface: the module that ships, and native C."""

import shutil
import struct
import subprocess
from pathlib import Path

import wasmtime
from random_bundle import random_bundle

from tiny_dancer.hosts.package_data import kernel_wasm
from tiny_dancer.model import image, read_bundle

BLOCK_BYTES = 73_792
RESULT_BYTES = 5_440
TEXT, CANDIDATES, START_FROM_TEXT, HEAD_INPUTS, TOKEN_IDS, EMBEDDING, QUERY_FROM_TEXT = (
    1 << bit for bit in range(7)
)
F32, INT8 = 0, 1

SOURCES = Path(__file__).parents[2] / "wasm_kernels"
COMPILER = shutil.which("cc")


def random_image(seed, max_tokens=64, **sizes):
    """The model image of a random bundle (`random_bundle`: v, h, m, spread, candidates)."""
    return image(read_bundle(random_bundle(seed, **sizes)), max_tokens)


def request(text, flags=TEXT | HEAD_INPUTS | TOKEN_IDS, offset=64):
    """A well-formed request block for a text, up to its last byte."""
    header = struct.pack(
        "<16I", offset + len(text), RESULT_BYTES, flags, len(text), offset, *([0] * 11)
    )
    return header + bytes(offset - len(header)) + text


def candidate_request(
    n, k, query=b"", text=None, *, dimension=None, now=0, pairs=0, n_pairs=0, which=0, flags=0
):
    """A well-formed request block for candidates, with a text or without."""
    dimension = len(query) // 4 if dimension is None else dimension
    flags |= CANDIDATES | (TEXT if text is not None else 0)
    text = text or b""
    at = 64 + len(query)
    return (
        struct.pack(
            "<9Ii", at + len(text), RESULT_BYTES, flags, len(text), at, 64, dimension, n, k, now
        )
        + pairs.to_bytes(16, "little")
        + struct.pack("<2I", n_pairs, which)
        + query
        + text
    )


def defined(result):
    """The part of a result block that a request for everything defines."""
    kept, _, _, _, _, _, inputs = struct.unpack_from("<7I", result, 4)
    (rows,) = struct.unpack_from("<I", result, 3072)
    text = result[: 256 + 4 * inputs] + result[1024 : 1024 + 4 * kept]
    return text + result[3072 : 3088 + 32 * rows]


def rows_of(result):
    """The rows of a ranking: index, logit, probability and the five features of each."""
    count, _ = struct.unpack_from("<2I", result, 3072)
    return [struct.unpack_from("<I7f", result, 3088 + 32 * i) for i in range(count)]


class Module:
    """The kernel's module in wasmtime; a load takes a new instance. A trap raises."""

    def __init__(self):
        config = wasmtime.Config()
        config.wasm_relaxed_simd = False
        self.engine = wasmtime.Engine(config)
        self.module = wasmtime.Module(self.engine, kernel_wasm())
        self.open()

    def open(self):
        self.store = wasmtime.Store(self.engine)
        self.exports = wasmtime.Instance(self.store, self.module, []).exports(self.store)
        self.block, self.result = self.call("td_block"), self.call("td_result")

    def call(self, name, *arguments):
        return self.exports[name](self.store, *arguments)

    def write(self, data, address):
        self.exports["memory"].write(self.store, data, address)

    def memory_bytes(self):
        return self.exports["memory"].data_len(self.store)

    def load(self, data):
        self.open()
        address = self.call("td_alloc", len(data))
        self.write(data, address)
        return self.call("td_load", address, len(data))

    def run(self, block):
        """The result block; its first word is the status, which was returned as well."""
        return self._run(block, "td_run")

    def part(self, block, first, n):
        """The same after one part of the request's candidates."""
        return self._run(block, "td_part", first, n)

    def _run(self, block, name, *arguments):
        self.write(block, self.block)
        status = self.call(name, *arguments)
        result = bytes(
            self.exports["memory"].read(self.store, self.result, self.result + RESULT_BYTES)
        )
        assert struct.unpack_from("<i", result) == (status,)
        return result

    def reserve(self, which, capacity, dimension, form):
        return self.call("td_candidates", which, capacity, dimension, form)

    def put(self, which, array, offset, data):
        """Writes into an array of a set."""
        address = self.call("td_array", which, array)
        assert address > 0
        self.write(data, address + offset)

    def commit(self, which, first, n):
        return self.call("td_commit", which, first, n)

    def close(self):
        pass


class Native:
    """The same C, compiled for this machine with the sanitizers. A fault ends the process."""

    FLAGS = "-std=c11 -Og -g -ffp-contract=off -fsanitize=address,undefined -fno-sanitize-recover"

    @classmethod
    def compile(cls, folder):
        """The path of the program; None where there is no compiler with the sanitizers."""
        empty = folder / "empty.c"
        empty.write_text("int main(void) { return 0; }\n")
        if COMPILER is None or cls._compile(folder / "empty", [empty]).returncode != 0:
            return None
        sources = [path for path in SOURCES.glob("*.c") if path.name != "kernel.c"]
        built = cls._compile(folder / "native", [Path(__file__).with_name("native.c"), *sources])
        assert built.returncode == 0, built.stderr
        return folder / "native"

    @classmethod
    def _compile(cls, program, sources):
        command = [COMPILER, *cls.FLAGS.split(), "-o", program, *sources, "-lm"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=1"},
        )

    def _ask(self, command, data, answer_bytes):
        try:
            self.process.stdin.write(command + struct.pack("<I", len(data)) + data)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.process.stdout.read(answer_bytes)
        if len(answer) != answer_bytes:
            raise AssertionError(self.process.stderr.read().decode())
        return answer

    def load(self, data):
        return struct.unpack("<i", self._ask(b"L", data, 4))[0]

    def run(self, block):
        return self._ask(b"R", block, RESULT_BYTES)

    def part(self, block, first, n):
        return self._ask(b"P", struct.pack("<2i", first, n) + block, RESULT_BYTES)

    def underflowed(self):
        """Whether the last run made a number that is too small for f32."""
        return self._ask(b"U", b"", 4) != bytes(4)

    def reserve(self, which, capacity, dimension, form):
        data = struct.pack("<4I", which, capacity, dimension, form)
        return struct.unpack("<i", self._ask(b"C", data, 4))[0]

    def put(self, which, array, offset, data):
        head = struct.pack("<3I", which, array, offset)
        assert self._ask(b"A", head + data, 4) == bytes(4)

    def commit(self, which, first, n):
        return struct.unpack("<i", self._ask(b"K", struct.pack("<I2i", which, first, n), 4))[0]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
