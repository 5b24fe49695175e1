"""``docs/performance.md`` and its plot, written from the figures of ``tests.bench.comparison``."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

PLOT = "performance.svg"
COLOURS = {"line": "#2563eb", "bin": "#1e40af", "invoke": "#9ca3af", "loop": "#d97706", "mediapipe": "#b91c1c"}


def write_page(folder: Path, found: Mapping[str, Any], contenders: Mapping[str, str]) -> None:
    """Write both files to ``folder``."""
    (folder / PLOT).write_text(_plot(found["clips"], contenders), encoding="utf-8")
    (folder / "performance.md").write_text(_page(found, contenders), encoding="utf-8")


def _page(found: Mapping[str, Any], contenders: Mapping[str, str]) -> str:
    sorter, versions = found["sorter"], found["versions"]
    machine, model, shares, start = sorter["machine"], sorter["model"], sorter["shares"], sorter["start"]
    xnnpack = {True: "with XNNPACK", False: "without XNNPACK", None: "XNNPACK unknown"}[model["xnnpack"]]
    every, full_load, fifth = (
        {kind: row["cpu_beside_mediapipe"] for kind, row in clip["contenders"].items()}
        for clip in found["clips"].values()
    )
    idle = shares["idle at 15 frames/s"]
    rss_mb = list(found["clips"].values())[-1]["contenders"]["bin"]["rss_mb"]
    memory = found.get("memory")
    goals = [
        (
            "whole decision path (presence, view, invoke, vote, policy) compared with the bare `invoke()`, same process",
            f"{sorter['whole_beside_invoke']:.2f} x (p50 {sorter['stages_ms']['whole']['p50_ms']:.2f} ms "
            f"and {sorter['stages_ms']['bare invoke']['p50_ms']:.2f} ms)",
            "1.5 x",
            sorter["whole_beside_invoke"] <= 1.5,
        ),
        (
            "idle tray at 15 frames/s",
            f"{100 * idle['cpu']:.1f} % of a core, {idle['invokes']} invokes",
            "3 %, none",
            idle["cpu"] <= 0.03 and idle["invokes"] == 0,
        ),
        (
            "CPU time per frame compared with MediaPipe, an item in every frame, every frame classified",
            f"{every['line']:.2f} x",
            "0.85 x",
            every["line"] <= 0.85,
        ),
        (
            "the same, items in 20 % of the frames, records on disk included",
            f"{fifth['bin']:.2f} x (every resting frame classified: {fifth['line']:.2f} x; "
            f"items one after the other: {full_load['bin']:.2f} x)",
            "0.25 x",
            fifth["bin"] <= 0.25,
        ),
        (
            "memory while sorting, command line and pins included",
            f"{rss_mb:.0f} MB (with the simulated world in the same process {start['rss_mb']:.0f} MB)",
            "116 MB",
            rss_mb <= 116,
        ),
    ]
    if memory is not None:
        goals.append(
            (
                f"growth over {memory['frames']:,} frames".replace(",", " "),
                f"{memory['growth_mb']:+.2f} MB ({memory['start_mb']:.1f} to {memory['end_mb']:.1f} MB)",
                "1 MB",
                memory["growth_mb"] < 1,
            )
        )
    goals.append(
        (
            "cold start, from process start until ready to decide",
            f"{start['ready_s']:.2f} s ({', '.join(f'{one:.2f}' for one in start['all_ready_s'])})",
            "1.0 s",
            start["ready_s"] <= 1.0,
        )
    )
    lines = [
        "# Performance",
        "",
        "Written by `make bench`; every figure comes from one run of it. `python -m edge bench` measures your own machine.",
        "",
        f"Machine: {machine['cpu']}, {machine['cores']} cores, governor {machine['governor'] or 'unknown'}, "
        f"{machine['system']}, load {machine['load']:g}; {datetime.now(UTC):%Y-%m-%d}.",
        f"Versions: Python {machine['python']}, OpenCV {machine['opencv']}, numpy {machine['numpy']}, "
        f"{model['runtime']} {model['version']} {xnnpack}, {model['threads']} thread; MediaPipe {versions['mediapipe']}.",
        f"Model: {model['name']}, int8, 128x128. Pictures: the simulated bin at 640x480, the sprites that ship.",
        "",
        "| figure | measured | at most | |",
        "| --- | --- | --- | --- |",
        *(f"| {what} | {got} | {most} | {'reached' if ok else '**not reached**'} |" for what, got, most, ok in goals),
        "",
        f"![CPU time per frame of each contender]({PLOT})",
        "",
        "## Comparison with the alternatives",
        "",
        "The same pictures and the same model, each contender in a separate process; they take turns, one clip per turn, and",
        "the ratio is the median over the turns, with the range. CPU time includes all threads of the process",
        "while a picture is processed; reading it is the same for all and not counted. MediaPipe gets the model with",
        "uint8 input and output (it accepts no int8) and with the metadata that it needs.",
    ]
    for name, clip in found["clips"].items():
        lines += [
            "",
            f"**{name[0].upper()}{name[1:]}** ({clip['frames']} frames, {clip['rounds']} turns):",
            "",
            "| contender | CPU ms per frame | relative to MediaPipe | wall ms | invokes per frame | RSS MB |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for kind, row in clip["contenders"].items():
            least, most = row["spread"]
            lines.append(
                f"| {contenders[kind]} | {row['cpu_ms']:.2f} | {row['cpu_beside_mediapipe']:.2f} x ({least:.2f}..{most:.2f}) "
                f"| {row['wall_ms']:.2f} | {row['invokes_per_frame']:.2f} | {row['rss_mb']:.0f} |"
            )
    lines += [
        "",
        "The running sorter decides an item once and waits for it to fall. In the clip with an item in every frame none falls:",
        "it is measured in the other two. Items one after the other are the most that it can be given.",
        "",
        "## Stage by stage",
        "",
        f"`python -m edge bench --frames {sorter['camera']['frames']}` on the simulated bin, milliseconds per frame:",
        "",
        "| stage | p50 | p95 | p99 | times |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, row in sorter["stages_ms"].items():
        lines.append(f"| {name} | {row['p50_ms']:.3f} | {row['p95_ms']:.3f} | {row['p99_ms']:.3f} | {row['count']} |")
    lines += [
        "",
        "`camera` draws the simulated picture. `whole` is presence, view, classify, vote and policy; `idle` is",
        "presence on an empty tray; `record` writes the event and its picture to the disk.",
        "",
        "| run, in real time | CPU, 100 % is one core | frames/s | invokes | items |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, share in shares.items():
        lines.append(
            f"| {name} | {100 * share['cpu']:.1f} % | {share['fps']:.1f} | {share['invokes']} | {share['items']} |"
        )
    lines += ["", f"Verdict: {sorter['verdict']['text']}.", ""]
    return "\n".join(lines)


def _plot(clips: Mapping[str, Any], contenders: Mapping[str, str]) -> str:
    """Bar chart of the CPU time per frame as SVG, one group per clip."""
    width, left, bar, gap = 900, 400, 22, 8
    most = max(row["cpu_ms"] for clip in clips.values() for row in clip["contenders"].values())
    y, parts = 16, []
    for name, clip in clips.items():
        parts.append(f'<text x="8" y="{y + 14}" font-weight="bold">{escape(name)}: CPU ms per frame</text>')
        y += 28
        for kind, row in clip["contenders"].items():
            length = max(2.0, (width - left - 80) * row["cpu_ms"] / most)
            parts.append(f'<text x="{left - 8}" y="{y + 16}" text-anchor="end">{escape(contenders[kind])}</text>')
            parts.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{bar}" fill="{COLOURS[kind]}"/>')
            parts.append(f'<text x="{left + length + 6:.1f}" y="{y + 16}">{row["cpu_ms"]:.2f}</text>')
            y += bar + gap
        y += 14
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" font-family="sans-serif" font-size="13">'
    )
    return "\n".join([head, f'<rect width="{width}" height="{y}" fill="white"/>', *parts, "</svg>", ""])
