#!/bin/sh
# Runs in the arm64 root file system under qemu-user: builds into /out what Debian has no package for.
set -eu
export DEBIAN_FRONTEND=noninteractive
kernel=$(ls /lib/modules)
apt-get update -q
apt-get install -q -y --no-install-recommends gcc make libc6-dev linux-headers-arm64 python3-dev python3-pip \
    python3-setuptools python3-wheel swig

# Pins, a bus, PWM and a camera: drivers of this kernel that Debian does not build.
cd /tmp
tar xf /out/linux-source.tar
cd linux-source-*
vimc=$PWD/drivers/media/test-drivers/vimc
# libcamera always asks the sensor for 1920x1080, which takes an emulated processor seconds per frame: limit its size.
sed -i -e 's/\(VIMC_FRAME_MAX_WIDTH\) .*/\1 640/' -e 's/\(VIMC_FRAME_MAX_HEIGHT\) .*/\1 480/' "$vimc/vimc-common.h"
mkdir pins
cp drivers/gpio/*.h drivers/i2c/i2c-stub.c drivers/pwm/pwm-gpio.c pins
# With a spin lock, so that PWM can drive a pin from its timer's interrupt.
sed -e '0,/struct mutex lock;/s//spinlock_t lock;/' \
    -e 's/guard(mutex)(&chip->lock)/guard(spinlock_irqsave)(\&chip->lock)/' \
    -e 's/scoped_guard(mutex, &chip->lock)/scoped_guard(spinlock_irqsave, \&chip->lock)/' \
    -e 's/can_sleep = true/can_sleep = false/' \
    -e 's/devm_mutex_init(dev, &chip->lock)/({ spin_lock_init(\&chip->lock); 0; })/' drivers/gpio/gpio-sim.c >pins/pins.c
# A module can only get an interrupt by its number.
sed 's/handle_simple_irq(irq_to_desc(irqnum))/generic_handle_irq(irqnum)/' kernel/irq/irq_sim.c >pins/irq_sim.c
printf 'obj-m := gpio-sim.o i2c-stub.o pwm-gpio.o\ngpio-sim-y := pins.o irq_sim.o\n' >pins/Kbuild
modules=/out/modules/lib/modules/$kernel/extra
mkdir -p "$modules"
make -C "/lib/modules/$kernel/build" M="$PWD/pins" modules
make -C "/lib/modules/$kernel/build" M="$vimc" CONFIG_VIDEO_VIMC=m modules
cp pins/*.ko "$vimc/vimc.ko" "$modules"

# Packages of Raspberry Pi OS, under the names that they have there.
package() {
    mkdir -p "/tmp/$1/DEBIAN"
    printf 'Package: %s\nVersion: %s\nArchitecture: arm64\nMaintainer: nobody <nobody@localhost>\nDescription: for tests\n' \
        "$1" "$2" >"/tmp/$1/DEBIAN/control"
    [ -z "$3" ] || printf 'Depends: %s\n' "$3" >>"/tmp/$1/DEBIAN/control"
    dpkg-deb --build "/tmp/$1" "/out/$1.deb"
}
pip() { python3 -m pip --disable-pip-version-check "$@"; }
PYPI=1 pip install --no-deps --no-build-isolation --target /tmp/python3-lgpio/usr/lib/python3/dist-packages "lgpio==$LGPIO"
package python3-lgpio "$LGPIO" python3
pip install --break-system-packages --only-binary :all: --no-binary pidng --root /tmp/python3-picamera2 "picamera2==$PICAMERA2"
# The machine has neither the Raspberry Pi's display nor DMA heaps: the buffers come from the camera's driver.
packages=$(echo /tmp/python3-picamera2/usr/local/lib/python3*/dist-packages)
cp /out/pykms.py "$packages"
cp /out/allocator.py "$packages/picamera2/allocators/own_buffers.py"
echo "from .own_buffers import DmaAllocator" >>"$packages/picamera2/allocators/__init__.py"
package python3-picamera2 "$PICAMERA2" "python3-libcamera, libcamera-ipa, python3-numpy, python3-prctl"
