#!/usr/bin/env bash
# Installs what the tests need where it is missing, and runs them:
#   ./test.sh            everything that is quick (a few minutes)
#   ./test.sh --all      the long ones besides
#   ./test.sh tests/…    only these, with pytest's own options
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cd "$here"
# shellcheck source=deploy/setup.sh
. deploy/setup.sh

# program → the Debian package it comes with
declare -A programs=(
    [mpd]=mpd [mpc]=mpc [ncmpcpp]=ncmpcpp [pulseaudio]=pulseaudio [pactl]=pulseaudio-utils
    [aplay]=alsa-utils [ffmpeg]=ffmpeg [lame]=lame [tmux]=tmux
    [strace]=strace [sox]=sox [shellcheck]=shellcheck [debootstrap]=debootstrap
)

install_test_packages() {
    local program wanted=() own_mpd=no
    for program in "${!programs[@]}"; do
        command -v "$program" >/dev/null || wanted+=("${programs[$program]}")
    done
    compgen -G '/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so' >/dev/null || wanted+=(libasound2-plugins)
    [ ${#wanted[@]} -gt 0 ] || return 0
    case " ${wanted[*]} " in *' mpd '*) own_mpd=yes ;; esac
    [ "$own_mpd" = no ] || forbid_services
    apt_install "${wanted[@]}"
    [ "$own_mpd" = no ] || allow_services
}

# The mpd package would start a player on port 6600; here it only serves as a yardstick.
policy=/usr/sbin/policy-rc.d
forbid_services() {
    [ -e "$policy" ] && return
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    trap 'as_root rm -f "$policy"' EXIT
}
allow_services() {
    if [ -n "$(trap -p EXIT)" ]; then
        as_root rm -f "$policy"
        trap - EXIT
    fi
    if [ -d /run/systemd/system ]; then
        as_root systemctl --quiet disable --now mpd.service mpd.socket
    fi
}

# Prometheus' own rule tester; Debian 12 packages it with the server, which is not wanted here.
install_promtool() {
    local folder package=prometheus
    [ -x "$venv/bin/promtool" ] && return
    if command -v promtool >/dev/null; then
        ln -sf "$(command -v promtool)" "$venv/bin/promtool"
        return
    fi
    say "fetching promtool"
    folder=$(mktemp -d)
    as_root apt-get -qq update
    ! apt-cache show promtool >/dev/null 2>&1 || package=promtool
    (cd "$folder" && apt-get -qq -o APT::Sandbox::User=root download "$package" &&
        dpkg-deb --fsys-tarfile "$package"_*.deb | tar -xO ./usr/bin/promtool >promtool)
    install -m 755 "$folder/promtool" "$venv/bin/promtool"
    rm -rf "$folder"
}

install_test_packages
is_made test requirements.txt requirements-dev.txt || {
    install_build_packages
    make_venv requirements-dev.txt test
}
install_promtool
export PATH="$venv/bin:$PATH"

if [ $# -gt 0 ] && [ "$1" != --all ]; then
    exec python -m pytest "$@"
fi
# Two processes, a file to each; the long ones, which take their time in real time, have the
# machine to themselves.
chosen=(-m 'not long' -n 2 --dist loadfile)
[ "${1:-}" != --all ] || chosen=()

ruff check --quiet
ruff format --check --quiet
mypy
if [ -e bench/latency.py ]; then
    python -m bench.latency --short --check
fi
exec python -m pytest -q "${chosen[@]}"
