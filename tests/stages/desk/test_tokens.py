"""API tokens: shown once, stored hashed, never beyond their owner."""

from django.test import Client
from django.urls import reverse

from zhike.kernel import actions, queries
from zhike.kernel.models import ApiToken, User
from zhike.kernel.rights import Right


def make(client: Client, *rights: Right) -> object:
    """Send the form."""
    given = {"name": "网店", "rights": [right.value for right in rights], "days": "90"}
    return client.post(reverse("desk:tokens"), given)


def test_it_is_shown_once(wang: User, client_for: type[Client]) -> None:
    client = client_for(wang)
    secret = make(client, Right.CUSTOMERS_VIEW).page.secret  # type: ignore[attr-defined]
    found = queries.token(secret)
    assert found is not None and found.user == wang
    assert secret not in client.get(reverse("desk:tokens")).content.decode()
    assert secret.encode() not in bytes(ApiToken.objects.get().digest)


def test_it_goes_no_further_than_its_owner(wang: User, client_for: type[Client]) -> None:
    answer = make(client_for(wang), Right.STAFF_MANAGE)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert not ApiToken.objects.exists()


def test_it_explains_bad_input(wang: User, client_for: type[Client]) -> None:
    answer = make(client_for(wang))
    assert answer.status_code == 422 and "rights" in answer.page.form.errors  # type: ignore[attr-defined]


def test_a_stopped_token_stops(wang: User, client_for: type[Client]) -> None:
    client = client_for(wang)
    secret = make(client, Right.CUSTOMERS_VIEW).page.secret  # type: ignore[attr-defined]
    client.post(reverse("desk:token_revoke", args=[ApiToken.objects.get().key]))
    assert queries.token(secret) is None


def test_it_hides_others_tokens(wang: User, chen: User, client_for: type[Client]) -> None:
    token, _secret = actions.issue_token(user=chen, name="x", rights=[], expires_at=None, by=chen)
    client = client_for(wang)
    assert client.get(reverse("desk:tokens")).page.rows == []  # type: ignore[attr-defined]
    assert client.post(reverse("desk:token_revoke", args=[token.key])).status_code == 404
