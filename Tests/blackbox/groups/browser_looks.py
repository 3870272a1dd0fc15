# Tests/blackbox/groups/browser_looks.py — who can read and use the page: light, dark, phone, keyboard, screen reader

from ..console import Console
from ..framework import equal, test, true
from .browser import AGAINST_URL, GROUP, ORDER, SHARED_SITE  # noqa: F401 (read by the runner)

#: Every visible piece of text with its contrast as WCAG 2.2 defines it. Colours are painted on a canvas to get their
#: components, whatever notation the style uses; backgrounds are laid over each other from the root down.
CONTRASTS = """
(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const paint = (...colours) => {
        canvas.clearRect(0, 0, 1, 1);
        for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1) }
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = colour => {
        const [r, g, b] = colour.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const base = matchMedia("(prefers-color-scheme: dark)").matches ? "#000" : "#fff";
    const measure = (text, element, ink) => {
        const grounds = [];
        let opacity = 1;
        for (let each = element; each; each = each.parentElement) {
            grounds.unshift(getComputedStyle(each).backgroundColor);
            opacity *= getComputedStyle(each).opacity;
        }
        const ground = paint(base, ...grounds);
        canvas.globalAlpha = opacity;
        canvas.fillStyle = ink;
        canvas.fillRect(0, 0, 1, 1);
        canvas.globalAlpha = 1;
        const over = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
        const [low, high] = [luminance(over), luminance(ground)].sort((a, b) => a - b);
        const ratio = (high + 0.05) / (low + 0.05);
        return { text, ratio, ground: luminance(ground), element: element.outerHTML.slice(0, 120) };
    };
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.data.trim(), element = walker.currentNode.parentElement;
        const range = document.createRange();
        range.selectNode(walker.currentNode);
        const box = range.getBoundingClientRect();
        if (text && box.width > 1 && box.height > 1 && element.checkVisibility({ visibilityProperty: true }))
            found.push(measure(text.slice(0, 60), element, getComputedStyle(element).color));
    }
    for (const field of document.querySelectorAll("input:not([type=checkbox]), textarea")) {
        const { placeholder } = field;
        found.push(measure("what is typed", field, getComputedStyle(field).color));
        if (placeholder) found.push(measure(placeholder, field, getComputedStyle(field, "::placeholder").color));
    }
    return found;
})()
"""

#: What has the focus, and whether one sees it: how it is drawn with the focus differs from how it is drawn without.
FOCUS = """
(() => {
    const element = document.activeElement;
    const look = each => {
        const style = getComputedStyle(each);
        const outline = style.outlineStyle === "none" || parseFloat(style.outlineWidth) === 0 ? "" : style.outline;
        return [outline, style.boxShadow, style.borderColor, style.backgroundColor, style.textDecoration].join();
    };
    const family = [element, element.parentElement, element.closest("label, form, fieldset") ?? element];
    const focused = family.map(look).join();
    element.blur();
    const plain = family.map(look).join();
    element.focus({ focusVisible: true });
    return [element.id || element.getAttribute("href") || element.tagName, focused !== plain];
})()
"""


def filled(console):
    """The console with lines of every kind in its log."""
    console.echo("a line to be read")
    console.tab.click("#connect")
    console.await_state("closed")
    console.tab.click("#connect")
    console.await_state("open")
    return console


@test("every text has a contrast of at least 4.5 to what is behind it: {0}", cases=("light", "dark"))
def contrast(site, scheme):
    with Console(site, dark=scheme == "dark", still=True) as console:
        texts = filled(console).tab.evaluate(CONTRASTS)
        true(len(texts) >= 8, f"only {len(texts)} texts found")
        for each in texts:
            true(each["ratio"] >= 4.5, f"{each['text']!r} has {each['ratio']:.2f}: {each['element']}")
        ground = console.tab.evaluate(CONTRASTS)[0]["ground"]
        true(ground < 0.2 if scheme == "dark" else ground > 0.7, f"the background has a luminance of {ground:.2f}")


@test("on a phone, {0} pixels wide, nothing scrolls sideways, and all controls can be seen", cases=(360, 320))
def phone(site, width):
    with Console(site, width=width, height=740, phone=True) as console:
        tab = console.tab
        equal(tab.evaluate("innerWidth"), width, "width of the layout")
        console.echo("a line without a space: " + "w" * 200)
        widest = tab.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
        true(widest <= width, f"the page is {widest} pixels wide")
        for selector in ("#input", "#send", "#binary", "#connect", "#state", "#rtt", "#log"):
            box = f"document.querySelector('{selector}').getBoundingClientRect()"
            left, right, height = tab.evaluate(f"(box => [box.left, box.right, box.height])({box})")
            true(left >= 0 and right <= width and height > 0, f"{selector} is at {left} to {right}, {height} high")
        size = tab.evaluate("parseFloat(getComputedStyle(document.querySelector('#input')).fontSize)")
        true(size >= 16, f"text of {size} px: a phone zooms in when it is typed into")


@test("the newest line is in sight, however long the log is")
def newest(site):
    with Console(site, width=1000, height=500) as console:
        for index in range(40):
            console.say(f"line {index}")
        console.await_line("line 39")
        visible = """(() => {
            const box = [...document.querySelectorAll('#log .in')].at(-1).getBoundingClientRect();
            const log = document.querySelector('#log').getBoundingClientRect();
            return box.top >= Math.max(log.top, 0) - 1 && box.bottom <= Math.min(log.bottom, innerHeight) + 1;
        })()"""
        console.tab.until(visible, "the last echo is out of sight")


@test("the Tab key comes to every control, and one sees where it is")
def keyboard(site):
    with Console(site, still=True) as console:
        tab, seen = console.tab, {}
        tab.evaluate("document.activeElement.blur()")
        for _ in range(20):
            tab.press("Tab")
            name, visible = tab.evaluate(FOCUS)
            seen[name] = visible
        for name in ("input", "send", "binary", "connect"):
            true(name in seen, f"#{name} is never reached; these are: {list(seen)}")
        equal([name for name, visible in seen.items() if not visible and name != "BODY"], [], "no focus to be seen on")


@test("what a screen reader says: every control has a name, and the log and the state speak up")
def names(site):
    with Console(site) as console:
        tab = console.tab
        tab.call("Accessibility.enable")
        nodes = [node for node in tab.call("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
        roles = {}
        for node in nodes:
            roles.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
        for role in ("button", "textbox", "link", "checkbox", "switch"):
            true(all(roles.get(role, ["-"])), f"a {role} without a name: {roles}")
        true("textbox" in roles and "button" in roles, f"no textbox or no button: {list(roles)}")
        true("main" in roles and "heading" in roles, f"no main part or no heading: {list(roles)}")
        for selector in ("#log", "#state"):
            element = f"document.querySelector('{selector}').closest('[role=log], [role=status], [aria-live], output')"
            true(tab.evaluate(f"!!{element}"), f"{selector} is no live region")
        true(tab.evaluate("document.documentElement.lang"), "the page does not say its language")


@test("for who wants less motion nothing moves")
def stillness(site):
    with Console(site, still=True) as console:
        console.echo("still")
        moving = "document.getAnimations().filter(each => each.playState === 'running').length"
        console.tab.until(f"{moving} === 0", "animations go on", seconds=3)
