"""Counts the things on the tray by their history: how many came, how many were taken back over the edge, how many vanished."""

from dataclasses import dataclass

import cv2
import numpy as np

from edge.sight.blob import Blob, Cover, blobs_of, overlap
from edge.sight.cielab import Lab
from edge.sight.mask import MIN_AREA
from edge.values import Mask

LEAST_GROWTH, GROWTH = 0.02, 0.1
"""What grows from one picture to the next by this fraction of the tray and of itself is being joined by something, maybe a hand.
A hop brings an item nearer to the camera and makes it a twentieth larger from picture to picture."""

LEAST_JOINED, JOINED = 0.004, 0.04
"""When it is free of the edge again, and still larger by this fraction of the tray and of itself, a thing has joined it."""

MAX_AREA_RATIO = 2.5
"""Largest ratio of the areas of one thing on two pictures between which it has moved further than its own length."""

CHANGED_LAB = 12.0
"""Difference, in Lab units, by which a pixel shows something else than before: several times the noise of any usable camera."""

LEFT_ALONE = 0.75
"""Of several things that overlap, one has gone when less than this fraction of their area is left."""

COVERED_EDGES = 3
"""From so many crossed edges on the picture shows what covers the tray, and not what lies there."""

SETTLING_PICTURES = 4
"""Number of pictures after a thing has joined another in which growth is the same thing still swinging out of the other's
outline: a quarter of a second. What comes over the edge counts all the same."""

GHOST_PICTURES = 2
"""Number of pictures without a thing after which it is gone. A nearly invisible one may be missed on a single picture."""


SAME_AFTER_OPENING = 0.75
"""Fraction of what lay there before a flap opened in view and of what lies there after it, both together, that is the same."""


@dataclass(slots=True, eq=False)
class _Track:
    """One thing, or several that overlap.

    Attributes:
        cover: where it was seen last.
        area: number of its pixels there.
        base_area: number of its pixels before anything joined it that is not counted yet.
        whole_area: number of its pixels when it was counted.
        count: number of things in it; 0: only at the edge so far, it may be a hand.
        at_edge: whether it crossed the tray's edge when it was seen last.
        is_joined: whether it is being joined by something that crosses the edge, maybe a hand.
        settling: number of pictures in which growth does not count, because something has just joined.
        missed: number of pictures since it was seen last.
    """

    cover: Cover
    area: int
    base_area: int
    whole_area: int
    count: int
    at_edge: bool
    is_joined: bool = False
    settling: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class ThingTally:
    """Numbers of things since the start. ``came - taken - vanished`` lie on the tray.

    Attributes:
        came: seen to come in, over an edge or from above.
        taken: seen to leave over an edge.
        vanished: gone without crossing an edge: they fell.
        unseen: number of times that the view was covered or interrupted, so that something may have come or gone unseen.
    """

    came: int = 0
    taken: int = 0
    vanished: int = 0
    unseen: int = 0

    @property
    def present(self) -> int:
        """Number of things on the tray."""
        return self.came - self.taken - self.vanished


