"""Blueprints are read with every problem told, written so that they read back, and compared in words."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from zhike.core.blueprints import BadBlueprint, BlueprintSpec, Kind, compare, editing, read, write
from zhike.core.fields import FIELD_TYPES, Choice, FieldSpec, Sensitivity
from zhike.core.text import Text
from zhike.engine.metrics import CATALOGUE

SHIPPED = Path(__file__).parents[2] / "src/zhike/blueprint/shipped"
SMALL = """
blueprint: shop
name: {zh: 小店, en: Shop}
kind: person
modules:
  - key: profile
    label: {zh: 客户信息, en: Customer}
    fields:
      - {key: code, type: text, label: 编号, sensitivity: internal}
      - {key: name, type: name, label: 姓名, sensitivity: personal, purpose: 称呼}
tiers:
  - {key: good, label: 好, color: core, rule: {metric: spend, op: ">=", value: 100}}
  - {key: rest, label: 其余, color: ordinary}
"""


def load(text: str) -> BlueprintSpec:
    return read(text, metrics=CATALOGUE)


def shipped(name: str) -> BlueprintSpec:
    return load((SHIPPED / f"{name}.yaml").read_text("utf-8"))


@pytest.mark.parametrize("name", ["retail", "companies"])
def test_a_shipped_blueprint_reads_back(name: str) -> None:
    spec = shipped(name)
    assert load(write(spec)) == spec


@pytest.mark.parametrize("name", ["retail", "companies"])
def test_a_shipped_blueprint_is_complete_in_both_languages(name: str) -> None:
    spec = shipped(name)
    texts = [spec.name, *spec.solves]
    for module in spec.modules:
        texts += [module.label, module.help]
        for field in module.fields:
            texts += [field.label, field.purpose, *(choice.label for choice in field.choices)]
    texts += [text for tier in spec.tiers for text in (tier.label, tier.traits)]
    texts += [one.label for one in (*spec.tags, *spec.kpis)] + [one.traits for one in spec.strategies]
    texts += [
        text
        for one in spec.strategies
        for measure in one.measures
        for text in (measure.title, measure.action)
    ]
    for text in texts:
        assert text.zh, text
        assert text.en, text
        assert text.en.isascii() or "–" in text.en or "¥" in text.en, text
        assert not text.zh.isascii(), text


@pytest.mark.parametrize("name", ["retail", "companies"])
def test_a_shipped_blueprint_has_what_the_seeds_ask_for(name: str) -> None:
    spec = shipped(name)
    assert [module.label.zh for module in spec.modules] == ["客户信息", "客户行为", "客户评价", "客户细分"]
    assert (spec.rfm.recency_days, spec.rfm.frequency, spec.rfm.frequency_days) == (30, 5, 180)
    assert (spec.rfm.monetary, spec.rfm.monetary_relative) == (Decimal("1.5"), "mean")
    assert {tier.color for tier in spec.tiers} == {"strategic", "core", "potential", "ordinary", "risk"}
    assert {"高频次购买者", "首次购买", "潜在流失风险"} <= {tag.label.zh for tag in spec.tags}
    assert all(spec.strategy_for(tier.key) for tier in spec.tiers)
    assert any(measure.days_due == 3 for one in spec.strategies for measure in one.measures)
    assert spec.solves


@pytest.mark.parametrize("name", ["retail", "companies"])
def test_no_tier_is_held_to_a_target_that_its_own_rule_rules_out(name: str) -> None:
    kpis = {kpi.key: kpi for kpi in shipped(name).kpis}
    # Whoever bought lately is not in the warning tier, so nobody in it can have: it is held to being reached.
    assert kpis["repurchase_rate"].target_for("risk") is None
    assert kpis["repurchase_rate"].target_for("core") == kpis["repurchase_rate"].target_for("") is not None
    assert kpis["response"].target_for("risk") is not None
    assert {kpis["churn_share"].target_for(tier) for tier in ("strategic", "core", "risk")} == {None}


@pytest.mark.parametrize("name", ["retail", "companies"])
def test_a_second_try_comes_well_after_the_first(name: str) -> None:
    strategy = shipped(name).strategy_for("risk")
    assert strategy
    days = {measure.key: measure.days_due for measure in strategy.measures}
    assert days["risk_second_try"] - days["risk_win_back"] >= 15


def test_a_target_may_hold_for_some_tiers() -> None:
    kpi = (
        "kpis: [{key: silent, label: 沉默, aggregate: share, rule: {metric: spend, op: '<', value: 1}, "
        "better: down, target: 0.2, target_tiers: [good, all]}]"
    )
    spec = load(f"{SMALL}\n{kpi}")
    (one,) = spec.kpis
    assert [one.target_for(tier) for tier in ("good", "", "rest")] == [Decimal("0.2"), Decimal("0.2"), None]
    assert load(write(spec)) == spec
    free = replace(spec, kpis=(replace(one, target_tiers=()),))
    assert [change.what.zh for change in compare(spec, free)] == ["修改效果指标“沉默”:目标适用层级"]
    only = replace(spec, kpis=(replace(one, target_tiers=("good",)),))
    (left,) = editing.drop_tier(only, "good").kpis
    assert (left.target, left.target_tiers) == (None, ())
    with pytest.raises(BadBlueprint, match="nowhere"):
        load(f"{SMALL}\n{kpi}".replace("[good, all]", "[nowhere]"))


def test_names_of_columns_lead_to_one_field() -> None:
    for name in ("retail", "companies"):
        seen: dict[str, str] = {}
        for field in shipped(name).fields.values():
            for word in field.names():
                assert seen.setdefault(word, field.key) == field.key, f"{name}: {word}"


def test_every_problem_is_told_with_its_line() -> None:
    text = SMALL.replace("kind: person", "kind: robot").replace(
        "sensitivity: internal}", "sensitivity: secret}"
    )
    text = text.replace("metric: spend", "metric: mood").replace("purpose: 称呼", "required: maybe")
    with pytest.raises(BadBlueprint) as refused:
        load(text)
    lines = text.splitlines()
    told = [(problem.path, lines[problem.line - 1]) for problem in refused.value.problems if problem.line]
    assert [path for path, _line in told] == [
        "kind",
        "modules[0].fields[0].sensitivity",
        "modules[0].fields[1].purpose",
        "modules[0].fields[1].required",
        "tiers[0].rule.metric",
    ]
    for path, line in told[:2]:
        assert path.rsplit(".", maxsplit=1)[-1] in line
    for problem in refused.value.problems:
        assert all((problem.reason.zh, problem.reason.en, problem.remedy.zh, problem.remedy.en))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("blueprint: shop", "blueprint: 小店", "标识"),
        ("type: name", "type: title", "title"),
        ("color: ordinary}", 'color: ordinary, rule: {metric: spend, op: ">=", value: 1}}', "最后一个层级"),
        ("{key: rest", "{key: good", "出现了两次"),
        ("key: code", "key: spend", "不能叫"),
        ("key: code", "key: number", "缺少类型为 text 的字段 code"),
        ("label: 编号", "label: 编号, colour: red", "colour"),
        ("label: 编号", "label: 编号, choices: [{value: a, label: b}]", "没有选项"),
        ("label: 编号", "label: 编号, pattern: '(a+)+'", "正则"),
        ("label: 编号", "label: 编号, past: true", "只有日期"),
        ("label: 编号", "label: 编号, minimum: 5, maximum: 2", "最大值小于最小值"),
        ("name: {zh: 小店, en: Shop}", "name: {zh: 小店, en: Shop, fr: Magasin}", "fr"),
        ("kind: person", "kind: person\nkind: person", "写了两次"),
        ("kind: person", "kind: &a person\ncurrency: *a", "锚点"),
        ("kind: person", "kind: [person", "不是有效的 YAML"),
        ("kind: person", "kind: !!python/object:os.system x", ""),
        ("kind: person", "currency: euro", "货币"),
        ("key: good", "key: new", "标识"),
        ("kind: person", "kind: person\nrfm: {monetary: {metric: spend, value: 1e30}}", "“1e30”太大"),
        ("kind: person", f"kind: person\nrfm: {{monetary: {{metric: spend, value: {'9' * 60}}}}}", "太大"),
        ("kind: person", "kind: person\nrfm: {monetary: {metric: spend, value: much}}", "不是可用的数字"),
        (
            "kind: person",
            "kind: person\nrfm: {monetary: {metric: spend, value: 9999999, relative: mean}}",
            "倍数最多",
        ),
    ],
)
def test_a_mistake_is_explained(old: str, new: str, words: str) -> None:
    with pytest.raises(BadBlueprint) as refused:
        load(SMALL.replace(old, new))
    assert words in " ".join(problem.text.zh for problem in refused.value.problems)


@pytest.mark.parametrize(
    "text", ["", "[]", "just words", "a: b", "x" * 500_000, "[" * 1000, "- " * 500 + "x"]
)
def test_what_is_no_blueprint_is_refused(text: str) -> None:
    with pytest.raises(BadBlueprint):
        load(text)


@given(st.text(max_size=300))
def test_reading_any_text_never_crashes(text: str) -> None:
    with pytest.raises(BadBlueprint):
        load(text)


DATA = yaml.safe_load(SMALL)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.sampled_from(["modules", "tiers", "rfm", "tags", "strategies", "kpis", "name", "kind", "solves"]), JUNK
)
def test_junk_in_any_part_is_a_problem_and_not_a_crash(part: str, junk: object) -> None:
    text = yaml.safe_dump(DATA | {part: junk}, allow_unicode=True)
    try:
        load(text)
    except BadBlueprint as bad:
        assert bad.problems


WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
TEXTS = st.builds(Text, WORDS, WORDS)
FIELDS = st.builds(
    lambda kind, label, sensitivity, purpose, required, aliases: FieldSpec(
        key="extra",
        type=kind,
        label=label,
        sensitivity=sensitivity,
        module="profile",
        purpose=purpose,
        required=required,
        aliases=tuple(aliases),
        choices=(Choice("1", label), Choice("yes", purpose)) if FIELD_TYPES[kind].takes_choices else (),
    ),
    st.sampled_from(sorted(FIELD_TYPES)),
    TEXTS,
    st.sampled_from(list(Sensitivity)),
    TEXTS,
    st.booleans(),
    st.lists(WORDS, max_size=3),
)


@given(FIELDS, st.decimals(0, 10**6, places=2))
def test_what_is_written_reads_back(field: FieldSpec, value: Decimal) -> None:
    spec = editing.put_field(load(SMALL), field)
    spec = replace(spec, rfm=replace(spec.rfm, monetary=value))
    assert load(write(spec)) == spec


def test_terms_of_the_forecast_read_back_and_must_make_sense() -> None:
    usual, wrong = load(SMALL).forecast, {"margin": Decimal("1.2"), "watch": Decimal("0.9")}
    assert (usual.margin, usual.discount, usual.silence(Kind.COMPANY)) == (1, 0, 180)
    terms = replace(
        usual, margin=Decimal("0.35"), discount=Decimal("0.1"), silence_days=45, critical=Decimal("0.8")
    )
    spec = replace(load(SMALL), forecast=terms)
    assert load(write(spec)) == spec
    assert [change.what.zh for change in compare(load(SMALL), spec)] == [
        f"修改价值与流失的算法:{word}" for word in ("毛利率", "年折现率", "未购买多少天算流失", "紧急概率")
    ]
    said = [(change.before.zh, change.after.zh) for change in compare(load(SMALL), spec)]
    assert said == [("100%", "35%"), ("0%", "10%"), ("(无)", "45"), ("90%", "80%")]
    with pytest.raises(BadBlueprint) as bad:
        load(write(replace(spec, forecast=replace(usual, **wrong))))
    assert {problem.path for problem in bad.value.problems} == {"forecast", "forecast.margin"}
    nothing = write(replace(spec, forecast=replace(usual, margin=Decimal(0))))
    with pytest.raises(BadBlueprint, match="每位客户的价值都会是 0"):
        load(nothing)
    assert read(nothing, metrics=CATALOGUE, kept=True).forecast.margin == 0, (
        "what was saved once stays readable"
    )


def test_a_comparison_says_what_changed() -> None:
    old = shipped("retail")
    field = replace(old.fields["gender"], required=True)
    new = editing.drop_tag(editing.put_field(editing.drop_field(old, "wechat"), field), "big_basket")
    new = editing.move_tier(replace(new, rfm=replace(new.rfm, recency_days=60)), "core", up=True)
    said = {change.what.zh: (change.before.zh, change.after.zh) for change in compare(old, new)}
    assert said == {
        "删除字段“微信号”": ("", ""),
        "修改字段“性别”:必填": ("否", "是"),
        "修改 RFM 阈值:R 最近购买天数": ("30", "60"),
        "修改层级“核心会员”:次序": ("2", "1"),
        "修改层级“战略会员”:次序": ("1", "2"),
        "删除标签“大单客”": ("", ""),
    }
    assert compare(old, old) == ()


def test_editing_keeps_things_in_their_places() -> None:
    spec = shipped("retail")
    new = FieldSpec(
        key="shoe_size",
        type="integer",
        label=Text("鞋码", "Shoe size"),
        sensitivity=Sensitivity.INTERNAL,
        module="segment",
    )
    added = editing.put_field(spec, new)
    assert list(added.fields)[-1] == "shoe_size"
    moved = editing.put_field(added, replace(new, module="profile"))
    assert [one.key for one in moved.modules[0].fields][-1] == "shoe_size"
    assert len(moved.fields) == len(added.fields)
    assert editing.drop_field(moved, "shoe_size") == spec
    tier = replace(spec.tiers[0], key="fresh", label=Text("新", "Fresh"))
    assert [one.key for one in editing.put_tier(spec, tier).tiers][-2:] == ["fresh", "ordinary"]
    assert editing.move_tier(spec, "ordinary", up=True) == spec
    assert editing.drop_tier(spec, "risk").strategy_for("risk") is None


def test_a_key_is_made_of_any_words() -> None:
    assert editing.key_from("会员等级", ()) == "hui_yuan_deng_ji"
    assert editing.key_from("VIP level", {"vip_level"}) == "vip_level_2"
    assert editing.key_from("2024!", ()) == "item"


def test_reasons_for_churn_read_back_and_are_compared() -> None:
    spec = shipped("retail")
    reasons = (Choice("price", Text("太贵", "Too dear")), Choice("far", Text("太远", "Too far")))
    changed = replace(spec, forecast=replace(spec.forecast, churn_reasons=reasons))
    assert read(write(changed), metrics=CATALOGUE) == changed
    assert "churn_reasons" not in write(spec)
    [change] = compare(spec, changed)
    assert change.after.zh == "太贵、太远"
