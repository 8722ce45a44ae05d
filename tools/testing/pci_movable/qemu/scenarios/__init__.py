# SPDX-License-Identifier: GPL-2.0
"""One module a scenario: a docstring that draws the machine, ORDER, run(context)."""
