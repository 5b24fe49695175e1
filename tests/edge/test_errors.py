import pytest

from edge import errors
from edge.errors import SorterError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SorterError)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_of_an_error_is_one_line_whatever_it_quotes(kind: type[SorterError]) -> None:
    assert str(kind("event log a: unrecognized token: [\n)")) == "event log a: unrecognized token: [ )"
    assert str(kind("model a: no such file")) == "model a: no such file"
