import { createHash } from 'node:crypto';

/** The one style sheet of all pages, inline: pages load nothing. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1a2230;--soft:#5b6576;--line:#d9dee6;--paper:#fff;--ground:#f4f6f9;--edge:#7a8595;--accent:#1f6f54;--bad:#b3261e;--warn:#8a5a00;--good:#1f6f54}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf2;--soft:#a3adbd;--line:#333c4a;--paper:#1b212b;--ground:#12161d;--edge:#77839a;--accent:#58c49d;--bad:#ff8a80;--warn:#ffcc66;--good:#58c49d}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:34rem;margin:0 auto;padding:1.5rem 1rem 3rem}
main.wide,header.wide{max-width:64rem}
main.sided,header.sided{max-width:80rem}
header{max-width:34rem;margin:0 auto;padding:1rem 1rem 0}
.ways{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;border-bottom:1px solid var(--line);padding:0 0 .6rem}.ways a{font-weight:600}.ways [aria-current]{color:var(--ink);text-decoration:none}
.card{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:1.4rem 1.3rem;margin:0 0 1rem}
h1{font-size:1.55rem;line-height:1.25;margin:0 0 .8rem}
h2{font-size:1.15rem;margin:1.6rem 0 .5rem}
h3{font-size:1rem;margin:1rem 0 .3rem}
h2:first-child,.card>h3:first-child{margin-top:0}
p,ol,ul{margin:0 0 .9rem}
ol,ul{padding-left:1.3rem}
a{color:var(--accent)}
small,.soft{color:var(--soft);font-size:.88rem}
.button,button{display:inline-block;font:inherit;font-weight:600;text-decoration:none;border:0;border-radius:8px;padding:.7rem 1.3rem;background:var(--accent);color:var(--paper);cursor:pointer}
.button.wide,button.wide{width:100%;text-align:center}
.button.plain,button.plain{background:transparent;color:var(--accent);border:1px solid var(--line)}
.notice{border-left:4px solid var(--warn);padding:.6rem .9rem;background:var(--ground);border-radius:0 8px 8px 0;margin:0 0 1rem}
.notice.bad{border-color:var(--bad)}
.notice.good{border-color:var(--good)}
label{display:block;font-weight:600;margin:1rem 0 .3rem}
label.choice{font-weight:400;margin:.3rem 0}
input,select,textarea{font:inherit;width:100%;padding:.6rem .7rem;border:1px solid var(--edge);border-radius:8px;background:var(--paper);color:var(--ink)}
input[type=radio]{width:auto}
textarea{min-height:9rem;font-family:ui-monospace,monospace;font-size:.85rem}
.wrong{color:var(--bad);font-size:.9rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid var(--line)}
@media(max-width:40rem){.stacked thead{position:absolute;left:-999rem}.stacked tr,.stacked td{display:block}.stacked tr{border-bottom:1px solid var(--line);padding:.6rem 0}.stacked td{border:0;padding:.15rem 0}}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,monospace;font-size:.86em}
code{overflow-wrap:anywhere}@media(min-width:40.01rem){.scroll code{overflow-wrap:normal}}
pre{background:var(--ground);border-radius:8px;padding:.8rem;overflow-x:auto}
summary{cursor:pointer;font-weight:600;margin:.6rem 0 .3rem}.contents summary{margin:0}
.contents ul{list-style:none;padding:0;margin:.2rem 0 .8rem;font-size:.88rem}.contents p{font-weight:600;margin:.6rem 0 0}.contents li a{display:flex;padding:.15rem 0;text-decoration:none}.contents .verb{flex:none;min-width:3.6rem;font-size:.78rem}
@media(min-width:64rem){.beside{display:grid;grid-template-columns:19rem minmax(0,1fr);gap:1.5rem;align-items:start}.contents{position:sticky;top:1rem;max-height:calc(100vh - 2rem);overflow-y:auto}}
@media(min-width:40.01rem){td:has(>.state){white-space:nowrap}}
.state{display:inline-block;border-radius:99px;padding:.05rem .6rem;font-size:.82rem;font-weight:600;border:1px solid currentColor}
.state.good{color:var(--good)}.state.warn{color:var(--warn)}.state.bad{color:var(--bad)}.state.off{color:var(--soft)}
.verb{display:inline-block;min-width:4rem;font-weight:700;color:var(--accent)}
form.row{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center;margin:.6rem 0}form.row label{margin:0}form.row input{width:auto}
.facts th{white-space:nowrap}.time{font-size:1.5rem;font-variant-numeric:tabular-nums;margin:0 0 .5rem}
progress{width:100%;height:1rem;accent-color:var(--accent)}
footer{color:var(--soft);font-size:.82rem;text-align:center;padding:0 1rem 2rem}
`;

const hash = createHash('sha256').update(STYLE).digest('base64');

/** Nothing but our own style sheet; forms go to this service and, where named, on to an address given by the integrator. */
export function contentSecurityPolicy(formTargets: readonly string[] = []): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    'img-src data:', // the icon in the page's tab
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
