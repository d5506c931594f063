"""What was read: every row accounted for, what the columns were taken for, where there are gaps, and that the sums agree."""

from decimal import Decimal

from zhike.core import figures
from zhike.core.text import Text
from zhike.instant import meanings
from zhike.instant.cells import Receipt, columns_of
from zhike.instant.columns import Understanding
from zhike.instant.files import Source
from zhike.instant.forms import Order
from zhike.instant.loading import Loaded
from zhike.instant.report import Block, Column, Figure, Figures, Say, Section, Table, share, written

MANY_EMPTY = 0.02
MANY_REFUSED = 0.05
_ORDERS = {
    Order.YMD: Text("年-月-日", "year-month-day"),
    Order.MDY: Text("月/日/年", "month/day/year"),
    Order.DMY: Text("日/月/年", "day/month/year"),
}


def section(
    source: Source, found: Understanding, receipt: Receipt, loaded: Loaded, *, names: bool
) -> Section:
    """The section on the file itself."""
    held = loaded.duplicates + loaded.later
    accepted = receipt.kept - held - loaded.unpriced
    refused = receipt.refused_rows + loaded.unpriced
    cards = (
        Figure(label=Text("读取行数", "Rows read"), value=figures.count(receipt.read), hint=_beside(receipt)),
        Figure(label=Text("计入", "Counted"), value=figures.count(accepted)),
        Figure(label=Text("暂不计入", "Set aside"), value=figures.count(held), hint=str(_why_held(loaded))),
        Figure(label=Text("不可用", "Refused"), value=figures.count(refused), tone="risk" if refused else ""),
    )
    blocks: list[Block] = [Figures(cards=cards), _columns(source, found)]
    if receipt.refused or loaded.unpriced:
        blocks.append(_refused(receipt, loaded, names=names))
    blocks += [_sums(loaded), Say(lines=_remarks(source, found, receipt, loaded), tone="note")]
    lead = Text(
        f"读取 {receipt.read:,} 行 = 计入 {accepted:,} + 暂不计入 {held:,} + 不可用 {refused:,}。"
        f"我把“{_named(found, 'placed_at')}”当作下单日期,“{_named(found, found.identity)}”当作客户。",
        f"{receipt.read:,} rows read = {accepted:,} counted + {held:,} set aside + {refused:,} refused. "
        f"“{_named(found, 'placed_at')}” was taken for the date, “{_named(found, found.identity)}” for the customer.",
    )
    return Section(key="quality", title=Text("数据质量", "Data quality"), lead=lead, blocks=blocks)


def left_out(receipt: Receipt, loaded: Loaded) -> Text | None:
    """That the report is without many of the file's rows, and the first reason; None where it has nearly all."""
    refused = receipt.refused_rows + loaded.unpriced
    if refused <= MANY_REFUSED * receipt.read:
        return None
    first = max(receipt.refused.values(), key=lambda one: one.rows, default=None)
    why = (
        first.reason if first and first.rows >= loaded.unpriced else Text("没有金额。", "There is no amount.")
    )
    portion = figures.share_whole(share(refused, receipt.read))
    return Text(
        f"注意:{receipt.read:,} 行中有 {refused:,} 行({portion})不可用,没有计入;最多的原因:{why.zh}详见“数据质量”。",
        f"Note: {refused:,} of {receipt.read:,} rows ({portion}) were refused and are not counted. "
        f"The most frequent reason: {why.en} See “Data quality”.",
    )


def _beside(receipt: Receipt) -> str:
    if not receipt.not_data:
        return ""
    return str(
        Text(f"另有 {receipt.not_data:,} 行合计或说明", f"{receipt.not_data:,} totals or remarks beside")
    )


def _why_held(loaded: Loaded) -> Text:
    said = []
    if loaded.duplicates:
        said.append(Text(f"重复 {loaded.duplicates:,}", f"{loaded.duplicates:,} duplicates"))
    if loaded.later:
        said.append(Text(f"统计日之后 {loaded.later:,}", f"{loaded.later:,} after the reporting day"))
    return Text("、".join(one.zh for one in said), ", ".join(one.en for one in said))


def _named(found: Understanding, key: str) -> str:
    one = found.of(key)
    return one.column.name if one else ""


def _columns(source: Source, found: Understanding) -> Table:
    def row(place: int) -> tuple[object, ...]:
        one = found.columns[place]
        taken = meanings.label(one.key) if one.key else Text("(没有使用)", "(not used)")
        return (one.column.name, str(taken), one.confidence if one.key else None, str(one.why))

    used = [place for place, one in enumerate(found.columns) if one.key]
    unused = [place for place, one in enumerate(found.columns) if not one.key]
    return Table(
        title=Text("我是这样理解各列的", "How the columns were understood"),
        columns=(
            Column(Text("文件中的列", "Column in the file")),
            Column(Text("当作", "Taken for")),
            Column(Text("把握", "Confidence"), "share_whole"),
            Column(Text("依据", "Because"), wide=True),
        ),
        rows=[row(place) for place in (*used, *unused)],
        sheet=Text("列的含义", "Columns"),
        folded=True,
        note=Text(
            "认错了?加 --map '列名=含义' 重新运行,例如 --map '销售额=amount'。",
            "Mistaken? Run again with --map 'COLUMN=MEANING', such as --map 'Sales=amount'.",
        ),
    )


