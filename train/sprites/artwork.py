"""What is printed on things: labels, newspapers, cartons; and what time does to them: stains, fibres, rust.

All pictures are uint8 RGB, shape (height, width, 3). The brands are invented.
"""

import colorsys

import cv2
import numpy as np

from train.sprites.materials import Picture
from train.sprites.shapes import Floats

Rgb = tuple[int, int, int]

BRANDS = (
    "VELTO",
    "Frisca",
    "nordbru",
    "ALPINA+",
    "Mira",
    "KOLUMA",
    "Sunpop",
    "Bellin",
    "ORBIT",
    "Tavola",
    "zest!",
    "Lumo",
    "Rivella8",
    "Karo",
    "PEPPA",
    "Mandor",
    "Oaky",
    "BRIO",
    "Hafer",
    "Toma",
    "Pura",
    "GUSTO",
    "Nika",
    "Polar",
)
WORDS = [
    "the",
    "market",
    "week",
    "of",
    "report",
    "city",
    "council",
    "water",
    "price",
    "early",
    "train",
    "new",
    "plan",
    "school",
    "river",
    "music",
    "south",
    "energy",
    "garden",
    "bread",
    "house",
    "open",
    "after",
    "night",
    "team",
    "coast",
    "winter",
    "study",
    "found",
    "people",
    "small",
    "first",
    "long",
    "bridge",
    "paper",
    "local",
    "summer",
]
_FONTS = (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_SIMPLEX)


def rgb(hue: float, saturation: float, value: float) -> Rgb:
    """A colour from hue, saturation and value, each 0..1."""
    r, g, b = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(r * 255), round(g * 255), round(b * 255)


def unit(colour: Rgb) -> tuple[float, float, float]:
    """The same colour as 0..1, as materials want it."""
    return colour[0] / 255, colour[1] / 255, colour[2] / 255


def vivid(rng: np.random.Generator) -> Rgb:
    """A strong packaging colour."""
    return rgb(float(rng.uniform()), float(rng.uniform(0.65, 0.95)), float(rng.uniform(0.5, 0.92)))


def plain(height: int, width: int, colour: Rgb) -> Picture:
    """One colour."""
    return np.full((height, width, 3), colour, np.uint8)


def clouds(rng: np.random.Generator, height: int, width: int, octaves: int = 4, coarse: int = 4) -> Floats:
    """Smooth noise around 0, standard deviation about 1."""
    total = np.zeros((height, width))
    for k in range(octaves):
        n = coarse * 2**k
        grid = rng.normal(size=(n + 1, max(2, round(n * width / height)) + 1)).astype(np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) / 1.6**k
    return np.asarray(total / total.std(), dtype=np.float64)


def toned(picture: Picture, factor: Floats) -> Picture:
    """The picture times a field, shape (height, width)."""
    return np.clip(picture * factor[..., None], 0, 255).astype(np.uint8)


def stained(picture: Picture, rng: np.random.Generator, colour: Rgb, amount: float) -> Picture:
    """Blots of a colour over about `amount` (0..1) of the picture, darker at their rims."""
    field = clouds(rng, picture.shape[0], picture.shape[1], 4, 3)
    level = float(np.quantile(field, 1 - amount))
    share = np.clip((field - level) * 2.5, 0, 1) * 0.8 + np.exp(-(((field - level) / 0.12) ** 2)) * 0.3
    share = np.clip(share, 0, 0.95)[..., None]
    return (picture * (1 - share) + np.array(colour) * share).astype(np.uint8)


def smudged(picture: Picture, rng: np.random.Generator, depth: float = 0.08) -> Picture:
    """Uneven and a little dirty: brightness varies by `depth`."""
    return toned(picture, 1 + depth * np.clip(clouds(rng, picture.shape[0], picture.shape[1]), -2, 1))


