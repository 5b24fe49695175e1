"""What the builder's pages say of currents, voltages, heights and forces is what the scripts compute, and adds up."""

import math

import pytest
import yaml

from docs.drawings.budget import (
    BOARD_SUPPLY_A,
    BUTTON_A,
    COIL_V,
    FUSE_BLOWS,
    FUSE_HOLDS,
    PI_SUPPLY_V,
    PIN_HIGH_V,
    PIN_LIMIT_V,
    PULLS_IN_V,
    RESERVE,
    SERVO_FUSE_A,
    SERVO_V,
    SOLENOID_A,
    STALL_A,
    STOP_RELAY_A,
    SUPPLIES_A,
    TWELVE_VOLT_BINS,
    ServoBudget,
    TwelveVoltBudget,
    board_a,
    divided_v,
    droop_v_per_ms,
    duty_percent,
    fuse_for,
    stop_relay_coil_a,
    wire_drop_v,
)
from docs.drawings.camera_views import CAMERAS, light_distance
from docs.drawings.crank import Crank, HornFitting
from docs.drawings.gallery import PICTURES
from docs.drawings.header import SERVOS
from docs.drawings.plates import BIN_MM, HINGES_MM, PLATES_TOP_MM
from docs.drawings.stand import BIN_HEIGHT_MM, STAND
from docs.drawings.statics import (
    GENTLE_N,
    MOST_ITEM_KG,
    SERVO_BODY_MM,
    Door,
    Gate,
    GuidePlate,
    NestedPlates,
    TurningChute,
)
from edge.config.default import EXAMPLES
from edge.config.file import load_config
from hardware.drives.servo.section import ServoSection
from hardware.drives.trapdoor.section import TrapdoorSection
from tests.paths import ROOT

BIN_COUNTS = (2, 3, 4)
SERVO_KG_CM = 20.0
NOT_TRIED = "ot tried on a physical Raspberry Pi yet"
PAGES_THAT_SELL = ("index", "build-a-bin", "parts", "electronics", "mechanics", "carousel")


