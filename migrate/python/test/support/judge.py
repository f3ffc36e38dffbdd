"""CPython as the judge of what a module imports, and where. Reads one request a line from standard input and answers each with a
line: {"path": ...} or {"source": base64}, both with "tokens": true for strings and comments too. Standard library only.
"""

import ast
import base64
import io
import json
import sys
import tokenize
import warnings

IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


def judge(request):
    source = read(request)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    lines = decoded_lines(source)
    found = []
    visit(tree.body, [], lines, found)
    answer = {"imports": found}
    if request.get("tokens"):
        answer.update(list_tokens(source))
    return answer


def read(request):
    if "source" in request:
        return base64.b64decode(request["source"])
    with open(request["path"], "rb") as file:
        return file.read()


def decoded_lines(source):
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source.replace(b"\r", b"\n")).readline)
    text = source.decode(encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def visit(body, nesting, lines, found):
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.append(describe(node, nesting, lines))
        else:
            for inner, enclosure in bodies(node, lines):
                visit(inner, nesting + enclosure, lines, found)


def bodies(node, lines):
    """The bodies of a statement, each with what it adds to the nesting."""
    conditional = ["conditional"]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [(node.body, ["function " + node.name])]
    if isinstance(node, ast.ClassDef):
        return [(node.body, ["class " + node.name])]
    if isinstance(node, ast.If):
        own = (node.body, ["type-checking"] if is_type_checking(node.test) else conditional)
        return [own, (node.orelse, [] if is_elif(node.orelse, lines) else conditional)]
    if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
        return [(node.body, conditional), (node.orelse, conditional)]
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return [(node.body, [])]
    if hasattr(node, "handlers"):
        return try_bodies(node)
    if hasattr(node, "cases"):
        return [(case.body, conditional) for case in node.cases]
    return []


def try_bodies(node):
    attempt = ["attempt"] if any(catches(handler) for handler in node.handlers) else []
    handlers = [
        (handler.body, ["fallback"] if catches(handler) else ["conditional"])
        for handler in node.handlers
    ]
    return [(node.body, attempt), *handlers, (node.orelse, ["conditional"]), (node.finalbody, [])]


def catches(handler):
    if handler.type is None:
        return True
    for node in ast.walk(handler.type):
        if isinstance(node, ast.Name) and node.id in IMPORT_ERRORS:
            return True
        if isinstance(node, ast.Attribute) and node.attr in IMPORT_ERRORS:
            return True
    return False


def is_type_checking(test):
    if isinstance(test, ast.Name):
        return test.id == "TYPE_CHECKING"
    if not isinstance(test, ast.Attribute) or test.attr != "TYPE_CHECKING":
        return False
    value = test.value
    while isinstance(value, ast.Attribute):
        value = value.value
    return isinstance(value, ast.Name)


def is_elif(orelse, lines):
    if len(orelse) != 1 or not isinstance(orelse[0], ast.If):
        return False
    line = lines[orelse[0].lineno - 1].encode()
    return line[orelse[0].col_offset :].startswith(b"elif")


def describe(node, nesting, lines):
    plain = isinstance(node, ast.Import)
    return {
        "kind": "import" if plain else "from",
        "module": "" if plain else node.module or "",
        "level": 0 if plain else node.level,
        "span": span(node, lines),
        "names": [[one.name, one.asname or "", span(one, lines)] for one in node.names],
        "nesting": nesting,
    }


def span(node, lines):
    return [
        node.lineno,
        column(lines, node.lineno, node.col_offset),
        node.end_lineno,
        column(lines, node.end_lineno, node.end_col_offset),
    ]


def column(lines, line, offset):
    return len(lines[line - 1].encode()[:offset].decode()) + 1


def list_tokens(source):
    strings, comments, depth, start, joins = [], [], 0, None, False
    blank = {tokenize.NL, tokenize.COMMENT}
    begins = {getattr(tokenize, name, None) for name in ("FSTRING_START", "TSTRING_START")}
    ends = {getattr(tokenize, name, None) for name in ("FSTRING_END", "TSTRING_END")}
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type == tokenize.COMMENT and depth == 0:
            comments.append(place(token.start, token.end))
        if token.type in begins:
            depth += 1
            start = token.start if depth == 1 else start
        elif token.type in ends:
            depth -= 1
            if depth == 0:
                strings.append([*place(start, token.end), joins])
                joins = True
        elif depth == 0 and token.type == tokenize.STRING:
            strings.append([*place(token.start, token.end), joins])
            joins = True
        elif depth == 0 and token.type not in blank:
            joins = False
    return {"strings": strings, "comments": comments}


def place(start, end):
    return [start[0], start[1] + 1, end[0], end[1] + 1]


def main():
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20000)
    print(json.dumps({"version": list(sys.version_info[:3])}), flush=True)
    for line in sys.stdin:
        print(json.dumps(judge(json.loads(line))), flush=True)


main()
