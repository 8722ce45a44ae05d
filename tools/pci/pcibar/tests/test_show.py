#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""pcibar show as text and as a picture, and messages about bad input."""

import re
import xml.etree.ElementTree as xml

from tool import Tap, data, read, run, scratch

tap = Tap()
TIGHT, SWITCH = data("tight.txt"), data("switch.txt")

# Text

text = run("show", SWITCH)
tap.same(text.status, 0, "show: exit status")
for line in ("0000:00 memory c0000000-febfffff: 1004M, 987M free, the largest piece 986M",
             " fe000000-fe003fff     16K  │ │ │ o 0000:03:00.0 BAR 0 mem64, nvme, movable live",
             " fe201000-fe201fff      4K  # 0000:00:1f.2 BAR 5 mem, ahci, fixed: its driver has no hooks for it",
             " fe004000-fe1fffff    1.9M  │ │ │   free",
             " fda00000-fdbfffff      2M  │ │ = 0000:02:03.0 memory window, hot-plug, empty",
             " fda00000-fe1fffff      8M  [ 0000:00:04.0 memory window"):
    tap.check(line in text.out.splitlines(), f"show: {line.strip()}", text)
tap.check("\033" not in text.out, "no colour in a file")

# 80000000 to 803fffff in columns of 64K: 16 free, 32 of drives, 16 free.
strip = next(line for line in run("show", TIGHT, "--width", "80").out.splitlines() if "|" in line)
tap.same(strip, " 80000000 |" + 16 * "." + 32 * "o" + 16 * "." + "|", "the strip is to scale")
narrow = run("show", TIGHT, "--width", "50").out.splitlines()
tap.same([l for l in narrow if l.startswith(" 80000000 |")],
         [" 80000000 |" + 8 * "." + 16 * "o" + 8 * "." + "|"], "a smaller scale for 50 columns")
tap.same([l for l in narrow if re.match(" 8|0000:10 ", l) and len(l) > 50], [],
         "lines of the map are not longer")
for width in (40, 57, 133, 300):
    lines = run("show", SWITCH, "--width", str(width)).out.splitlines()
    maps = [l for l in lines if "|" in l or "one column" in l or re.match(r" [0-9a-f]{8}-", l)]
    tap.check(maps and max(map(len, maps)) <= width, f"{width} columns", "\n".join(maps))

colour = run("show", SWITCH, "--color=always").out
tap.check("\033[31m fe201000-fe201fff" in colour and "\033[32m fe000000-fe003fff" in colour,
          "colours: a fixed and a movable one", colour)
tap.same(re.sub("\033\\[[0-9;]*m", "", colour), text.out, "colours change nothing else")
plain = run("show", SWITCH, env={"LC_ALL": "C"}).out
tap.check(plain.isascii() and "| | | o 0000:03:00.0" in plain, "ASCII where there is no UTF-8", plain)

planned = run("show", TIGHT, "--plan")
for line in (" 80300000-803fffff      1M  │ │ │ + 0000:13:00.0 BAR 0 mem64, a, movable by a pause  (was 80100000)",
             " 80000000-801fffff      2M  │ │ │ + 0000:15:00.0 BAR 0 mem, movable  (new)",
             " 80000000-801fffff      2M  │ │ [ 0000:12:02.0 memory window, hot-plug  (was closed)"):
    tap.check(line in planned.out.splitlines(), f"show --plan: {line.strip()}", planned)
stuck = run("show", "-", "--plan", stdin=read(TIGHT).replace("way pause", "way never"))
tap.same(stuck.status, 1, "show --plan: 1 when there is none")
tap.check("  0000:15:00.0 BAR 0 mem, 2M, wanted" in stuck.out, "and the BAR is named", stuck)

broken = run("show", "-", stdin="pmb-layout 1\nhost h\nroot h mem 0x1000-0x8fff\n"
             "dev a on h\nbar a 0 mem at 0x1000-0x1fff\nbar a 1 mem at 0x1000-0x1fff\n"
             "bar a 2 mem at 0x10000-0x10fff\nend\n").out
tap.check("1000-1fff      4K  o a BAR 1 mem, movable  OVERLAPS the one above" in broken and
          "10000-00010fff      4K  o a BAR 2" in broken and "outside of all windows" in broken,
          "what broken firmware left is shown", broken)

# Pictures

SVG = "{http://www.w3.org/2000/svg}"


def picture(name, *args):
    path = scratch(name)
    done = run(*args, "--svg", path)
    try:
        return done, xml.parse(path).getroot()
    except (OSError, xml.ParseError) as e:
        tap.check(False, f"{name} is XML", f"{e}\n{done}")
        tap.end()


def boxes(root, kind):
    """Boxes of this class that are no legend: those have no title."""
    return [r for r in root.iter(SVG + "rect") if kind in r.get("class", "").split()
            and r.find(SVG + "title") is not None]


def titles(root):
    return [r.find(SVG + "title").text for r in root.iter(SVG + "rect")
            if r.find(SVG + "title") is not None]


