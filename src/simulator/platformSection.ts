import { escapeHtml as e } from '../platforms/kit/consentPage.ts';
import type { SimDeed } from '../platforms/kit/simDeeds.ts';
import type { SimBreak, SimPerson } from '../platforms/kit/simulator.ts';
import { CONTROL } from './control.ts';
import type { DocumentedAnswer } from './documentedAnswers.ts';
import { FAULTS, type Fault } from './faults.ts';
import { type Flipped, flipLine, flippedAt, hits, marks, reaching, rowId } from './flipMarks.ts';
import type { Served } from './served.ts';
import { SIDES, type Side, sideOf } from './sides.ts';

/** One platform with everything that can be done to it. `note` is the markup of what was done last. */
export function platformSection(id: string, served: Served, note: string): string {
  const { simulator, faults, calls, answers } = served;
  const flipped = flippedAt(id, served);
  const groups = SIDES.map(([side, title]) => group(id, served, flipped, side, title)).join('');
  return `<section id="${e(id)}" aria-labelledby="${e(id)}-title"><h2 id="${e(id)}-title">${e(id)}${marks(id, reaching(flipped, 'platform'))}</h2>${note}
<small>${simulator.hosts.map((host) => `<code>${e(host)}</code>`).join(' ')} · ${calls.summary.total} calls</small>
${appAndPeople(id, served, flipped)}${groups}
<h3>How the next calls go</h3>
${faults.active.map(activeFault).join('')}${faultForm(id)}${answerForm(id, answers.of(id))}${signalForm(id, simulator)}</section>`;
}

function appAndPeople(id: string, served: Served, flipped: readonly Flipped[]): string {
  const { simulator } = served;
  const app = simulator.app(id);
  const broken = reaching(flipped, 'person');
  const people = simulator.people.map((person) => {
    const own = broken.filter((one) => hits(one, person.id, served));
    return `<li>${e(person.name)} <small>${e(person.email)}</small>${marks(id, own)}</li>`;
  });
  return `<p>App: <code>${e(app.clientId)}</code> with secret <code>${e(app.clientSecret)}</code>${marks(id, reaching(flipped, 'app'))}</p>
<p class="people">People:</p><ul aria-label="People">${people.join('')}</ul>`;
}

/** What can happen on one side: switches that break a grant, then deeds that break none by themselves. */
function group(id: string, served: Served, flipped: readonly Flipped[], side: Side, title: string): string {
  const { simulator } = served;
  const breaks = simulator.breaks(id).filter((one) => sideOf(one) === side);
  const deeds = (simulator.deeds?.(id) ?? []).filter((one) => one.by === side);
  if (breaks.length + deeds.length === 0) return '';
  const rows = [
    ...breaks.map((one) => {
      const own = flipped.filter(({ flip }) => flip.how === one.how);
      return switchRow(id, one, simulator.people, own.map((each) => flipLine(id, served, each)).join(''));
    }),
    ...deeds.map((one) => deedRow(id, one, simulator.people)),
  ];
  return `<h3>${title}</h3><table><tr><th scope="col">What happens<th scope="col">What is then true<th scope="col"><span class="unseen">For whom</span></tr>${rows.join('')}</table>`;
}

function deedRow(id: string, one: SimDeed, people: readonly SimPerson[]): string {
  const path = `${CONTROL}/${e(id)}`;
  const undo = one.undo
    ? `<button formaction="${path}/undo" aria-label="Undo: ${e(one.title)}">Undo</button>`
    : '';
  return `<tr><td>${e(one.title)}<br><small><code>${e(one.deed)}</code></small><td><small>no grant ends by this alone</small>
<td><form method="post" action="${path}/do"><input type="hidden" name="deed" value="${e(one.deed)}">${whom(people)}<button aria-label="Do: ${e(one.title)}">Do</button>${undo}</form></tr>`;
}

function whom(people: readonly SimPerson[]): string {
  const options = people.map((person) => `<option value="${e(person.id)}">${e(person.name)}</option>`);
  return `<select name="identity" aria-label="For whom"><option value="">everyone</option>${options.join('')}</select>`;
}

function switchRow(id: string, one: SimBreak, people: readonly SimPerson[], flips: string): string {
  return `<tr id="${rowId(id, one.how)}"><td>${e(one.title)}<br><small><code>${e(one.how)}</code></small>${flips}<td><code>${e(one.truth)}</code>${shownWhen(one)}
<td><form method="post" action="${CONTROL}/${e(id)}/break"><input type="hidden" name="how" value="${e(one.how)}">
${whom(people)}<button class="break" aria-label="Break: ${e(one.title)}">Break</button></form></tr>`;
}

/** Where looking at the credential shows nothing yet. */
function shownWhen({ shows }: SimBreak): string {
  return shows === 'api' ? '<br><small>shows when the ad accounts are read</small>' : '';
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
