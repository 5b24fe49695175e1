"""A repository with one good model, made once, and copies of it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.updates.proof import ModelProof, Proof
from tests.builders.updates import Publisher, UpdatedBin, UpdateServer, another_model, served, signed_files


@dataclass
class UpdateWorld:
    """A repository, its server, and whoever keeps it."""

    publisher: Publisher
    server: UpdateServer
    root: Path
    folder: Path

    def bin(self, name: str = "bin-1", **options: object) -> UpdatedBin:
        return UpdatedBin(self.folder / name, self.server.address, self.root, name=name, **options)  # type: ignore[arg-type]

    @property
    def repository(self) -> Path:
        return self.publisher.files.folder


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No power is cut here: what is killed is a process, which the kernel outlives."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def quick_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every model passes, without being asked anything: for what comes after the proof."""
    monkeypatch.setattr(ModelProof, "prove", lambda *_: Proof(None, "proved"))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {
        "good": another_model(folder / "good.tflite", "good"),
        "better": another_model(folder / "better.tflite", "better", version="b"),
        "bad": another_model(folder / "bad.tflite", "bad", turned=1, version="c"),
    }


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, models: dict[str, Path]) -> Path:
    folder = tmp_path_factory.mktemp("made")
    publisher = Publisher(folder)
    publisher.publish(models["good"])
    return folder


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Iterator[UpdateWorld]:
    shutil.copytree(made, tmp_path / "owner")
    publisher = Publisher(tmp_path / "owner")
    assert publisher.files.folder == signed_files(tmp_path / "owner" / "repo").folder
    root = tmp_path / "update-root.json"
    shutil.copy(publisher.files.folder / "root.json", root)
    with served(publisher.files.folder) as server:
        yield UpdateWorld(publisher, server, root, tmp_path)
