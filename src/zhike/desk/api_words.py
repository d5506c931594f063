"""What the operations of the API do, in both languages; the English sentences are those of the operations themselves."""

from django.utils.translation import gettext_lazy as _

from zhike.core.text import Text
from zhike.desk.audit_words import GROUPS

GROUP_NAMES = {**GROUPS, "bulk": _("Many rows at once")}
_SENTENCES = (
    Text(
        "用户可见范围内的客户,按建档先后排列。",
        "The customers within the user's scope, in the order of creation.",
    ),
    Text(
        "新建一位客户;联系方式若已属于某位客户,返回该客户。",
        "Add one customer; when the contact details belong to somebody, the answer names whom.",
    ),
    Text("一位客户。", "One customer."),
    Text(
        "修改一位客户;若读取之后已被他人改动,则拒绝。",
        "Change one customer, unless somebody changed it since the version you read.",
    ),
    Text("订单及其明细。", "Orders with their lines."),
    Text("一张订单。", "One order."),
    Text("互动记录。", "Interactions."),
    Text("记录一次互动。", "Record an interaction."),
    Text("客户评价。", "Feedback."),
    Text("添加评价。", "Add feedback."),
    Text("使用中的层级,按顺序。", "The tiers in use, in order."),
    Text("每位客户所在的层级及理由。", "The tier of each customer, with the reasons."),
    Text("使用中的分群及其客户数。", "The segments in use, with their customers."),
    Text("新建分群;成员在后台计算。", "Make a segment; its members are found in the background."),
    Text("一条规则能找到多少客户;不保存任何内容。", "How many customers a rule would find; nothing is kept."),
    Text("分群现有的客户。", "The customers in a segment now."),
    Text("每位客户的得分,截至最近一次计算。", "The score of each customer, as of the latest run."),
    Text("每位买过东西的客户的预测。", "The forecast of each customer who has bought."),
    Text(
        "一位客户可能再次购买和首次购买的商品,最合适的在前。",
        "What one customer is likely to buy again and may buy for the first time, the best first.",
    ),
    Text("用户可见客户的任务。", "The tasks of the user's customers."),
    Text("手工新建任务。", "Add a task by hand."),
    Text("完成任务,并写一条执行记录。", "Close a task with a record of what was done."),
    Text("用户可见客户的执行记录。", "The execution records of the user's customers."),
    Text("没有任务时,记录做过的事。", "Record something done without a task."),
    Text(
        "批量新增或更新;同样的数据再发一次不会改变任何内容。",
        "Add or update many rows; the same rows again change nothing.",
    ),
)
SAID = {one.en: one for one in _SENTENCES}
