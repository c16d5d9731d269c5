# Packages and the site of the docs; build.sh reads this file.
# shellcheck shell=bash

install_release() {
    fresh .tools/release/key "$(key requirements/release.txt)" && return
    say "release: requirements/release.txt"
    type -P uv >/dev/null || install_uv
    uv venv --quiet --clear --python "$(find_python)" .tools/release
    uv pip install --quiet --python .tools/release/bin/python --require-hashes -r requirements/release.txt
    key requirements/release.txt >.tools/release/key
}

package() {
    local python env
    setup
    locked install_release
    rm -rf dist build/packages && mkdir -p dist build/packages
    .venv/bin/python tools/package.py dist
    npm pack --silent --workspace tiny-dancer --pack-destination dist >&2
    for python in python3.{11..14} "$(pyenv root 2>/dev/null)"/versions/*/bin/python3; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        env=build/packages/$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        [[ ! -e $env ]] || continue
        uv venv --quiet --python "$python" "$env"
        uv pip install --quiet --python "$env/bin/python" dist/*.whl
        say "$("$env/bin/python" --version): $("$env/bin/tiny-dancer" route --json 'What is the capital of France?' | cut -c-60)"
    done
    env=build/packages/serve
    uv venv --quiet --python "$(find_python)" "$env"
    uv pip install --quiet --python "$env/bin/python" --require-hashes -r requirements/serve.txt
    .tools/release/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o dist/python.cdx.json "$env/bin/python"
    npm sbom --sbom-format cyclonedx --workspace tiny-dancer >dist/npm.cdx.json # with what builds it: the run time is bundled by it
    say "the image's steps"
    .venv/bin/pytest -n 0 -m full tests/packages
    ls -l dist
}

# Every page that links to another one lies in the site as it does in the project.
site() {
    locked install_release
    rm -rf build/site-source && mkdir -p build/site-source
    cp --parents ./*.md LICENSE NOTICE web/router/README.md tests/corpus/README.md build/site-source
    cp -r docs build/site-source
    NO_MKDOCS_2_WARNING=1 .tools/release/bin/mkdocs build >&2
    say "build/site/index.html"
}
