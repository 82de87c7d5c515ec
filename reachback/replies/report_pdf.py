"""The report: a reply on paper. The same reply and pictures give the same bytes, whenever they are drawn."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from reachback.replies.figures import Picture
from reachback.wording import SHARE_NOTE, printable

__all__ = ["report_pdf"]

MARGIN = 18 * mm
PADDING = 6  # of the page's frame, so that text and tables begin on one line
WIDTH = A4[0] - 2 * MARGIN - 2 * PADDING
LEFT, RIGHT = MARGIN + PADDING, A4[0] - MARGIN - PADDING
TALLEST_PICTURE = 150 * mm
MOST_SPECTRA = 12  # told of one file
INK, PALE, LINE = colors.HexColor("#1a1a1a"), colors.HexColor("#555555"), colors.HexColor("#bbbbbb")
MARK_GROUND = colors.HexColor("#f2f2f2")
FONT, BOLD = "DejaVuSans", "DejaVuSans-Bold"
BODY = ParagraphStyle("body", fontName=FONT, fontSize=9, leading=12.5, textColor=INK, alignment=TA_LEFT)
SMALL = ParagraphStyle("small", BODY, fontSize=7.5, leading=10, textColor=PALE)
CELL = ParagraphStyle("cell", BODY, fontSize=8, leading=10.5)
HEAD = ParagraphStyle("head", CELL, fontName=BOLD)
TITLE = ParagraphStyle("title", BODY, fontName=BOLD, fontSize=15, leading=19)
MARK = ParagraphStyle("mark", BODY, fontName=BOLD, fontSize=10.5, leading=14)
SECTION = ParagraphStyle("section", BODY, fontName=BOLD, fontSize=11, leading=15, spaceBefore=9, spaceAfter=3)
BULLET = ParagraphStyle("bullet", BODY, leftIndent=11, bulletIndent=2)

Pictures = Mapping[tuple[str, int], Picture]  # (scan id, position of the spectrum) → picture


def report_pdf(content: Mapping[str, Any], pictures: Pictures) -> bytes:
    """Draw a reply as `reachback.replies.content.reply_content` gives it."""
    _fonts()
    written = io.BytesIO()
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=16 * mm,
        bottomMargin=20 * mm,
        title="Presumptive identification report",
        author="reachback",
        invariant=1,  # neither clock nor chance in the file
    )
    footer = _Footer(content)
    document.build(list(_story(content, pictures)), onFirstPage=footer, onLaterPages=footer)
    return written.getvalue()


@cache
def _fonts() -> None:
    """The fonts of the drawing library: they hold what the field writes (cm⁻¹, ≥, Greek, Cyrillic)."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for name in (FONT, BOLD):
        registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)


