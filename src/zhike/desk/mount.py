"""The API's mount: one OpenAPI interface at /api/v1, to which each stage adds its router (`<stage>/api.py`, `router`)."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from django.conf import settings
from ninja import NinjaAPI

from zhike.kernel.api import EachKeyOnce, TokenAuth, answer_errors


def _version() -> str:
    try:
        return version("zhike")
    except PackageNotFoundError:
        return "0"


api = NinjaAPI(
    title="知客 Zhike", version=_version(), auth=TokenAuth(), parser=EachKeyOnce(), docs_url=None, urls_namespace="api",
    description="The same actions, scopes and masks as the pages. Tokens: Settings › API tokens.",
)  # fmt: skip
answer_errors(api)
for _stage in settings.STAGES:
    if _stage not in {"kernel", "desk"} and find_spec(f"zhike.{_stage}.api"):
        api.add_router("", import_module(f"zhike.{_stage}.api").router)
