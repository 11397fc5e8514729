"""What is measured: a module a noun; each figure is a function from the bench to a `Measured`."""

from collections.abc import Callable

from portal.bench.measurements import counting, drawing, exports, imports, pages, reading, recognising
from portal.bench.rounds import Measured
from portal.bench.run import Bench

# In this order, which is that of the table; what writes leaves the register as it was for those that follow.
ALL: tuple[Callable[[Bench], Measured], ...] = (
    counting.one_day,
    counting.nightly,
    counting.history,
    reading.dashboard,
    recognising.alone,
    recognising.at_once,
    drawing.draw,
    pages.register_list,
    pages.file_list,
    pages.file_page,
    pages.dashboard,
    imports.csv_import,
    imports.xlsx_import,
    exports.csv_export,
    exports.xlsx_export,
)
