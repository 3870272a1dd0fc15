# bench/runner/plot.py — results.svg: how close each server comes to the ceiling, a panel for each scenario

from .figures import Column
from .report import names_in

#: The panels, row by row.
PANELS = [["http", "browser", "pipe16", "close"], ["ws20", "ws20p16", "ws1k", "ws64k"]]
#: Pixels: names at the left, a panel and the gap behind it, a bar with its gap, what is above the bars of a row.
NAMES, PANEL, GAP, STEP, BAR, HEAD, MARGIN = 108, 168, 26, 19, 11, 50, 14

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #3b3f45 }
  .title { font-weight: 600; font-size: 14px; fill: #17191c }
  .note, .axis, .inside { fill: #6b7078; font-size: 11px }
  .ours { font-weight: 600; fill: #17191c }
  .inside { fill: #17191c; font-weight: 400 } .inside.ours { fill: #fff }
  .bar { fill: #9aa5b1 } .bar.ours { fill: #c2461b }
  .grid { stroke: #d9dce0 } .ceiling { stroke: #3b3f45; stroke-dasharray: 3 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #c3c8ce } .title, .ours { fill: #f0f2f4 } .note, .axis { fill: #949aa3 }
    .inside { fill: #fff } .inside.ours { fill: #17191c }
    .bar { fill: #68727d } .bar.ours { fill: #f07b47 }
    .grid { stroke: #353a40 } .ceiling { stroke: #c3c8ce }
  }
"""


def text(x, y, words, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{words}</text>'


def line(x, top, bottom, kind):
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" class="{kind}"/>'


def kind_of(name):
    return "ours" if name.startswith("async-nostd") else ""


def bars(columns, names, left, top):
    """The bars of one panel, to the right of `left`, each with its figure."""
    for index, name in enumerate(names):
        y = top + index * STEP
        column = columns.get(name)
        if column is None or column.wrong:
            yield text(left + 4, y + 10, "-", "axis")
            continue
        ratio = column.ratio()
        width = min(ratio, 1.1) * PANEL / 1.1
        yield f'<rect x="{left}" y="{y}" width="{width:.1f}" height="{BAR}" rx="1.5" class="bar {kind_of(name)}"/>'
        # Beside the bar; inside it where the line of the ceiling would cross the figure.
        if ratio > 0.72:
            yield text(left + width - 4, y + 9.5, f"{ratio:.2f}", f"inside {kind_of(name)}", "end")
        else:
            yield text(left + width + 4, y + 9.5, f"{ratio:.2f}", "axis")


def panel(results, name, names, left, top):
    """Title, grid and bars of a scenario."""
    bottom = top + HEAD + len(names) * STEP
    yield text(left, top + 16, name, "title")
    yield text(left, top + 32, SHORT[name], "note")
    for share in (0, 0.5):
        yield line(left + share * PANEL / 1.1, top + HEAD - 6, bottom, "grid")
    yield from bars({each: Column(results[name], each) for each in names}, names, left, top + HEAD)
    yield line(left + PANEL / 1.1, top + HEAD - 6, bottom, "ceiling")
    for share, words in ((0, "0"), (0.5, "½"), (1, "ceiling")):
        yield text(left + share * PANEL / 1.1, bottom + 13, words, "axis", "middle")


#: Has a row in the tables only.
HIDDEN = ("async-nostd-nolog",)
#: Under a panel's title.
SHORT = {
    "http": "GET / on 64 connections",
    "browser": "with a browser's header",
    "pipe16": "16 requests pipelined",
    "close": "a connection for each GET",
    "ws20": "WebSocket echo, 20 bytes",
    "ws20p16": "16 messages in one write",
    "ws1k": "WebSocket echo, 1 KiB",
    "ws64k": "WebSocket echo, 64 KiB",
}


def draw(data, path):
    """Writes the picture of the pinned layout's results; nothing, if there are none for any panel."""
    results = data["results"].get("pinned", {})
    parts, y, width = [], MARGIN + 34, 0
    for wanted in PANELS:
        chosen = [name for name in wanted if name in results]
        names = names_of(results, chosen)
        if not names:
            continue
        for index, name in enumerate(names):
            parts.append(text(MARGIN + NAMES - 10, y + HEAD + index * STEP + 9.5, name, kind_of(name), "end"))
        for index, name in enumerate(chosen):
            left = MARGIN + NAMES + index * (PANEL + GAP)
            parts += panel(results, name, names, left, y)
            width = max(width, left + PANEL + MARGIN)
        y += HEAD + len(names) * STEP + 34
    if not parts:
        return
    title = "CPU time for each request or echo: the least that the kernel allows (ceiling), over the server's own"
    facts = data["facts"]
    note = f"Longer is better. One worker on one core; {facts['processor']}; {facts['kernel']}; {facts['taken'][:10]}"
    head = [text(MARGIN, MARGIN + 8, title, "title"), text(MARGIN, MARGIN + 26, note, "note")]
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}" role="img">'
    path.write_text(
        "\n".join([svg, f"<title>{title}</title>", f"<style>{STYLE}</style>", *head, *parts, "</svg>"]) + "\n"
    )


def names_of(results, chosen):
    """The servers of a row, the cheapest of its first panel first. The ceilings are the line, not a bar."""
    shown = {}
    for each in reversed(chosen):
        for name in names_in(results[each]):
            column = Column(results[each], name)
            if not column.wrong and not name.startswith("ceiling-") and name not in HIDDEN:
                shown[name] = column.ratio()
    return sorted(shown, key=shown.get, reverse=True)
