#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
pcibar plan, diff and show --plan on layouts whose plans are known by hand:
see the drawings at the top of tight.txt and switch.txt.
"""

import json

from tool import Tap, data, read, run, scratch

tap = Tap()
TIGHT, SWITCH = data("tight.txt"), data("switch.txt")


def plan(*args, status=0, stdin=""):
    done = run("plan", *args, "--json", stdin=stdin)
    tap.same(done.status, status, f"plan {' '.join(args[1:])}: exit status")
    try:
        return json.loads(done.out)
    except ValueError as e:
        tap.check(False, "its JSON can be read", f"{e}\n{done}")
        return {}


def span(start, end):
    return {"start": hex(start), "end": hex(end), "size": end - start + 1}


# One of two drives must go; the cheaper one does.
p = plan(TIGHT)
tap.same(p["verdict"], "complete", "tight: verdict")
tap.same((p["cost"], len(p["live"]), [d["device"] for d in p["paused"]]),
         (100000, 0, ["0000:13:00.0"]), "tight: only the cheaper drive is paused")
tap.same([(b["device"], b["to"]) for b in p["placed"]],
         [("0000:15:00.0", span(0x80000000, 0x801fffff))], "tight: where the card goes")
tap.same([(b["device"], b["from"], b["to"]) for b in p["moved"]],
         [("0000:13:00.0", span(0x80100000, 0x801fffff), span(0x80300000, 0x803fffff))],
         "tight: where the drive goes")
tap.same([(w["bridge"], w["space"], w["from"]) for w in p["windows"]],
         [("0000:12:00.0", "mem", span(0x80100000, 0x801fffff)), ("0000:12:02.0", "mem", None)],
         "tight: windows that change")
tap.check("lack" not in p and not p["without_place"], "tight: nothing lacks", p)

text = run("plan", TIGHT)
for words in ("1 BAR placed, 1 moved, 2 windows changed, 0 drivers moved live, 1 paused, cost 100000",
              "0000:15:00.0 BAR 0 mem 2M -> 0x80000000-0x801fffff",
              "0000:12:02.0 memory: closed -> 0x80000000-0x801fffff"):
    tap.check(words in text.out, f"tight, as text: {words}", text)

# A ceiling for the cost leaves no way.
p = plan(TIGHT, "--max-cost", "99999", status=1)
tap.same((p["verdict"], p["placed"], p["windows"]), ("not-found", [], []), "tight: a pause is too much")

# Both fixed: proved, and the one in the way is named with its reason.
p = plan(TIGHT, "--fix", "0000:13:00.0:0", "--fix", "14:00.0:0", status=1)
tap.same(p["verdict"], "impossible", "both fixed: it is proved that there is no plan")
tap.check(p["lack"]["proved"] and p["lack"]["device"] == "0000:15:00.0", "both fixed: what lacks", p)
tap.check(p["lack"]["blockers"] and
          {b["why"] for b in p["lack"]["blockers"]} == {"admin"} and
          {b["device"] for b in p["lack"]["blockers"]} <= {"0000:13:00.0", "0000:14:00.0"},
          "both fixed: who is in the way, and why", p["lack"])
tap.check(p["lack"]["fits_if_blockers_move"], "both fixed: what would help was tried", p["lack"])
text = run("plan", TIGHT, "--fix", "0000:13:00.0:0", "--fix", "14:00.0:0")
tap.check("this is proved" in text.out and "the administrator says so" in text.out and
          "it would fit if these could move" in text.out, "both fixed, as text", text)

# 8 MiB in a root window of 4: nothing would help.
p = plan(TIGHT, "--remove", "15:00.0", "--add", "12:02.0:8M,mem", status=1)
tap.check(p["verdict"] == "impossible" and not p["lack"]["fits_if_blockers_move"],
          "larger than the root window: impossible, and nobody is blamed", p)

# Removal makes room: slot 1's drive gone, nobody has to be paused.
p = plan(TIGHT, "--remove", "14:00.0")
tap.same((p["verdict"], p["cost"], p["moved"]), ("complete", 0, []), "drive removed: nothing moves")

# A card beside a drive: only windows change.
p = plan(SWITCH, "--add", "02:01.0:16M,pref64")
tap.same((p["verdict"], p["cost"], p["moved"], p["paused"], p["live"]), ("complete", 0, [], [], []),
         "switch: no BAR moves for the card")
changed = {(w["bridge"], w["space"]) for w in p["windows"]}
tap.check({"0000:00:04.0", "0000:01:00.0", "0000:02:01.0"} <= {bridge for bridge, _ in changed},
          "switch: windows on the way to the card change", changed)
tap.check(("0000:02:00.0", "mem") not in changed, "switch: the drive's window does not", changed)
card = p["placed"][0]
tap.check(card["device"] == "0000:04:00.0" and card["size"] == 16 << 20 and
          int(card["to"]["start"], 16) % (16 << 20) == 0, "switch: the card is aligned", card)
tap.same(p["only_free_holes"], False, "switch: stock cannot")
p = plan(SWITCH, "--add", "02:01.0:1M,mem")
tap.same((p["only_free_holes"], p["windows"]), (True, []), "switch: a small card fits as it is")
tap.same(p["placed"][0]["to"], span(0xfde00000, 0xfdefffff), "switch: into the window of its slot")

# The drive's BAR grows: it loses its place and gets another one.
p = plan(SWITCH, "--resize", "0000:03:00.0:0:4M")
tap.same([(b["device"], b["bar"], b["size"]) for b in p["placed"]], [("0000:03:00.0", 0, 4 << 20)],
         "resize: placed with its new size")
p = plan(SWITCH, "--add", "02:01.0:1M,mem,optional:1M,mem:64K,io,optional")
tap.same((p["wanted"], p["wanted_optional"]), (1, 2), "add: optional ones are counted apart")

# A Resizable BAR gets the largest size that fits: 64 MiB here, of 16 MiB to 1 GiB.
rebar = """pmb-layout 1
host h
root h mem 0x80000000-0x8fffffff
dev a on h driver x
bar a 0 mem at 0x80000000-0x87ffffff fixed driver
dev b on h driver y
bar b 0 mem at 0x88000000-0x880fffff fixed driver
dev c on h
bar c 0 pref64 size 16M wanted sizes 16M-1G
end
"""
p = plan("-", stdin=rebar)
tap.same([(b["device"], b["size"], b["to"], b["resizable"]) for b in p["placed"]],
         [("c", 64 << 20, span(0x8c000000, 0x8fffffff), True)], "resizable: the largest that fits")
tap.same(p["slack"]["mem"], 32 << 20, "resizable: what is left")
tap.check("(resizable, 16M to 1G)" in run("plan", "-", stdin=rebar).out, "resizable: its sizes are told")
tap.check("bar c 0 pref64 at 0x8c000000-0x8fffffff sizes 16M-1G" in
          run("plan", "-", "--result", stdin=rebar).out, "resizable: in the result")

# The same layout from other places.
layout = read(TIGHT)
log = "[    0.1] booting\n" + "".join(f"[   12.3] pci_movable: {line}\n" for line in layout.splitlines()
                                      if line and not line.startswith("#")) + "[   12.4] usb 1-1: new\n"
tap.same(run("plan", "-", stdin=layout).out, run("plan", TIGHT).out, "standard input")
tap.same(run("plan", scratch("dmesg", log)).out, run("plan", TIGHT).out, "a dmesg")

# What --layout prints can be planned, what --result prints has it done.
asked = run("plan", SWITCH, "--add", "02:01.0:16M,pref64", "--layout")
tap.check("bar 0000:04:00.0 0 pref64 size 16M wanted" in asked.out, "--layout has the request", asked)
tap.same(run("plan", "-", stdin=asked.out).out, run("plan", SWITCH, "--add", "02:01.0:16M,pref64").out,
         "--layout, planned, is the same")
done = run("plan", TIGHT, "--result")
tap.check("bar 0000:15:00.0 0 mem at 0x80000000-0x801fffff" in done.out and
          "window 0000:12:02.0 mem 0x80000000-0x801fffff" in done.out, "--result", done)
again = plan("-", stdin=done.out)
tap.same((again["verdict"], again["wanted"], again["windows"]), ("complete", 0, []),
         "--result leaves nothing to do")

# diff
after = scratch("after.txt", done.out)
same = run("diff", TIGHT, TIGHT)
tap.same((same.status, same.out), (0, "no difference\n"), "diff: nothing")
d = run("diff", TIGHT, after, "--json")
tap.same(d.status, 1, "diff: exit status")
j = json.loads(d.out)
tap.same(j["bars"], [
    {"device": "0000:13:00.0", "bar": 0, "from": span(0x80100000, 0x801fffff),
     "to": span(0x80300000, 0x803fffff)},
    {"device": "0000:15:00.0", "bar": 0, "from": None, "to": span(0x80000000, 0x801fffff)}],
    "diff: BARs")
tap.same([(w["bridge"], w["space"], w["to"]) for w in j["windows"]],
         [("0000:12:00.0", "mem", span(0x80300000, 0x803fffff)),
          ("0000:12:02.0", "mem", span(0x80000000, 0x801fffff))], "diff: windows")
tap.same(j["differences"], 4, "diff: how many")
text = run("diff", TIGHT, after).out
tap.check("0000:13:00.0 BAR 0: 0x80100000-0x801fffff (1M) -> 0x80300000-0x803fffff (1M)" in text,
          "diff: text", text)
gone = run("plan", TIGHT, "--remove", "14:00.0", "--layout").out
j = json.loads(run("diff", TIGHT, "-", "--json", stdin=gone).out)
tap.same((j["vanished"], [b["to"] for b in j["bars"]]),
         ([{"device": "0000:14:00.0", "driver": "b"}], [None]), "diff: vanished")
j = json.loads(run("diff", "-", TIGHT, "--json", stdin=gone).out)
tap.same((j["appeared"], [b["from"] for b in j["bars"]]),
         ([{"device": "0000:14:00.0", "driver": "b"}], [None]), "diff: appeared")
other = layout.replace("driver a way pause", "driver c way pause").replace(
    "0x80100000-0x801fffff\ndev", "0x80100000-0x801fffff fixed mmap\ndev")
j = json.loads(run("diff", TIGHT, "-", "--json", stdin=other).out)
tap.same(([(f["device"], f["from"], f["to"]) for f in j["drivers"]],
          [(f["device"], f["from"], f["to"]) for f in j["movable"]]),
         ([("0000:13:00.0", "a", "c")], [("0000:13:00.0", "movable", "user space has mapped it")]),
         "diff: driver and reason")
tap.end()
