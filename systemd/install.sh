#!/bin/bash
# Installs the sorter as a service, or upgrades it: sudo systemd/install.sh [options]
#
#   --rollback            return to the release before; everything else stays (also: sudo /opt/sorter/current/install.sh --rollback)
#   --offline FOLDER      take Python packages from FOLDER alone (filled by systemd/wheels.py), and nothing from apt
#   --without-hashes      on 32-bit: take three packages from piwheels.org by version alone, since they have no known hash
#   --persistent-journal  keep the system's log on the card, at most 100 MB, so that it survives a power cut
#   --watchdog            let the hardware watchdog restart the board when the system hangs
#   --dry-run             show what would be done
#
# In a terminal it asks for the log and the watchdog if they are off.
#
# Runs from a clone or an unpacked archive, on Raspberry Pi OS 12 and 13 and on Debian 12 and 13. Safe to run again: existing
# parts stay unchanged. If it is interrupted, or the new release does not become ready, the old release stays in use.
#
#   /opt/sorter/releases/NAME   a release: venv, models, default configuration, unit
#   /opt/sorter/current         the release in use; previous: the one before
#   /etc/sorter/config.yaml     the configuration; never overwritten (what an upgrade would change is written to config.yaml.new)
#   /var/lib/sorter             events, pictures of the items, the empty tray
#
# Exit codes: 0 the service is ready; 1 it is not, see the message; 64 wrong usage; 69 a resource is missing (network, disk);
# 77 not root.
set -euo pipefail
umask 022

readonly ROOT=/opt/sorter ETC=/etc/sorter STATE=/var/lib/sorter
readonly UNITS=/etc/systemd/system RULES=/etc/udev/rules.d/60-sorter.rules COMMAND=/usr/local/bin/sorter
readonly EVENTS=$STATE/events.sqlite EVENTS_KEPT=$STATE/events-before
readonly LOCK=/run/sorter-install
# Later in the alphabet than 40-rpi-volatile-storage.conf and 40-rpi-enable-watchdog.conf of Raspberry Pi OS 13.
readonly JOURNAL=/etc/systemd/journald.conf.d/60-sorter.conf WATCHDOG=/etc/systemd/system.conf.d/60-sorter.conf
# Months of a bin's log.
readonly JOURNAL_MB=100
# The most that the board's watchdog takes with kernels before 6.12 (16 s minus the rounding).
readonly WATCHDOG_S=15
readonly USAGE='usage: sudo systemd/install.sh [--rollback | --offline FOLDER] [--without-hashes] [--persistent-journal] [--watchdog] [--dry-run]'
readonly GROUPS_NEEDED=(video gpio i2c plugdev)
readonly NEEDED_MB=1500
# Files that make up a release; its name contains their hash.
readonly SOURCES=(edge hardware train convert examples pyproject.toml requirements.txt README.md LICENSE config.yaml systemd)
# Longer than the unit's own time-out: it only ends the wait for a systemd that does not answer.
readonly READY_S=150
SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly SOURCE
SELF=$(realpath -- "${BASH_SOURCE[0]}")
readonly SELF
# Nothing is taken from the folder that this was called in.
cd /

dry_run=
rollback=
offline=        # folder with all Python packages; empty: from the network
without_hashes=
persistent_journal=
watchdog=
new=            # name of the release that is installed
old=            # name of the release in use when this began, if there is one
was_active=     # the service ran on it, or tried to
stage=          # building | trying: what has to be undone when this ends now

say() { printf '%s\n' "$*"; }
fail() { printf 'install: %s\n' "$2" >&2; exit "$1"; }

# Runs every command that changes the machine; with --dry-run it only prints it.
run() {
    if [[ $dry_run ]]; then
        printf '+'
        printf ' %q' "$@"
        printf '\n'
    else
        "$@"
    fi
}

# Runs a command as the service's user. Root does nothing in a folder of this user, who could have left links there. In a session of
# its own: whoever has taken the user over may not type into this terminal.
as_service() { run setsid --wait runuser -u sorter -- "$@" </dev/null; }

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

same() { cmp -s "$1" "$2"; }

python_name() { /usr/bin/python3 -I -c 'import sys; print("python%d.%d" % sys.version_info[:2])' 2>/dev/null || echo python3; }

