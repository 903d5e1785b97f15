"""The tables of GB/T 2828.1-2012 as printed, apart from the records that the addon ships."""

LETTERS = """
2–8 A A A A A A B
9–15 A A A A A B C
16–25 A A B B B C D
26–50 A B B C C D E
51–90 B B C C C E F
91–150 B B C D D F G
151–280 B C D E E G H
281–500 B C D E F H J
501–1200 C C E F G J K
1201–3200 C D E G H K L
3201–10000 C D F G J L M
10001–35000 C D F H K M N
35001–150000 D E G J L N P
150001–500000 D E G J M P Q
≥500001 D E H K N Q R
"""

PLANS = """
A 2 ↓ ↓ ↓ ↓ ↓ 0/1
B 3 ↓ ↓ ↓ ↓ 0/1 ↑
C 5 ↓ ↓ ↓ 0/1 ↑ ↓
D 8 ↓ ↓ 0/1 ↑ ↓ 1/2
E 13 ↓ 0/1 ↑ ↓ 1/2 2/3
F 20 0/1 ↑ ↓ 1/2 2/3 3/4
G 32 ↑ ↓ 1/2 2/3 3/4 5/6
H 50 ↓ 1/2 2/3 3/4 5/6 7/8
J 80 1/2 2/3 3/4 5/6 7/8 10/11
K 125 2/3 3/4 5/6 7/8 10/11 14/15
L 200 3/4 5/6 7/8 10/11 14/15 21/22
M 315 5/6 7/8 10/11 14/15 21/22 ↑
N 500 7/8 10/11 14/15 21/22 ↑ ↑
P 800 10/11 14/15 21/22 ↑ ↑ ↑
Q 1250 14/15 21/22 ↑ ↑ ↑ ↑
R 2000 21/22 ↑ ↑ ↑ ↑ ↑
"""
