"""What stands in ``systemd/``, as far as it shows without a machine to install on; ``make test-service`` does the rest."""

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from edge.actuation.exit_homing import EXIT_S
from edge.bin_socket.address import SERVICE_SOCKET
from edge.cli import build_parser
from edge.config.file import load_config
from edge.config.schema import ALL_HOME_S
from edge.guard.guarded_flap import CREEP_S
from edge.models import model_path
from tests.paths import ROOT

SYSTEMD = ROOT / "systemd"
SCRIPTS = ("install.sh", "uninstall.sh")
UNIT = SYSTEMD / "sorter.service"
PAGE_UNIT = SYSTEMD / "sorter-page.service"
LINK_UNIT = SYSTEMD / "sorter-link.service"
UPDATE_UNIT = SYSTEMD / "sorter-update.service"
USER_DATA = (SYSTEMD / "firstboot" / "user-data").read_text(encoding="utf-8")


def this_system() -> tuple[str, str]:
    try:
        text = Path("/etc/os-release").read_text(encoding="utf-8")
    except FileNotFoundError:
        return "", ""
    words = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return words.get("ID", "").strip('"'), words.get("VERSION_ID", "").strip('"')


SUPPORTED = this_system() in {("debian", "12"), ("debian", "13"), ("raspbian", "12"), ("raspbian", "13")}
on_debian = pytest.mark.skipif(not SUPPORTED, reason=f"install.sh runs on Debian 12 and 13, this is {this_system()}")


def run_script(name: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SYSTEMD / name, *options], capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def shown() -> list[list[str]]:
    """The commands that ``install.sh --dry-run`` shows, word by word."""
    if Path("/opt/sorter").exists():
        pytest.skip("the sorter is installed here: a dry run shows what is left to do, not all")
    done = run_script("install.sh", "--dry-run")
    assert done.returncode == 0, done.stderr
    return [shlex.split(line[2:]) for line in done.stdout.splitlines() if line.startswith("+ ") and "$'" not in line]


def first_boot_files() -> dict[str, str]:
    return {file["path"]: file["content"] for file in yaml.safe_load(USER_DATA)["write_files"]}


