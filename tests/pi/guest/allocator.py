"""Replaces picamera2's allocator on a kernel without DMA heaps: the buffers come from the camera's driver."""

from typing import Any

from picamera2.allocators.libcameraallocator import LibcameraAllocator


class DmaAllocator(LibcameraAllocator):  # type: ignore[misc]
    """Allocates the buffers of the machine's only camera."""

    def __init__(self) -> None:
        super().__init__(None)

    def allocate(self, libcamera_config: Any, use_case: Any) -> None:
        import libcamera

        self.camera = libcamera.CameraManager.singleton().cameras[0]
        super().allocate(libcamera_config, use_case)
