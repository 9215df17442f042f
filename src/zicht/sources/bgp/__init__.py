"""Routes: what route collectors publish, decoded and turned into visibility.

Bytes of MRT become columns of elements (``decode``), elements become the tables of each peer, and
tables become the number of /24 blocks of every operator and country that can be reached
(``visibility``). What comes live (RIS Live, BMP) is first written as MRT records, so that there is
one decoder for everything. All of it is pure but for ``fetch``, which reads files and sockets.
"""
