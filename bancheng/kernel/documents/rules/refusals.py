"""Every no that a document may meet: what is wrong, that nothing was kept, and what to do."""

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

SENTENCES: dict[str, Text] = {
    "document_empty": Text(
        "文件是空的，没有保存。请重新选择文件。",
        "The file is empty and was not kept. Please choose it again.",
    ),
    "document_too_large": Text(
        "文件有 {size} MB，超过 {limit} MB，没有保存。请压缩图片或分成几份上传。",
        "The file has {size} MB, over {limit} MB, and was not kept. Please compress its pictures or upload it in parts.",
    ),
    "document_kind_not_accepted": Text(
        "这份材料不收{kind}，没有保存。请改用：{kinds}。",
        "This material cannot be a {kind}; nothing was kept. Please use one of: {kinds}.",
    ),
    "document_unknown_kind": Text(
        "认不出这是什么文件，没有保存。请另存为 PDF 或拍成照片（JPG）后上传。",
        "This file is of no kind we know and was not kept. Please save it as PDF, or upload a photograph (JPEG).",
    ),
    "document_active": Text(
        "网页、SVG 和脚本会在打开时运行，没有保存。请打印成 PDF 后上传。",
        "Web pages, SVG and scripts run when opened, so the file was not kept. Please print it to PDF and upload that.",
    ),
    "document_program": Text(
        "这是程序，不是材料，没有保存。请选择正确的文件。",
        "This is a program, not a document, and was not kept. Please choose the right file.",
    ),
    "document_archive": Text(
        "这是压缩包，没有保存。请解压后逐个上传。",
        "This is an archive and was not kept. Please unpack it and upload the files one by one.",
    ),
    "document_old_office": Text(
        "这是旧版或加了密码的 Office 文件，没有保存。请去掉密码，另存为 .docx、.xlsx 或 PDF 后上传。",
        "This is an Office file of the old form or with a password; it was not kept. Please remove the password and save it "
        "as .docx, .xlsx or PDF.",
    ),
    "document_heic": Text(
        "这是 HEIC 照片，没有保存。请在手机的相机设置里选择“兼容性最佳”，或另存为 JPG 后上传。",
        'This is a HEIC photograph and was not kept. Please choose "Most Compatible" in the camera\'s settings, or save it '
        "as JPEG.",
    ),
    "document_damaged": Text(
        "文件损坏或不完整，没有保存。请重新导出或拍照后上传。",
        "The file is damaged or incomplete and was not kept. Please export or photograph it again.",
    ),
    "document_two_in_one": Text(
        "文件里还藏着另一种内容，没有保存。请用“打印成 PDF”重新生成后上传。",
        "Something of another kind is hidden in the file, so it was not kept. Please make it anew by printing it to PDF.",
    ),
    "document_encrypted": Text(
        "文件设了密码或权限保护，没有保存。请取消保护，或打印成新的 PDF 后上传。",
        "The file is protected by a password or by permissions and was not kept. Please remove the protection, or print it "
        "to a new PDF.",
    ),
    "document_runs": Text(
        "文件里带有宏、脚本或程序，没有保存。请打印成 PDF 后上传。",
        "The file holds a macro, a script or a program and was not kept. Please print it to PDF and upload that.",
    ),
    "document_bomb": Text(
        "文件解开后过大，没有保存。请重新导出后上传。",
        "Unpacked, the file is too large, so it was not kept. Please export it anew.",
    ),
    "document_too_complex": Text(
        "这份 PDF 过于复杂，无法检查，没有保存。请打印成新的 PDF 或拍照后上传。",
        "This PDF is too complex to be checked and was not kept. Please print it to a new PDF, or photograph it.",
    ),
    "document_too_many_pages": Text(
        "文件有 {pages} 页，超过 {limit} 页，没有保存。请分成几份上传。",
        "The file has {pages} pages, over {limit}, and was not kept. Please upload it in parts.",
    ),
    "document_too_many_pixels": Text(
        "图片尺寸为 {size}，过大，没有保存。请缩小后上传。",
        "The picture measures {size}, which is too large; it was not kept. Please make it smaller.",
    ),
    "document_infected": Text(
        "文件带有病毒，没有保存。请先杀毒，或换一台设备重新制作。",
        "The file carries malware and was not kept. Please clean it, or make it anew on another device.",
    ),
    "document_not_checked": Text(
        "病毒检查暂时不可用，文件没有保存。请稍后再传，已填写的内容不受影响。",
        "The malware scanner does not answer, so the file was not kept. Please try again later; what you filled in stays.",
    ),
    "document_not_kept": Text(
        "文件暂时存不进去，没有保存。请稍后再传，已填写的内容不受影响。",
        "The file cannot be stored just now and was not kept. Please try again later; what you filled in stays.",
    ),
    "document_not_now": Text(
        "文件暂时取不出来，内容没有丢失。请稍后再看。",
        "The document cannot be fetched just now; nothing is lost. Please try again later.",
    ),
}
STATUS = {"document_too_large": 413, "document_not_checked": 503, "document_not_kept": 503, "document_not_now": 503}


def no(code: str, **values: Text) -> Refused:
    """Return the refusal called `code`, its sentence filled in with `values`."""
    says = SENTENCES[code]
    return Refused(
        code,
        says.zh.format(**{name: value.zh for name, value in values.items()}),
        en=says.en.format(**{name: value.en for name, value in values.items()}),
        status=STATUS.get(code, 422),
    )
