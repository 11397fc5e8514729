"""All addresses. What is not marked public needs a signed-in person."""

from django.urls import include, path

from portal.api import guide
from portal.dashboard import counted_views, reminding
from portal.dashboard import views as dashboard
from portal.reports import views as reports
from portal.views import accounts, demo_clock, deviations, health, home, language, messages, operations, pages

urlpatterns = [
    path("", home.home, name="home"),
    path("accounts/sign-in/", accounts.SignIn.as_view(), name="login"),
    path("accounts/sign-out/", accounts.SignOut.as_view(), name="logout"),
    path("accounts/password/", accounts.PasswordChange.as_view(), name="password_change"),
    path("accounts/password/done/", accounts.password_change_done, name="password_change_done"),
    path("language/<slug:code>/", language.language_set, name="language_set"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("demo/clock/", demo_clock.demo_clock_set, name="demo_clock_set"),
    path("messages/", messages.message_list, name="message_list"),
    path("messages/read/", messages.message_read_all, name="message_read_all"),
    path("messages/choices/", messages.message_choices, name="message_choices"),
    path("messages/<int:pk>/", messages.message_open, name="message_open"),
    path("rates/", dashboard.dashboard, name="dashboard"),
    path("rates/<slug:code>/", dashboard.dashboard_region, name="dashboard_region"),
    path("rates/<slug:code>/counted/", counted_views.dashboard_counted, name="dashboard_counted"),
    path("rates/<slug:code>/changes/", dashboard.dashboard_changes, name="dashboard_changes"),
    path("rates/<slug:code>/ahead/", dashboard.dashboard_ahead, name="dashboard_ahead"),
    path("rates/<slug:code>/remind/", reminding.dashboard_remind, name="dashboard_remind"),
    path("rates/<slug:code>/rates.csv", dashboard.dashboard_table, {"kind": "csv"}, name="dashboard_csv"),
    path("rates/<slug:code>/rates.xlsx", dashboard.dashboard_table, {"kind": "xlsx"}, name="dashboard_xlsx"),
    path("reports/", reports.report_list, name="report_list"),
    path("reports/ask/", reports.report_ask, name="report_ask"),
    path("reports/<int:pk>-<slug:key>/", reports.report_download, name="report_download"),
    path("rates/<slug:code>/charts/<slug:name>.svg", dashboard.dashboard_chart, {"kind": "svg"}, name="dashboard_svg"),
    path("rates/<slug:code>/charts/<slug:name>.png", dashboard.dashboard_chart, {"kind": "png"}, name="dashboard_png"),
    path("deviations/pictures/", deviations.deviation_pictures, name="deviation_pictures"),
    path("deviations/<slug:name>.svg", deviations.deviation_chart, {"kind": "svg"}, name="deviation_svg"),
    path("deviations/<slug:name>.png", deviations.deviation_chart, {"kind": "png"}, name="deviation_png"),
    path("operations/", operations.operations_show, name="operations_show"),
    path("operations/<slug:queue>/", operations.operations_queue, name="operations_queue"),
    path("api/", guide.api_guide, name="api_guide"),
    path("api/v1/", include("portal.api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("", include("creation.urls")),
    path("", include("reviews.urls")),
]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.permission_denied"
handler404 = "portal.views.errors.page_not_found"
handler500 = "portal.views.errors.server_error"
