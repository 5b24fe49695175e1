"""Checks of Python and of the installed packages."""

from collections.abc import Callable, Iterator

from edge.doctor.finding import Finding, failure, ok, warning
from edge.doctor.host import Host

OLDEST, NEWEST = (3, 11), (3, 13)
"""Oldest and newest supported version of Python."""

NEEDED = {
    "numpy": ("numpy",),
    "OpenCV": ("opencv-python-headless", "opencv-python", "opencv-contrib-python-headless", "opencv-contrib-python"),
    "gpiozero": ("gpiozero",),
    "pydantic": ("pydantic",),
    "PyYAML": ("pyyaml",),
    "rich": ("rich",),
}
"""Package that the bin needs -> distributions that provide it."""

INSTALL = "reinstall the bin's packages: pip install -r requirements.txt in the sources, or the wheel once more"

VersionOf = Callable[[str], str | None]


def check_python(host: Host) -> Iterator[Finding]:
    """Check the version of Python."""
    found = ".".join(map(str, host.python))
    if OLDEST <= host.python[:2] <= NEWEST:
        yield ok("python", found)
    else:
        expected = f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
        yield failure(
            "python", f"{found}, expected {expected}", f"create the virtual environment with Python {expected}"
        )


def check_packages(host: Host) -> Iterator[Finding]:
    """Check that every needed package is installed and no version that is known not to work."""
    good = True
    for finding in _known_bad(host.version_of):
        good = False
        yield finding
    versions = []
    for name, distributions in NEEDED.items():
        there = {one: found for one in distributions if (found := host.version_of(one))}
        if not there:
            good = False
            yield failure("packages", f"{name} is not installed", INSTALL)
        elif len(there) > 1:
            good = False
            found = f"{' and '.join(there)} overwrite each other's files"
            yield warning("packages", found, f"pip uninstall {' '.join(there)}, then {INSTALL}")
        versions += [f"{name} {found}" for found in there.values()]
    if good:
        yield ok("packages", ", ".join(versions))


def _known_bad(version_of: VersionOf) -> Iterator[Finding]:
    gpiozero, lgpio, numpy = version_of("gpiozero"), version_of("lgpio"), version_of("numpy")
    if gpiozero in ("2.0.1.post1", "2.0.1.post2"):
        found = f"gpiozero {gpiozero} does not find the pins of a Raspberry Pi 5 (gpiozero #1229)"
        yield failure("packages", found, "pip install 'gpiozero>=2.0.1.post3'")
    if lgpio is not None and lgpio.startswith("0.0."):
        found = f"lgpio {lgpio} is an empty package: there is no wheel for this Python"
        yield failure("packages", found, "pip uninstall lgpio; sudo apt install python3-lgpio")
    if numpy is not None and _major(numpy) >= 2 and version_of("tflite-runtime"):
        if version_of("ai-edge-litert"):
            found, advice = "tflite-runtime beside numpy 2 cannot be used", "pip uninstall tflite-runtime"
            yield warning("packages", found, advice)
        else:
            found = f"tflite-runtime was built for numpy 1, and numpy is {numpy}"
            yield failure("packages", found, "pip install 'numpy<2', or ai-edge-litert in place of tflite-runtime")
    for name in NEEDED["OpenCV"]:
        opencv = version_of(name)
        if opencv and numpy and _major(numpy) < 2 and _parts(opencv) >= (4, 12):
            yield failure(
                "packages", f"{name} {opencv} needs numpy 2, and numpy is {numpy}", f"pip install '{name}<4.12'"
            )


def _major(text: str) -> int:
    return _parts(text)[0]


def _parts(text: str) -> tuple[int, ...]:
    """``4.11.0.86`` -> (4, 11, 0, 86); up to the first part that is not a number, at least (0,)."""
    numbers = []
    for part in text.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers) or (0,)
