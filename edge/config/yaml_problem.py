"""What is wrong with a YAML text, in words."""

TAB = r"found character '\t'"
"""What both libraries say of a line that is indented with a tab, as some editors do."""


def yaml_problem(error: Exception) -> str:
    """What PyYAML or ruamel.yaml complain about, and where.

    Without the line that they quote: it may hold a password, and is cut where it is long, so that none could be told in it.
    """
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if not problem:
        return "nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())
    context = getattr(error, "context", None)
    where = "" if mark is None else f" (line {mark.line + 1}, column {mark.column + 1})"
    hint = "; indent with spaces" if TAB in problem else ""
    return " ".join(f"{f'{context}: ' if context else ''}{problem}{where}{hint}".split())
