"""Active measurement: which addresses answer an ICMP echo request, asked politely.

Pure but for ``fetch``, which holds the sockets. Targets become an order (``order``), the order is
paced (``pacing``), each probe carries a token that only its maker can write (``token``), and each
reply is judged by it (``replies``). An address is its first 64 bits and its last 64; an IPv4
address stands left-aligned in the first.
"""
