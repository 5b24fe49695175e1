import time

import pytest

from hardware.passwords import mask_passwords, shown

ADDRESSES = [
    "rtsp://admin:hunter2@10.0.0.5:554/live",
    "rtsp://hunter2@10.0.0.5/live",
    f"rtsp://admin:{'x' * 5000}hunter2@10.0.0.5/live",
    "rtsp://admin:hunter2/with@slash@10.0.0.5/live",
    "rtsp://admin:'hunter2'@10.0.0.5/live",
    "rtsp:/admin:hunter2@10.0.0.5/live",
    "/home/pi/rtsp:/admin:my hunter2@10.0.0.5/live",
    "rtsp://admin:my hunter2@10.0.0.5/live",
    "rtsp://admin:a hunter2 b@[::1]/live",
    "admin:hunter2@10.0.0.5/live",
    "rtsp://10.0.0.5/user=admin&password=hunter2&channel=1&stream=0.sdp",
    "rtsp://10.0.0.5:554/user=admin_password=hunter2_channel=1_stream=0.sdp",
    "http://10.0.0.5/video?usr=admin&pwd=hunter2",
    "http://10.0.0.5/cgi?loginuse=admin&loginpas=hunter2&x=1",
    "http://10.0.0.5/cgi?PASSWD=hunter2",
    "http://10.0.0.5/video?access_token=hunter2#x",
    "http://10.0.0.5/video?api-key=hunter2",
    "http://10.0.0.5/video?auth=hunter2",
    "http://10.0.0.5/video?adminPass%3Dhunter2",
    "http://10.0.0.5/video?channel=1&key=hunter2",
    "Authorization: Basic hunter2Og==",
    "'Authorization': 'Bearer hunter2.x-y'",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "around",
    ["{}", "cannot open {}; is it right?", "got ['{}', '{}']", '{{"found": "{}"}}', "a: [{}, {}]", "--set source={}"],
)
def test_the_password_of_an_address_is_masked_wherever_the_address_stands(address: str, around: str) -> None:
    masked = mask_passwords(around.format(address, address))
    assert "hunter2" not in masked
    assert "***" in masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("rtsp://u:p@cam:554/live?x=1 is gone", "rtsp://***@cam:554/live?x=1 is gone"),
        ("http://cam/a?pwd=s&channel=1", "http://cam/a?pwd=***&channel=1"),
        ('{"password": "s", "user": "u"}', '{"password": "***", "user": "u"}'),
        ("password = 's e c'", "password = '***'"),
        ("--set a={user: u, pwd: s e c}: expected a text", "--set a={user: u, pwd: ***}: expected a text"),
        ("got 'password: s'; expected a section", "got 'password: ***'; expected a section"),
        (r'"x={password: \"s e\", user: u}"', r'"x={password: ***, user: u}"'),
        ("{password: 's, e', user: u}", "{password: '***', user: u}"),
    ],
)
def test_what_is_no_password_stays_readable(text: str, masked: str) -> None:
    assert mask_passwords(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://10.0.0.5:554/live?channel=1",
        "configuration c.yaml: camera.opencv.password: unknown key; config.yaml lists all keys",
        "configuration c.yaml: password: unknown key; config.yaml lists all keys",
        '{"found": "http://10.0.0.5:80 does not answer", "advice": "mail someone@example.org"}',
        "camera http://10.0.0.5:80/a: no answer; mail someone@example.org",
        "--set KEY=VALUE: expected section.key=value",
        "Basic settings first; --set key=value",
        "12:30:05 item 3: glass 0.91 -> glass (confident), 0.42 s after rest",
        "mail someone@example.org",
        "file:///photos/a@b.jpg"[8:],
        '{"label": "glass", "bin": "glass"}',
    ],
)
def test_text_without_a_password_is_not_touched(text: str) -> None:
    assert mask_passwords(text) == text


def test_masked_text_stays_as_it_is() -> None:
    for address in ADDRESSES:
        assert mask_passwords(mask_passwords(address)) == mask_passwords(address)


def test_a_wrong_value_is_masked_before_it_is_cut() -> None:
    assert "hunter2" not in shown(["rtsp://admin:hunter2" + "x" * 100 + "@10.0.0.5/live"], 40)


def test_all_of_a_value_is_masked_whose_key_is_the_name_of_a_password() -> None:
    assert "hunter2" not in shown("hunter2", 40, key="camera.opencv.controls.password")
    assert shown("hunter2", 40, key="camera.passes") == "'hunter2'"


def test_hostile_text_takes_no_more_than_a_moment() -> None:
    begin_s = time.monotonic()
    for text in (
        "a://" * 5_000 + "@",
        "a:" * 20_000 + "@",
        "password" * 10_000,
        "pass" * 20_000 + "=",
        '"' * 80_000,
        "p_" * 40_000,
        "{" + " " * 80_000,
        "{ " * 40_000 + ":",
        "{pass: " * 12_000,
        "a://b:" * 14_000 + "@",
        "a://b: " * 12_000 + "@",
    ):
        mask_passwords(text)
    assert time.monotonic() - begin_s < 5
