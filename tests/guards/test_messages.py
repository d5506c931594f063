"""Every string is translated, and the tool that says so cannot be fooled."""

from pathlib import Path

import pytest
from django.utils import translation
from tools import bare_text, messages

PO = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """A little stage with one translated string in Python and one in a template."""
    made = tmp_path / "zhike" / "shop"
    (made / "templates/shop").mkdir(parents=True)
    (made / "__init__.py").write_text("")
    (made / "pages.py").write_text(
        'from django.utils.translation import gettext_lazy as _l\nTITLE = _l("Orders")\n'
    )
    (made / "templates/shop/list.html").write_text('<h1>{% trans "All orders" %}</h1>')
    catalogue = made / messages.CATALOGUE
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(PO + 'msgid "Orders"\nmsgstr "订单"\n\nmsgid "All orders"\nmsgstr "全部订单"\n')
    return made


def test_every_string_of_the_product_is_translated() -> None:
    stages = messages.stages_of(messages.PACKAGE)
    faults = [fault for one in stages for fault in messages.faults_of(one)] + messages.contradictions(stages)
    assert not faults, "\n".join(faults[:50])


def test_no_template_holds_bare_words() -> None:
    found = list(bare_text.faults(bare_text.PACKAGE))
    assert not found, "\n".join(found[:50])


def test_a_complete_stage_has_no_faults(stage: Path) -> None:
    assert messages.faults_of(stage) == []


def test_a_missing_string_in_python_is_caught(stage: Path) -> None:
    with (stage / "pages.py").open("a") as file:
        file.write('SUBTITLE = _l("Returned")\n')
    assert "'Returned'" in messages.faults_of(stage)[0]


@pytest.mark.parametrize(
    "line",
    [
        '{% translate "Returned" %}',
        '<p title="{% trans "Returned" %}"></p>',
        "{% blocktrans with n=count trimmed %}\n  Returned\n{% endblocktrans %}",
        '{{ _("Returned") }}',
        '{% include "x.html" with title=_("Returned") only %}',
        '{% trans "Returned" context "order" %}',
    ],
)
def test_a_missing_string_in_a_template_is_caught(stage: Path, line: str) -> None:
    (stage / "templates/shop/one.html").write_text(line)
    assert "'Returned'" in messages.faults_of(stage)[0]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('msgid "Orders"\nmsgstr ""\n', "untranslated"),
        ('#, fuzzy\nmsgid "Orders"\nmsgstr "订单"\n', "fuzzy"),
        ('msgid "Orders"\nmsgstr "%(gone)s 订单"\n', "names a value the source does not have"),
        ('msgid "Orders"\nmsgstr "订单"\n\nmsgid "Old"\nmsgstr "旧"\n', "no longer used"),
    ],
)
def test_a_poor_translation_is_caught(stage: Path, entry: str, fault: str) -> None:
    (stage / messages.CATALOGUE).write_text(PO + entry + '\nmsgid "All orders"\nmsgstr "全部订单"\n')
    assert any(fault in line for line in messages.faults_of(stage))


def test_a_string_that_cannot_be_extracted_is_caught(stage: Path) -> None:
    (stage / "pages.py").write_text(
        'from django.utils.translation import gettext as _\nX = _(f"{1} orders")\n'
    )
    assert "plain string" in messages.faults_of(stage)[0]


def test_two_translations_of_one_string_are_caught(stage: Path) -> None:
    other = stage.parent / "till" / messages.CATALOGUE
    other.parent.mkdir(parents=True)
    other.write_text(PO + 'msgid "Orders"\nmsgstr "单据"\n')
    assert "'Orders' is said in two ways" in messages.contradictions([stage, stage.parent / "till"])[0]


def test_update_adds_and_drops(stage: Path) -> None:
    (stage / "pages.py").write_text(
        'from django.utils.translation import ngettext\nX = ngettext("%(n)s row", "%(n)s rows", 2)\n'
    )
    assert messages.update(stage) == 1
    held = (stage / messages.CATALOGUE).read_text()
    assert "%(n)s rows" in held
    assert "全部订单" in held
    assert '"Orders"' not in held


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>Hello</p>", [(1, "Hello")]),
        ("<p>\n你好</p>", [(1, "你好")]),
        ('<input placeholder="Search">', [(1, "Search")]),
        ('<c-card title="Orders">{{ x }}</c-card>', [(1, "Orders")]),
        ('<p>{% trans "Hello" %} {{ name }} — 12</p>', []),
        ("<p>{% blocktrans %}Hello{% endblocktrans %}</p>", []),
        ("{# Hello #}{% comment %}Hello{% endcomment %}<script>let x = 'Hello'</script>", []),
        ("<kbd>Tab</kbd> CSV", []),
    ],
)
def test_bare_words_are_found(html: str, found: list[tuple[int, str]]) -> None:
    assert bare_text.bare(html) == found


def test_no_library_speaks_over_us() -> None:
    with translation.override("zh-hans"):
        assert (translation.gettext("Note"), translation.gettext("Phone")) == ("备注", "手机")