done, svg = picture("switch.svg", "show", SWITCH)
tap.same((done.status, done.out), (0, ""), "svg: nothing else is printed")
bars = [line.split() for line in read(SWITCH).splitlines() if line.startswith("bar ")]
for words in bars:
    known = f"{words[1]} BAR {words[2]} {words[3]} "
    place = f"{words[5].split('-')[0]}-{words[5].split('-')[1]}"
    tap.same(len([t for t in titles(svg) if t.startswith(known) and place in t]), 1,
             f"svg: {known}once, with its place")
tap.same((len(boxes(svg, "fix")), len(boxes(svg, "mov")), len(boxes(svg, "new"))), (2, 2, 0),
         "svg: two fixed, two movable")
tap.same(len([r for r in svg.iter(SVG + "rect") if r.get("fill") == "url(#fixed)"]), 2 + 1,
         "svg: fixed ones are hatched, and so is the legend")
tap.same(len(boxes(svg, "win")), 13, "svg: every open window")
style = svg.find(SVG + "style").text
tap.check("prefers-color-scheme: dark" in style, "svg: light and dark")
tap.check("href" not in read(scratch("switch.svg")) and "@import" not in style, "svg: self-contained")

done, svg = picture("tight.svg", "plan", TIGHT)
tap.check("1 BAR placed" in done.out, "plan --svg: the text as well", done)
tap.same((len(boxes(svg, "mov")), len(boxes(svg, "new"))), (2 + 1, 2),
         "svg: before two movable, after one, one moved and one new")
tap.same(len(list(svg.iter(SVG + "path"))) - len(list(svg.find(SVG + "defs").iter(SVG + "path"))), 1,
         "svg: one arrow")
tap.same(len([r for r in boxes(svg, "win") if "chg" in r.get("class")]), 2, "svg: two changed windows")
level = [(r.get("y"), r.get("height")) for r in boxes(svg, "mov")
         if r.find(SVG + "title").text.startswith("0000:14:00.0")]
tap.check(len(level) == 2 and level[0] == level[1], "svg: what stays is level before and after", level)
words = [t.text for t in svg.iter(SVG + "text")]
tap.check("before" in words and "after" in words and "without a place" in words, "svg: headings", words)
inside = [r for r in svg.iter(SVG + "rect") if r.get("x")]
tap.check(all(float(r.get("y")) + float(r.get("height")) <= float(svg.get("height")) and
              float(r.get("x")) + float(r.get("width")) <= float(svg.get("width")) for r in inside),
          "svg: nothing sticks out")
nasty = read(SWITCH).replace("driver ahci", 'driver "a<&>b"')
done, svg = picture("nasty.svg", "show", scratch("nasty.txt", nasty))
tap.check(any("a<&>b" in t for t in titles(svg)), "svg: characters of XML in names")

# Messages

def refused(name, *args, stdin="", words):
    done = run(*args, stdin=stdin)
    tap.check(done.status == 2 and words in done.err and not done.out, name, done)


bad = scratch("bad.txt", "pmb-layout 1\nhost 0000:00\nroot 0000:00 mem 0x1000-xyz\nend\n")
refused("a malformed layout: line and column", "show", bad, words=f"pcibar: {bad}:3:")
tap.check(re.search(r"bad\.txt:3:\d+: \S+", run("plan", bad).err), "for plan, too")
refused("one that ends early", "show", "-", stdin="pmb-layout 1\nhost h\n", words="standard input:")
refused("an empty file", "show", scratch("empty", ""), words="empty")
refused("no such file", "show", "/nonexistent", words="/nonexistent: No such file")
refused("a directory", "show", "/", words="/: Is a directory")
refused("two layouts", "show", TIGHT, SWITCH, words="one layout only")
refused("an unknown option", "show", "--nothing", words="unknown option --nothing")
refused("an option without its value", "plan", TIGHT, "--add", words="--add needs a value")
refused("an unknown command", "explode", words="unknown command explode")
refused("a colour that is none", "show", TIGHT, "--color=blue", words="not blue")
refused("a width that is none", "show", TIGHT, "--width", "wide", words="wide is no number")
refused("a picture nowhere", "show", TIGHT, "--svg", "/nonexistent/x.svg", words="/nonexistent/x.svg")
refused("a request for no port", "plan", TIGHT, "--add", "99:00.0:1M,mem", words="--add 99:00.0:1M,mem")
refused("a kind that is none", "plan", TIGHT, "--add", "12:02.0:1M,nem",
        words="at character 12: io, mem, pref, mem64 or pref64 expected")
refused("a size that is none", "plan", TIGHT, "--resize", "13:00.0:0:3M", words="no power of two")
refused("a device that is none", "plan", TIGHT, "--remove", "13:00.5", words="no such function")
refused("a number that is none", "plan", TIGHT, "--max-cost", "-1", words="-1 is no number")
refused("diff of one", "diff", TIGHT, words="two layouts are needed")
refused("diff with a bad one", "diff", TIGHT, bad, words=":3:")
full = run("show", SWITCH, "--svg", "/dev/full")
tap.check(full.status == 2 and "No space" in full.err, "a full disk", full)
tap.end()
