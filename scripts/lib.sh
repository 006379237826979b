# Sourced by the other scripts: where things are, and how they are set up.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv="$root/.venv"
export PATH="$venv/bin:$PATH" PYTHONDONTWRITEBYTECODE=
cd "$root" || exit 1

say() { printf '\033[2m› %s\033[0m\n' "$*" >&2; }

digest_of() { cat "$@" 2>/dev/null | sha256sum | cut -d' ' -f1; }

# Runs a set-up step only when what it depends on changed: once STAMP KEY COMMAND…
once() {
    local stamp="$root/.setup/$1" key=$2
    shift 2
    [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && return
    "$@" || { say "set-up step failed: $*"; exit 1; }
    mkdir -p "$root/.setup" && printf '%s' "$key" >"$stamp"
}

install_python_packages() {
    local python=${PYTHON:-python3}
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        say "Python 3.11 or newer is needed; $python is $("$python" --version 2>&1). Set PYTHON=/path/to/python3.11"
        exit 1
    }
    say "installing Python packages into .venv"
    # A virtual environment doesn't survive being moved with its folder.
    [ "$("$venv/bin/python" -c 'import sys; print(sys.prefix)' 2>/dev/null)" = "$venv" ] ||
        { rm -rf "$venv" && "$python" -m venv "$venv"; } || return
    "$venv/bin/python" -m pip install -q --disable-pip-version-check uv &&
        VIRTUAL_ENV=$venv uv pip install -q --require-hashes -r requirements.lock &&
        VIRTUAL_ENV=$venv uv pip install -q --no-deps --no-build-isolation -e .
}

install_bench_packages() {
    say "installing the peers of the benchmarks"
    VIRTUAL_ENV=$venv uv pip install -q --require-hashes -r benchmarks/requirements.lock
}

install_node_packages() {
    say "installing the console's packages"
    (cd web && npm ci --no-audit --no-fund --loglevel=error)
}

install_test_peers() {
    say "installing programs of others that tests speak to"
    (cd tests/peers && npm ci --no-audit --no-fund --loglevel=error)
}

build_console() {
    say "building the console"
    (cd web && npm run --silent build)
}

# A browser for the tests: the system's, else Debian's when we may install, else Playwright's own.
install_browser() {
    find_browser >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing Chromium from Debian"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && return
    fi
    say "installing Playwright's Chromium"
    python -m playwright install chromium
}

# OpenSSH's server, for tests that start one: Debian's, of which nothing is started by the installation.
install_sshd() {
    PATH="$PATH:/usr/sbin" command -v sshd >/dev/null && return
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "OpenSSH's server is missing: install the package openssh-server"
        return
    fi
    say "installing OpenSSH's server from Debian"
    local policy=/usr/sbin/policy-rc.d
    [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; trap "rm -f $policy" RETURN; }
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq openssh-server >/dev/null
}

find_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

setup_python() { once python "$(digest_of requirements.lock pyproject.toml)-$root" install_python_packages; }

setup_test_peers() { once peers "$(digest_of tests/peers/package-lock.json)" install_test_peers; }

setup_node() { once node "$(digest_of web/package-lock.json web/package.json)" install_node_packages; }

setup_console() {
    setup_node
    [ -d web/dist ] || rm -f .setup/console
    once console "$(find web/src web/public web/index.html web/try-plugin.html web/vite.config.ts web/package-lock.json -type f 2>/dev/null | sort | xargs cat | sha256sum | cut -d' ' -f1)" build_console
}
