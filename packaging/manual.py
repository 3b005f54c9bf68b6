"""Writes the manual's pages from what the programs say of themselves, and from the examples of the files that they read.

    manual.py PROGRAMS EXAMPLES TARGET

PROGRAMS is the directory of the programs, EXAMPLES that of config.example.yaml and rules.example.yaml. In TARGET comes a page for
each program and each subcommand of the operator's tool, and one for each file, as rule-outcomes.1, rule-outcomes-report.1,
rule-outcomes-responder.8, rule-outcomes-config.5 and so on.
"""

import json
import pathlib
import re
import subprocess
import sys

PROGRAMS = {"rule-outcomes": 1, "rule-outcomes-aggregator": 8, "rule-outcomes-responder": 8}
# The example, the page, where the file is, and what it is in a few words.
FILES = [
    (
        "config.example.yaml", "rule-outcomes-config", "/etc/rule-outcomes/config.yaml",
        "configuration of the rule-outcomes daemons",
    ),
    (
        "rules.example.yaml", "rule-outcomes-rules", "/etc/rule-outcomes/rules.yaml",
        "names of rule versions and outcomes, and which are compared",
    ),
]
PAGES = [f"{name}({section})" for name, section in PROGRAMS.items()] + [f"{page}(5)" for _, page, _, _ in FILES]


