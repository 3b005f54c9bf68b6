"""Prints the cells of a workbook as JSON: as openpyxl reads them, and as LibreOffice shows them in a language."""
import json
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

import openpyxl

PATH, LANGUAGE = sys.argv[1:]
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{}</value></prop></item>
</oor:items>"""
SPACE = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}


def name(prefixed):
    prefix, local = prefixed.split(":")
    return f"{{{SPACE[prefix]}}}{local}"


def shown(node):
    """The text of a paragraph, whose runs of spaces OpenDocument counts."""
    text = node.text or ""
    for child in node:
        if child.tag == name("text:s"):
            text += " " * int(child.get(name("text:c"), "1"))
        elif child.tag == name("text:tab"):
            text += "\t"
        elif child.tag == name("text:line-break"):
            text += "\n"
        else:
            text += shown(child)
        text += child.tail or ""
    return text


def libreoffice():
    with tempfile.TemporaryDirectory() as directory:
        profile = pathlib.Path(directory) / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user/registrymodifications.xcu").write_text(SETTINGS.format(LANGUAGE))
        subprocess.run(
            ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "fods", "--outdir",
             directory, PATH],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"HOME": directory, "PATH": "/usr/bin:/bin"})
        root = tree.parse(pathlib.Path(directory) / (pathlib.Path(PATH).stem + ".fods")).getroot()
    sheet = root.find(".//table:table", SPACE)
    return [
        [{"type": cell.get(name("office:value-type")), "formula": cell.get(name("table:formula")),
          "text": "\n".join(shown(each) for each in cell.findall("text:p", SPACE))}
         for cell in row.findall("table:table-cell", SPACE) for _ in range(repeats(cell))]
        for row in sheet.iter(name("table:table-row"))]


def repeats(cell):
    """Empty cells to the sheet's end are one that is repeated: they are none."""
    count = int(cell.get(name("table:number-columns-repeated"), "1"))
    return 1 if count > 100 else count


def python():
    sheet = openpyxl.load_workbook(PATH).active
    return [[{"type": cell.data_type, "text": cell.value if cell.data_type == "s" else json.dumps(cell.value)}
             for cell in row] for row in sheet.iter_rows()]


print(json.dumps({"libreoffice": libreoffice(), "openpyxl": python()}))
