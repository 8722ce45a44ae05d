# SPDX-License-Identifier: GPL-2.0
"""What the QEMU scenarios are made of; see ../run.py."""
