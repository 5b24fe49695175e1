"""Valid files, and what becomes of them: cut, flipped, overwritten, spliced, repeated, with words that readers stumble over."""

from collections.abc import Sequence

from hypothesis import strategies as st

MOST_CHANGES = 4
"""Changes of one input: more of them and nothing of the format is left."""

MOST_REPEATED = 20_000
"""How often a word is repeated at most: deep brackets, long names, many entries."""

NUMBERS = (
    b"-1",
    b"0",
    b"1e400",
    b"-0.0",
    b"NaN",
    b".nan",
    b".inf",
    b"-Infinity",
    b"9" * 400,
    b"2147483648",
    b"0x7fffffff",
)
STRINGS = (
    b"",
    b"null",
    b"true",
    b'""',
    b"'",
    b'"',
    b"\\",
    b"\x00",
    b"\n",
    b"\r\n",
    b"\x1b[2J",
    b"\xff",
    b"\xef\xbb\xbf",
)
BRACKETS = (b"[", b"]", b"{", b"}", b"[[", b"{}", b"[]", b",", b":", b"- ", b"? ")
YAML_WORDS = (b"&a [*a]", b"*a", b"<<: *a", b"!!python/none ", b"! ", b"2026-13-45", b"12:30:45")
PATHS = (b"/", b"../", b"/dev/zero", b"/dev/tty", b".", b"~", b"~nobody", b"a" * 300)
LENGTHS = (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80", b"\x00\x01")

WORDS = (*NUMBERS, *STRINGS, *BRACKETS, *YAML_WORDS, *PATHS, *LENGTHS)


def mutated(corpus: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Inputs made from a corpus of valid files; now and then bytes of no format at all."""

    @st.composite
    def make(draw: st.DrawFn) -> bytes:
        content = draw(st.sampled_from(corpus))
        for change in draw(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=MOST_CHANGES)):
            content = change(draw, content, corpus)
        return content

    return st.one_of(*[make()] * 9, st.binary(max_size=2000))


def _place(draw: st.DrawFn, content: bytes) -> int:
    # The beginning and the end hold the headers and tables of most formats.
    near = min(len(content), 64)
    return draw(
        st.one_of(st.integers(0, len(content)), st.integers(0, near), st.integers(len(content) - near, len(content)))
    )


def _cut(draw: st.DrawFn, content: bytes, corpus: Sequence[bytes]) -> bytes:
    return content[: _place(draw, content)]


def _behead(draw: st.DrawFn, content: bytes, corpus: Sequence[bytes]) -> bytes:
    return content[_place(draw, content) :]


def _flip(draw: st.DrawFn, content: bytes, corpus: Sequence[bytes]) -> bytes:
    changed = bytearray(content)
    for _ in range(draw(st.integers(1, 8))):
        if (place := _place(draw, content)) < len(changed):
            changed[place] ^= 1 << draw(st.integers(0, 7))
    return bytes(changed)


def _overwrite(draw: st.DrawFn, content: bytes, corpus: Sequence[bytes]) -> bytes:
    place, word = _place(draw, content), draw(st.one_of(st.sampled_from(WORDS), st.binary(max_size=8)))
    return content[:place] + word + content[place + len(word) :]


def _insert(draw: st.DrawFn, content: bytes, corpus: Sequence[bytes]) -> bytes:
    place, word = _place(draw, content), draw(st.one_of(st.sampled_from(WORDS), st.binary(max_size=40)))
    return content[:place] + word + content[place:]


def _repeat(draw: st.DrawFn, content: bytes, corpus: Sequence[bytes]) -> bytes:
    place, word = _place(draw, content), draw(st.sampled_from(WORDS))
    return content[:place] + word * draw(st.sampled_from((2, 50, 2000, MOST_REPEATED))) + content[place:]


def _zero(draw: st.DrawFn, content: bytes, corpus: Sequence[bytes]) -> bytes:
    place, size = _place(draw, content), draw(st.integers(1, 600))
    return content[:place] + bytes(len(content[place : place + size])) + content[place + size :]


def _splice(draw: st.DrawFn, content: bytes, corpus: Sequence[bytes]) -> bytes:
    other = draw(st.sampled_from(corpus))
    return content[: _place(draw, content)] + other[_place(draw, other) :]


def _copy_block(draw: st.DrawFn, content: bytes, corpus: Sequence[bytes]) -> bytes:
    first, last = sorted((_place(draw, content), _place(draw, content)))
    place = _place(draw, content)
    return content[:place] + content[first:last] + content[place:]


def _swap_value(draw: st.DrawFn, content: bytes, corpus: Sequence[bytes]) -> bytes:
    """Another word in place of what stands after a colon, an equals sign or a comma: the formats that people write."""
    places = [place for place, byte in enumerate(content[:20_000]) if byte in b":=,\n"]
    if not places:
        return content
    place = draw(st.sampled_from(places)) + 1
    end = next((end for end in range(place, min(place + 200, len(content))) if content[end] in b",\n]}"), place)
    return content[:place] + b" " + draw(st.sampled_from(WORDS)) + content[end:]


CHANGES = (_cut, _behead, _flip, _overwrite, _insert, _repeat, _zero, _splice, _copy_block, _swap_value, _swap_value)
