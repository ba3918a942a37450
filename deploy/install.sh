#!/usr/bin/env bash
# Makes wkmp a service of this machine; run it again, from a newer checkout, to upgrade:
#   deploy/install.sh [MUSIC_DIR]             the music is in /srv/music if nothing is said
#   deploy/install.sh --uninstall             keeps configuration, data and user
#   deploy/install.sh --uninstall --purge     removes them too; music is never touched
#
#   /opt/wkmp            program and its Python packages
#   /etc/wkmp/wkmp.ini   configuration, written once and never overwritten
#   /var/lib/wkmp        data
#   /usr/local/bin/wkmp  the command, as the service's user
set -euo pipefail

checkout=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
program=/opt/wkmp
here=$program/source
export WKMP_VENV=$program/venv
# shellcheck source=deploy/setup.sh
. "$checkout/deploy/setup.sh"

config=/etc/wkmp
data=/var/lib/wkmp
unit=/etc/systemd/system/wkmp.service
command=/usr/local/bin/wkmp
rooms=(wkmp protocol actors audio storage library playback)

systemd_runs() { [ -d /run/systemd/system ]; }

as_wkmp() { setpriv --reuid=wkmp --regid=wkmp --init-groups "$@"; }

usage() {
    sed -n '2,/^set/{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
    exit 2
}

make_user() {
    getent passwd wkmp >/dev/null || useradd --system --user-group --home-dir "$data" \
        --no-create-home --shell /usr/sbin/nologin --comment 'wkmp music player' wkmp
    usermod --append --groups audio wkmp
}

# Beside the old one first, so that no failure leaves half of a program.
copy_program() {
    install -d -m 755 "$program"
    rm -rf "$here.new"
    install -d -m 755 "$here.new"
    (cd "$checkout" && tar -c --exclude=__pycache__ --owner=0 --group=0 --mode=go-w,a+rX \
        "${rooms[@]}" docs deploy README.md CHANGELOG.md requirements.txt wkmp.ini) |
        tar -x --no-same-owner -C "$here.new"
    rm -rf "$here.old"
    [ ! -e "$here" ] || mv "$here" "$here.old"
    mv "$here.new" "$here"
    rm -rf "$here.old"
}

install_packages() {
    ready_to_run || { install_build_packages; make_venv requirements.txt run; }
    "$venv/bin/python" -m compileall -q "${rooms[@]/#/$here/}"
}

make_directories() { # MUSIC_DIR
    install -d -m 755 "$config"
    install -d -m 750 -o wkmp -g wkmp "$data"
    [ "$1" != /srv/music ] || [ -d "$1" ] || install -d -m 755 "$1"
    if [ ! -d "$1" ]; then
        say "$1 is not there yet; wkmp waits for it"
    elif ! as_wkmp test -r "$1" -a -x "$1"; then
        say "the user wkmp may not read $1; let it, for example: setfacl -m u:wkmp:rx $1"
    fi
}

# "value" as the right side of sed's s|…|…|
quoted() { printf '%s' "$1" | sed 's/[\\&|]/\\&/g'; }

write_config() { # MUSIC_DIR
    local new
    if [ -e "$config/wkmp.ini" ]; then
        say "$config/wkmp.ini is left as it is"
        return
    fi
    new=$(mktemp "$config/wkmp.ini.XXXXXX")
    sed -e "s|^#music_directory = .*|music_directory = $(quoted "$1")|" \
        -e "s|^#data_directory = .*|data_directory = $data|" \
        -e 's|^#socket = .*|socket = /run/wkmp/socket|' \
        -e 's|python -m wkmp|wkmp|' "$here/wkmp.ini" >"$new"
    # It may hold passwords.
    chown root:wkmp "$new"
    chmod 640 "$new"
    mv "$new" "$config/wkmp.ini"
}

write_command() {
    install -d -m 755 "${command%/*}"
    cat >"$command.new" <<'SCRIPT'
#!/bin/sh
# Installed by wkmp's deploy/install.sh: wkmp settings list, wkmp device NAME, …
as_wkmp="setpriv --reuid=wkmp --regid=wkmp --init-groups"
[ "$(id -u)" = 0 ] || as_wkmp="sudo -u wkmp"
# shellcheck disable=SC2086  # words
exec $as_wkmp env HOME=/var/lib/wkmp WKMP_COMMAND=wkmp \
    /opt/wkmp/venv/bin/python -P -m wkmp "$@" --config /etc/wkmp/wkmp.ini
SCRIPT
    chmod 755 "$command.new"
    mv "$command.new" "$command"
}

start_service() {
    install -d -m 755 "${unit%/*}"
    install -m 644 "$here/deploy/wkmp.service" "$unit"
    if ! systemd_runs; then
        say "installed; systemd does not run here, so nothing was started"
        return
    fi
    systemctl daemon-reload
    systemctl --quiet enable wkmp.service
    systemctl restart wkmp.service || {
        journalctl --unit wkmp --lines 20 --no-pager --output cat >&2 || true
        fail "installed, but it does not start; its last lines are above"
    }
    say "it runs: mpc add / && mpc play; systemctl status wkmp; wkmp --help"
}

install_all() { # MUSIC_DIR
    copy_program
    install_packages
    make_user
    make_directories "$1"
    write_config "$1"
    write_command
    start_service
}

uninstall() { # yes|no: purge
    if systemd_runs && [ -e "$unit" ]; then
        systemctl --quiet disable --now wkmp.service
    fi
    rm -rf "$unit" "$unit.d" "$command" "$program"
    ! systemd_runs || systemctl daemon-reload
    if [ "$1" = no ]; then
        say "removed; $config and $data are kept (--uninstall --purge removes them)"
        return
    fi
    rm -rf "$config" "$data"
    ! getent passwd wkmp >/dev/null || userdel wkmp
    say "removed, with configuration and data"
}

music=/srv/music uninstalling=no purging=no given=no
for word in "$@"; do
    case $word in
        --uninstall) uninstalling=yes ;;
        --purge) purging=yes ;;
        -*) usage ;;
        *)
            [ "$given" = no ] || usage
            given=yes
            music=$(realpath --canonicalize-missing -- "$word")
            ;;
    esac
done
[ "$purging" = no ] || [ "$uninstalling" = yes ] || usage
[ "$given" = no ] || [ "$uninstalling" = no ] || usage
[ "$(id -u)" = 0 ] || fail "please run this as root: sudo deploy/install.sh $*"

if [ "$uninstalling" = yes ]; then
    uninstall "$purging"
else
    install_all "$music"
fi
