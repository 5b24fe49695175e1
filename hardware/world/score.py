"""The true outcomes of a simulated bin: of each item, and counted."""

from dataclasses import dataclass, field

MISSED = "missed"
"""``ItemOutcome.bin`` of an item that the bin did not handle."""

WITHDRAWN = "withdrawn"
"""``ItemOutcome.bin`` of an item that its user took back before the bin could handle it."""


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What became of one item. Times are seconds of the world's clock.

    Attributes:
        number: 1 is the first of the world's items.
        label: its true label.
        item: its name (the picture's path).
        bin: the bin that it fell into, or ``MISSED`` or ``WITHDRAWN``.
        arrive_s: when it came into view.
        rest_s: when it came to rest; None: never.
        command_s: when a flap was first commanded to open for it; None: never.
        open_s: when the flap was open far enough for it; None: never.
        end_s: when it was out of sight.
        openings: number of commands to open a flap for it.
        bins: the bins whose flaps opened for it, in order; more than one is a double.
    """

    number: int
    label: str
    item: str
    bin: str
    arrive_s: float
    rest_s: float | None
    command_s: float | None
    open_s: float | None
    end_s: float
    openings: int
    bins: tuple[str, ...]

    @property
    def fell(self) -> bool:
        """Whether it fell into a bin."""
        return bool(self.bins)


@dataclass(frozen=True, slots=True)
class SimulationScore:
    """The true outcomes, counted.

    ``items = handled_once + double + missed + withdrawn``, and ``handled_once + double = right + residual + wrong``.

    Attributes:
        items: items that came and are gone.
        handled_once: items for which one flap opened.
        double: items for which a second flap opened while they fell.
        missed: items that were not handled and that their user took away.
        withdrawn: items that their user took back before the bin could handle them.
        empty_openings: openings of a flap with nothing on the tray.
        right: items in their own bin.
        residual: items in the residual bin though they have a bin of their own.
        wrong: items in another bin: contamination.
        table: label -> bin (or ``missed``, ``withdrawn``) -> number of items.
        contamination: bin -> share of its contents that belongs elsewhere, 0..1; bins with nothing in them are left out.
            An item in the residual bin never counts as contamination.
        capture: bin -> share of the items that came and belong into it that are in it, 0..1; bins that nothing belonged
            into are left out.
        rest_to_command_s: seconds from rest to the command to open, as the pin saw it: ``p50``, ``p95``, ``max``; empty
            when there was none.
        flap_moves: bin -> number of commands to its flap, in either direction.
        moves_with_hand: commands while people were over the tray.
        moves_before_rest: commands to open while an item moved on the tray.
        two_moving: whether two flaps ever moved at once.
        falls: the last items that fell into a bin, oldest first.
        outcomes: the outcomes of the last items, oldest first.
        longest_on_s: bin -> longest time that its drive was under current without a break, in seconds.
    """

    items: int
    handled_once: int
    double: int
    missed: int
    empty_openings: int
    right: int
    residual: int
    wrong: int
    table: dict[str, dict[str, int]]
    two_moving: bool
    falls: tuple[ItemOutcome, ...]
    withdrawn: int = 0
    contamination: dict[str, float] = field(default_factory=dict)
    capture: dict[str, float] = field(default_factory=dict)
    rest_to_command_s: dict[str, float] = field(default_factory=dict)
    flap_moves: dict[str, int] = field(default_factory=dict)
    moves_with_hand: int = 0
    moves_before_rest: int = 0
    outcomes: tuple[ItemOutcome, ...] = ()
    longest_on_s: dict[str, float] = field(default_factory=dict)
