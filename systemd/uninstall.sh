#!/bin/bash
# Takes the sorter off this machine: sudo systemd/uninstall.sh [--purge] [--dry-run]
#
# Events and pictures (/var/lib/sorter), logs (/var/log/sorter) and the configuration (/etc/sorter) stay; --purge takes them
# too. The parts that apt installed stay: other programs may use them by now. Safe to run again.
#
# Exit codes: 0 all is gone; 64 wrong usage; 77 not root.
set -euo pipefail

readonly ROOT=/opt/sorter ETC=/etc/sorter STATE=/var/lib/sorter LOGS=/var/log/sorter
readonly UNIT=/etc/systemd/system/sorter.service RULES=/etc/udev/rules.d/60-sorter.rules COMMAND=/usr/local/bin/sorter
readonly FIRST_BOOT=/etc/systemd/system/sorter-firstboot.service

dry_run=
purge=

say() { printf '%s\n' "$*"; }
fail() { printf 'uninstall: %s\n' "$2" >&2; exit "$1"; }
run() {
    if [[ $dry_run ]]; then
        printf '+'
        printf ' %q' "$@"
        printf '\n'
    else
        "$@"
    fi
}

remove_service() {
    if [[ -e $FIRST_BOOT ]]; then
        # A first install that never got through would begin again at the next boot.
        run systemctl disable --quiet --now sorter-firstboot
        run rm -f "$FIRST_BOOT" /usr/local/sbin/sorter-firstboot /etc/sorter-source
    fi
    if [[ -e $UNIT ]]; then
        # A stop brings the flaps home.
        run systemctl disable --quiet --now sorter
        run rm -rf "$UNIT" "$UNIT.d"
        run systemctl daemon-reload
        run systemctl reset-failed --quiet sorter 2>/dev/null || true
    fi
    if [[ -e $RULES ]]; then
        run rm "$RULES"
        [[ ! -S /run/udev/control ]] || run udevadm control --reload
    fi
}

remove_user() {
    local folder
    # What stays must not belong to whoever gets the user's number next. The service takes it over again when it starts.
    for folder in "$STATE" "$LOGS"; do
        [[ ! -d $folder ]] || run chown -R root:root "$folder"
    done
    ! getent passwd sorter >/dev/null || run userdel sorter
    ! getent group sorter >/dev/null || run groupdel sorter
    [[ -r $ROOT/groups ]] || return 0
    local group
    while read -r group; do
        ! getent group "$group" >/dev/null || run groupdel "$group"
    done <"$ROOT/groups"
}

main() {
    while (($#)); do
        case $1 in
            --dry-run) dry_run=yes ;;
            --purge) purge=yes ;;
            -h | --help) say "usage: sudo systemd/uninstall.sh [--purge] [--dry-run]: --purge takes data and configuration as well"; exit ;;
            *) fail 64 "unknown option $1; usage: sudo systemd/uninstall.sh [--purge] [--dry-run]" ;;
        esac
        shift
    done
    [[ $EUID == 0 || $dry_run ]] || fail 77 "must run as root: sudo $0"
    remove_service
    remove_user
    run rm -rf "$ROOT" "$COMMAND"
    if [[ $purge ]]; then
        run rm -rf "$ETC" "$STATE" "$LOGS"
        done="the sorter is gone, with its data and configuration"
    else
        done="the sorter is gone; data stay in $STATE, the configuration in $ETC"
    fi
    say "${dry_run:+nothing is changed; without --dry-run: }$done"
}

# All of it is read before it removes itself.
main "$@"
exit
