# Sourced by run.sh and test.sh: Debian packages and the virtual environment.
# Expects $here, the project's directory. WKMP_VENV puts the environment elsewhere.
# shellcheck shell=bash

venv=${WKMP_VENV:-$here/.venv}

say() { printf 'wkmp: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# The stamp names everything the environment was made from.
stamp_of() { # FILE…
    (cd "$here" && cat -- "$@"; printf '%s\n' "$here") | sha256sum | cut -d ' ' -f 1
}

is_made() { # NAME FILE…
    local name=$1
    shift
    [ -x "$venv/bin/python" ] && [ "$(cat "$venv/$name.stamp" 2>/dev/null)" = "$(stamp_of "$@")" ]
}

ready_to_run() { is_made run requirements.txt; }

python_new_enough() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11; do
        if python_new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11, 3.12 or 3.13 is needed, and $(python3 --version 2>/dev/null || echo none)" \
        "is there. Debian 12 and 13 and Raspberry Pi OS of their age bring one: apt install python3"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "please run this as root first: $*"
    fi
}

apt_install() { # PACKAGE…
    [ $# -gt 0 ] || return 0
    command -v apt-get >/dev/null || fail "please install what this system calls: $*"
    say "installing $*"
    as_root apt-get -qq -o DPkg::Lock::Timeout=300 update ||
        fail "packages cannot be installed. As root: apt install $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "$@" >/dev/null
}

# What building the one source package (pyalsaaudio) takes, as far as it is missing.
install_build_packages() {
    local python wanted=()
    python=$(find_python)
    [ -e /usr/include/alsa/asoundlib.h ] || wanted+=(libasound2-dev)
    command -v gcc >/dev/null || wanted+=(gcc libc6-dev)
    [ -e "$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] ||
        wanted+=(python3-dev)
    "$python" -c 'import ensurepip, venv' 2>/dev/null || wanted+=(python3-venv)
    # The desktop's sound server is reached through ALSA's plugin for it.
    if [ ! -e /usr/share/alsa/alsa.conf.d/pulse.conf ] && [ ! -e /etc/alsa/conf.d/99-pulse.conf ] &&
        { command -v pulseaudio || command -v pipewire-pulse; } >/dev/null; then
        wanted+=(libasound2-plugins)
    fi
    apt_install "${wanted[@]}"
}

make_venv() { # REQUIREMENTS NAME
    local requirements=$1 name=$2 site
    say "installing Python packages into $venv (the first time this takes a minute)"
    if ! [ -x "$venv/bin/python" ] || ! python_new_enough "$venv/bin/python"; then
        "$(find_python)" -m venv --clear "$venv"
    fi
    "$venv/bin/python" -m pip --quiet --disable-pip-version-check install --use-pep517 \
        -r "$here/$requirements" ||
        fail "the Python packages could not be installed; is there a network?"
    site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n' "$here" >"$site/wkmp.pth"
    stamp_of requirements.txt >"$venv/run.stamp"
    [ "$name" = run ] || stamp_of requirements.txt "$requirements" >"$venv/$name.stamp"
}
