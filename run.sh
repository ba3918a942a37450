#!/usr/bin/env bash
# Installs what wkmp needs where it is missing, and starts it:
#   ./run.sh [MUSIC_DIR] [--device NAME] [--lan] [--port N]     play
#   ./run.sh --demo                                             hear and see what it does
#   ./run.sh settings list | devices | --help | …               talk to the running daemon
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/setup.sh
. "$here/deploy/setup.sh"

ready_to_run || { install_build_packages; make_venv requirements.txt run; }
exec env WKMP_COMMAND="$0" "$venv/bin/python" -P -m wkmp "$@"