class ThingTracker:
    """Follows the things on the tray from picture to picture, by their overlap.

    A thing counts once it has been seen free of the tray's edge: a hand never is. What overlaps is counted by how it came: one
    thing that grows has been joined by another.

    Attributes:
        tally: the numbers of things so far.
        was_flap_seen: a flap was open in view, and the tray has been neither empty nor at rest since.
        newcomer: whether something was on its way in, beside or onto what lay there, on the newest picture.
    """

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._is_covered = False
        self.was_flap_seen = False
        self._mask: Mask | None = None
        # The newest picture before anything began to join what lies there.
        self._lab_before: Lab | None = None
        self._lab_last: Lab | None = None
        self.tally = ThingTally()
        self.newcomer = False

    def observe(self, mask: Mask | None, lab: Lab) -> None:
        """Take what a picture shows. Call it with every picture on which something has moved.

        Args:
            lab: the picture, Lab float32 (height, width, 3).
            mask: what differs from the empty tray; None: nothing does.
        """
        self.newcomer = False
        self._mask = mask
        if self.was_flap_seen:
            return
        if not any(track.is_joined for track in self._tracks):
            self._lab_before = self._lab_last
        self._lab_last = lab
        if mask is not None and mask.edges >= COVERED_EDGES:
            self._is_covered = True
            return
        if self._is_covered:
            self._is_covered = False
            self.note_unseen()
        blobs = [] if mask is None else blobs_of(mask.cover)
        had_things = any(track.count for track in self._tracks)
        groups = _group(self._tracks, blobs)
        spare_tracks = [track for tracks, found in groups if not found for track in tracks]
        spare_blobs = [blob for tracks, found in groups if not tracks for blob in found]
        for tracks, found in groups:
            if tracks and found:
                self._follow(tracks, found)
        for blob in spare_blobs:
            track = _nearest(spare_tracks, blob)
            if track is not None:
                spare_tracks.remove(track)
                self._follow([track], [blob])
            elif blob.area >= (LEAST_JOINED if had_things else MIN_AREA) * blob.cover.size:
                self.newcomer |= had_things
                self._begin(blob)
        for track in spare_tracks:
            track.missed += 1
            if track.missed >= GHOST_PICTURES:
                self._end(track)

    def note_flap(self) -> None:
        """A flap is open in view: until the tray is empty or at rest without it, pictures do not tell what comes and goes."""
        self.was_flap_seen = True
        self.newcomer = False

    def settle(self) -> None:
        """Everything is at rest, and no flap is in view: what is much smaller than before has lost one of its things."""
        if self.was_flap_seen:
            self.was_flap_seen = False
            self._compare_after_opening()
        for track in self._tracks:
            if track.count > 1 and track.area < LEFT_ALONE * track.whole_area:
                self._add(vanished=1)
                track.count -= 1
            if not track.at_edge:
                track.whole_area = track.area

    def clear(self) -> None:
        """The tray is empty: what was there is gone."""
        self.was_flap_seen = False
        for track in list(self._tracks):
            self._end(track)

    def forget(self) -> None:
        """What lies there is no thing (a stain): it has neither fallen nor been taken."""
        self._add(came=-self.tally.present)
        self._tracks.clear()

    def note_relit(self) -> None:
        """What covered the tray was another light: nothing came or went."""
        self._is_covered = False

    def note_unseen(self) -> None:
        """The view was covered or interrupted: something may have come or gone."""
        self._add(unseen=1)

    def _compare_after_opening(self) -> None:
        """What lies there after an opening in view is what lay there before, or nobody knows which of it fell."""
        if self._mask is None:
            return
        before = np.zeros_like(self._mask.cover)
        for track in self._tracks:
            before = cv2.bitwise_or(before, track.cover)
        if overlap(before, self._mask.cover) >= SAME_AFTER_OPENING:
            return
        self.note_unseen()
        present = self.tally.present
        self._tracks.clear()
        self._add(vanished=present)
        for blob in blobs_of(self._mask.cover):
            self._begin(blob)

    def _begin(self, blob: Blob) -> None:
        count = 0 if blob.at_edge else 1
        self._add(came=count)
        self._tracks.append(_Track(blob.cover, blob.area, blob.area, blob.area, count, blob.at_edge))

    def _follow(self, tracks: list[_Track], blobs: list[Blob]) -> None:
        """Things that overlapped before overlap now: they are one track, which may have been joined by another thing."""
        track = tracks[0]
        if len(tracks) > 1:
            counted = [one for one in tracks if one.count]
            track.is_joined = 0 < len(counted) < len(tracks) or any(one.is_joined for one in counted)
            track.base_area = sum(one.base_area for one in counted)
            track.whole_area = sum(blob.area for blob in blobs)
            track.count = sum(one.count for one in counted)
            for other in tracks[1:]:
                self._tracks.remove(other)
        cover = blobs[0].cover
        for blob in blobs[1:]:
            cover = cv2.bitwise_or(cover, blob.cover)
        area, at_edge = sum(blob.area for blob in blobs), any(blob.at_edge for blob in blobs)
        track.settling = 0 if at_edge else max(track.settling - 1, 0)
        growth, base = area - track.base_area, track.base_area
        if track.count == 0:
            if not at_edge:
                self._count(track, area)
        elif track.is_joined or growth > max(LEAST_GROWTH * cover.size, GROWTH * base):
            self.newcomer = track.is_joined = True
            if not at_edge:
                least = max(LEAST_JOINED * cover.size, JOINED * base)
                if not track.settling and (growth > least or self._changed(cover) > least):
                    self._count(track, area)
                track.is_joined = False
        if not track.is_joined:
            track.base_area = max(area, base) if at_edge else area
        track.cover, track.area, track.at_edge, track.missed = cover, area, at_edge, 0

    def _count(self, track: _Track, area: int) -> None:
        """A track has one thing more, and is whole now."""
        track.count += 1
        track.whole_area = area
        track.settling = SETTLING_PICTURES if track.count > 1 else 0
        self._add(came=1)

    def _changed(self, cover: Cover) -> int:
        """Number of pixels of a cover that show something else than before anything joined what lies there."""
        if self._lab_last is None or self._lab_before is None or self._lab_last.shape != self._lab_before.shape:
            return 0
        change = cv2.absdiff(self._lab_last, self._lab_before).max(axis=2)
        return int(np.count_nonzero((change > CHANGED_LAB) & (cover > 0)))

    def _end(self, track: _Track) -> None:
        self._tracks.remove(track)
        if track.at_edge:
            self._add(taken=track.count)
        else:
            self._add(vanished=track.count)

    def _add(self, *, came: int = 0, taken: int = 0, vanished: int = 0, unseen: int = 0) -> None:
        tally = self.tally
        self.tally = ThingTally(
            tally.came + came, tally.taken + taken, tally.vanished + vanished, tally.unseen + unseen
        )


def _group(tracks: list[_Track], blobs: list[Blob]) -> list[tuple[list[_Track], list[Blob]]]:
    """Tracks and blobs that overlap, directly or through others; those that overlap nothing are groups of their own."""
    groups: list[tuple[list[_Track], list[Blob]]] = [([track], []) for track in tracks]
    for blob in blobs:
        touched = [
            group for group in groups if any(cv2.countNonZero(cv2.min(blob.reach, one.cover)) for one in group[0])
        ]
        merged: tuple[list[_Track], list[Blob]] = ([], [blob])
        for group in touched:
            merged[0].extend(group[0])
            merged[1].extend(group[1])
            groups.remove(group)
        groups.append(merged)
    return groups


def _nearest(tracks: list[_Track], blob: Blob) -> _Track | None:
    """The track that may be the same thing as a blob which it does not overlap: it flew there. None: there is none."""
    for track in tracks:
        ratio = blob.area / max(track.area, 1)
        partly_seen = track.at_edge or blob.at_edge
        if not track.missed and (partly_seen or ratio < MAX_AREA_RATIO):
            return track
    return None