def escaped(text):
    """As roff has it: a hyphen that can be copied, and no line that begins with a command."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)


def bold(text):
    # A line may end behind a point or a comma.
    return ".B " + re.sub("([.,])", r"\1\\:", escaped(text)).replace('"', "\\(dq")


def prose(text):
    """Paragraphs. Lines that are indented, or belong to a table, stay as they are."""
    parts = []
    for paragraph in text.strip().split("\n\n"):
        for is_kept, lines in grouped(paragraph.split("\n"), lambda line: line.startswith("  ")):
            body = escaped("\n".join(lines))
            parts.append(f".PP\n.EX\n{body}\n.EE" if is_kept else f".PP\n{body}")
    return "\n".join(parts)


def grouped(lines, kind):
    """Runs of lines of the same kind."""
    groups = []
    for line in lines:
        if groups and groups[-1][0] == kind(line):
            groups[-1][1].append(line)
        else:
            groups.append((kind(line), [line]))
    return groups


def page(name, section, summary, version, parts):
    """A page with these sections, of titles and roff."""
    head = f'.TH {escaped(name.upper())} {section} "" "rule\\-outcomes {version}" "rule\\-outcomes"'
    # Not justified: long paths and ids cannot be.
    lines = [head, ".ad l", ".nh", ".SH NAME", f"{escaped(name)} \\- {escaped(summary)}"]
    for title, body in parts:
        if body:
            lines += [f".SH {title}", body.removeprefix(".PP\n")]
    others = [each for each in PAGES if not each.startswith(f"{name}(")]
    return "\n".join(lines + [".SH SEE ALSO", ",\n".join(f".BR {escaped(each[:-3])} {each[-3:]}" for each in others), ""])


def shown_name(name):
    return ("-" if name["kind"] == "short" else "--") + name["name"]


def synopsis(path, command):
    words = [f".B {escaped(path)}"]
    if command.get("subcommands"):
        words.append(".I subcommand")
    for argument in arguments(command):
        if argument["kind"] == "positional":
            text = f"\\fI{escaped(argument['valueName'])}\\fR"
        else:
            text = f"\\fB{escaped(shown_name(argument['preferredName']))}\\fR"
            if argument["kind"] == "option":
                text += f" \\fI{escaped(argument['valueName'])}\\fR"
        if argument["isRepeating"]:
            text += " ..."
        words.append(f"[{text}]" if argument["isOptional"] else text)
    return "\n".join(words)


def arguments(command):
    return [each for each in command.get("arguments", []) if each["shouldDisplay"]]


def options(command):
    lines = []
    for argument in arguments(command):
        if argument["kind"] == "positional":
            title = f".I {escaped(argument['valueName'])}"
        else:
            title = ".B " + ", ".join(escaped(shown_name(name)) for name in argument["names"])
            if argument["kind"] == "option":
                title = title.replace(".B ", ".BI \"") + f" \" {escaped(argument['valueName'])}"
        text = argument.get("abstract", "")
        if argument.get("allValues"):
            text += f" One of {', '.join(argument['allValues'])}."
        if argument["kind"] == "option" and argument.get("defaultValue"):
            text += f" The default is {argument['defaultValue']}."
        lines.append(f".TP\n{title}\n{escaped(text.strip())}")
    return "\n".join(lines)


def subcommands(command):
    shown = [each for each in command.get("subcommands", []) if each["shouldDisplay"] and each["commandName"] != "help"]
    lines = [
        f".TP\n.BR {escaped(command['commandName'])}\\-{each['commandName']} (1)\n{escaped(each['abstract'])}" for each in shown
    ]
    return "\n".join(lines), shown


def summary(command):
    text = command["abstract"].rstrip(".")
    return text[0].lower() + text[1:]


def program_pages(program, section, version):
    dump = subprocess.run([program, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    command = json.loads(dump)["command"]
    listed, shown = subcommands(command)
    name = command["commandName"]
    yield name, section, page(name, section, summary(command), version, [
        ("SYNOPSIS", synopsis(name, command)), ("DESCRIPTION", prose(command.get("discussion", ""))),
        ("SUBCOMMANDS", listed), ("OPTIONS", options(command)),
        ("FILES", ".TP\n.I /etc/rule\\-outcomes/config.yaml\nThe configuration: see\n.BR rule\\-outcomes\\-config (5)."),
    ])
    for each in shown:
        full = f"{name}-{each['commandName']}"
        yield full, section, page(full, section, summary(each), version, [
            ("SYNOPSIS", synopsis(f"{name} {each['commandName']}", each)),
            ("DESCRIPTION", prose(each.get("discussion", ""))), ("OPTIONS", options(each)),
        ])


def file_page(example, name, path, what, version):
    """The file's comments are what there is to say of its keys: they become the page's text, and the keys its terms."""
    text = example.read_text()
    parts = [("DESCRIPTION", f"{escaped(path)}\n.PP\nEvery key that there is, with an example of its value:")]
    entries, comment, path_of_keys = [], [], []
    introduction, is_introduction = [], True
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("#"):
            comment.append(stripped.lstrip("#").strip())
        elif not stripped:
            if is_introduction:
                introduction, is_introduction = comment, False
            else:
                entries.append((None, comment))
            comment = []
        elif match := re.match(r"^( *)(?:- )?([\w./-]+|\"[^\"]*\"):(?: +(.*))?$", line):
            depth = len(match[1]) // 2 + (1 if line.lstrip().startswith("- ") else 0)
            path_of_keys = path_of_keys[:depth] + [match[2]]
            entries.append((".".join(path_of_keys) + ":" + (f" {match[3]}" if match[3] else ""), comment))
            comment = []
        else:
            entries.append((f"{stripped}", comment))
            comment = []
    lines = [".PP\n" + escaped("\n".join(introduction).strip())]
    for key, comment in entries:
        words = "\n".join(comment).strip()
        if key is None:
            if words:
                lines.append(f".PP\n{escaped(words)}")
        elif words or not lines[-2:-1] or not lines[-2].startswith(".T"):
            lines += [f".TP\n{bold(key)}", escaped(words)]
        else:
            # Without a word of its own it shares the text of the key before.
            lines.insert(-1, f".TQ\n{bold(key)}")
    parts.append(("KEYS", "\n".join(lines)))
    return page(name, 5, what, version, parts)


def main():
    programs, examples, target = map(pathlib.Path, sys.argv[1:])
    version = subprocess.run(
        [programs / "rule-outcomes", "--version"], check=True, capture_output=True, text=True).stdout.split()[-1]
    target.mkdir(parents=True, exist_ok=True)
    for program, section in PROGRAMS.items():
        for name, section, text in program_pages(programs / program, section, version):
            (target / f"{name}.{section}").write_text(text)
    for example, name, path, what in FILES:
        (target / f"{name}.5").write_text(file_page(examples / example, name, path, what, version))


if __name__ == "__main__":
    main()
