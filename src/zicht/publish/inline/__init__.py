"""Pictures within a page: SVG markup made of plain values, without files, scripts or a renderer.

Each is as wide as its place and keeps its letters' size on a phone: places across are percentages,
and lines are drawn in a nested picture that is stretched. Colours are classes (``style``).
"""