class _Footer:
    """What stands below every page, so that a single sheet still says what it belongs to."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        case = content["case_id"]
        scans = ", ".join(scan["scan_id"] for scan in content["scans"][:2])
        self._left = f"case {case}, version {content['version']}" if case else f"scan {scans}, no case"
        self._mark = " · ".join(content["marks"])

    def __call__(self, canvas: Canvas, document: Any) -> None:
        canvas.saveState()
        canvas.setStrokeColor(LINE)
        canvas.line(LEFT, 15 * mm, RIGHT, 15 * mm)
        canvas.setFillColor(PALE)
        canvas.setFont(FONT, 7)
        canvas.drawString(LEFT, 11 * mm, self._left)
        canvas.drawRightString(RIGHT, 11 * mm, f"page {canvas.getPageNumber()}")
        canvas.drawString(LEFT, 7.5 * mm, self._mark)
        canvas.restoreState()


def _story(content: Mapping[str, Any], pictures: Pictures) -> Iterator[Flowable]:
    yield from _answer(content)
    yield from _together(content)
    yield from _bullets("What was not seen", content["not_seen"])
    yield from _bullets("What to do next", content["next_steps"])
    if content.get("evidence_used"):
        yield from _bullets("What the reader looked at", content["evidence_used"])
    yield from _limits(content)
    yield from _cards(content)
    yield from _out_of_reach(content)
    for scan in content["scans"]:
        yield from _scan(scan, pictures)
    yield from _basis(content)


def _answer(content: Mapping[str, Any]) -> Iterator[Flowable]:
    marks = Table([[Paragraph(_text(mark), MARK)] for mark in content["marks"]], colWidths=[WIDTH])
    marks.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, -1), MARK_GROUND), ("BOX", (0, 0), (-1, -1), 0.8, INK)]))
    yield marks
    yield Spacer(1, 7)
    yield Paragraph(_text(content["headline"]), TITLE)
    yield Spacer(1, 3)
    yield Paragraph(_text(content["read_by"]["in_words"]), BODY)
    if content.get("amended_because"):
        yield Paragraph(f"Amended because: {_lines(content['amended_because'])}", BODY)
    if content["comment"]:
        yield Spacer(1, 3)
        yield Paragraph(_lines(content["comment"]), BODY)
    if content["confidence"]:
        yield Paragraph(f"Confidence, in the reader's words: {_text(content['confidence'])}", BODY)
    laboratory = content["laboratory"]
    if laboratory:
        where = f"{laboratory['laboratory']}, {laboratory['technique']}, reference {laboratory['reference_number']}"
        yield Paragraph(_text(f"Laboratory: {where}, reported {_moment(laboratory['reported_at'])}."), BODY)
    yield Spacer(1, 5)
    yield _pairs(
        [
            ("Exhibit", content["exhibit"]),
            ("Unit", content["unit"]),
            ("Released", _moment(content["released_at"])),
            ("Read by", ", ".join(content["read_by"]["names"])),
            ("Released by", content["released_by"]),
        ]
    )


def _bullets(title: str, lines: Sequence[str]) -> Iterator[Flowable]:
    items = [Paragraph(_text(line), BULLET, bulletText="•") for line in lines]
    yield KeepTogether([Paragraph(title, SECTION), *items])


def _together(content: Mapping[str, Any]) -> Iterator[Flowable]:
    fused = content["together"]
    if not fused:
        return
    head = [
        Paragraph("All scans and strips together", SECTION),
        Paragraph(f"<b>{_text(fused['in_words'])}</b> – machine", BODY),
        Paragraph(_text(fused["statement"]), BODY),
    ]
    reasons = [Paragraph(_text(reason), BULLET, bulletText="•") for reason in fused["reasons"]]
    yield KeepTogether([*head, *reasons[:1]])
    yield from reasons[1:]
    sources = "; ".join(f"{each['name']}: {each['title']}, doi {each['doi']}" for each in fused["sources"])
    if sources:
        yield Paragraph(_text(f"Sources: {sources}."), SMALL)


def _limits(content: Mapping[str, Any]) -> Iterator[Flowable]:
    if not content["limits"]:
        return
    rows = [["Watched family", "Technique", "Seen", "Not seen: visible"]]
    for row in content["limits"]:
        beyond = f"; not excluded: {', '.join(row['not_excluded'])}" if row["not_excluded"] else ""
        unseen = row["in_words"] + (beyond if row["in_words"] != "not excluded by this method" else "")
        rows.append([f"{row['family']} ({row['watched']})", row["technique"], ", ".join(row["seen"]) or "none", unseen])
    yield Paragraph("What these scans could have seen", SECTION)
    yield _grid(rows, [0.3, 0.12, 0.25, 0.33])
    yield Paragraph(
        f"{SHARE_NOTE} A dangerous dose can lie below every limit given here. Behind each family: the number of"
        " its substances in the library.",
        SMALL,
    )


def _cards(content: Mapping[str, Any]) -> Iterator[Flowable]:
    for card in content["cards"]:
        lines = [
            Paragraph(
                f"{_text(line['text'])}\u00a0<super>{','.join(map(str, line['sources']))}</super>",
                BULLET,
                bulletText="•",
            )
            for line in card["lines"]
        ]
        sources = "; ".join(
            f"[{each['number']}] {each['by']}: {each['name']}, {each['date']}" for each in card["sources"]
        )
        yield KeepTogether(
            [
                Paragraph(f"Handling: {_text(card['title'])}", SECTION),
                *lines,
                Spacer(1, 2),
                Paragraph(_text(f"Sources: {sources}. Your unit's own rules come first."), SMALL),
            ]
        )


def _out_of_reach(content: Mapping[str, Any]) -> Iterator[Flowable]:
    for sentence in content["cards_out_of_reach"]:
        yield Paragraph(_text(sentence), SMALL)


def _scan(scan: Mapping[str, Any], pictures: Pictures) -> Iterator[Flowable]:
    received = f"received {_moment(scan['received_at'])} · SHA-256 {scan['sha256']}"
    head: list[Flowable] = [Paragraph(_text(f"Scan {scan['file_name']}"), SECTION), Paragraph(_text(received), SMALL)]
    if scan["error"]:
        head.append(Paragraph(_text(f"Could not be read: {scan['error']}."), BODY))
    for position, spectrum in enumerate(scan["spectra"][:MOST_SPECTRA]):
        yield KeepTogether([*head, *_verdict(spectrum, pictures.get((scan["scan_id"], position)))])
        head = []
        yield from _parts(spectrum)
        yield from _told(spectrum)
    yield from head
    further = len(scan["spectra"]) - MOST_SPECTRA
    if further > 0:
        yield Paragraph(f"The file holds {further} further spectra; all of them are in the case package.", BODY)


def _verdict(spectrum: Mapping[str, Any], picture: Picture | None) -> Iterator[Flowable]:
    how = " · ".join(str(part) for part in (spectrum["technique"], spectrum["mode"]) if part)
    laser = f" · {spectrum['laser_nm']:g} nm" if spectrum["laser_nm"] else ""
    yield Spacer(1, 3)
    yield Paragraph(f"<b>{_text(spectrum['verdict'])}</b> – machine, {_text(how + laser)}", BODY)
    yield Paragraph(_text(spectrum["headline"]), BODY)
    if picture is not None:
        yield _image(picture)
        if picture.caption:
            yield Paragraph(_text(picture.caption), SMALL)


def _told(spectrum: Mapping[str, Any]) -> Iterator[Flowable]:
    unexplained = [f"Unexplained: {spectrum['unexplained']}."] if spectrum["unexplained"] else []
    for sentence in (*unexplained, *spectrum["alerts"], *spectrum["reasons"], *spectrum["watch_list"]):
        yield Paragraph(_text(sentence), BULLET, bulletText="•")
    library = spectrum["library"] or {}
    basis = (
        f"Library {library.get('name')} {library.get('release')}, digest {library.get('digest')}; calibration"
        f" {library.get('calibration')}; engine {spectrum['engine']}"
    )
    yield Paragraph(_text(basis), SMALL)


def _parts(spectrum: Mapping[str, Any]) -> Iterator[Flowable]:
    if not spectrum["parts"]:
        return
    rows = [["Found by the machine", "Share", "Confidence", "Class, reference", "Controlled"]]
    for part in spectrum["parts"]:
        alike = part["indistinguishable_from"]
        name = part["name"] + (f"; not to be told from: {', '.join(alike)}" if alike else "")
        kind = f"{part['class'] or 'no class'}, {part['grade']}"
        rows.append([name, part["share"], part["confidence"], kind, "YES" if part["controlled"] else "no"])
    yield _grid(rows, [0.36, 0.1, 0.14, 0.28, 0.12])
    yield Paragraph(SHARE_NOTE, SMALL)


def _basis(content: Mapping[str, Any]) -> Iterator[Flowable]:
    checkpoint = content["checkpoint"]
    yield KeepTogether(
        [
            Paragraph("How this can be checked later", SECTION),
            Paragraph(
                _text(
                    f"The audit log had {checkpoint['size']} entries when this was written. The checkpoint below is"
                    " signed with the desk's key; the case package holds the proofs and a program that checks them."
                    f" Written by reachback {content['engine']}."
                ),
                BODY,
            ),
            Spacer(1, 2),
            Paragraph(_lines(checkpoint["note"]), SMALL),
        ]
    )


def _pairs(pairs: Sequence[tuple[str, str | None]]) -> Table:
    rows = [[Paragraph(_text(name), SMALL), Paragraph(_text(value), CELL)] for name, value in pairs if value]
    table = Table(rows or [["", ""]], colWidths=[0.16 * WIDTH, 0.84 * WIDTH])
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0), _TIGHT]))
    return table


_TIGHT = ("BOTTOMPADDING", (0, 0), (-1, -1), 1)


def _grid(rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    cells = [
        [Paragraph(_text(value), HEAD if number == 0 else CELL) for value in row] for number, row in enumerate(rows)
    ]
    table = Table(cells, colWidths=[share * WIDTH for share in widths], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                _TIGHT,
            ]
        )
    )
    return table


def _image(picture: Picture) -> Image:
    width, height = _fitted(picture)
    return Image(io.BytesIO(picture.png), width=width, height=height)


def _fitted(picture: Picture) -> tuple[float, float]:
    """Width and height on the page: as wide as the text, unless it were too tall then."""
    width, height = WIDTH, WIDTH * picture.height / picture.width
    if height > TALLEST_PICTURE:
        return width * TALLEST_PICTURE / height, TALLEST_PICTURE
    return width, height


def _moment(text: str | None) -> str:
    """A time as people read it, to the second."""
    return "" if not text else f"{text[:10]} {text[11:19]} UTC"


def _lines(text: str) -> str:
    """Text of several lines."""
    return "<br/>".join(_text(line) for line in text.splitlines() if line.strip())


def _text(value: object) -> str:
    """Text that holds no mark-up of its own."""
    return escape(printable(str(value)))
