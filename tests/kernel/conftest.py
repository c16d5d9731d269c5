"""The kernel as tests use it: the module that ships, and its C under the sanitizers."""

import pytest
from kernel.instance import Module, Native


@pytest.fixture(scope="session")
def native_program(tmp_path_factory):
    return Native.compile(tmp_path_factory.mktemp("native"))


@pytest.fixture
def module():
    return Module()


@pytest.fixture(params=["module", "native"])
def kernel(request):
    if request.param == "module":
        yield Module()
        return
    program = request.getfixturevalue("native_program")
    if program is None:
        pytest.skip("no C compiler with sanitizers")
    native = Native(program)
    yield native
    native.close()
