"""Why a file as a whole cannot be read, and what its owner can do about it."""

from zhike.core.errors import Refusal
from zhike.core.text import Text


class BadFile(Refusal):
    """A file that cannot be read; nothing of it was taken in."""


def _bad(zh: str, en: str, remedy_zh: str, remedy_en: str) -> BadFile:
    return BadFile(reason=Text(zh=zh, en=en), remedy=Text(zh=remedy_zh, en=remedy_en))


def wrong_type() -> BadFile:
    """Neither text nor a workbook."""
    return _bad(
        "这个文件不是表格:只接受 CSV、TSV、XLSX 和 XLS(可用 gzip 压缩的 CSV)。",
        "This file is not a table: CSV, TSV (also gzipped), XLSX and XLS are accepted.",
        "请在 Excel 或 WPS 中打开,另存为 .xlsx 后重新上传。",
        "Open it in Excel or WPS, save it as .xlsx and upload again.",
    )


def web_page() -> BadFile:
    """An HTML page or XML document under the name of a workbook, as some systems export."""
    return _bad(
        "这个文件其实是网页或 XML,只是用了表格的文件名。",
        "This file is in truth a web page or XML under the name of a workbook.",
        "请在 Excel 或 WPS 中打开,另存为 .xlsx 后重新上传。",
        "Open it in Excel or WPS, save it as .xlsx and upload again.",
    )


def text_in_disguise() -> BadFile:
    """Text without a table under the name of a workbook."""
    return _bad(
        "这个文件的扩展名是 Excel 的,内容其实是文本,而且找不到表格。",
        "The file bears the name of a workbook but holds text, and no table was found in it.",
        "如果它是 CSV,请把扩展名改为 .csv,并确认第一行是列名;否则请在 Excel 或 WPS 中打开,另存为 .xlsx 后上传。",
        "If it is CSV, rename it to .csv and see that its first row names the columns; else open it in Excel or WPS "
        "and save it as .xlsx.",
    )


def empty() -> BadFile:
    """No byte, or no cell with a value."""
    return _bad(
        "文件是空的。",
        "The file is empty.",
        "请检查是否导出成功,再上传含有数据的文件。",
        "Check that the export succeeded, then upload a file with data.",
    )


def encrypted() -> BadFile:
    """A workbook behind a password."""
    return _bad(
        "工作簿设有打开密码,无法读取。",
        "The workbook is protected by a password and cannot be read.",
        "请在 Excel 中取消密码(文件 → 信息 → 保护工作簿)后重新上传。",
        "Remove the password in Excel (File → Info → Protect Workbook) and upload again.",
    )


def corrupt() -> BadFile:
    """A workbook or gzip file that breaks off or contradicts itself."""
    return _bad(
        "文件已损坏或没有传完整,无法读取。",
        "The file is damaged or incomplete and cannot be read.",
        "请在 Excel 中打开并另存一份,或重新导出后再上传。",
        "Open it in Excel and save a copy, or export it again, then upload.",
    )


def zip_bomb(megabytes: int) -> BadFile:
    """An archive that would unpack to far more than it should."""
    return _bad(
        f"文件解压后约 {megabytes:,} MB,远超正常表格,已拒绝打开。",
        f"Unpacked, this file would take about {megabytes:,} MB, far more than a table should; it was not opened.",
        "请删除多余的空白行列和图片,或拆成几个文件后上传。",
        "Delete surplus blank rows, columns and pictures, or split it into several files.",
    )


def too_big_to_open() -> BadFile:
    """A workbook that needs more memory or time than a reader is given."""
    return _bad(
        "工作簿过大,读取所需的内存或时间超过上限(常见原因:最右或最下方有一个多余的单元格)。",
        "The workbook needs more memory or time than allowed (often one stray cell far right or far down).",
        "请删除数据区以外的行列,或另存为 CSV 后上传。",
        "Delete the rows and columns outside the data, or save it as CSV and upload that.",
    )


def too_many_columns(found: int, most: int) -> BadFile:
    """More columns than any table of customers has."""
    return _bad(
        f"表格有 {found:,} 列,最多接受 {most:,} 列。",
        f"The table has {found:,} columns; at most {most:,} are accepted.",
        "请检查分隔符是否正确,或删除不需要的列后上传。",
        "Check the delimiter, or delete the columns that are not needed, then upload.",
    )


def too_many_rows(most: int) -> BadFile:
    """More rows than one batch may have."""
    return _bad(
        f"文件超过 {most:,} 行。",
        f"The file has more than {most:,} rows.",
        "请拆成几个文件,分批上传。",
        "Split it into several files and upload them one by one.",
    )


def too_many_sheets(found: int, most: int) -> BadFile:
    """A workbook with more sheets than one can choose from."""
    return _bad(
        f"工作簿有 {found:,} 个工作表,最多接受 {most:,} 个。",
        f"The workbook has {found:,} sheets; at most {most:,} are accepted.",
        "请把要导入的工作表另存为单独的文件。",
        "Save the sheet you want to import as a file of its own.",
    )


def no_such_sheet(name: str) -> BadFile:
    """The chosen sheet is not in the workbook."""
    return _bad(
        f"工作簿中没有名为“{name}”的工作表。",
        f"The workbook has no sheet named “{name}”.",
        "请从列表中选择一个工作表。",
        "Choose a sheet from the list.",
    )


def no_header() -> BadFile:
    """No row that could name the columns."""
    return _bad(
        "没有找到表头:前 40 行里没有一行像是列名。",
        "No header was found: none of the first 40 rows looks like column names.",
        "请在数据上方加一行列名(如:客户编号、姓名、手机),或下载模板填写。",
        "Add a row of column names above the data (such as code, name, phone), or fill in the template.",
    )


def no_rows() -> BadFile:
    """A header with nothing below it."""
    return _bad(
        "表头下面没有数据行。",
        "There are no rows below the header.",
        "请填写数据后上传。",
        "Fill in the data and upload again.",
    )


def unreadable_text() -> BadFile:
    """Text in an encoding that was not recognised."""
    return _bad(
        "无法识别文字编码:既不是 UTF-8,也不是 GB18030(GBK)或 UTF-16。",
        "The encoding was not recognised: neither UTF-8 nor GB18030 (GBK) nor UTF-16.",
        "请另存为“CSV UTF-8”或 .xlsx 后上传。",
        "Save it as “CSV UTF-8” or .xlsx and upload that.",
    )


def runaway_quote(line: int) -> BadFile:
    """A cell or line that does not end: a quotation mark is missing."""
    return _bad(
        f"第 {line:,} 行附近有一个过长的单元格,可能缺少一个引号。",
        f"Near line {line:,} a cell does not end; perhaps a quotation mark is missing.",
        "请用文本编辑器检查该行的引号,或另存为 .xlsx 后上传。",
        "Check the quotation marks of that line, or save the file as .xlsx and upload that.",
    )