@pytest.mark.parametrize("name", SCRIPTS)
def test_shell_scripts_are_sound(name: str) -> None:
    script = SYSTEMD / name
    assert os.access(script, os.X_OK)
    checker = ["shellcheck"] if shutil.which("shellcheck") else ["bash", "-n"]
    done = subprocess.run([*checker, str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_unknown_option_is_an_error(name: str) -> None:
    done = run_script(name, "--simulate")
    assert done.returncode == 64
    assert "--simulate" in done.stderr
    assert "usage" in done.stderr


def test_the_help_of_the_installer_explains_every_option() -> None:
    done = run_script("install.sh", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    text = (SYSTEMD / "install.sh").read_text(encoding="utf-8")
    options = set(re.findall(r"^            (--[a-z-]+)\)", text, re.MULTILINE))
    assert len(options) > 5
    assert set(re.findall(r"^  (--[a-z-]+) ", done.stdout, re.MULTILINE)) == options


@pytest.mark.skipif(SUPPORTED, reason="this is a system that install.sh knows")
def test_another_system_is_refused() -> None:
    done = run_script("install.sh", "--dry-run")
    assert done.returncode == 69
    assert "expected Raspberry Pi OS or Debian" in done.stderr


@on_debian
def test_a_dry_run_shows_the_install(shown: list[list[str]]) -> None:
    commands = [" ".join(command) for command in shown]
    for part in ("python3 -I -m venv /opt/sorter/releases/", "requirements.txt", "systemctl restart sorter"):
        assert any(part in command for command in commands), part
    assert not any(command[0] == "pip" for command in shown), "only the release's own pip may be used"


MISUSES = {
    "a folder that is not there": (("--offline", "nowhere"), 64, "no such folder"),
    "no folder": (("--offline",), 64, "usage"),
    "a rollback of what was never installed": (("--rollback",), 69, "nothing to return from"),
    "two that exclude each other": (("--rollback", "--offline", "/"), 64, "--rollback installs nothing"),
}
"""Case -> options, exit code, and what is said."""


@on_debian
@pytest.mark.parametrize(("options", "code", "said"), MISUSES.values(), ids=MISUSES.keys())
def test_options_that_cannot_be_followed_are_an_error(options: tuple[str, ...], code: int, said: str) -> None:
    if Path("/opt/sorter").exists():
        pytest.skip("the sorter is installed here")
    done = run_script("install.sh", "--dry-run", *options)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


@on_debian
@pytest.mark.parametrize(("options", "refused"), [((), True), (("--without-hashes",), False)])
def test_a_32_bit_system_takes_packages_without_a_hash_only_when_told_to(
    tmp_path: Path, options: tuple[str, ...], refused: bool
) -> None:
    (tmp_path / "uname").write_text("#!/bin/sh\necho armv7l\n")
    (tmp_path / "uname").chmod(0o755)
    done = subprocess.run(
        [SYSTEMD / "install.sh", "--dry-run", *options],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert ("no known hash" in done.stderr) is refused
    assert ("requirements-piwheels.txt" in done.stdout) is not refused
    if refused:
        assert (done.returncode, done.stdout) == (69, "")


@on_debian
def test_without_a_network_pip_looks_in_the_folder_alone(tmp_path: Path) -> None:
    if Path("/opt/sorter").exists():
        pytest.skip("the sorter is installed here")
    done = subprocess.run(
        [SYSTEMD / "install.sh", "--dry-run", "--offline", tmp_path.name],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path.parent,
    )
    pip = [line for line in done.stdout.splitlines() if " -m pip " in line]
    if not pip:
        assert "--offline takes nothing from apt" in done.stderr, "this machine lacks a part"
    assert all(f"--no-index --find-links {tmp_path}" in line for line in pip)


def test_what_the_installer_sets_for_the_system_comes_after_what_raspberry_pi_os_sets() -> None:
    """The file that is last in the alphabet counts, whatever folder it lies in."""
    names = re.findall(
        r"(?:JOURNAL|WATCHDOG)=\S+/([^/\s]+\.conf)", (SYSTEMD / "install.sh").read_text(encoding="utf-8")
    )
    assert len(names) == 2
    assert all(name > "40-rpi-volatile-storage.conf" for name in names)
    uninstaller = (SYSTEMD / "uninstall.sh").read_text(encoding="utf-8")
    assert re.findall(r"(?:JOURNAL|WATCHDOG)=\S+/([^/\s]+\.conf)", uninstaller) == names


REQUIREMENTS = ("requirements.txt", "systemd/requirements-picamera2.txt")
"""What is installed as root, and each of whose files is known by its hash."""


def pins(name: str) -> list[str]:
    """The requirements of a file, each with its marker and hashes on one line."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "")
    return [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_what_root_installs_is_known_by_its_hash(name: str) -> None:
    lines = pins(name)
    assert lines
    for line in lines:
        assert re.match(r"[\w.-]+==[\w.]+ ", line), line
        assert re.search(r"--hash=sha256:[0-9a-f]{64}( |$)", line), line


def test_what_piwheels_builds_has_the_versions_of_the_lock() -> None:
    """They are installed by version alone, which is why the list is short."""
    marked = {line.split(" ")[0]: line for line in pins("requirements.txt")}
    names = [line.partition("==")[0] for line in pins("systemd/requirements-piwheels.txt")]
    assert names == ["numpy", "opencv-python-headless", "pyyaml"]
    for pin in pins("systemd/requirements-piwheels.txt"):
        marker = marked[pin].partition(" ; ")[2].partition(" --hash")[0].strip()
        assert marker in ("", "platform_machine == 'armv7l'"), f"{pin}: {marker}"


def test_root_runs_no_python_and_no_package_that_is_not_known() -> None:
    text = (SYSTEMD / "install.sh").read_text(encoding="utf-8")
    # Each is isolated: without -I it would look for modules in the folder that install.sh was called in.
    for call in re.findall(r"bin/python3?\"? .*", text):
        assert re.match(r'bin/python3?"? -I ', call), call
    pip = re.findall(r'"\$\{pip\[@\]\}" (.*)', text)
    assert len(pip) == 4
    assert [
        call for call in pip if "--require-hashes -r" not in call and "--require-hashes --no-deps -r" not in call
    ] == [
        '--only-binary :all: --no-deps -r "$SOURCE/systemd/requirements-piwheels.txt" || fail 69 "$failed"',
        '--no-deps --no-build-isolation "$release/tmp" ||',
    ]


def test_root_writes_nothing_where_the_service_may() -> None:
    """What root does there could be led elsewhere by a link; ``make test-service`` plants some."""
    text = (SYSTEMD / "install.sh").read_text(encoding="utf-8")
    touching = [line.strip() for line in text.splitlines() if re.search(r"\$(STATE|EVENTS|EVENTS_KEPT)\b", line)]
    harmless = re.compile(
        r"readonly |\[\[ |for log in |run sed -i .*config\.yaml|run useradd|fail 69 |- \"\$EVENTS\"|as_service "
    )
    assert [line for line in touching if not harmless.match(line)] == []
    assert "/run/lock" not in re.sub(r"#.*", "", text)


@on_debian
def test_the_installed_configuration_is_the_default_with_paths_of_the_machine_and_no_stated_force(
    shown: list[list[str]], tmp_path: Path
) -> None:
    (edit,) = [command for command in shown if command[0] == "sed"]
    installed = tmp_path / "config.yaml"
    shutil.copy(ROOT / "config.yaml", installed)
    subprocess.run([*edit[:-1], str(installed)], check=True)
    config = load_config(installed)
    assert config.model.file == model_path("trashnet6"), "the model of the release in use, whichever that is"
    for path in (config.tray.memory, config.event_log.file, config.event_log.images):
        assert path is not None
        assert path.is_relative_to("/var/lib/sorter")
    before, after = ((file.read_text(encoding="utf-8").splitlines()) for file in (ROOT / "config.yaml", installed))
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 3 + len(config.bins)
    assert {one.flap.force_n for one in config.bins.values()} == {None}, (
        "a real flap counts as strong until it is measured"
    )
    for old, new in changed:
        assert old.partition("#")[2] == new.partition("#")[2]


@on_debian
def test_all_that_the_package_is_built_from_is_taken_along(shown: list[list[str]]) -> None:
    copied = {Path(word).name for command in shown if command[:2] == ["cp", "-r"] for word in command[2:-1]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {pattern.rstrip("*") for pattern in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert copied >= packages | {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}


def test_an_uninstall_keeps_the_data_unless_it_is_told_to() -> None:
    def removed(*options: str) -> set[str]:
        done = run_script("uninstall.sh", "--dry-run", *options)
        assert done.returncode == 0, done.stderr
        words = [shlex.split(line[2:]) for line in done.stdout.splitlines() if line.startswith("+ rm ")]
        return {word for command in words for word in command[1:] if word.startswith("/")}

    assert removed() == {"/opt/sorter", "/usr/local/bin/sorter"}
    assert removed("--purge") - removed() == {"/etc/sorter", "/var/lib/sorter", "/var/log/sorter"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
@pytest.mark.parametrize(
    "name",
    ["sorter", "sorter-page", "sorter-link", "sorter-update", "sorter-program", "sorter-kiosk", "sorter-firstboot"],
)
def test_units_are_sound(name: str, tmp_path: Path) -> None:
    if name == "sorter-firstboot":
        text = first_boot_files()["/etc/systemd/system/sorter-firstboot.service"]
    else:
        text = (SYSTEMD / f"{name}.service").read_text(encoding="utf-8").replace("\\\n", "")
    unit = tmp_path / f"{name}.service"
    # The program is not installed here, and that would be all there is to say.
    unit.write_text(re.sub(r"^ExecStart=.*", "ExecStart=/bin/true", text, flags=re.MULTILINE), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if unit.name in line]
    assert not said


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
@pytest.mark.parametrize("unit", [UNIT, PAGE_UNIT, LINK_UNIT, UPDATE_UNIT], ids=lambda unit: unit.stem)
def test_the_service_is_shut_in(unit: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr


@pytest.mark.parametrize("unit", [UNIT, PAGE_UNIT, LINK_UNIT, UPDATE_UNIT], ids=lambda unit: unit.stem)
def test_the_service_does_not_see_the_first_boot_files(unit: Path) -> None:
    # On FAT, without owners: everybody may read the hash of a password, and the Wi-Fi's password.
    assert "\nInaccessiblePaths=-/boot\n" in unit.read_text(encoding="utf-8")


def test_the_page_is_bounded_and_has_no_devices() -> None:
    lines = PAGE_UNIT.read_text(encoding="utf-8").splitlines()
    assert {"DevicePolicy=closed", "PrivateDevices=yes", "PrivateUsers=yes", "ProtectSystem=strict"} <= set(lines)
    assert not [line for line in lines if line.startswith(("DeviceAllow", "ReadWritePaths", "SupplementaryGroups"))]
    assert {"StateDirectory=sorter/page sorter/teaching", "Nice=10", "CPUQuota=60%", "MemoryMax=320M"} <= set(lines)


def test_the_page_runs_as_it_is_typed() -> None:
    text = PAGE_UNIT.read_text(encoding="utf-8").replace("\\\n", "")
    (typed,) = re.findall(r"^ExecStart=(.*)$", text, flags=re.MULTILINE)
    arguments = build_parser().parse_args(shlex.split(typed)[1:])
    assert arguments.socket == SERVICE_SOCKET
    for port in (arguments.port, arguments.plain_port):
        assert f"SocketBindAllow=tcp:{port}" in text


def test_the_link_is_bounded_and_has_no_devices_and_stays_off_where_it_is_not_configured() -> None:
    lines = LINK_UNIT.read_text(encoding="utf-8").splitlines()
    assert {"DevicePolicy=closed", "PrivateDevices=yes", "PrivateUsers=yes", "ProtectSystem=strict"} <= set(lines)
    assert not [line for line in lines if line.startswith(("DeviceAllow", "ReadWritePaths", "SupplementaryGroups"))]
    assert {"StateDirectory=sorter/link", "IPAddressDeny=any", "SocketBindDeny=any", "MemoryMax=140M"} <= set(lines)
    assert "Restart=on-failure" in lines, "it ends with 0 where there is nothing to do"


def test_the_link_runs_as_it_is_typed_and_may_listen_where_its_page_says() -> None:
    text = LINK_UNIT.read_text(encoding="utf-8")
    (typed,) = re.findall(r"^ExecStart=(.*)$", text, flags=re.MULTILINE)
    arguments = build_parser().parse_args(shlex.split(typed)[1:])
    assert arguments.socket == SERVICE_SOCKET
    (port,) = re.findall(r"^SocketBindAllow=tcp:(\d+)$", text, flags=re.MULTILINE)
    assert f"metrics_port: {port}" in (ROOT / "docs" / "link.md").read_text(encoding="utf-8")


@on_debian
def test_every_service_beside_the_bin_is_installed_started_and_removed(shown: list[list[str]]) -> None:
    commands = [" ".join(command) for command in shown]
    removed = (SYSTEMD / "uninstall.sh").read_text(encoding="utf-8")
    for name in ("sorter-page", "sorter-link"):
        assert any(command.endswith(f"/etc/systemd/system/{name}.service") for command in commands)
        assert {f"systemctl enable --quiet {name}", f"systemctl restart {name}"} <= set(commands)
        assert f" {name} " in removed


@on_debian
def test_the_timers_of_updates_are_installed_started_and_removed(shown: list[list[str]]) -> None:
    commands = [" ".join(command) for command in shown]
    removed = (SYSTEMD / "uninstall.sh").read_text(encoding="utf-8")
    for name in ("sorter-update", "sorter-program"):
        for kind in ("service", "timer"):
            assert any(command.endswith(f"/etc/systemd/system/{name}.{kind}") for command in commands)
        assert f"systemctl enable --quiet --now {name}.timer" in commands
        assert f" {name}" in removed


def test_the_updates_are_bounded_and_have_no_devices() -> None:
    text = UPDATE_UNIT.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert {"DevicePolicy=closed", "PrivateDevices=yes", "PrivateUsers=yes", "ProtectSystem=strict"} <= set(lines)
    assert not [line for line in lines if line.startswith(("DeviceAllow", "ReadWritePaths", "SupplementaryGroups"))]
    assert {"StateDirectory=sorter/updates", "IPAddressDeny=any", "SocketBindDeny=any"} <= set(lines)
    (typed,) = re.findall(r"^ExecStart=(.*)$", text, flags=re.MULTILINE)
    arguments = build_parser().parse_args(shlex.split(typed)[1:])
    assert (arguments.socket, arguments.when_due) == (SERVICE_SOCKET, True)


def test_the_first_boot_begins_with_what_one_edits() -> None:
    assert USER_DATA.startswith("#cloud-config\n")
    edited = USER_DATA.partition("# ---- ... to here")[0]
    for key in ("hostname:", "hashed_passwd:", "ssh_authorized_keys:", "/boot/firmware/sorter.tar.gz"):
        assert key in edited
    assert len(edited.splitlines()) < 35


def test_no_account_of_the_first_boot_works_as_it_ships() -> None:
    shipped = yaml.safe_load(USER_DATA)
    assert shipped["ssh_pwauth"] is False
    assert not {"chpasswd", "password"} & set(shipped)
    (account,) = shipped["users"]
    assert set(account) == {"name", "groups", "shell"}, "no key, no password, no sudo without one"


@pytest.mark.parametrize("line", ["ssh_authorized_keys", "hashed_passwd"])
def test_the_lines_to_choose_from_are_valid_once_uncommented(line: str) -> None:
    text = re.sub(r"^    # (?=\w+: )", "    ", USER_DATA, flags=re.MULTILINE)
    (account,) = yaml.safe_load(text)["users"]
    assert account[line]
    assert account["lock_passwd"] is False


ACCOUNTS = {
    "as it ships": ("root:*:1::::::\npi:!:1::::::\nempty::1::::::\n", False, False),
    "a key": ("root:*:1::::::\npi:!:1::::::\n", True, True),
    "a password": ("root:*:1::::::\npi:$y$j9T$salt$hash:1::::::\n", False, True),
}
"""Case -> /etc/shadow, whether pi has a key, and whether somebody can log in."""


@pytest.mark.parametrize(("shadow", "key", "installs"), ACCOUNTS.values(), ids=ACCOUNTS.keys())
def test_the_first_boot_installs_nothing_until_its_owner_can_log_in(
    shadow: str, key: bool, installs: bool, tmp_path: Path
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "authorized_keys").write_text("ssh-ed25519 AAAA\n" if key else "")
    (tmp_path / "shadow").write_text(shadow)
    home = f'$([ "$2" = pi ] && echo {tmp_path})'
    (tools / "getent").write_text(
        f'#!/bin/sh\n[ "$1" = shadow ] && exec cat {tmp_path}/shadow\necho "$2:x:1:1::{home}:"\n'
    )
    (tools / "getent").chmod(0o755)
    script = (
        first_boot_files()["/usr/local/sbin/sorter-firstboot"].partition("      source=")[0].partition("source=$(<")[0]
    )
    done = subprocess.run(
        ["bash", "-c", f"{script}\necho installs"],
        env={"PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "installs" in done.stdout.splitlines()) == ((0, True) if installs else (77, False))
    assert installs or "user-data" in done.stdout, "it says where"


def test_the_first_boot_installs(tmp_path: Path) -> None:
    script = tmp_path / "sorter-firstboot"
    script.write_text(first_boot_files()["/usr/local/sbin/sorter-firstboot"], encoding="utf-8")
    subprocess.run(["bash", "-n", script], check=True)
    assert "systemd/install.sh" in script.read_text(encoding="utf-8")
    started = yaml.safe_load(USER_DATA)["runcmd"]
    assert "systemctl enable sorter-firstboot" in started
    assert "systemctl start --no-block sorter-firstboot" in started


@pytest.mark.parametrize(
    "options", [first_boot_files()["/etc/sorter-options"], "--persistent-journal --watchdog\n", ""]
)
def test_the_first_boot_hands_its_options_on_and_removes_itself(options: str, tmp_path: Path) -> None:
    script = first_boot_files()["/usr/local/sbin/sorter-firstboot"]
    for folder in ("/etc/", "/usr/local/"):
        script = script.replace(folder, f"{tmp_path}{folder}")
    etc, tools, source = tmp_path / "etc", tmp_path / "bin", tmp_path / "sorter" / "systemd"
    for folder_made in (etc, tools, source, tmp_path / "usr/local/src"):
        folder_made.mkdir(parents=True)
    (etc / "sorter-options").write_text(options)
    (etc / "sorter-source").write_text(f"{tmp_path}/sorter.tar.gz\n")
    (source / "install.sh").write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/options\n')
    (tools / "systemctl").write_text("#!/bin/sh\n")
    (tools / "getent").write_text("#!/bin/sh\necho 'pi:$y$hash:1::::::'\n")
    for program in (source / "install.sh", tools / "systemctl", tools / "getent"):
        program.chmod(0o755)
    subprocess.run(["tar", "-C", tmp_path, "-czf", tmp_path / "sorter.tar.gz", "sorter"], check=True)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "options").read_text().split() == options.split()
    assert list(etc.iterdir()) == []
    assert list((tmp_path / "usr/local/src").iterdir()) == []


@pytest.mark.skipif(shutil.which("cloud-init") is None, reason="cloud-init is not here")
def test_cloud_init_accepts_the_first_boot() -> None:
    done = subprocess.run(
        ["cloud-init", "schema", "--config-file", SYSTEMD / "firstboot" / "user-data"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["network-config", "meta-data"])
def test_first_boot_files_are_yaml(name: str) -> None:
    assert isinstance(yaml.safe_load((SYSTEMD / "firstboot" / name).read_text(encoding="utf-8")), dict)


@pytest.mark.parametrize("key", ["TimeoutStopSec", "TimeoutAbortSec"])
def test_systemd_leaves_the_flaps_the_time_that_the_configuration_allows(key: str) -> None:
    (seconds,) = re.findall(rf"^{key}=(\d+)$", UNIT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert ALL_HOME_S < EXIT_S < int(seconds) - CREEP_S


def test_every_drive_is_let_go_however_the_sorter_ended() -> None:
    text = UNIT.read_text(encoding="utf-8")
    (start,) = re.findall(r"^ExecStart=(\S+) run (.*)$", text, flags=re.MULTILINE)
    (after,) = re.findall(r"^ExecStopPost=-(\S+) release (.*)$", text, flags=re.MULTILINE)
    assert after == start
