"""Every address of the product: the shell's own, sign-in, and each stage under its name."""

from importlib.util import find_spec

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from zhike.desk.mount import api
from zhike.desk.pages import account as me
from zhike.desk.pages import (
    api_docs,
    audit,
    departments,
    errors,
    gallery,
    health,
    home,
    installation,
    jobs,
    joining,
    staff,
)

Addresses = list[URLPattern | URLResolver]

# Only what staff need: nobody signs up, and forgotten passwords are an administrator's link.
SIGN_IN: Addresses = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("second-factor/", me.settings_index, name="mfa_index"),
    path("second-factor/code/", factor.authenticate, name="mfa_authenticate"),
    path("second-factor/again/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-factor/app/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]

SETTINGS: Addresses = [
    path("", me.settings_index, name="settings"),
    path("account/", me.profile, name="profile"),
    path("tokens/", me.tokens, name="tokens"),
    path("tokens/<uuid:key>/revoke/", me.revoke, name="token_revoke"),
    path("api/", api_docs.api_docs, name="api_docs"),
    path("staff/", staff.staff, name="staff"),
    path("staff/invite/", staff.invite, name="invite"),
    path("staff/invitations/<int:number>/withdraw/", staff.withdraw, name="invitation_withdraw"),
    path("staff/<uuid:key>/", staff.edit, name="staff_edit"),
    path("staff/<uuid:key>/password-link/", staff.password_link, name="staff_password_link"),
    path("staff/<uuid:key>/second-factor/off/", staff.drop_second_factor, name="staff_second_factor_off"),
    path("departments/", departments.departments, name="departments"),
    path("departments/<uuid:key>/", departments.rename, name="department"),
    path("departments/<uuid:key>/remove/", departments.remove, name="department_remove"),
    path("roles/", departments.roles, name="roles"),
    path("audit/", audit.audit, name="audit"),
    path("audit/export/", audit.export, name="audit_export"),
    path("jobs/", jobs.listing, name="jobs"),
    path("installation/", installation.installation, name="installation"),
]

DESK: Addresses = [
    path("", home.home, name="home"),
    path("search/", home.search, name="search"),
    path("palette/", home.palette, name="palette"),
    path("language/", home.language, name="language"),
    path("health/", health.health, name="health"),
    path("accounts/join/<str:secret>/", joining.join, name="join"),
    path("accounts/new-password/<str:name>/<str:token>/", joining.new_password, name="new_password"),
    path("jobs/<uuid:key>/", jobs.job, name="job"),
    path("jobs/<uuid:key>/cancel/", jobs.cancel, name="job_cancel"),
    path("settings/", include(SETTINGS)),
    path("ui/", gallery.gallery, name="gallery"),
]

# Stages whose pages stand under more than one name write them out in full.
AT_THE_ROOT = {"execution"}


def _stages() -> Addresses:
    mounted: Addresses = []
    for stage in settings.STAGES:
        if stage not in {"kernel", "desk"} and find_spec(f"zhike.{stage}.urls"):
            where = "" if stage in AT_THE_ROOT else f"{stage}/"
            mounted.append(path(where, include(f"zhike.{stage}.urls")))
    return mounted


urlpatterns: Addresses = [
    path("", include((DESK, "desk"))),
    path("accounts/", include(SIGN_IN)),
    re_path(r"^api/v1/docs/?$", api_docs.usual_address),
    path("api/v1/", api.urls),
    *_stages(),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
