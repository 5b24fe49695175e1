"""The picture of the tray as the camera has just taken it."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from edge.errors import SorterError
from edge.page.page_state import state_of

REGION = "X-Tray-Region"
"""Header of the answer: left, top, right, bottom of the tray's region, as fractions of the picture."""


async def newest_picture(request: Request) -> Response:
    """The newest picture in full; in its headers where the tray is. The number in the address makes each one another."""
    link = state_of(request).bin
    if link is None:
        raise HTTPException(404)
    try:
        picture = await link.look()
    except SorterError as error:
        raise HTTPException(503, str(error)) from error
    region = ",".join(f"{side:.4f}" for side in picture.header["region"])
    return Response(picture.jpeg, media_type="image/jpeg", headers={REGION: region})
