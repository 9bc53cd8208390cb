#!/usr/bin/env bash
set -euo pipefail

PREFIX="${PREFIX:-/opt/demo}"

say() {
    printf '%s\n' "$*"
}

make_config() {
    cat > "$PREFIX/demo.conf" <<CONF
[server]
port = 8080
  [server.limits]
  clients = 16

[log]
level = info
CONF
}

main() {
    say "installing to $PREFIX"
    mkdir -p "$PREFIX"
    make_config
    if [ "${1:-}" = "--start" ]; then
        say "starting"
        "$PREFIX/bin/demo" &
    fi
}

main "$@"
