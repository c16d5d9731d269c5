# Other people's packages and the tests that drive them; build.sh reads this file.
# shellcheck shell=bash

# What tests/integrations drives, apart from everything else. What cannot be had is named by the tests.
install_integrations() {
    local built=build/integrations name
    mkdir -p "$built/ai_sdk" "$built/promptfoo"
    for name in ai_sdk promptfoo; do
        install_npm_apart "tests/integrations/$name" "$built/$name" &
    done
    install_frameworks "$built/venv"
    wait
}

install_frameworks() {
    local files=(pyproject.toml requirements/integrations.txt) python=$1/bin/python
    fresh "$1/key" "$(key "${files[@]}")" && return
    say "Python packages: requirements/integrations.txt"
    uv venv --quiet --clear --python "$(find_python)" "$1"
    if uv pip install --quiet --python "$python" --require-hashes -r requirements/integrations.txt; then
        key "${files[@]}" >"$1/key"
    else
        UV=$(type -P uv || echo .tools/uv/bin/uv) .venv/bin/python tools/install_each.py "$python" requirements/integrations.txt
    fi
    uv pip install --quiet --python "$python" --no-deps --no-build-isolation --editable .
}

# install_npm_apart FROM TO: no scripts, and nothing optional
install_npm_apart() {
    local files=("$1/package.json" "$1/package-lock.json")
    fresh "$2/node_modules/.key" "$(key "${files[@]}")" && return
    say "JavaScript packages: $1/package-lock.json"
    cp "${files[@]}" "$2"
    (cd -- "$2" && npm ci --omit=optional --ignore-scripts --loglevel=error >&2) || return 0
    key "${files[@]}" >"$2/node_modules/.key"
}

test_integrations() {
    local report=build/reports/integrations.xml status=0
    debian chromium # without it the tests in a tab are skipped
    setup
    npm run --silent runtime --workspace tiny-dancer >&2
    npm run --silent build --workspace tiny-dancer >&2
    locked install_integrations
    mkdir -p build/reports
    say "tests: integrations"
    build/integrations/venv/bin/python -m pytest -c tests/integrations/pytest.ini --rootdir "$ROOT" \
        --junitxml="$report" "$@" || status=$?
    .venv/bin/python tools/tally.py "$report=$status"
}

# The README followed in apps outside this tree, each built by its framework from the packed library.
test_apps() {
    local report=build/reports/apps.xml status=0
    debian chromium firefox-esr # without one its tests are skipped
    setup
    build_page # and with it the library
    mkdir -p build/reports
    say "tests: apps"
    .venv/bin/python -m pytest -c tests/apps/pytest.ini --rootdir "$ROOT" --junitxml="$report" \
        "${@:-tests/apps}" || status=$?
    .venv/bin/pytest -q tests/e2e/test_bundlers.py tests/e2e/test_tarball.py \
        --junitxml=build/reports/bundlers.xml || status=$?
    .venv/bin/python tools/tally.py "$report=$status" "build/reports/bundlers.xml=$status"
}

# Engines are large and far from each other in what they need: an environment for each.
install_engine() {
    local env=.tools/$1 lock=requirements/$1.txt
    fresh "$env/key" "$(key "$lock")" && return
    say "$1: $lock"
    type -P uv >/dev/null || install_uv
    uv venv --quiet --clear --python "$(find_python)" "$env"
    uv pip install --quiet --python "$env/bin/python" --require-hashes -r "$lock" || return
    uv pip install --quiet --python "$env/bin/python" --no-deps --no-build-isolation --editable .
    key "$lock" >"$env/key"
}

test_engines() {
    local engine failed=()
    (($#)) || set -- ray spark daft
    for engine; do
        [[ $engine != spark ]] || debian default-jre-headless=java
        if [[ $engine == spark ]] && ! type -P java >/dev/null; then
            say "spark: skipped, there is no Java run time"
        elif ! locked install_engine "$engine"; then
            say "$engine: skipped, its packages cannot be had"
        else
            say "tests: $engine"
            ".tools/$engine/bin/python" -m pytest -c tests/engines/pytest.ini "tests/engines/test_$engine.py" ||
                failed+=("$engine")
        fi
    done
    ((!${#failed[@]})) || die "failed: ${failed[*]}"
}