def write(
    picture: Picture,
    text: str,
    centre: tuple[float, float],
    height: float,
    colour: Rgb,
    font: int = 0,
    bold: float = 0.1,
) -> None:
    """Writes text around a centre (x, y as shares of the picture), `height` as share of the picture's height."""
    rows, columns = picture.shape[:2]
    face = _FONTS[font % len(_FONTS)]
    scale = height * rows / 22
    thickness = max(1, round(bold * height * rows))
    (w, h), _ = cv2.getTextSize(text, face, scale, thickness)
    if w > 0.94 * columns:
        scale *= 0.94 * columns / w
        thickness = max(1, round(thickness * 0.94 * columns / w))
        (w, h), _ = cv2.getTextSize(text, face, scale, thickness)
    at = (round(centre[0] * columns - w / 2), round(centre[1] * rows + h / 2))
    cv2.putText(picture, text, at, face, scale, colour, thickness, cv2.LINE_AA)


def barcode(picture: Picture, rng: np.random.Generator, box: tuple[float, float, float, float]) -> None:
    """A bar code on white in the box (left, top, right, bottom as shares)."""
    rows, columns = picture.shape[:2]
    x0, y0, x1, y1 = round(box[0] * columns), round(box[1] * rows), round(box[2] * columns), round(box[3] * rows)
    cv2.rectangle(picture, (x0, y0), (x1, y1), (250, 250, 250), -1)
    x = x0 + 4
    while x < x1 - 5:
        wide = int(rng.integers(1, 4)) * max(1, (x1 - x0) // 90)
        cv2.rectangle(picture, (x, y0 + 4), (min(x + wide - 1, x1 - 4), y1 - 8), (20, 20, 20), -1)
        x += wide + int(rng.integers(1, 4)) * max(1, (x1 - x0) // 90)


def lines(
    picture: Picture, rng: np.random.Generator, box: tuple[float, float, float, float], pitch: float, colour: Rgb
) -> None:
    """A block of small print: words as little bars with ragged ends; `pitch` is the line distance as a share."""
    rows, columns = picture.shape[:2]
    x0, x1 = box[0] * columns, box[2] * columns
    y, step = box[1] * rows, pitch * rows
    while y + step < box[3] * rows:
        end = x1 if rng.uniform() > 0.15 else x0 + (x1 - x0) * rng.uniform(0.3, 0.9)
        x = x0
        while x < end:
            w = step * rng.uniform(0.8, 4.0)
            stop = min(x + w, end)
            # Letters: a bar broken up by gaps and uneven heights reads as text when seen small.
            letter = x
            while letter < stop:
                tall = rng.uniform(0.35, 0.75) * step
                cv2.rectangle(
                    picture,
                    (round(letter), round(y + step * 0.8 - tall)),
                    (round(min(letter + 0.22 * step, stop)), round(y + step * 0.8)),
                    colour,
                    -1,
                )
                letter += 0.4 * step
            x = stop + 0.5 * step
        y += step


def photo(rng: np.random.Generator, height: int, width: int, grey: bool = False) -> Picture:
    """Something that looks like a printed photograph: sky, ground, blobs in harmonious colours."""
    hue = float(rng.uniform())
    top, low = rgb(hue, 0.35, 0.9), rgb(hue + rng.uniform(0.2, 0.5), 0.5, 0.45)
    ramp = np.clip(np.linspace(-0.3, 1.3, height)[:, None] + 0.15 * clouds(rng, height, width, 3, 2), 0, 1)[..., None]
    made = (np.array(top) * (1 - ramp) + np.array(low) * ramp).astype(np.uint8)
    for _ in range(int(rng.integers(3, 8))):
        centre = (int(rng.integers(0, width)), int(rng.integers(height // 4, height)))
        axes = (int(rng.integers(width // 14, width // 4)), int(rng.integers(height // 10, height // 3)))
        colour = rgb(hue + rng.normal(0, 0.2), float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.2, 0.95)))
        cv2.ellipse(made, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
    made = toned(cv2.GaussianBlur(made, (0, 0), max(1, width / 150)), 1 + 0.1 * clouds(rng, height, width, 5, 6))
    return np.repeat(made.mean(axis=2, keepdims=True), 3, 2).astype(np.uint8) if grey else made


def fruit(picture: Picture, rng: np.random.Generator, centre: tuple[float, float], radius: float) -> None:
    """Shaded round fruits with a leaf; centre as shares, radius as share of the height."""
    rows, columns = picture.shape[:2]
    hue = float(rng.choice([0.0, 0.03, 0.08, 0.13, 0.28, 0.8, 0.95]))
    for _ in range(int(rng.integers(2, 5))):
        r = radius * rows * rng.uniform(0.6, 1.0)
        x = centre[0] * columns + rng.normal(0, 0.6) * r
        y = centre[1] * rows + rng.normal(0, 0.5) * r
        for k in range(8):
            shade = rgb(hue, 0.95 - 0.08 * k, 0.55 + 0.055 * k)
            at = (round(x - 0.25 * r * k / 8), round(y - 0.3 * r * k / 8))
            cv2.circle(picture, at, max(1, round(r * (1 - k / 9))), shade, -1, cv2.LINE_AA)
        cv2.ellipse(
            picture,
            (round(x + r * 0.4), round(y - r)),
            (max(1, round(r * 0.6)), max(1, round(r * 0.22))),
            -30,
            0,
            360,
            (60, 140, 50),
            -1,
            cv2.LINE_AA,
        )


def swoosh(picture: Picture, rng: np.random.Generator, colour: Rgb) -> None:
    """A wavy band across the picture."""
    rows, columns = picture.shape[:2]
    x = np.arange(columns)
    mid = rows * (
        rng.uniform(0.3, 0.8) + 0.12 * np.sin(x / columns * 2 * np.pi * int(rng.integers(1, 3)) + rng.uniform(0, 6))
    )
    half = rows * rng.uniform(0.04, 0.14) * (1.2 + np.sin(x / columns * 2 * np.pi + rng.uniform(0, 6)))
    outline = np.concatenate([np.stack([x, mid - half], 1), np.stack([x, mid + half], 1)[::-1]]).astype(np.int32)
    cv2.fillPoly(picture, [outline], colour, cv2.LINE_AA)


def palette(rng: np.random.Generator) -> list[Rgb]:
    """Three colours that go together: a strong one, a relative of it, and an accent."""
    hue = float(rng.uniform())
    return [
        rgb(hue, float(rng.uniform(0.6, 0.95)), float(rng.uniform(0.35, 0.85))),
        rgb(hue + float(rng.normal(0, 0.04)), float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.55, 0.98))),
        (245, 245, 242) if rng.uniform() < 0.4 else rgb(hue + float(rng.choice([0.12, 0.35, 0.5, 0.62])), 0.85, 0.9),
    ]


def wrap(rng: np.random.Generator, height: int = 512, width: int = 1024, pale: bool = False) -> Picture:
    """A print that goes around a can, bottle or cup: ground, swoosh, brand twice, fruits, small print, bar code."""
    ground, second, accent = palette(rng)
    if pale:
        ground = rgb(float(rng.uniform()), float(rng.uniform(0.0, 0.12)), 0.95)
        accent = (255, 255, 255)
    elif rng.uniform() < 0.2:
        ground = (225, 226, 228) if rng.uniform() < 0.5 else (28, 28, 32)
    dark_ground = sum(ground) < 480
    ink: Rgb = ((250, 250, 250) if rng.uniform() < 0.8 else (250, 225, 60)) if dark_ground else vivid(rng)
    made = toned(
        plain(height, width, ground), np.linspace(rng.uniform(0.75, 1.0), 1.0, height)[:, None] * np.ones((1, width))
    )
    for _ in range(int(rng.integers(1, 3))):
        swoosh(made, rng, second)
    if rng.uniform() < 0.6:
        swoosh(made, rng, accent)
    brand, font = str(rng.choice(BRANDS)), int(rng.integers(0, 4))
    tall, at = float(rng.uniform(0.13, 0.19)), float(rng.uniform(0.25, 0.42))
    badge, fruits = bool(rng.uniform() < 0.6), bool(rng.uniform() < 0.6)
    for side in (0.25, 0.75):
        left = round((side - 0.19) * width)
        half = made[:, left : round((side + 0.19) * width)]
        if badge:
            colour = second if dark_ground and not pale else (255, 255, 255)
            cv2.ellipse(
                half,
                (half.shape[1] // 2, round((at + 0.03) * height)),
                (round(0.49 * half.shape[1]), round(tall * 1.15 * height)),
                0,
                0,
                360,
                colour,
                -1,
                cv2.LINE_AA,
            )
        write(half, brand, (0.5, at), tall, ink, font, 0.13)
        write(half, str(rng.choice(WORDS)).upper(), (0.5, at + tall * 0.95), tall * 0.35, ink, font + 1)
        if fruits:
            fruit(half, rng, (float(rng.uniform(0.35, 0.65)), 0.78), 0.09)
        else:
            lines(half, rng, (0.2, 0.72, 0.8, 0.84), 0.03, ink)
    barcode(made, rng, (0.455, 0.62, 0.545, 0.9))
    lines(made, rng, (0.955, 0.2, 0.995, 0.9), 0.022, ink)
    lines(made, rng, (0.005, 0.2, 0.045, 0.9), 0.022, ink)
    return smudged(made, rng, 0.02)


def panel(rng: np.random.Generator, ground: Rgb, brand: str, height: int = 512, width: int = 384) -> Picture:
    """One face of a printed carton or wrapper."""
    made = plain(height, width, ground)
    for _ in range(int(rng.integers(1, 3))):
        swoosh(made, rng, vivid(rng))
    if rng.uniform() < 0.5:
        part = photo(rng, height // 3, width)
        made[height - height // 3 :] = part
    else:
        fruit(made, rng, (0.5, 0.68), 0.15)
    ink: Rgb = (255, 255, 255) if sum(ground) < 480 else vivid(rng)
    write(made, brand, (0.5, 0.22), 0.17, ink, int(rng.integers(0, 4)))
    write(made, str(rng.choice(WORDS)), (0.5, 0.38), 0.07, ink, int(rng.integers(0, 4)))
    cv2.circle(made, (round(0.85 * width), round(0.52 * height)), round(0.08 * width), vivid(rng), -1, cv2.LINE_AA)
    write(made, f"{int(rng.integers(2, 9))}00g", (0.14, 0.94), 0.05, ink)
    return made


def small_print(rng: np.random.Generator, ground: Rgb, ink: Rgb, height: int = 512, width: int = 384) -> Picture:
    """A side with ingredients, table and bar code."""
    made = plain(height, width, ground)
    lines(made, rng, (0.08, 0.06, 0.92, 0.5), 0.026, ink)
    cv2.rectangle(made, (round(0.1 * width), round(0.52 * height)), (round(0.9 * width), round(0.72 * height)), ink, 2)
    lines(made, rng, (0.13, 0.53, 0.87, 0.71), 0.03, ink)
    barcode(made, rng, (0.15, 0.76, 0.85, 0.95))
    return made


def kraft(rng: np.random.Generator, height: int = 512, width: int = 512) -> Picture:
    """Brown corrugated board: fibres, faint flutes, scuffs, now and then a printed mark."""
    tone = rng.uniform(0.85, 1.08)
    base = plain(height, width, (round(184 * tone), round(142 * tone), round(98 * tone)))
    fibre = cv2.GaussianBlur(rng.normal(size=(height, width)).astype(np.float32), (0, 0), 0.8) * 0.06
    flutes = 0.022 * np.sin(np.arange(width) * 2 * np.pi / rng.uniform(9, 14))[None, :]
    return toned(base, 1 + fibre + flutes + 0.035 * clouds(rng, height, width))


def newspaper(rng: np.random.Generator, height: int = 1024, width: int = 768) -> Picture:
    """A newspaper page: masthead, headlines, columns, grey photographs."""
    made = plain(height, width, (222, 216, 202))
    ink = (52, 50, 48)
    y = 0.02
    if rng.uniform() < 0.6:
        write(
            made,
            f"The {str(rng.choice(WORDS)).title()} {rng.choice(['Post', 'Times', 'Herald'])!s}",
            (0.5, 0.055),
            0.055,
            ink,
            1,
            0.06,
        )
        cv2.line(made, (20, round(0.098 * height)), (width - 20, round(0.098 * height)), ink, 3)
        y = 0.11
    columns = int(rng.integers(3, 6))
    while y < 0.95:
        tall = float(rng.uniform(0.16, 0.3))
        write(
            made,
            " ".join(rng.choice(WORDS, 4)).capitalize(),
            (0.5, y + 0.025),
            float(rng.uniform(0.03, 0.05)),
            ink,
            1,
            0.08,
        )
        picture = int(rng.integers(0, columns)) if rng.uniform() < 0.8 else -1
        for c in range(columns):
            left, right = 0.03 + 0.94 * c / columns, 0.03 + 0.94 * (c + 1) / columns - 0.015
            top = y + 0.055
            if c == picture:
                w, h = round((right - left) * width), round(0.55 * tall * height)
                x0, y0 = round(left * width), round(top * height)
                part = photo(rng, h, w, grey=bool(rng.uniform() < 0.6))
                made[y0 : y0 + h, x0 : x0 + w] = part[: max(0, height - y0)]
                top += 0.57 * tall
            lines(made, rng, (left, top, right, min(y + tall, 0.98)), 0.0095, (88, 86, 84))
        y += tall + 0.015
    return made


def letter(rng: np.random.Generator, height: int = 768, width: int = 544) -> Picture:
    """A printed letter or a ruled, handwritten page on white paper."""
    made = plain(height, width, (240, 240, 236))
    if rng.uniform() < 0.6:
        cv2.rectangle(
            made, (round(0.1 * width), round(0.05 * height)), (round(0.32 * width), round(0.1 * height)), vivid(rng), -1
        )
        lines(made, rng, (0.1, 0.14, 0.4, 0.22), 0.018, (60, 60, 66))
        lines(made, rng, (0.1, 0.28, 0.9, 0.6), 0.018, (60, 60, 66))
        if rng.uniform() < 0.5:
            for k in range(6):
                cv2.line(
                    made,
                    (round(0.1 * width), round((0.64 + 0.03 * k) * height)),
                    (round(0.9 * width), round((0.64 + 0.03 * k) * height)),
                    (120, 120, 120),
                    1,
                )
            lines(made, rng, (0.12, 0.64, 0.85, 0.79), 0.03, (80, 80, 86))
        else:
            lines(made, rng, (0.1, 0.63, 0.9, 0.8), 0.018, (60, 60, 66))
    else:
        for k in range(5, 46):
            cv2.line(made, (0, round(k / 47 * height)), (width, round(k / 47 * height)), (170, 195, 225), 1)
        cv2.line(made, (round(0.12 * width), 0), (round(0.12 * width), height), (225, 120, 120), 1)
        ink = (40, 50, 130)
        for k in range(6, int(rng.integers(20, 44))):
            x = np.arange(round(0.15 * width), round(rng.uniform(0.6, 0.95) * width), 1)
            y = k / 47 * height - 4 + 3.2 * np.sin(x * 0.9 + rng.uniform(0, 6)) * np.sin(x * 0.13 + rng.uniform(0, 6))
            keep = np.sin(x * rng.uniform(0.08, 0.14)) > -0.8
            for a, b, c, d, on in zip(x[:-1], y[:-1], x[1:], y[1:], keep[1:], strict=True):
                if on:
                    cv2.line(made, (int(a), round(b)), (int(c), round(d)), ink, 1, cv2.LINE_AA)
    return made


def magazine(rng: np.random.Generator, height: int = 800, width: int = 600) -> Picture:
    """A colourful magazine page or cover."""
    made = photo(rng, height, width) if rng.uniform() < 0.6 else plain(height, width, (246, 246, 244))
    ink = vivid(rng)
    if made[0, 0].sum() > 700:
        made[round(0.06 * height) : round(0.5 * height), round(0.06 * width) : round(0.94 * width)] = photo(
            rng, round(0.5 * height) - round(0.06 * height), round(0.94 * width) - round(0.06 * width)
        )
        write(made, " ".join(rng.choice(WORDS, 2)).title(), (0.5, 0.56), 0.06, ink, 1)
        for c in range(3):
            lines(made, rng, (0.06 + 0.3 * c, 0.62, 0.33 + 0.3 * c, 0.95), 0.0125, (60, 60, 60))
    else:
        write(made, str(rng.choice(BRANDS)).upper(), (0.5, 0.1), 0.13, (255, 255, 255), 1)
        for k in range(4):
            write(made, " ".join(rng.choice(WORDS, 2)), (0.3, 0.45 + 0.12 * k), 0.045, (255, 255, 255), 0)
            lines(made, rng, (0.08, 0.48 + 0.12 * k, 0.5, 0.53 + 0.12 * k), 0.018, (245, 245, 230))
    return made
