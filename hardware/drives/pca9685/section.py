"""What the configuration says of a servo on a PCA9685 board."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from hardware.drives.pulsed.section import PulsedSection
from hardware.drives.section import DriveContext
from hardware.flap import Flap
from hardware.section import Claim, I2CAddress, I2CBus, i2c_claims
from hardware.sensor import Switch


class PCA9685Section(PulsedSection):
    """A flap moved by a hobby servo on one of a PCA9685's sixteen channels."""

    kind: Literal["pca9685"]
    bus: I2CBus = 1
    address: I2CAddress = 0x40
    channel: int = Field(ge=0, le=15, strict=True)

    def claims(self) -> Iterator[Claim]:
        yield from i2c_claims(self.bus, self.address, shared_by="PCA9685")
        board = f"PCA9685 at I2C bus {self.bus} address {self.address:#04x}"
        yield Claim("channel", f"{board} channel {self.channel}")

    def make(self, name: str, context: DriveContext, *, end_switch: Switch | None = None) -> Flap:
        from hardware.drives.pca9685.driver import PCA9685Flap

        return PCA9685Flap(self, name=name, end_switch=end_switch)
