"""The page's style, scripts and pictures. All are read at start, so that no path of a request ever opens a file."""

import gzip
import hashlib
import mimetypes
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).with_name("web") / "static"

FOR_EVER = "public, max-age=31536000, immutable"
"""Caching of a file whose address changes with its content."""

COMPRESSIBLE = ("text/", "image/svg+xml")
"""Types that get smaller by compression."""


class StaticFiles:
    """Files that everybody may read.

    Their addresses contain a hash over all of them: browsers keep each until any changes, and modules find each other by
    relative paths.

    Args:
        folder: where they are; what lies below it is served, by its path there.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
        digest = hashlib.sha256()
        for name, content in self._files.items():
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
        self.version = digest.hexdigest()[:12]
        self._compressed: dict[str, bytes] = {}

    def address(self, name: str) -> str:
        """The path of a file on the page.

        Raises:
            KeyError: there is no such file.
        """
        if name not in self._files:
            raise KeyError(f"static file {name!r}: there is none")
        return f"/static/{self.version}/{name}"

    def routes(self) -> list[Route]:
        """Where they are served."""
        return [Route("/static/{version}/{name:path}", self._serve)]

    async def _serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._files:
            raise HTTPException(404)
        is_current = request.path_params["version"] == self.version
        headers = {"Cache-Control": FOR_EVER if is_current else "no-store", "Vary": "Accept-Encoding"}
        content = self._files[name]
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if media_type.startswith(COMPRESSIBLE) and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            content = self._gzipped(name)
        return Response(content, media_type=media_type, headers=headers)

    def _gzipped(self, name: str) -> bytes:
        if name not in self._compressed:
            self._compressed[name] = gzip.compress(self._files[name], mtime=0)
        return self._compressed[name]
