"""A render job: label, seed and number determine a sprite."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from train.sprites import LABELS, illumination, items, matting, png, scene


@dataclass(frozen=True, slots=True)
class RenderJob:
    """A sprite to be rendered.

    Attributes:
        label: one of LABELS.
        seed: of the whole set, 0 or more.
        number: of the sprite within its label, 0 or more; determines its kind.
    """

    label: str
    seed: int
    number: int

    def __post_init__(self) -> None:
        if self.label not in LABELS:
            raise ValueError(f"label: expected one of {', '.join(LABELS)}, got {self.label!r}")
        if self.seed < 0 or self.number < 0:
            raise ValueError(f"seed and number: expected 0 or more, got {self.seed} and {self.number}")

    @property
    def kind(self) -> str:
        """Name of the kind of item."""
        names = list(items.kinds_of(self.label))
        return names[self.number % len(names)]

    def path(self, folder: Path) -> Path:
        """File of the sprite inside the output folder."""
        return folder / self.label / f"{self.label}-{self.kind}-{self.seed}-{self.number:02d}.png"

    def render(self, *, size: int, spp: int, variant: str = "auto") -> bytes:
        """Render the sprite.

        Args:
            size: longest side in pixels.
            spp: light paths per pixel and ground; clear items get twice as many.
            variant: see `train.sprites.mitsuba_loader.load_mitsuba`.

        Returns:
            The PNG file's bytes.
        """
        rng = np.random.default_rng([self.seed, LABELS.index(self.label), self.number])
        parts = items.kinds_of(self.label)[self.kind](rng)
        clear = not all(part.opaque for part in parts)
        view = illumination.SceneSetup.sample(rng, clear=clear)
        # The margins for shadow are cropped again; the rest should be near `size` without upscaling.
        sprite, longest_mm = scene.render_sprite(
            parts,
            view,
            size=round(1.1 * size),
            spp=2 * spp if clear else spp,
            seed=int(rng.integers(1 << 20)),
            variant=variant,
        )
        clean = matting.remove_faint(sprite)
        whole = max(clean.shape[:2])
        done = matting.crop_to_item(clean, size)
        rows, columns = np.nonzero(clean[..., 3] > 0)
        spanned = max(np.ptp(rows), np.ptp(columns)) + 1
        return png.encoded_png(done, longest_mm * spanned / whole * (1 + 2 * matting.MARGIN))


def make_jobs(labels: tuple[str, ...], per_label: int, seed: int) -> list[RenderJob]:
    """All sprites of a set, labels in turn, so that an interrupted run leaves a balanced set."""
    return [RenderJob(label, seed, number) for number in range(per_label) for label in labels]
