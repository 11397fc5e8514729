"""Addresses of verification sheets: for those who keep them, and for everybody who checks one."""

from django.urls import path

from reviews.views import sheets, verification

urlpatterns = [
    path("recognitions/<int:pk>/sheet/", sheets.sheet_detail, name="sheet_detail"),
    path("recognitions/<int:pk>/sheet/issue/", sheets.sheet_issue, name="sheet_issue"),
    path("recognitions/<int:pk>/sheet.pdf", sheets.sheet_pdf, name="sheet_pdf"),
    path("verify/", verification.verification, name="verification"),
    path("verify/key.json", verification.verification_keys, name="verification_keys"),
    path("verify/verify_sheet.py", verification.verification_program, name="verification_program"),
    path("verify/<str:code>/", verification.verification_detail, name="verification_detail"),
]
