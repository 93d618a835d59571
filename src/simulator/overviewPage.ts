import type { Instant } from '../core/instant.ts';
import { escapeHtml as e, SIMULATED_ICON } from '../platforms/kit/consentPage.ts';
import type { SimAnswer } from '../platforms/kit/simulator.ts';
import { CONTROL } from './control.ts';
import { flippedAt, lasts } from './flipMarks.ts';
import type { Note } from './notes.ts';
import { platformSection } from './platformSection.ts';
import type { Index, Served } from './served.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f3f4f6;color:#1e293b}
main{max-width:64rem;margin:2rem auto;padding:0 1rem}
section{overflow-wrap:anywhere;background:#fff;border-radius:10px;padding:1rem 1.5rem;margin:1rem 0;box-shadow:0 1px 2px #0002}
h1{margin-bottom:0}h2{margin:.2rem 0}h3{font-size:1rem;margin:1.2rem 0 0}nav{margin:.5rem 0}nav a{display:inline-block;margin-right:.8rem}small,.quiet{color:#475569}
.people{margin:0}ul{margin:.1rem 0;padding-left:1.2rem}a{color:#1d4ed8}:target{scroll-margin-top:.5rem}tr:target{background:#eff6ff}
table{border-collapse:collapse;width:100%;margin:.3rem 0 .8rem}th:nth-child(2){width:24%}th:nth-child(3){width:30%}th{text-align:left;font-weight:600}
td,th{padding:.3rem .6rem .3rem 0;border-top:1px solid #e2e8f0;vertical-align:middle}
form{min-width:0;display:flex;gap:.4rem;justify-content:flex-end;align-items:center;flex-wrap:wrap;margin:0}section>form{justify-content:flex-start;margin:.5rem 0}
.flip{justify-content:flex-start;margin:.3rem 0 0;font-size:.9rem;border-left:3px solid #b45309;padding-left:.5rem}.flip.broken{border-color:#b91c1c}
.mark{font-size:.8rem;font-weight:600;white-space:nowrap;border:1px solid;border-radius:99px;padding:0 .5rem;text-decoration:none;color:#8a4b08}.mark.broken{color:#b91c1c}
@media(max-width:40rem){tr:has(>th){position:absolute;left:-999rem}td,th{display:block;border:0;padding:.1rem 0}tr{display:block;border-top:1px solid #e2e8f0;padding:.4rem 0}td form{justify-content:flex-start}section{padding:1rem}}
button,select,input{font:inherit;max-width:100%;box-sizing:border-box;font-size:.9rem;padding:.25rem .6rem;border:1px solid #64748b;border-radius:6px;background:#fff;color:inherit}
button{cursor:pointer}button.break{background:#b91c1c;border-color:#b91c1c;color:#fff}button.mend{background:#15803d;border-color:#15803d;color:#fff}
.warn,.done,.refused{background:#fef3c7;border-radius:6px;padding:.3rem .8rem;margin:.4rem 0}.done{background:#dcfce7}.refused{background:#fee2e2}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}code{font-size:.9em;overflow-wrap:anywhere}`;

/** The page for people: every simulated platform with its switches. Plain forms, no scripts, nothing from outside. */
export function overviewPage(index: Index, note?: Note): SimAnswer {
  const platforms = [...index.byPlatform];
  const noteFor = (about: string) => (note?.about === about ? noteLine(note) : '');
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${SIMULATED_ICON}
<title>Simulated platforms</title><style>${STYLE}</style><main><h1>Simulated platforms</h1>
<p class="quiet">No real account is involved. Addresses here are <code>/{host}/{path}</code>. Everything on this page can
also be done over <a href="${CONTROL}">/${CONTROL}</a> as JSON.</p>${serviceLinks(index)}${clockForm(index, noteFor('clock'))}${misbehaviourForm(index, noteFor('misbehaviour'))}
<nav aria-label="Platforms">${platforms.map(([id, served]) => platformLink(id, served)).join('\n')}</nav>
${platforms.map(([id, served]) => platformSection(id, served, noteFor(id))).join('\n')}</main></html>`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

/** What the form that led here has brought about. */
function noteLine({ done, text }: Note): string {
  return done
    ? `<p class="done" role="status"><strong>Done:</strong> ${e(text)}</p>`
    : `<p class="refused" role="alert"><strong>Not done:</strong> ${e(text)}</p>`;
}

function platformLink(id: string, served: Served): string {
  const broken = flippedAt(id, served).filter(lasts).length;
  return `<a href="#${e(id)}">${e(id)}${broken === 0 ? '' : ` (${broken} broken)`}</a>`;
}

/** Back to the service that these platforms belong to. */
function serviceLinks({ clockPage }: Index): string {
  if (clockPage === null) return '';
  const home = new URL('.', clockPage).href;
  return `<nav aria-label="Evergrant"><a href="${e(home)}">Connections</a> <a href="${e(clockPage)}">Clock</a> <a href="${e(`${home}docs`)}">API</a></nav>`;
}

function clockForm({ clock, clockPage, now }: Index, note: string): string {
  if (!clock) return clockPage === null ? '' : serviceClock(clockPage, now());
  const state = clock.frozen ? 'running' : 'frozen';
  return `<section id="clock"><h2>Clock</h2>${note}<p><code>${new Date(clock.now()).toISOString()}</code>${clock.frozen ? ', standing still' : ''}</p>
<form method="post" action="${CONTROL}/clock"><input name="by" placeholder="90d, 36h, 15m" aria-label="Span" size="10"><button>Move on</button>
<button name="state" value="${state}">${clock.frozen ? 'Let it run' : 'Stop'}</button></form></section>`;
}

/** The service and its platforms share one, which is moved there. */
function serviceClock(page: string, now: Instant): string {
  return `<section id="clock"><h2>Clock</h2><p><code>${new Date(now).toISOString()}</code>. The service shares it: <a href="${e(page)}">freeze or move it there</a>.</p></section>`;
}

function misbehaviourForm({ misbehaviour }: Index, note: string): string {
  return `<section id="misbehaviour"><h2>Bad days</h2>${note}<form method="post" action="${CONTROL}/misbehaviour"><label>Share of calls that are slow, fail or are lost
<input name="rate" type="number" min="0" max="1" step="0.01" value="${misbehaviour.rate}" required></label><button>Set</button></form></section>`;
}
