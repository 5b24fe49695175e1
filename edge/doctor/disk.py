"""Checks of the disk: free space, file system and wear."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.config.schema import EventLogConfig
from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, failure, not_applicable, ok, warning
from edge.doctor.host import Host
from edge.files.state_files import is_regular

FULL_MB, TIGHT_MB = 50, 500
"""Free megabytes below which SQLite soon cannot write, and below which an upgrade does not fit."""

DAY_S = 86_400.0

MIN_SPAN_S = 3600.0
"""Seconds between the oldest and the newest picture below which no rate per day is given."""

VOLATILE = ("tmpfs", "ramfs", "overlay")
"""File systems that lose their contents when the machine is switched off."""

JOURNALLED = ("ext4", "ext3", "xfs", "btrfs", "f2fs")
"""File systems that survive a power cut."""

LIFE = {"0x01": "normal", "0x02": "80 % of the spare blocks used", "0x03": "90 % of the spare blocks used"}
"""``pre_eol_info`` of a card -> what it means (JEDEC eMMC 5.0)."""

WORN_LIFE = 9
"""``life_time`` of a card, in tenths of its rated life (JEDEC eMMC 5.0), from which it should be replaced: 80 to 90 %."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system.

    Attributes:
        point: mount point.
        number: device number as ``major:minor``.
        kind: file system, e.g. ``ext4``.
        options: mount options.
    """

    point: Path
    number: str
    kind: str
    options: tuple[str, ...]


def check_space(context: CheckContext) -> Iterator[Finding]:
    """Check the free space for the records, and for how many days the pictures' budget lasts."""
    config, host = context.config, context.host
    if config is None:
        yield not_applicable("disk space", NO_CONFIG)
        return
    log = config.event_log
    place = _existing(log.file)
    total, _, free = host.disk_usage(place)
    # systemd creates the service's folder (StateDirectory=) when the service starts for the first time.
    is_created_later = context.unit is not None and context.unit.installed and not log.file.parent.exists()
    if not total or not (is_created_later or context.user.may_use(place)):
        found = f"event_log.file {log.file}: {context.user.name} cannot write to {place}"
        yield failure("disk space", found, f"set event_log.file to a folder that {context.user.name} may write to")
        return
    free_mb = free / 1e6
    stored_mb, days = _picture_usage(log)
    missing_mb = max(0.0, log.image_budget_mb - stored_mb)
    found = f"{free_mb:,.0f} MB free, pictures up to {log.image_budget_mb:,.0f} MB"
    found += "" if days is None else f", enough for {days:.1f} days"
    if free_mb < FULL_MB:
        yield failure("disk space", found, "free some space: 'sudo apt clean', 'journalctl --vacuum-size=50M'")
    elif free_mb < log.reserve_mb:
        found = f"{found}, none while less than {log.reserve_mb:,.0f} MB (event_log.reserve_mb) are free"
        yield warning("disk space", found, "free some space, or lower event_log.reserve_mb")
    elif free_mb < missing_mb + TIGHT_MB:
        yield warning("disk space", found, "lower event_log.image_budget_mb, or free some space")
    else:
        yield ok("disk space", found)


def check_file_system(context: CheckContext) -> Iterator[Finding]:
    """Check that the records can be written and survive a power cut."""
    config, host = context.config, context.host
    mount = None if config is None else mount_of(host, _existing(config.event_log.file))
    if config is None or mount is None:
        yield not_applicable("file system", NO_CONFIG if config is None else "no /proc/self/mountinfo")
        return
    found = f"{mount.kind} at {mount.point} ({','.join(mount.options)})"
    if "ro" in mount.options:
        advice = "look for errors in 'dmesg'; a card that turned read-only is worn out: replace it"
        yield failure("file system", f"{found}: read-only", advice)
    elif mount.kind in VOLATILE:
        advice = "set event_log.file and event_log.images to folders on a disk, or disable the overlay in raspi-config"
        yield warning("file system", f"{found}: records are lost when the machine is switched off", advice)
    elif mount.kind not in JOURNALLED:
        advice = "set event_log.file to a folder on ext4"
        yield warning("file system", f"{found}: a power cut may damage it", advice)
    elif not {"noatime", "relatime"} & set(mount.options):
        yield warning("file system", f"{found}: every read causes a write", f"mount {mount.point} with noatime")
    else:
        yield ok("file system", found)


