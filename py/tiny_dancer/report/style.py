"""The report's style sheet: light, dark and print, without a font or a file from elsewhere."""

from typing import Final

STYLE: Final = """\
:root{color-scheme:light dark;--bg:#fbfbfa;--card:#fff;--ink:#1c1f23;--soft:#5d6670;--edge:#e2e5e8;
--light:#2a9d8f;--powerful:#8d99ae;--router:#d1495b;--mix:#8a6d1b;--good:#1f7a4d;--wait:#8a6d1b;
--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--bg:#14171a;--card:#1c2024;--ink:#e8eaed;--soft:#9aa4ae;
--edge:#30363c;--light:#4cc9b8;--powerful:#77839a;--router:#ff8a8f;--mix:#d9b64a;--good:#6fd39b;
--wait:#d9b64a;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:860px;margin:0 auto;padding:32px 20px 48px}
h1{font-size:1.5rem;margin:0 0 4px}h2{font-size:1.1rem;margin:36px 0 10px}
p{margin:0 0 10px}.soft,footer{color:var(--soft);font-size:.875rem}
.verdict{margin:20px 0;padding:16px 20px;background:var(--card);border:1px solid var(--edge);
border-left:6px solid var(--wait);border-radius:6px;font-size:1.15rem}
.verdict.good{border-left-color:var(--good)}.verdict.bad{border-left-color:var(--bad)}
dl.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0}
dl.tiles div{background:var(--card);border:1px solid var(--edge);border-radius:6px;
padding:12px 14px}
dl.tiles dt{color:var(--soft);font-size:.8125rem}
dl.tiles dd{margin:2px 0 0;font-size:1.35rem;font-variant-numeric:tabular-nums}
figure{margin:0;padding:14px 14px 8px;background:var(--card);border:1px solid var(--edge);
border-radius:6px}figcaption{color:var(--soft);font-size:.8125rem;margin-top:6px}
svg{display:block;width:100%;height:auto}svg text{fill:var(--soft);font-size:12px}
svg polyline{fill:none;stroke-width:2}svg .grid{stroke:var(--edge);stroke-width:1}
rect.light,circle.light{fill:var(--light)}rect.powerful,circle.powerful{fill:var(--powerful)}
circle.router{fill:var(--router)}circle.mix{fill:var(--mix)}
polyline.light{stroke:var(--light)}polyline.powerful{stroke:var(--powerful)}
polyline.router,polyline.curve{stroke:var(--router)}
polyline.mix{stroke:var(--mix);stroke-dasharray:5 4}
.key{display:inline-block;width:.75em;height:.75em;border-radius:2px;margin:0 .3em 0 .8em}
.key.light{background:var(--light)}.key.powerful{background:var(--powerful)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--edge)}
th,td{padding:7px 10px;text-align:right;border-top:1px solid var(--edge);
font-variant-numeric:tabular-nums}th{color:var(--soft);font-weight:500;font-size:.8125rem}
th:first-child,td:first-child{text-align:left;min-width:7em}
@media(max-width:600px){table{font-size:.8125rem}th,td{padding:6px 5px}
th:first-child,td:first-child{min-width:4.5em}main{padding:20px 12px 32px}}
.wide+p,table+p{margin-top:10px}
tr.all td{font-weight:600}ul{margin:0;padding-left:1.2em}li{margin:4px 0}
footer{margin-top:36px;border-top:1px solid var(--edge);padding-top:12px;overflow-wrap:anywhere}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--edge:#bbb;
--light:#2a9d8f;--powerful:#8d99ae;--router:#b3261e;--mix:#8a6d1b;--good:#1f7a4d;--wait:#8a6d1b;
--bad:#b3261e}body{font-size:11pt}main{max-width:none;padding:0}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
figure,table,.verdict,dl.tiles,li{break-inside:avoid}h2{break-after:avoid}}
"""
