#!/usr/bin/env bash
# Installs Debian packages where that is allowed without asking; else says how, on standard error, and exits with 1.
#
#   eng/apt-install.sh WHAT PACKAGE...      WHAT names for people what is missing
set -uo pipefail

what=$1
shift
install=(apt-get install -y --no-install-recommends "$@")
if command -v apt-get > /dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update && "${install[@]}"
elif command -v apt-get > /dev/null && sudo -n true 2> /dev/null; then
    sudo apt-get update && sudo "${install[@]}"
else
    echo "$what missing; install with: sudo ${install[*]}" >&2
    exit 1
fi
