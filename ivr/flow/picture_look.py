"""How the picture looks: a colour and an icon for each kind of box, light and dark."""

HUES = {
    "caller": ("#475569", "#f1f5f9", "#cbd5e1", "#1e293b"),
    "play": ("#1d4ed8", "#eff6ff", "#93c5fd", "#16233f"),
    "say": ("#1d4ed8", "#eff6ff", "#93c5fd", "#16233f"),
    "menu": ("#7e22ce", "#faf5ff", "#d8b4fe", "#2b1a3d"),
    "collect": ("#7e22ce", "#faf5ff", "#d8b4fe", "#2b1a3d"),
    "queue": ("#15803d", "#f0fdf4", "#86efac", "#12301d"),
    "transfer": ("#15803d", "#f0fdf4", "#86efac", "#12301d"),
    "work_order": ("#b45309", "#fffbeb", "#fcd34d", "#332509"),
    "lookup": ("#0f766e", "#f0fdfa", "#5eead4", "#0f2f2c"),
    "message": ("#0f766e", "#f0fdfa", "#5eead4", "#0f2f2c"),
    "ask": ("#7e22ce", "#faf5ff", "#d8b4fe", "#2b1a3d"),
    "record": ("#b45309", "#fffbeb", "#fcd34d", "#332509"),
    "hangup": ("#be123c", "#fff1f2", "#fda4af", "#3a141c"),
    "other": ("#57534e", "#fafaf9", "#d6d3d1", "#292524"),
}
"""Line and ground of each kind, in the light scheme and in the dark one."""

ICONS = {
    "caller": "M4 2l3 0 1 4-2 1a8 8 0 0 0 3 3l1-2 4 1 0 3q-1 2-3 2a10 10 0 0 1-9-9q0-2 2-3z",
    "play": "M2 6h3l4-4v12l-4-4h-3zM11 5q2 3 0 6M13 3q4 5 0 10",
    "say": "M2 6h3l4-4v12l-4-4h-3zM11 5q2 3 0 6M13 3q4 5 0 10",
    "menu": "M2 2h3v3h-3zM6.5 2h3v3h-3zM11 2h3v3h-3zM2 6.5h3v3h-3zM6.5 6.5h3v3h-3zM11 6.5h3v3h-3z"
    "M6.5 11h3v3h-3z",
    "queue": "M4 5a2 2 0 1 0 .1 0zM1 14q0-5 3-5t3 5M11 5a2 2 0 1 0 .1 0zM8 14q0-5 3-5t3 5",
    "transfer": "M1 8h9M7 4l4 4-4 4M13 3v10",
    "work_order": "M3 3h10v12h-10zM6 1h4v3h-4zM5 8h6M5 11h4",
    "lookup": "M6.5 2a4.5 4.5 0 1 0 .1 0zM10 10l5 5",
    "message": "M2 3h12v8h-7l-3 3v-3h-2zM5 6h6M5 8h4",
    "record": "M8 1q3 0 3 3v3q0 3-3 3t-3-3v-3q0-3 3-3zM3 7a5 5 0 0 0 10 0M8 12v3",
    "hangup": "M1 10q7-7 14 0l-2 3-3-1v-2q-2-1-4 0v2l-3 1z",
    "hours": "M8 1a7 7 0 1 0 .1 0zM8 4v4l3 2",
    "branch": "M8 1l7 7-7 7-7-7z",
    "subflow": "M2 3h6v4h6M11 4l3 3-3 3M2 13h12",
    "return": "M14 3h-6v4h-6M5 4l-3 3 3 3M2 13h12",
    "goto": "M2 8h11M9 4l4 4-4 4",
    "other": "M3 4h10M3 8h10M3 12h10",
}
ICONS["collect"] = ICONS["menu"]
ICONS["ask"] = ICONS["menu"]

KIND_WORDS = {
    "caller": "caller",
    "play": "is told",
    "say": "is told a value",
    "menu": "presses a key",
    "collect": "types digits",
    "set": "silent step",
    "branch": "silent choice",
    "hours": "opening hours",
    "queue": "waits for an expert",
    "transfer": "is put through",
    "work_order": "promise to call back",
    "lookup": "another system is asked",
    "message": "is sent a text",
    "ask": "answers a question",
    "record": "leaves a message",
    "subflow": "goes through another flow",
    "return": "comes back from it",
    "goto": "goes on elsewhere",
    "hangup": "the end",
}


def style() -> str:
    """The rules of both schemes; plain ones, since not every viewer knows variables."""
    common = (
        "text{font-family:system-ui,'Noto Sans','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',"
        "sans-serif;font-size:12px}.head{font-size:20px;font-weight:600}"
        ".title{font-size:13px;font-weight:600}.count{font-weight:700}"
        ".label text{font-size:11.5px;font-weight:600}.box rect{stroke-width:1.4}"
        ".box.hangup rect{stroke-width:2}.icon{fill:none;stroke-width:1.3;stroke-linejoin:round;"
        "stroke-linecap:round}.line{fill:none}.line.back,.line.served{stroke-dasharray:2 3}"
        ".line.never{stroke-dasharray:4 4}"
        ".box.never,.label.never{opacity:.55}.box.never rect{stroke-dasharray:5 4}"
        ".tip{stroke:none}"
    )
    light = _scheme(dark=False)
    return (
        f"<style>{common}{light}@media (prefers-color-scheme:dark){{{_scheme(dark=True)}}}</style>"
    )


def _scheme(*, dark: bool) -> str:
    ground, ink, faint, line, pill = (
        ("#0f172a", "#e2e8f0", "#94a3b8", "#64748b", "#1e293b")
        if dark
        else ("#ffffff", "#1e293b", "#64748b", "#94a3b8", "#ffffff")
    )
    rules = [
        f".ground{{fill:{ground}}}text{{fill:{ink}}}.sub{{fill:{faint}}}",
        f".line{{stroke:{line}}}.tip{{fill:{line}}}",
        f".label rect{{fill:{pill};stroke:{line}}}",
    ]
    for kind, (light_ink, light_ground, dark_ink, dark_ground) in HUES.items():
        strong, soft = (dark_ink, dark_ground) if dark else (light_ink, light_ground)
        rules.append(
            f".{kind} rect{{fill:{soft};stroke:{strong}}}.{kind} .icon{{stroke:{strong}}}"
            f".{kind} .title,.{kind} .count{{fill:{strong}}}"
        )
    strong, soft = HUES["queue"][2:] if dark else HUES["queue"][:2]
    rules.append(
        f".label.served rect{{fill:{strong};stroke:{strong}}}.label.served text{{fill:{soft}}}"
        f".label.back rect{{stroke-dasharray:3 3}}.line.served{{stroke:{strong}}}"
    )
    return "".join(rules)