def check_wear(context: CheckContext) -> Iterator[Finding]:
    """Check the errors and the wear that the file system and the card report."""
    config, host = context.config, context.host
    mount = None if config is None else mount_of(host, _existing(config.event_log.file))
    block = None if mount is None else _block(host, mount.number)
    if config is None or block is None:
        yield not_applicable("disk wear", NO_CONFIG if config is None else "not on a block device")
        return
    partition = f"sys/fs/ext4/{block.name}"
    errors = host.text(f"{partition}/errors_count")
    written = host.text(f"{partition}/lifetime_write_kbytes")
    facts = (
        [] if written is None or not written.isdecimal() else [f"{int(written) * 1024 / 1e9:,.0f} GB written so far"]
    )
    # In /sys a partition is a folder within that of its disk, and only the disk links to its device.
    disk = next((one for one in (block, block.parent) if (one / "device").exists()), block)
    reserve, life = (_first(disk / "device" / name) for name in ("pre_eol_info", "life_time"))
    if life is not None and life.startswith("0x") and int(life, 16):
        facts.append(f"{(int(life, 16) - 1) * 10} to {int(life, 16) * 10} % of its life used")
    advice = "replace the card, after a copy: 'sudo dd' or the SD Card Copier"
    if reserve in ("0x02", "0x03"):
        yield warning("disk wear", ", ".join([LIFE[reserve], *facts]), advice)
    elif errors not in (None, "0"):
        found = ", ".join([f"{errors} errors of the file system", *facts])
        yield warning("disk wear", found, f"look into 'dmesg'; {advice}")
    elif life is not None and life.startswith("0x") and int(life, 16) >= WORN_LIFE:
        yield warning("disk wear", ", ".join(facts), advice)
    elif facts or errors is not None:
        yield ok("disk wear", ", ".join([f"{block.name}: no errors", *facts]))
    else:
        yield not_applicable("disk wear", f"{block.name} reports no wear")


def mount_of(host: Host, path: Path) -> Mount | None:
    """The mount that a path lies on, from /proc/self/mountinfo; None where that cannot be read."""
    best = None
    for line in (host.text("proc/self/mountinfo") or "").splitlines():
        fields, _, rest = line.partition(" - ")
        parts, kind = fields.split(), rest.partition(" ")[0]
        if len(parts) < 6:
            continue
        point = Path(parts[4].replace("\\040", " "))
        # A later mount hides an earlier one at the same point.
        if path.is_relative_to(point) and (best is None or len(point.parts) >= len(best.point.parts)):
            best = Mount(point, parts[2], kind, tuple(parts[5].split(",")))
    return best


def _existing(path: Path) -> Path:
    """The path, or the nearest folder above it that exists."""
    path = path.resolve()
    return next((one for one in (path, *path.parents) if one.exists()), Path("/"))


def _picture_usage(log: EventLogConfig) -> tuple[float, float | None]:
    """Megabytes of stored pictures, and days that the budget lasts at their rate; None where the rate is not known yet."""
    try:
        stats = [path.lstat() for path in log.images.glob("*.jpg") if is_regular(path)]
    except OSError:
        stats = []
    size = sum(stat.st_size for stat in stats)
    times = [stat.st_mtime for stat in stats]
    span_s = max(times) - min(times) if times else 0.0
    return size / 1e6, log.image_budget_mb * 1e6 / size * span_s / DAY_S if span_s >= MIN_SPAN_S and size else None


def _block(host: Host, number: str) -> Path | None:
    """The folder of a partition or disk in /sys; None where there is none."""
    folder = host.root / "sys/dev/block" / number
    return folder.resolve() if folder.exists() else None


def _first(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace").split()[0]
    except (OSError, IndexError):
        return None
