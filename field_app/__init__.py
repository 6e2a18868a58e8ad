"""The tablet 社区e通 (移动端): collects offline, syncs when there is a network.

Never imports Django; of the hub's rooms only ``governance.contract``. Inside, imports run one way:
``ports`` < ``store`` < ``sync`` < ``work`` < ``wiring`` < ``cli``, ``screens``.
"""

EDITION = "0.1.0"
"""Edition of the program, as people read it; the project's own."""
