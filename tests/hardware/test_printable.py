import pytest

from hardware.printable import one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb.jpg", r"a\x1b[2Jb.jpg"),
        ("a\x1b]0;title\x07b", r"a\x1b]0;title\x07b"),
        ("a\x9b2Jb", r"a\x9b2Jb"),  # the same in one C1 control
        ("a\rb\bc\x00", r"a\x0db\x08c\x00"),
        ("photo_\u202egpj.exe", r"photo_\u202egpj.exe"),
        ("caf\udce9.jpg", r"caf\xe9.jpg"),  # a byte of a name that is not UTF-8
        ("\ud800", r"\ud800"),
        ("Müll, 垃圾, زبالة\n\t🗑", "Müll, 垃圾, زبالة\n\t🗑"),
        ("rtsp://u:secret@cam", "rtsp://***@cam"),
    ],
)
def test_what_would_steer_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


def test_one_line_stays_one_line() -> None:
    assert one_line("a\nb\r\nc\x0bd\x85e\u2028f") == "a b c d e f"