def _refused(receipt: Receipt, loaded: Loaded, *, names: bool) -> Table:
    rows: list[tuple[object, ...]] = [
        (
            one.column,
            one.rows,
            f"{one.reason} {one.remedy}",
            ", ".join(str(row) for row, _ in one.examples),
            " · ".join(dict.fromkeys(value for _, value in one.examples if value))
            if _open(one.column, names)
            else "",
        )
        for one in sorted(receipt.refused.values(), key=lambda one: -one.rows)
    ]
    if loaded.unpriced:
        rows.append(("", loaded.unpriced, str(Text("没有金额。", "There is no amount.")), "", ""))
    return Table(
        title=Text("不可用的行", "Refused rows"),
        columns=(
            Column(Text("列", "Column")),
            Column(Text("行数", "Rows"), "count"),
            Column(Text("原因与办法", "Reason and remedy"), wide=True),
            Column(Text("例如第几行", "Such as row")),
            Column(Text("原值", "Value")),
        ),
        rows=rows,
        sheet=Text("不可用的行", "Refused rows"),
    )


def _open(column: str, names: bool) -> bool:
    """Values may be shown unless they might be a person's."""
    return names or not any(
        word in column for word in ("名", "手机", "电话", "邮", "name", "Name", "mail", "hone")
    )


def _sums(loaded: Loaded) -> Table:
    counted = loaded.orders_amount - loaded.returns_amount
    lines: list[tuple[Text, Decimal]] = [
        (Text("文件中可用行的金额合计", "Sum of the amounts of usable rows"), loaded.in_file),
        (Text("订单金额", "Orders"), loaded.orders_amount),
        (Text("减:退货(金额为负)", "Less returns (amounts below zero)"), -loaded.returns_amount),
        (Text("销售净额", "Net sales"), counted),
        (Text("重复行(未计入)", "Duplicates, not counted"), loaded.duplicates_amount),
        (Text("统计日之后(未计入)", "After the reporting day, not counted"), loaded.later_amount),
        (Text("每单四舍五入到分之差", "Difference by rounding orders to the cent"), loaded.rounding),
    ]
    kept = [one for place, one in enumerate(lines) if one[1] or place in {0, 1, 3}]
    return Table(
        title=Text("金额对账", "The sums agree"),
        columns=(Column(Text("项目", "Item"), wide=True), Column(Text("金额", "Amount"), "money")),
        rows=[(str(label), amount) for label, amount in kept],
        sheet=Text("金额对账", "Sums"),
        folded=True,
    )


def _remarks(source: Source, found: Understanding, receipt: Receipt, loaded: Loaded) -> list[Text]:
    said = [*source.notes, _day_order(receipt), _what_is_an_order(loaded)]
    if loaded.returns:
        said.append(
            Text(
                f"{loaded.returns:,} 笔金额为负,当作退货(合计 {written(loaded.returns_amount, 'money')})。",
                f"{loaded.returns:,} amounts below zero were taken for returns ({written(loaded.returns_amount, 'money')} in all).",
            )
        )
    if loaded.beside:
        one = loaded.beside
        said.append(
            Text(
                f"客户资料 {one.file}(按“{one.by}”对应):{one.records:,} 位,其中 {one.matched:,} 位有订单,"
                f"{one.without_orders:,} 位从未购买。",
                f"Customers of {one.file} (by “{one.by}”): {one.records:,}, of whom {one.matched:,} have orders and "
                f"{one.without_orders:,} never bought.",
            )
        )
    said += _gaps(found, receipt)
    if found.identity != "customer_code":
        said.append(
            Text(
                f"文件没有客户编号,按“{_named(found, found.identity)}”认人;同名或共用会被算作一位。",
                f"Without a customer code, “{_named(found, found.identity)}” tells who is who; people who share it count as one.",
            )
        )
    return [one for one in said if one.zh]


def _day_order(receipt: Receipt) -> Text:
    if receipt.order is Order.YMD:
        return Text("", "")
    order = _ORDERS[receipt.order]
    if receipt.order_sure:
        return Text(f"日期按 {order.zh} 读取。", f"Dates are read as {order.en}.")
    return Text(
        f"日期可以是月/日/年,也可以是日/月/年,文件里分不出来;这里按 {order.zh} 读取。不对请加 --dates dmy。",
        f"Nothing in the file tells month from day; dates are read as {order.en}. If that is wrong, add --dates dmy.",
    )


def _what_is_an_order(loaded: Loaded) -> Text:
    if loaded.numbered:
        return Text(
            "同一客户、同一订单编号的行合成一单。",
            "Rows of a customer with the same order number form one order.",
        )
    if loaded.lines:
        return Text(
            "没有订单编号:同一客户同一时刻的行合成一单。",
            "There is no order number: rows of a customer at the same moment form one order.",
        )
    return Text("没有订单编号:每一行是一单。", "There is no order number: every row is an order.")


def _gaps(found: Understanding, receipt: Receipt) -> list[Text]:
    """Columns with empty cells."""
    said = []
    for one in columns_of(found):
        empty = receipt.empty[one.key]
        if empty > MANY_EMPTY * max(receipt.kept, 1):
            portion = figures.share(empty / max(receipt.kept, 1))
            name = one.found.column.name
            said.append(
                Text(
                    f"“{name}”有 {empty:,} 格为空({portion})。",
                    f"“{name}” is empty in {empty:,} rows ({portion}).",
                )
            )
    return said