check_machine() {
    local ID=none VERSION_ID=none
    # shellcheck source=/dev/null
    [[ ! -r /etc/os-release ]] || . /etc/os-release
    case $ID-$VERSION_ID in
        debian-12 | debian-13 | raspbian-12 | raspbian-13) ;;
        *) fail 69 "this is ${ID} ${VERSION_ID}; expected Raspberry Pi OS or Debian, 12 (bookworm) or 13 (trixie)" ;;
    esac
    [[ $(uname -m) != armv7l || $without_hashes || $rollback ]] ||
        fail 69 "this is a 32-bit system: NumPy, OpenCV and PyYAML come from piwheels.org, whose files have no known hash. \
Use 64-bit Raspberry Pi OS, or say --without-hashes to take them by version alone. Nothing was changed"
    [[ -d /run/systemd/system || $dry_run ]] || fail 69 "systemd is not running; expected a machine booted with systemd"
}

install_parts() {
    local parts=(python3 python3-venv) missing=() part
    # They depend on the system's libcamera and kernel: only Raspberry Pi OS provides them.
    [[ -e /etc/rpi-issue ]] && parts+=(python3-lgpio python3-picamera2)
    for part in "${parts[@]}"; do installed "$part" || missing+=("$part"); done
    ((${#missing[@]})) || return 0
    [[ ! $offline ]] || fail 69 "${missing[*]} missing, and --offline takes nothing from apt: install it first"
    say "apt parts: ${missing[*]}"
    # Automatic updates of the system may hold apt's lock.
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
    run "${apt[@]}" update || fail 69 "apt-get update failed: is there a network? Nothing was changed"
    run "${apt[@]}" install -y --no-install-recommends "${missing[@]}" ||
        fail 69 "apt-get could not install ${missing[*]}; see its message above"
}

make_user() {
    local group have missing=()
    for group in "${GROUPS_NEEDED[@]}"; do
        getent group "$group" >/dev/null && continue
        run groupadd --system "$group"
        # uninstall.sh removes only the groups listed here.
        [[ $dry_run ]] || echo "$group" >>"$ROOT/groups"
    done
    getent passwd sorter >/dev/null ||
        run useradd --system --user-group --home-dir "$STATE" --no-create-home --shell /usr/sbin/nologin \
            --comment "Smart bin sorter" sorter
    have=" $(id -nG sorter 2>/dev/null || true) "
    for group in "${GROUPS_NEEDED[@]}"; do
        [[ $have == *" $group "* ]] || missing+=("$group")
    done
    ((${#missing[@]} == 0)) || run usermod --append --groups "$(IFS=, && echo "${missing[*]}")" sorter
    # The user who installs it may read pictures and log without sudo, from the next login on.
    local keeper=${SUDO_USER:-$(id -nu 1000 2>/dev/null || true)}
    if [[ $keeper && $keeper != root && " $(id -nG "$keeper") " != *" sorter "* ]]; then
        run usermod --append --groups sorter "$keeper"
    fi
}

# The same sources with the same Python give the same release name.
name_release() {
    local version stamp
    version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$SOURCE/pyproject.toml")
    stamp=$(cd "$SOURCE" &&
        { find "${SOURCES[@]}" -name __pycache__ -prune -o -type f ! -name '*.pyc' -print0 | LC_ALL=C sort -z |
            xargs -0 sha256sum; python_name; } | sha256sum | cut -c1-10)
    new=$version-$stamp
}

build_release() {
    local release=$ROOT/releases/$new
    # Written last: a release without it is incomplete.
    [[ -e $release/complete ]] && return
    local free_mb
    free_mb=$(df --output=avail -m "$ROOT" 2>/dev/null || df --output=avail -m "$(dirname "$ROOT")")
    free_mb=${free_mb##*[!0-9]}
    ((free_mb >= NEEDED_MB)) || fail 69 "$(dirname "$ROOT") has ${free_mb} MB free; a release needs ${NEEDED_MB} MB: free some space"
    say "building release $new (some minutes on a Raspberry Pi)"
    stage=building
    run rm -rf "$release"
    run mkdir -p "$release/tmp"
    local venv=(/usr/bin/python3 -I -m venv) part
    for part in python3-picamera2 python3-lgpio; do
        if installed "$part"; then venv+=(--system-site-packages); break; fi
    done
    # Not in /tmp, which is in memory on Debian 13.
    local pip=(env TMPDIR="$release/tmp" ${offline:+PIP_CONFIG_FILE=/dev/null} "$release/venv/bin/python" -I -m pip --disable-pip-version-check --no-cache-dir install --quiet)
    [[ ! $offline ]] || pip+=(--no-index --find-links "$offline")
    run "${venv[@]}" "$release/venv" || fail 69 "the virtual environment cannot be created; see the message above"
    local failed="pip could not install the requirements: is there a network, and space on the disk? A file whose hash differs is refused"
    [[ ! $offline ]] || failed="pip could not install the requirements from $offline: is it complete, for this system and Python (systemd/wheels.py)?"
    failed+=${old:+; release $old stays in use}
    if [[ $(uname -m) == armv7l ]]; then
        # Installed first, by version alone, as --without-hashes allows: piwheels.org builds them, with hashes of its own.
        run "${pip[@]}" --only-binary :all: --no-deps -r "$SOURCE/systemd/requirements-piwheels.txt" || fail 69 "$failed"
    fi
    run "${pip[@]}" --require-hashes -r "$SOURCE/requirements.txt" || fail 69 "$failed"
    if installed python3-picamera2 && [[ $(python_name)-$(dpkg --print-architecture) == python3.11-arm64 ]]; then
        # Debian 12's own is built for numpy 1 and makes the import of picamera2 fail (picamera2 #1211).
        run "${pip[@]}" --ignore-installed --require-hashes --no-deps -r "$SOURCE/systemd/requirements-picamera2.txt" ||
            fail 69 "pip could not install simplejpeg, which picamera2 needs beside numpy 2${old:+; release $old stays in use}"
    fi
    # Built from a copy: a build leaves files in the sources.
    run cp -r "${SOURCES[@]/#/$SOURCE/}" "$release/tmp"
    run "${pip[@]}" --no-deps --no-build-isolation "$release/tmp" ||
        fail 1 "the sorter itself cannot be installed into $release; see pip's message above"
    run cp "$SOURCE"/systemd/{sorter.service,sorter-page.service,sorter-link.service,sorter-kiosk.service,sorter-{update,program}.{service,timer},60-sorter.rules,install.sh,uninstall.sh} "$release"
    local systemd_version
    systemd_version=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p' || true)
    # Older versions of systemd would warn of the unknown settings at every start.
    ((${systemd_version:-0} < 254)) ||
        run sed -i '/^RestartSec=/a RestartSteps=8\nRestartMaxDelaySec=30' "$release/sorter.service"
    # A name without Python's version in it, for configurations of earlier releases, which named the model by its path.
    run ln -s "venv/lib/$(python_name)/site-packages/edge/models" "$release/models"
    # Only the paths of the default configuration are changed.
    run cp "$SOURCE/config.yaml" "$release/config.yaml"
    # The force of the simulated flaps is nobody's: a real one counts as strong until its owner states what was measured.
    run sed -i -e "s#^\( *[a-z_]*: *\)state/#\1$STATE/#" -e 's/\(force_n: \)4\b/\1null/' "$release/config.yaml"
    run rm -rf "$release/tmp"
    # Flush to disk first: after a power cut the card must not hold a release that looks complete but has empty files.
    run sync --file-system "$release"
    run touch "$release/complete"
    stage=
}

make_config() {
    [[ -e $ETC/config.yaml ]] && return
    run mkdir -p "$ETC"
    run install -m 644 "$ROOT/releases/$new/config.yaml" "$ETC/config.yaml"
}

# Checks the configuration with the new release, before the old one is stopped.
check_config() {
    run "$ROOT/releases/$new/venv/bin/python" -I -c '
import sys
from pathlib import Path
from edge.config.file import load_config
from edge.errors import SorterError
try:
    load_config(Path(sys.argv[1]))
except SorterError as error:
    sys.exit(f"install: {error}")' "$ETC/config.yaml" ||
        fail 1 "release $new does not accept $ETC/config.yaml (see above); correct it and run this again"
}

# Merges what is new in the default configuration into a copy of the user's, and shows what differs.
offer_config() {
    [[ -e $ETC/config.yaml && $old && $old != "$new" ]] || return 0
    local before=$ROOT/releases/$old/config.yaml
    [[ -e $before ]] || return 0
    run "$ROOT/releases/$new/venv/bin/python" -I -m edge.calibrate.default_merge \
        "$before" "$ROOT/releases/$new/config.yaml" "$ETC/config.yaml" || true
}

# Puts a unit in place, if it differs from what is there.
place_unit() {
    same "$1/$2" "$UNITS/$2" && return
    run install -m 644 "$1/$2" "$UNITS/$2"
    run systemctl daemon-reload
}

# The services beside the bin come and go with the releases that have them. Whoever has disabled or masked one keeps it so.
readonly NEIGHBOURS=(sorter-page sorter-link)

place_neighbour() {
    local unit=$UNITS/$2.service before=
    [[ ! -L $unit ]] || return 0
    [[ ! -e $unit ]] || before=yes
    if [[ -e $1/$2.service || $dry_run ]]; then
        place_unit "$1" "$2.service"
        [[ $before ]] || run systemctl enable --quiet "$2"
    elif [[ $before ]]; then
        run systemctl disable --quiet --now "$2"
        run rm "$unit"
        run systemctl daemon-reload
    fi
}

# What runs now and then likewise. Each ends at once where the configuration says nothing of updates.
readonly TIMERS=(sorter-update sorter-program)

place_timer() {
    local unit=$UNITS/$2.timer before=
    [[ ! -L $unit ]] || return 0
    [[ ! -e $unit ]] || before=yes
    if [[ -e $1/$2.timer || $dry_run ]]; then
        place_unit "$1" "$2.service"
        place_unit "$1" "$2.timer"
        [[ $before ]] || run systemctl enable --quiet --now "$2.timer"
    elif [[ $before ]]; then
        run systemctl disable --quiet --now "$2.timer"
        run rm -f "$unit" "$UNITS/$2.service"
        run systemctl daemon-reload
    fi
}

# Should one fail, the bin sorts all the same: a release is not judged by it.
restart_neighbours() {
    local name
    for name in "${NEIGHBOURS[@]}"; do
        [[ $dry_run ]] || systemctl is-enabled --quiet "$name" 2>/dev/null || continue
        run systemctl restart "$name" || printf 'install: %s does not start; its log: journalctl --unit %s\n' "$name" "$name" >&2
    done
}

# Makes a release, given by its name, the one in use.
switch_to() {
    local release=$ROOT/releases/$1
    if ! same "$release/60-sorter.rules" "$RULES"; then
        run install -m 644 "$release/60-sorter.rules" "$RULES"
        if [[ -S /run/udev/control ]]; then
            run udevadm control --reload
            run udevadm trigger --subsystem-match={gpio,i2c-dev,pwm,dma_heap,usb}
        fi
    fi
    if [[ $(readlink "$ROOT/current" 2>/dev/null) != "releases/$1" ]]; then
        run ln -sfn "releases/$1" "$ROOT/current.new"
        run mv -T "$ROOT/current.new" "$ROOT/current" # a rename: there is no moment without a release
    fi
    place_unit "$release" sorter.service
    local name
    for name in "${NEIGHBOURS[@]}"; do place_neighbour "$release" "$name"; done
    for name in "${TIMERS[@]}"; do place_timer "$release" "$name"; done
    [[ $(readlink "$COMMAND" 2>/dev/null) == "$ROOT/current/venv/bin/sorter" ]] ||
        run ln -sfn "$ROOT/current/venv/bin/sorter" "$COMMAND"
    systemctl is-enabled --quiet sorter 2>/dev/null || run systemctl enable --quiet sorter
}

# systemctl returns once the service has reported that it is ready, or has failed.
restart() { run timeout "$READY_S" systemctl restart sorter; }

# A newer release may change the layout of the event log, which the old one could not read.
keep_events() {
    run systemctl stop sorter
    as_service rm -rf "$EVENTS_KEPT"
    [[ -e $EVENTS ]] || return 0
    as_service bash -c 'mkdir -m 700 "$2" && cp -a "$1"* "$2"' - "$EVENTS" "$EVENTS_KEPT" ||
        fail 69 "the event log cannot be copied to $EVENTS_KEPT: is there space on the disk?"
}

# Did the release that was just started set a log aside that is newer than it?
has_set_newer_log_aside() {
    local log
    [[ -d $EVENTS_KEPT ]] || return 1
    for log in "$EVENTS".newer-*; do
        [[ ! -e $log || -e $EVENTS_KEPT/${log##*/} ]] || return 0
    done
    return 1
}

restore_events() {
    [[ -d $EVENTS_KEPT ]] || return 1
    run systemctl stop sorter
    # The records of the new release are moved aside, not deleted.
    as_service bash -c 'aside=$(mktemp -d "$3-XXXXXX") && mv "$1"* "$aside" && cp -a "$2"/* "${1%/*}"' \
        - "$EVENTS" "$EVENTS_KEPT" "$STATE/of-$new"
}

try_release() {
    stage=trying
    [[ ! $old ]] || keep_events
    switch_to "$new"
    say "starting release $new"
    if ! restart; then
        # Not --output cat, which would hand control characters of the log to the terminal.
        journalctl --unit sorter --lines 15 --no-pager --output short-iso >&2 || true
        fail 1 "release $new does not become ready; its log: journalctl --unit sorter"
    fi
    stage=
    restart_neighbours
    as_service rm -rf "$EVENTS_KEPT"
}

# Keeps this release and the previous one.
remove_old_releases() {
    local release
    for release in "$ROOT"/releases/*; do
        [[ $release == "$ROOT/releases/$new" || $release == "$ROOT/releases/$old" || ! -d $release ]] || run rm -rf "$release"
    done
}

# Remembers the release that --rollback returns to.
remember_previous() {
    [[ $old && $old != "$new" && $(readlink "$ROOT/previous" 2>/dev/null) != "releases/$old" ]] || return 0
    run ln -sfn "releases/$old" "$ROOT/previous"
}

# Takes the release before the current one as the one to install.
choose_previous() {
    [[ $old ]] || fail 69 "no release is in use: there is nothing to return from"
    new=$(basename "$(readlink "$ROOT/previous" 2>/dev/null || true)")
    [[ $new && $new != "$old" && -e $ROOT/releases/$new/complete ]] ||
        fail 69 "there is no release before $old on this card: install the one you want from its own archive"
}

# A setting of journald, from all files that set it: the last one counts.
journal_setting() {
    { systemd-analyze cat-config systemd/journald.conf 2>/dev/null || true; } | sed -n "s/^$1=//p" | tail -n 1
}

is_journal_kept() {
    local storage
    storage=$(journal_setting Storage)
    [[ -e $JOURNAL || $storage == persistent || (${storage:-auto} == auto && -d /var/log/journal) ]]
}

keep_journal() {
    is_journal_kept && { say "the system's log is kept on the card already"; return; }
    run mkdir -p "${JOURNAL%/*}"
    run bash -c 'printf "%s\n" "$1" >"$2"' - "# The log survives a power cut, and takes little of the card.
[Journal]
Storage=persistent
SystemMaxUse=${JOURNAL_MB}M" "$JOURNAL"
    run systemctl restart systemd-journald
    # What was logged so far.
    run journalctl --flush
    say "the system's log is kept on the card, at most $JOURNAL_MB MB: $JOURNAL"
}

is_watchdog_on() { [[ $(systemctl show --property RuntimeWatchdogUSec --value 2>/dev/null) != @(0|infinity|) ]]; }

start_watchdog() {
    is_watchdog_on && { say "the hardware watchdog is on already"; return; }
    [[ -e /dev/watchdog0 || -e /dev/watchdog ]] || { say "there is no hardware watchdog (/dev/watchdog): --watchdog has no effect"; return; }
    run mkdir -p "${WATCHDOG%/*}"
    run bash -c 'printf "%s\n" "$1" >"$2"' - "# The board restarts when the system hangs.
[Manager]
RuntimeWatchdogSec=$WATCHDOG_S" "$WATCHDOG"
    run systemctl daemon-reexec
    say "the board restarts when the system hangs for $WATCHDOG_S s: $WATCHDOG"
}

# Asks a question, if somebody is there to answer; the default is no.
ask() {
    [[ -t 0 && -t 1 && ! $dry_run ]] || return
    local answer=
    read -r -p "$1 [y/N] " answer || true
    [[ $answer == [yY]* ]]
}

# Asks for what belongs to the system, and not to the sorter; first of all, so that nobody has to wait for the questions.
ask_for_settings() {
    if [[ ! $persistent_journal ]] && ! is_journal_kept; then
        ! ask "The system's log is lost at every restart. Keep it on the card, at most $JOURNAL_MB MB?" || persistent_journal=yes
    fi
    if [[ ! $watchdog && -e /dev/watchdog0 ]] && ! is_watchdog_on; then
        ! ask "Let the hardware watchdog restart the board when the system hangs?" || watchdog=yes
    fi
}

# Runs at every exit: removes an incomplete release, or returns to the old one.
undo() {
    local status=$?
    trap '' INT TERM HUP
    trap - EXIT
    set +e
    if [[ $stage == building && ! $dry_run ]]; then
        rm -rf "${ROOT:?}/releases/${new:?}"
    elif [[ $stage == trying && $old && $old != "$new" ]]; then
        printf 'install: returning to release %s\n' "$old" >&2
        switch_to "$old"
        if [[ ! $was_active ]]; then
            run systemctl stop sorter
        elif ! { restart && ! has_set_newer_log_aside; } && ! { restore_events && restart; }; then
            printf 'install: release %s does not become ready either; its log: journalctl --unit sorter\n' "$old" >&2
        fi
        restart_neighbours
    fi
    exit "$status"
}

# The comment that this file begins with, which explains the options.
show_help() {
    say "$USAGE"
    sed -n '2,/^set /{/^#/{s/^# \{0,1\}//;p}}' "$SELF"
}

read_options() {
    while (($#)); do
        case $1 in
            --dry-run) dry_run=yes ;;
            --rollback) rollback=yes ;;
            --offline)
                [[ ${2-} ]] || fail 64 "--offline needs a folder; $USAGE"
                offline=$(cd "$OLDPWD" && realpath -e -- "$2" 2>/dev/null) && [[ -d $offline ]] || fail 64 "--offline $2: no such folder"
                shift
                ;;
            --without-hashes) without_hashes=yes ;;
            --persistent-journal) persistent_journal=yes ;;
            --watchdog) watchdog=yes ;;
            -h | --help) show_help; exit ;;
            *) fail 64 "unknown option $1; $USAGE" ;;
        esac
        shift
    done
    [[ ! $rollback || ! $offline ]] || fail 64 "--rollback installs nothing, so that --offline has no meaning; $USAGE"
    [[ $rollback || -e $SOURCE/pyproject.toml ]] ||
        fail 64 "$SOURCE has no sources to install; run systemd/install.sh of a clone or an unpacked archive (or --rollback)"
}

main() {
    read_options "$@"
    [[ $EUID == 0 || $dry_run ]] || fail 77 "must run as root: sudo $0"
    check_machine
    if [[ ! $dry_run ]]; then
        # Not in /run/lock, where everybody may leave a link.
        mkdir -p -m 700 "$LOCK"
        exec 9>"$LOCK/lock"
        flock -n 9 || fail 69 "another install is running; wait until it has finished"
    fi
    ask_for_settings
    trap undo EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    old=$(basename "$(readlink "$ROOT/current" 2>/dev/null || true)")
    [[ $(systemctl show sorter --property ActiveState --value 2>/dev/null) != @(active|activating|reloading) ]] || was_active=yes
    if [[ $rollback ]]; then
        choose_previous
    else
        run mkdir -p "$ROOT/releases"
        install_parts
        make_user
        name_release
        build_release
        make_config
    fi
    [[ ! $persistent_journal ]] || keep_journal
    [[ ! $watchdog ]] || start_watchdog
    if [[ $new == "$old" ]] && systemctl is-active --quiet sorter; then
        switch_to "$new"
        say "release $new is in use and ready"
        return
    fi
    [[ $rollback ]] || offer_config
    check_config
    try_release
    remember_previous
    [[ $rollback || $new == "$old" ]] || remove_old_releases
    if [[ $dry_run ]]; then
        say "dry run: nothing was changed"
    else
        say "release $new is ready: systemctl status sorter; its configuration is $ETC/config.yaml"
        say "its page: https://$(uname -n).local:8443/; the code of the first visit: sudo journalctl --unit sorter-page --grep first-visit"
    fi
}

main "$@"
