"""The rules of others, to be measured on the same series as the detector of this project.

Each module gives ``find(series) -> list[Finding]`` with the published constants, which can be
replaced to trade misses for false alerts, and a kernel over many series at once. All of them look
only back: what they say of a bin rests on that bin and earlier ones.
"""
