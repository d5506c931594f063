"""Addresses of the execution stage."""

from django.urls import path

from zhike.execution.pages import for_segments, reasons, records, tables, tasks, work

app_name = "execution"

urlpatterns = [
    path("tasks/", tasks.index, name="tasks"),
    path("tasks/export/", tasks.export, name="tasks_export"),
    path("tasks/calendar/", tasks.calendar, name="calendar"),
    path("tasks/board/", tasks.board, name="board"),
    path("tasks/new/", work.add, name="add"),
    path("tasks/postpone/", work.bulk_postpone, name="bulk_postpone"),
    path("tasks/assign/", work.bulk_assign, name="bulk_assign"),
    path("tasks/segments/<uuid:key>/", for_segments.add_for_segment, name="for_segment"),
    path("tasks/<uuid:key>/", tasks.task, name="task"),
    path("tasks/<uuid:key>/complete/", work.complete, name="complete"),
    path("tasks/<uuid:key>/postpone/", work.postpone, name="postpone"),
    path("tasks/<uuid:key>/cancel/", work.cancel, name="cancel"),
    path("tasks/<uuid:key>/assign/", work.assign, name="assign"),
    path("tasks/<uuid:key>/take/", work.take, name="take"),
    path("tasks/<uuid:key>/undo/", work.undo, name="undo"),
    path("tasks/<uuid:key>/reopen/", work.reopen, name="reopen"),
    path("records/", records.index, name="records"),
    path("records/reasons/", reasons.index, name="reasons"),
    path("records/reasons/export/", reasons.export, name="reasons_export"),
    path("records/new/", work.record, name="record"),
    path("records/export/", records.export, name="records_export"),
    path("tables/workbook/", tables.workbook, name="workbook"),
    path("tables/<slug:name>/", tables.table, name="table"),
]
