"""Command lines to copy, shown at the end of each command's help. A test holds that they are understood."""

PROGRAM = (
    "sorter run --items 24              # the simulated bin sorts, until you have a config.yaml of your own",
    "sorter init --example three-bins   # write one, of a real bin",
    "sorter doctor                      # what this machine still needs",
    "sorter calibrate                   # fit the bin",
    "sorter run --help                  # more about a command",
)
"""Of the program itself."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "run": (
        "sorter run",
        "sorter run --items 24 --set simulation.speed=4",
        "sorter run --config /etc/sorter/config.yaml --duration 60",
    ),
    "init": (
        "sorter init",
        "sorter init --example three-bins",
        "sorter init bins/hall",
    ),
    "classify": (
        "sorter classify photo.jpg",
        "sorter classify folder/ --json",
        "sorter classify photo.jpg --empty-tray tray.jpg",
        "sorter classify photo.jpg --head new.head",
    ),
    "bench": (
        "sorter bench",
        "sorter bench --clip clip.mp4 --frames 300 --json",
        "sorter bench --compare main HEAD --tolerance 10",
    ),
    "events": (
        "sorter events --since 2h",
        "sorter events --totals",
        "sorter events --since 2026-05-01 --json",
        "sorter events --repair",
    ),
    "link": ("sorter link",),
    "update check": ("sorter update check", "sorter update check --json"),
    "update apply": ("sorter update apply", "sorter update apply --again"),
    "update status": ("sorter update status", "sorter update status --json"),
    "update back": ("sorter update back",),
    "update program": ("sudo sorter update program --config /etc/sorter/config.yaml",),
    "page": (
        "sorter page",
        "sorter page --events copy/events.sqlite --port 8081",
    ),
    "status": (
        "sorter status",
        "sorter status --json --config /etc/sorter/config.yaml",
    ),
    "model info": (
        "sorter model info trashnet6",
        "sorter model info mine.tflite --json",
    ),
    "model rules": (
        "sorter model rules",
        "sorter model rules --json",
    ),
    "simulate": (
        "sorter simulate short",
        "sorter simulate short tray-hand --json",
        "sorter simulate short --seed 7 --pictures wrong/",
    ),
    "doctor": (
        "sorter doctor",
        "sorter doctor --all --config /etc/sorter/config.yaml",
        "sorter doctor --wiring wiring.svg",
    ),
    "calibrate": (
        "sorter calibrate",
        "sorter calibrate flaps sensors",
        "sudo sorter calibrate --config /etc/sorter/config.yaml",
    ),
    "config list": (
        "sorter config list",
        "sorter config list --json --config /etc/sorter/config.yaml",
    ),
    "config set": (
        "sorter config set tray.settle_s=0.3 camera.fps=20",
        "sorter config set tray.region='[0.1, 0.05, 0.9, 0.95]' --try",
    ),
    "config back": (
        "sorter config back",
        "sorter config back 2 --try",
    ),
    "teach capture": (
        "sorter teach capture glass",
        "sorter teach capture battery --count 20 --config /etc/sorter/config.yaml",
        "sorter teach capture glass --count 5 --set simulation.speed=0   # in the simulated bin, at once",
    ),
    "teach add": (
        "sorter teach add glass bottle-1.jpg bottle-2.jpg",
        "sorter teach add 'paper cup' cups/ --empty-tray tray.jpg",
    ),
    "teach list": (
        "sorter teach list",
        "sorter teach list --all",
    ),
    "teach drop": (
        "sorter teach drop glass",
        "sorter teach drop --pictures 12 17",
        "sorter teach drop --near-duplicates",
    ),
    "teach undo": (
        "sorter teach undo",
        "sorter teach undo --redo",
    ),
    "teach export": (
        "sorter teach export taught.zip",
        "sorter teach export glass.zip --labels glass",
    ),
    "teach import": (
        "sorter teach import taught.zip --check",
        "sorter teach import taught.zip",
    ),
    "teach fit": (
        "sorter teach fit --out new.head                  # to what this bin was taught",
        "sorter teach fit photos/ --out mine.head --only-taught --empty-tray tray.jpg",
    ),
    "teach try": (
        "sorter teach try new.head",
        "sorter teach try new.head --last 500 --json",
    ),
    "teach use": (
        "sorter teach use new.head",
        "sorter teach use new.head --force",
    ),
    "teach back": ("sorter teach back",),
    "teach review": (
        "sorter teach review",
        "sorter teach review --last 100 --json",
    ),
    "teach seen": ("sorter teach seen cup look-1 look-2 --json",),
    "teach relabel": (
        "sorter teach relabel 34 glass",
        'sorter teach relabel s00000012-000034 "tea bag"',
    ),
    "teach reviewed": (
        "sorter teach reviewed",
        "sudo sorter teach reviewed --config /etc/sorter/config.yaml",
    ),
    "backup": (
        "sudo sorter backup bin7.tar.gz --config /etc/sorter/config.yaml",
        "sorter backup bin7.tar.gz --pictures",
    ),
    "restore": (
        "sorter restore bin7.tar.gz --check",
        "sudo sorter restore bin7.tar.gz --config /etc/sorter/config.yaml --force",
    ),
    "release": ("sudo sorter release --config /etc/sorter/config.yaml",),
    "completion": (
        "sorter completion bash > ~/.local/share/bash-completion/completions/sorter   # needs the package bash-completion",
        'sorter completion zsh > "${fpath[1]}/_sorter"',
        "sorter completion tcsh > ~/.sorter.tcsh   # and in ~/.tcshrc: source ~/.sorter.tcsh",
    ),
}
"""Command -> its command lines; what follows ``#`` is a remark."""
