#!/bin/bash
# Removes the sorter from this machine: sudo systemd/uninstall.sh [--purge] [--dry-run]
#
# Events and pictures (/var/lib/sorter), logs (/var/log/sorter) and the configuration (/etc/sorter) stay; --purge removes them
# too. Packages that apt installed stay, because other programs may use them by now. Safe to run again.
#
# Exit codes: 0 everything is removed; 64 wrong usage; 77 not root.
set -euo pipefail

readonly ROOT=/opt/sorter ETC=/etc/sorter STATE=/var/lib/sorter LOGS=/var/log/sorter
readonly UNITS=/etc/systemd/system RULES=/etc/udev/rules.d/60-sorter.rules COMMAND=/usr/local/bin/sorter
readonly JOURNAL=/etc/systemd/journald.conf.d/60-sorter.conf WATCHDOG=/etc/systemd/system.conf.d/60-sorter.conf
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
        # An unfinished first install would start again at the next boot.
        run systemctl disable --quiet --now sorter-firstboot
        run rm -f "$FIRST_BOOT" /usr/local/sbin/sorter-firstboot /etc/sorter-source /etc/sorter-options
    fi
    local service timer
    for timer in sorter-update sorter-program; do
        [[ -e $UNITS/$timer.timer ]] || continue
        run systemctl disable --quiet --now "$timer.timer"
        run systemctl stop "$timer"
        run rm -rf "$UNITS/$timer".{service,timer}{,.d} /var/lib/sorter-program /var/cache/sorter-program
        run systemctl daemon-reload
    done
    # Stopping the sorter brings the flaps home.
    for service in sorter-link sorter-page sorter; do
        [[ -e $UNITS/$service.service ]] || continue
        run systemctl disable --quiet --now "$service"
        run rm -rf "$UNITS/$service.service"{,.d}
        run systemctl daemon-reload
        run systemctl reset-failed --quiet "$service" 2>/dev/null || true
    done
    if [[ -e $RULES ]]; then
        run rm "$RULES"
        [[ ! -S /run/udev/control ]] || run udevadm control --reload
    fi
}

# Back to what the system had; the log that is on the card stays.
remove_system_settings() {
    if [[ -e $JOURNAL ]]; then
        run rm "$JOURNAL"
        run rmdir --ignore-fail-on-non-empty "${JOURNAL%/*}"
        run systemctl restart systemd-journald
    fi
    if [[ -e $WATCHDOG ]]; then
        run rm "$WATCHDOG"
        run rmdir --ignore-fail-on-non-empty "${WATCHDOG%/*}"
        run systemctl daemon-reexec
    fi
}

remove_user() {
    local folder
    # The remaining files must not belong to the next user who gets this user id. A new install takes them over again.
    for folder in "$STATE" "$LOGS"; do
        [[ ! -d $folder ]] || run chown -R --no-dereference root:root "$folder"
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
            -h | --help) say "usage: sudo systemd/uninstall.sh [--purge] [--dry-run]: --purge removes data and configuration too"; exit ;;
            *) fail 64 "unknown option $1; usage: sudo systemd/uninstall.sh [--purge] [--dry-run]" ;;
        esac
        shift
    done
    [[ $EUID == 0 || $dry_run ]] || fail 77 "must run as root: sudo $0"
    remove_service
    remove_system_settings
    remove_user
    run rm -rf "$ROOT" "$COMMAND"
    if [[ $purge ]]; then
        run rm -rf "$ETC" "$STATE" "$LOGS"
        done="the sorter is removed, with its data and configuration"
    else
        done="the sorter is removed; data stay in $STATE, the configuration in $ETC"
    fi
    say "${dry_run:+nothing was changed; without --dry-run: }$done"
}

# The whole script is read before it deletes itself.
main "$@"
exit
