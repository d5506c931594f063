"""How other programs come in: a bearer token in somebody's name, the same rights as the pages, errors with remedies."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import HttpBearer

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.kernel import queries
from zhike.kernel.models import ApiToken, User
from zhike.kernel.rights import Right

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Model)
LARGEST_ID = 2**63 - 1


class ApiRequest(HttpRequest):
    """A request that came with a living token."""

    user: User
    auth: ApiToken


class Forbidden(Refusal):
    """The token or its user lacks a right."""


TOO_LARGE = Refusal(
    reason=Text(zh="有一个值超出了可以保存的范围", en="A value lies beyond what can be kept"),
    remedy=Text(zh="请检查日期、时区与数值的大小", en="Check the size of dates, time zones and numbers"),
)
NOT_JSON = Refusal(
    place=Text(zh="请求正文", en="Request body"),
    reason=Text(
        zh="无法读取:不是完整的 JSON,或者层数太深、数字太长",
        en="It cannot be read: it is not complete JSON, or nested too deep, or a number is too long",
    ),
    remedy=Text(
        zh="请以 UTF-8 编码的 JSON 发送,并检查引号、逗号和括号是否成对",
        en="Send JSON in UTF-8, and check its quotes, commas and brackets",
    ),
)


class EachKeyOnce(Parser):
    """Reads the bodies of requests; a key that comes twice would hide one of two things that were meant."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The JSON of a request; raises a `Refusal` for a repeated key."""
        return json.loads(request.body, object_pairs_hook=_each_once)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Refusal(
                place=Text(zh="请求正文", en="Request body"),
                reason=Text(zh=f"“{key[:40]}”出现了两次", en=f"“{key[:40]}” stands there twice"),
                remedy=Text(zh="请只保留一个", en="Keep one of them"),
            )
        found[key] = value
    return found


class TokenAuth(HttpBearer):
    """`Authorization: Bearer zk_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """The token, with its user as the request's user; None answers 401."""
        found = queries.token(token)
        if found is None:
            return None
        today = timezone.localdate()
        if found.last_used_on != today:
            ApiToken.objects.filter(pk=found.pk).update(last_used_on=today)
        request.user = found.user
        return found


def needs(right: Right) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark an API operation with the right that both the user and the token need."""

    def mark(operation: Callable[P, R]) -> Callable[P, R]:
        @wraps(operation)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            request = cast(ApiRequest, args[0])
            if not (request.user.has(right) and right.value in request.auth.rights):
                raise Forbidden(
                    reason=Text(zh=f"缺少权限 {right.value}", en=f"The right {right.value} is missing"),
                    remedy=Text(
                        zh="请使用包含该权限的令牌",
                        en="Use a token that carries this right, of a user who holds it",
                    ),
                )
            return operation(*args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return mark


class After(Schema):
    """Which page of a list: the cursor that the page before gave as `next`, and how many rows."""

    after: str = Field("", max_length=20, pattern=r"^[0-9]*$", description="the `next` of the page before")
    limit: int = Field(100, ge=1, le=1000)


def page_of(
    rows: QuerySet[M], page: After, shape: Callable[[list[M]], list[dict[str, Any]]]
) -> dict[str, Any]:
    """One page of a list in the order of creation; costs the same at the end of a million rows as at the start."""
    after = min(int(page.after or 0), LARGEST_ID)
    found = list(rows.filter(pk__gt=after).order_by("pk")[: page.limit + 1])
    shown = found[: page.limit]
    return {"items": shape(shown), "next": str(shown[-1].pk) if len(found) > page.limit else None}


def answer_errors(api: NinjaAPI) -> None:
    """Every error is a problem document (RFC 9457) that says what happened and what to do, in both languages."""

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, error: Refusal) -> HttpResponse:
        return _problem(api, request, 403 if isinstance(error, Forbidden) else 422, error.as_json())

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        said = Refusal(
            reason=Text(zh="请求内容不符合接口定义", en="The request does not match the interface"),
            remedy=Text(
                zh="请对照“设置 › API 接口”改正 errors 中列出的字段",
                en="Mend the fields listed in errors, see Settings › API",
            ),
        )
        return _problem(api, request, 422, {**said.as_json(), "errors": error.errors})

    @api.exception_handler(HttpError)
    def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
        said = error.__cause__ if isinstance(error.__cause__, Refusal) else NOT_JSON
        return _problem(api, request, error.status_code, said.as_json())

    @api.exception_handler(DataError)
    @api.exception_handler(OverflowError)
    def beyond(request: HttpRequest, error: Exception) -> HttpResponse:
        return _problem(api, request, 422, TOO_LARGE.as_json())

    @api.exception_handler(AuthenticationError)
    def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        said = Refusal(
            reason=Text(zh="缺少有效的令牌", en="A valid token is missing"),
            remedy=Text(
                zh="请在“设置 › API 令牌”中创建,并以 Authorization: Bearer 发送",
                en="Make one under Settings › API tokens and send it as Authorization: Bearer",
            ),
        )
        return _problem(api, request, 401, said.as_json())

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        said = Refusal(
            reason=Text(zh="没有找到,或不在您的数据范围内", en="Not found, or not within your data scope"),
            remedy=Text(zh="请检查标识是否正确", en="Check the identifier"),
        )
        return _problem(api, request, 404, said.as_json())


def _problem(api: NinjaAPI, request: HttpRequest, status: int, said: dict[str, Any]) -> HttpResponse:
    return api.create_response(request, {"status": status, **said}, status=status)
