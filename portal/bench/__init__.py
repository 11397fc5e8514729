"""`make bench`: the portal beside the least any program could do, on a register as large as a nation.

A report, never a test: only the ratios of one run count, as other work on the machine slows both sides alike. A further
figure is a function in a module of `measurements`, added to `measurements.ALL`.
"""
