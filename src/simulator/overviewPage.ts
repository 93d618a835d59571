import type { Instant } from '../core/instant.ts';
import { escapeHtml, SIMULATED_ICON } from '../platforms/kit/consentPage.ts';
import type { SimDeed } from '../platforms/kit/simDeeds.ts';
import type { SimAnswer, SimBreak, SimPerson } from '../platforms/kit/simulator.ts';
import { CONTROL } from './control.ts';
import type { DocumentedAnswer } from './documentedAnswers.ts';

import { FAULTS, type Fault } from './faults.ts';
import type { Index, Served } from './served.ts';
import { CONCERNS, SIDES, type Side } from './sides.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f3f4f6;color:#1e293b}
main{max-width:64rem;margin:2rem auto;padding:0 1rem}
section{overflow-x:auto;overflow-wrap:anywhere;background:#fff;border-radius:10px;padding:1rem 1.5rem;margin:1rem 0;box-shadow:0 1px 2px #0002}
h1{margin-bottom:0}h2{margin:.2rem 0}h3{font-size:1rem;margin:1.2rem 0 0}nav a{margin-right:.8rem}small,.quiet{color:#64748b}
table{border-collapse:collapse;width:100%;margin:.3rem 0 .8rem;}th:nth-child(2){width:24%}th:nth-child(3){width:38%}th{text-align:left;font-weight:600}
td,th{padding:.3rem .6rem .3rem 0;border-top:1px solid #e2e8f0;vertical-align:middle}
form{min-width:0;display:flex;gap:.4rem;justify-content:flex-end;flex-wrap:wrap;margin:0}section>form{justify-content:flex-start;margin:.5rem 0}
@media(max-width:40rem){td,th{display:block;border:0;padding:.1rem 0}tr{display:block;border-top:1px solid #e2e8f0;padding:.4rem 0}td form{justify-content:flex-start}section{padding:1rem}}
button,select,input{font:inherit;max-width:100%;box-sizing:border-box;font-size:.9rem;padding:.25rem .6rem;border:1px solid #cbd5e1;border-radius:6px;background:#fff}
button{cursor:pointer}button.break{background:#b91c1c;border-color:#b91c1c;color:#fff}button.mend{background:#15803d;border-color:#15803d;color:#fff}
.warn{background:#fef3c7;border-radius:6px;padding:.3rem .8rem}code{font-size:.9em;overflow-wrap:anywhere}`;

const e = escapeHtml;

/** The page for people: every simulated platform with its switches. Plain forms, no scripts, nothing from outside. */
export function overviewPage(index: Index): SimAnswer {
  const platforms = [...index.byPlatform];
  const links = platforms.map(([id]) => `<a href="#${e(id)}">${e(id)}</a>`).join(' ');
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${SIMULATED_ICON}
<title>Simulated platforms</title><style>${STYLE}</style><main><h1>Simulated platforms</h1>
<p class="quiet">No real account is involved. Addresses here are <code>/{host}/{path}</code>. Everything on this page can
also be done over <a href="${CONTROL}">/${CONTROL}</a> as JSON.</p>${clockForm(index)}${misbehaviourForm(index)}<nav>${links}</nav>
${platforms.map(([id, served]) => section(id, served)).join('\n')}</main></html>`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

function section(id: string, { simulator, faults, calls, answers }: Served): string {
  const app = simulator.app(id);
  const groups = SIDES.map(([side, title]) => group(id, simulator, side, title)).join('');
  return `<section id="${e(id)}"><h2>${e(id)}</h2>
<small>${simulator.hosts.map((host) => `<code>${e(host)}</code>`).join(' ')} · ${calls.summary.total} calls</small>
<p>App: <code>${e(app.clientId)}</code> with secret <code>${e(app.clientSecret)}</code><br>
People: ${simulator.people.map((person) => `${e(person.name)} <small>${e(person.email)}</small>`).join(', ')}</p>
${groups}
<h3>How the next calls go</h3>
${faults.active.map(activeFault).join('')}${faultForm(id)}${answerForm(id, answers.of(id))}${signalForm(id, simulator)}</section>`;
}

/** What can happen on one side: switches that break a grant, then deeds that break none by themselves. */
function group(id: string, simulator: Served['simulator'], side: Side, title: string): string {
  const breaks = simulator.breaks(id).filter((one) => CONCERNS[one.truth] === side);
  const deeds = (simulator.deeds?.(id) ?? []).filter((one) => one.by === side);
  if (breaks.length + deeds.length === 0) return '';
  const rows = [
    ...breaks.map((one) => switchRow(id, one, simulator.people)),
    ...deeds.map((one) => deedRow(id, one, simulator.people)),
  ];
  return `<h3>${title}</h3><table><tr><th>What happens<th>What is then true<th></tr>${rows.join('')}</table>`;
}

function deedRow(id: string, one: SimDeed, people: readonly SimPerson[]): string {
  const path = `${CONTROL}/${e(id)}`;
  const undo = one.undo ? `<button formaction="${path}/undo">Undo</button>` : '';
  return `<tr><td>${e(one.title)}<br><small><code>${e(one.deed)}</code></small><td><small>no grant ends by this alone</small>
<td><form method="post" action="${path}/do"><input type="hidden" name="deed" value="${e(one.deed)}">${whom(people)}<button>Do</button>${undo}</form></tr>`;
}

function whom(people: readonly SimPerson[]): string {
  const options = people.map((person) => `<option value="${e(person.id)}">${e(person.name)}</option>`);
  return `<select name="identity" aria-label="Whom"><option value="">everyone</option>${options.join('')}</select>`;
}

function switchRow(id: string, one: SimBreak, people: readonly SimPerson[]): string {
  const path = (verb: string) => `${CONTROL}/${e(id)}/${verb}`;
  const mend = one.mend ? `<button class="mend" formaction="${path('mend')}">Mend</button>` : '';
  return `<tr><td>${e(one.title)}<br><small><code>${e(one.how)}</code></small><td><code>${e(one.truth)}</code>
<td><form method="post" action="${path('break')}"><input type="hidden" name="how" value="${e(one.how)}">
${whom(people)}<button class="break">Break</button>${mend}</form></tr>`;
}

function activeFault(fault: Fault): string {
  const times = fault.times === null ? 'until ended' : `${fault.times} more`;
  const where = [fault.host, fault.path].filter((part) => part !== null).join('');
  return `<p class="warn">Now: <code>${e(typeof fault.what === 'string' ? fault.what : fault.what.id)}</code>, ${times}${where ? `, at <code>${e(where)}</code>` : ''}.</p>`;
}

function faultForm(id: string): string {
  const kinds = Object.entries(FAULTS).map(
    ([kind, effect]) => `<option value="${kind}" title="${e(effect)}">${kind}</option>`,
  );
  const path = `${CONTROL}/${e(id)}/fault`;
  return `<form method="post" action="${path}"><select name="kind" aria-label="Fault">${kinds.join('')}</select>
<input name="times" type="number" min="1" placeholder="times (all)" aria-label="Times"><input name="path" placeholder="path prefix (any)" aria-label="Path prefix">
<button class="break">Set the fault</button><button class="mend" formaction="${CONTROL}/${e(id)}/end-faults" formnovalidate>End all faults</button></form>`;
}

const ENDPOINTS = ['authorize', 'token', 'api', 'probe', 'revoke'] as const;

/** The platform's catalogue of documented answers, by the endpoint that gives them. */
function answerForm(id: string, answers: readonly DocumentedAnswer[]): string {
  if (answers.length === 0) return '';
  const groups = ENDPOINTS.map((endpoint) => {
    const options = answers
      .filter((answer) => answer.endpoint === endpoint)
      .map((answer) => `<option value="${e(answer.id)}">${answer.status} ${e(answer.name)}</option>`);
    return options.length === 0 ? '' : `<optgroup label="${endpoint}">${options.join('')}</optgroup>`;
  });
  return `<form method="post" action="${CONTROL}/${e(id)}/answer"><select name="answer" aria-label="Documented answer">${groups.join('')}</select>
<input name="times" type="number" min="1" value="1" aria-label="Times"><input name="path" placeholder="path prefix (any)" aria-label="Path prefix">
<button class="break">Answer so</button></form>`;
}

function signalForm(id: string, simulator: Served['simulator']): string {
  const signals = simulator.signals?.(id) ?? [];
  if (signals.length === 0) return '';
  const options = signals.map((one) => `<option value="${e(one.signal)}">${e(one.title)}</option>`);
  return `<form method="post" action="${CONTROL}/${e(id)}/signal"><select name="signal" aria-label="Push">${options.join('')}</select>
<input name="to" placeholder="http://127.0.0.1:…" aria-label="Receiver" required><button>Push</button></form>`;
}

function clockForm({ clock, clockPage, now }: Index): string {
  if (!clock) return clockPage === null ? '' : serviceClock(clockPage, now());
  const state = clock.frozen ? 'running' : 'frozen';
  return `<section><h2>Clock</h2><p><code>${new Date(clock.now()).toISOString()}</code>${clock.frozen ? ', standing still' : ''}</p>
<form method="post" action="${CONTROL}/clock"><input name="by" placeholder="90d, 36h, 15m" aria-label="Span" size="10"><button>Move on</button>
<button name="state" value="${state}">${clock.frozen ? 'Let it run' : 'Stop'}</button></form></section>`;
}

/** The service and its platforms share one, which is moved there. */
function serviceClock(page: string, now: Instant): string {
  return `<section><h2>Clock</h2><p><code>${new Date(now).toISOString()}</code>. The service shares it: <a href="${e(page)}">freeze or move it there</a>.</p></section>`;
}

function misbehaviourForm({ misbehaviour }: Index): string {
  return `<section><form method="post" action="${CONTROL}/misbehaviour"><label>Share of calls that are slow, fail or are lost
<input name="rate" type="number" min="0" max="1" step="0.01" value="${misbehaviour.rate}" required></label><button>Set</button></form></section>`;
}