def page(name: str) -> str:
    return " ".join((ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8").split())


@pytest.mark.parametrize("name", PAGES_THAT_SELL)
def test_a_page_on_which_a_reader_decides_to_buy_says_first_that_nothing_was_tried(name: str) -> None:
    assert NOT_TRIED in page(name)[:700]


@pytest.mark.parametrize("servos", BIN_COUNTS)
def test_a_servo_supply_gives_what_all_servos_take_at_once(servos: int) -> None:
    budget = ServoBudget(servos)
    assert budget.peak_a == servos * 3
    assert budget.supply_a >= budget.peak_a * RESERVE
    assert budget.supply_a in SUPPLIES_A
    assert budget.row() in page("electronics")


@pytest.mark.parametrize("servos", BIN_COUNTS)
def test_the_supply_blows_the_fuse_of_one_servo_and_never_one_for_all(servos: int) -> None:
    budget = ServoBudget(servos)
    assert STALL_A < SERVO_FUSE_A
    assert budget.supply_a >= 2 * SERVO_FUSE_A > FUSE_BLOWS * SERVO_FUSE_A
    assert budget.supply_a < FUSE_BLOWS * fuse_for(budget.peak_a)
    text = page("electronics")
    assert f"a blade fuse for cars of {SERVO_FUSE_A:g} A in the plus of **each servo**" in text
    assert (
        f"carries {FUSE_HOLDS * 100:.0f} % of what is printed on it for 100 hours, and {FUSE_BLOWS * 100:.0f} %" in text
    )
    words = [word.text for word in PICTURES["servos"]().words]
    assert words.count(f"{SERVO_FUSE_A:g} A") == len(SERVOS)


@pytest.mark.parametrize("budget", TWELVE_VOLT_BINS, ids=lambda budget: budget.what)
def test_the_12_v_supply_gives_all_and_blows_each_fuse(budget: TwelveVoltBudget) -> None:
    assert budget.supply_a >= budget.needed_a * RESERVE
    assert all(FUSE_BLOWS * fuse_a <= budget.supply_a for fuse_a in budget.fuses_a)
    assert budget.row() in page("electronics")
    assert SOLENOID_A <= BUTTON_A


def test_the_parts_list_buys_the_12_v_that_the_budget_says() -> None:
    servo_only, solenoid, turntable = TWELVE_VOLT_BINS
    text = page("parts")
    assert f"| {servo_only.supply_a:g} A with a fuse of {servo_only.fuses_a[0]:g} A;" in text
    assert f"a fuse of {solenoid.fuses_a[1]:g} A, and 12 V of {solenoid.supply_a:g} A" in text
    assert f"12 V supply of {turntable.supply_a:g} A" in text
    assert f"fuse of {turntable.fuses_a[1]:g} A for motor and solenoid" in text


def test_the_light_is_wired_before_the_stop() -> None:
    sheet = PICTURES["power"]()
    assert "light" in [word.text for word in sheet.words]
    assert "light is wired before the stop: it stays on" in " ".join(word.text for word in sheet.words)
    assert "The light is wired before the stop" in page("electronics")


def test_the_emergency_stop_cuts_the_servos_through_a_relay_that_its_button_can_switch() -> None:
    supplies = [ServoBudget(servos).supply_a for servos in BIN_COUNTS]
    assert max(supplies) > BUTTON_A, "the button alone does not switch it"
    assert 2 * max(supplies) <= STOP_RELAY_A
    assert stop_relay_coil_a() < 1.0 < BUTTON_A
    assert SERVO_V < PULLS_IN_V < COIL_V, "from the servos' own supply it would not pull in"
    text = page("electronics")
    for words in (
        f"carries {STOP_RELAY_A:g} A for as long as one likes, twice the largest supply",
        f"takes {stop_relay_coil_a():.2f} A",
        f"switches {BUTTON_A:g} A",
        f"that takes {PULLS_IN_V:g} V",
    ):
        assert words in text
    assert f"{STOP_RELAY_A:g} A or more at 14 V" in page("parts")


@pytest.mark.parametrize("servos", BIN_COUNTS)
def test_the_parts_list_buys_what_the_budget_says(servos: int) -> None:
    lists = [line.split("|") for line in (ROOT / "docs" / "parts.md").read_text(encoding="utf-8").splitlines()]
    for name, wanted in (
        ("servo supply, 6 V, with overload protection", f"{ServoBudget(servos).supply_a:g} A"),
        ("blade fuses with holder, one for each servo", f"{servos} of {SERVO_FUSE_A:g} A"),
    ):
        found = [cells[servos].strip() for cells in lists if len(cells) > servos and cells[1].strip() == name]
        assert found == [wanted] * 2, "of the chute, and of one flap for each bin"


def test_a_capacitor_holds_no_servo() -> None:
    assert f"{droop_v_per_ms(ServoBudget(3).peak_a, 1000):.0f} V a millisecond" in page("electronics")


def test_the_wires_of_the_rail_are_thick_enough() -> None:
    drop_v = wire_drop_v(ServoBudget(3).peak_a, 1, 1.5)
    assert drop_v < 0.3
    assert f"{drop_v:.1f} V" in page("electronics")


@pytest.mark.parametrize("supply_v", [4.75, 5.0, PI_SUPPLY_V, 5.25])
def test_the_divider_keeps_the_echo_between_what_is_high_and_what_harms(supply_v: float) -> None:
    assert PIN_HIGH_V < divided_v(supply_v, 330, 470) < PIN_LIMIT_V


def test_the_page_says_what_a_servo_supply_would_put_on_the_pin() -> None:
    for upper, lower in ((330, 470), (1000, 2000)):
        cells = " | ".join(f"{divided_v(supply_v, upper, lower):.1f} V" for supply_v in (PI_SUPPLY_V, 6.0, 6.8))
        assert cells in page("electronics")
        assert divided_v(6.0, upper, lower) > PIN_LIMIT_V


@pytest.mark.parametrize("board", list(BOARD_SUPPLY_A))
def test_the_supply_of_the_pi_carries_all_that_hangs_on_it(board: str) -> None:
    needed_a = board_a(board, relays=4, is_usb=True)
    assert needed_a < BOARD_SUPPLY_A[board]
    assert f"| {board} | {needed_a:.1f} A | {BOARD_SUPPLY_A[board]:g} A |" in page("electronics")


def test_the_duty_of_a_solenoid_is_that_of_the_default_configuration() -> None:
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    percent = duty_percent(config["flaps"]["max_openings_per_min"], config["bins"]["residual"]["dwell_s"])
    assert f"ED of {percent:.0f} % or more" in page("electronics")


def test_a_camera_module_3_sees_a_wide_tray_from_three_quarters_of_its_width() -> None:
    assert CAMERAS[0].height(1, 0) == pytest.approx(0.77, abs=0.005)
    assert CAMERAS[0].height(400, 225) == pytest.approx(400 * 0.77, abs=2)
    for camera in CAMERAS:
        assert camera.height(1, 1) >= camera.height(1, 0.75) >= camera.height(1, 0)
        assert camera.row() in page("mechanics")


def test_a_cropped_mode_needs_the_camera_higher() -> None:
    whole, cropped = CAMERAS[1].height(1, 0.75), CAMERAS[2].height(1, 0.75)
    assert cropped == pytest.approx(1.5 * whole)


def test_lamps_stand_where_nothing_flat_mirrors_them() -> None:
    assert light_distance(500, 0, 400) == pytest.approx(200)
    assert light_distance(500, 500, 400) == pytest.approx(400)
    assert f"{light_distance(1, 0.5, 1):.2f} times the tray's width" in page("mechanics")


def test_no_weight_turns_a_crank_at_its_dead_centres() -> None:
    crank = Crank()
    for turned_deg in (0.0, 180.0):
        before, after = crank.plate_deg(turned_deg - 0.5), crank.plate_deg(turned_deg + 0.5)
        assert abs(after - before) < 0.01
    assert crank.plate_deg(180) == pytest.approx(crank.drop_deg)
    assert f"{crank.drop_deg:.0f} degrees" in page("mechanics")


def test_a_horn_turned_by_less_than_half_a_turn_drops_the_plate_nearly_as_far() -> None:
    crank = Crank()
    assert crank.plate_deg(180 - 2 * crank.beyond_deg) > crank.drop_deg - 1


def test_a_horn_can_be_fitted_so_that_home_lies_beyond_the_dead_centre_wherever_the_teeth_lie() -> None:
    fitting = HornFitting()
    least, most = fitting.homes_deg
    assert -fitting.limit_deg < least < most < fitting.open_deg < fitting.limit_deg
    assert fitting.least_drop_deg > fitting.crank.drop_deg - 2
    text = page("mechanics")
    assert f"at every {fitting.step_deg:g} degrees alone, and may be off by {fitting.step_deg / 2:g}" in text
    assert f"(-85). `+10` brings it to **{fitting.fitted_deg:g}**" in text
    assert f"home lies between {least:.0f} and {most:.0f}" in text
    assert f"falls by {math.floor(fitting.least_drop_deg)} degrees at least" in text
    (door,) = [one for one in load_config(EXAMPLES["trapdoor"]).drives.values() if isinstance(one, TrapdoorSection)]
    assert isinstance(door.door, ServoSection)
    assert (door.door.home_deg, door.door.open_deg) == (-85, fitting.open_deg)
    assert least <= door.door.home_deg <= most
    assert door.door.max_deg == fitting.limit_deg


def test_the_frame_carries_what_is_drawn_and_stands_in_nobodys_way() -> None:
    assert STAND.tray_high_mm - HINGES_MM - STAND.batten_mm > BIN_HEIGHT_MM, "bins go below the rails at the hinges"
    assert STAND.back_mm - STAND.batten_mm > Door().tray_mm / 2, "the rear posts rise beyond the tray"
    assert STAND.behind_mm > SERVO_BODY_MM[1], "servos fit behind the back wall"
    plate = GuidePlate()
    assert plate.length_mm * math.sin(math.radians(plate.beyond_deg)) < STAND.batten_mm, (
        "a plate at home clears its stop's rail"
    )
    text = page("mechanics")
    for what, (count, length_mm) in STAND.cuts().items():
        assert f"| {what} | {count} | {length_mm:.0f} mm |" in text
    across_mm, deep_mm = STAND.base_mm
    assert f"base board is {across_mm:g} x {deep_mm:g} mm" in text
    deepest_mm = STAND.back_mm + GuidePlate().chute_mm / 2 + BIN_MM
    assert f"base board {deepest_mm:g} mm deep" in text
    assert f"| {across_mm:g} x {deepest_mm:g} mm for four |" in text
    assert f"| {STAND.length_m:.0f} m | {STAND.length_m:.0f} m | {STAND.length_m + 0.6:.0f} m |" in page("parts")


def test_a_servo_lifts_the_door_and_a_plate_with_an_item_that_did_not_fall() -> None:
    door, plate = Door(), GuidePlate()
    assert door.servo_kg_cm < SERVO_KG_CM
    assert plate.servo_kg_cm() < plate.servo_kg_cm(item_kg=MOST_ITEM_KG) < SERVO_KG_CM
    text = page("mechanics")
    assert f"| {door.side_mm:g} x {door.side_mm:g} mm | {door.weight_kg:.2f} kg | {door.servo_kg_cm:.1f} kg cm" in text
    size = f"| {plate.length_mm:.0f} x {plate.chute_mm - 10:g} mm | {plate.weight_kg:.2f} kg"
    assert f"{size} | {plate.servo_kg_cm():.1f} kg cm; {plate.servo_kg_cm(item_kg=MOST_ITEM_KG):.1f} with" in text
    assert f"{door.edge_force_n(SERVO_KG_CM):.0f} N at its edge" in text
    assert f"{plate.edge_force_n(SERVO_KG_CM):.1f} N at its edge" in text


def test_a_door_that_presses_harder_than_a_finger_holds_has_a_lid() -> None:
    assert Door().edge_force_n(SERVO_KG_CM) > GENTLE_N > GuidePlate().edge_force_n(SERVO_KG_CM)
    assert "fit the lid contact" in page("mechanics")


def test_the_open_door_clears_a_plate_that_is_out() -> None:
    door, plate = Door(), GuidePlate()
    assert (
        max(door.side_mm * math.sin(math.radians(door.crank.plate_deg(turned))) for turned in range(181))
        < PLATES_TOP_MM
    )
    assert f"{HINGES_MM:.0f}" == "517"
    assert "| 520 mm, and the last bin |" in page("mechanics")
    assert plate.chute_mm > door.side_mm


def test_a_plate_swings_below_the_closed_door_and_its_crank() -> None:
    plate = GuidePlate()
    highest = HINGES_MM - plate.length_mm
    assert highest > Door().crank.axle_mm[1]


@pytest.mark.parametrize("bins", BIN_COUNTS)
def test_a_servo_lifts_each_ring_with_an_item_that_did_not_fall(bins: int) -> None:
    plates = NestedPlates(bins)
    needed = [plates.servo_kg_cm(ring) for ring in range(bins)]
    assert needed == sorted(needed)
    assert needed[-1] < SERVO_KG_CM
    assert plates.row() in page("mechanics")
    assert plates.edge_force_n(bins - 1, SERVO_KG_CM) > 0.95 * GENTLE_N


@pytest.mark.parametrize("bins", BIN_COUNTS)
def test_walls_begin_below_the_falling_rings_and_their_notch_below_the_servos(bins: int) -> None:
    plates = NestedPlates(bins)
    assert plates.wall_mm > plates.side_mm(bins - 1) / 2
    assert plates.notch_mm > plates.wall_mm
    assert f"| {NestedPlates(4).wall_mm:.0f} mm to the walls between four bins" in page("mechanics")


def test_the_springs_of_the_gate_hold_its_item_and_stay_gentle() -> None:
    gate = Gate()
    assert gate.spring_n < GENTLE_N
    assert gate.spring_n * gate.side_mm / 2000 > gate.leaf_moment_nm + 9.81 * gate.item_kg * gate.side_mm / 2000
    text = page("mechanics")
    assert f"{gate.spring_n:.1f} N" in text
    forces = {one.flap.force_n for one in load_config(EXAMPLES["carousel"]).bins.values()}
    assert forces == {round(gate.spring_n, 1)}
    assert f"{gate.work_j:.1f} J" in text
    assert f"{gate.solenoid_n(10):.0f} N over 10 mm" in text
    assert Gate(item_kg=2 * gate.item_kg).work_j == pytest.approx(2 * gate.work_j, rel=0.05)


def test_a_small_stepper_turns_the_chute() -> None:
    assert TurningChute().torque_nm < 0.2
    assert f"{TurningChute().torque_nm:.2f} N m" in page("mechanics")
