"""A bad model that is sent to a hundred bins by rings stops in the first ring, and is on none of them afterwards."""

from dataclasses import asdict
from pathlib import Path

import pytest

from convert.publishing.publish import Publication, publish
from edge.config.update_slot import last_outcome
from tests.builders.updates import UpdatedBin
from tests.edge.updates.conftest import UpdateWorld
from train.errors import SettingsError

RINGS = {"canary": 10, "early": 30, "all": 60}


def bins_of(world: UpdateWorld) -> list[UpdatedBin]:
    return [world.bin(f"{ring}-{number}", ring=ring) for ring, count in RINGS.items() for number in range(count)]


def reports(bins: list[UpdatedBin]) -> list[dict[str, object]]:
    return [found for bin_ in bins if (found := last_outcome(bin_.config.updates_folder)) is not None]


def publication(world: UpdateWorld, file: Path, ring: str) -> Publication:
    return Publication(file, "net", ring, (), world.publisher.golden, None)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["labels", "unsure", "slower"])
def test_a_bad_model_stops_in_the_first_ring_and_is_taken_back_everywhere(
    world: UpdateWorld, models: dict[str, Path], fault: str, request: pytest.FixtureRequest
) -> None:
    bad = models["bad" if fault == "labels" else "better"]
    if fault != "labels":  # golden pictures say nothing against it, the trays do
        request.getfixturevalue("quick_proof")
    bins = bins_of(world)
    for bin_ in bins:
        bin_.sort(30, unsure=3)
    version = publish(world.publisher.files, publication(world, bad, "canary"), []).version
    took = [bin_ for bin_ in bins if bin_.apply() != "nothing"]
    assert {bin_.name.split("-")[0] for bin_ in took} == {"canary"}
    for bin_ in bins:
        bin_.sort(20, unsure=5 if fault == "slower" else 9, decision_s=1.5 if fault == "slower" else 0.5)
        bin_.run.watch.judge()
    done = publish(world.publisher.files, publication(world, bad, "early"), reports(bins))
    assert done.count is not None
    assert (done.version, done.places, done.count.must_stop, done.count.failed) == (version, (), True, 10)
    for bin_ in bins:
        bin_.apply()
    assert [bin_.name for bin_ in bins if bin_.config.slot is not None and bin_.run.watch.record is None] == []
    running = {asdict(record)["targets"].get("net") for bin_ in bins if (record := bin_.run.watch.record)}
    assert version not in running


@pytest.mark.slow
def test_a_good_model_goes_from_ring_to_ring(world: UpdateWorld, models: dict[str, Path], quick_proof: None) -> None:
    bins = bins_of(world)
    for bin_ in bins:
        bin_.sort(30, unsure=3)
    for ring in RINGS:
        if ring != "canary":
            before = publication(world, models["good"], ring)
            with pytest.raises(SettingsError, match="too early"):
                publish(world.publisher.files, before, [])
            assert publish(world.publisher.files, before, reports(bins)).places == (f"{ring}/net",)
        assert {bin_.apply() for bin_ in bins if bin_.name.startswith(ring)} == {"trial"}
        for bin_ in bins:
            if bin_.name.startswith(ring):
                bin_.sort(20, unsure=2)
                assert bin_.run.watch.judge() is not None
    assert {bin_.run.watch.record.targets["net"] for bin_ in bins if bin_.run.watch.record} == {1}
    assert all(bin_.config.slot for bin_ in bins)
