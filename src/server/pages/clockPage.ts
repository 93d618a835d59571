import type { readClock } from '../../app/manageClock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/instant.ts';
import { type Html, html } from '../html.ts';
import { layout } from './layout.ts';
import { navigation, type Places } from './navigation.ts';
import { moment } from './overviewPage.ts';

/** How often the page is loaded again while somebody follows a move. */
export const FOLLOW_SECONDS = 2;

export type Clock = Awaited<ReturnType<typeof readClock>>;
type Move = NonNullable<Clock['move']>;
type Coming = NonNullable<Clock['next_renewal']>;

interface Shown {
  readonly places: Places;
  /** Why the clock was not touched as asked for; null: nothing was refused. */
  readonly refused?: string | null;
  /** The span that was refused, as it was written: it stands in its field again. */
  readonly by?: string;
  /** Whether the page is to be loaded again and again while the clock moves. */
  readonly follow?: boolean;
}

/** The clock of a sandbox: where it stands, what comes next, and how it is moved. */
export function clockPage(clock: Clock, { places, refused = null, by = '', follow = false }: Shown): Html {
  const { now, state, move } = clock;
  const content = html`<h1>The clock of this sandbox</h1>
${refused && html`<p class="notice bad" role="alert">${refused}</p>`}
<section class="card">
<p class="time">${now.slice(0, 10)} <strong>${now.slice(11, 19)}</strong> UTC</p>
<p>${isUnderWay(move) ? underWay(move) : standing(state)} ${apart(clock.ahead_seconds, state)}</p>
<table class="facts"><tbody>
<tr><th scope="row">Next renewal</th><td>${coming(clock.next_renewal, now, 'None is to come.')}</td></tr>
<tr><th scope="row">Next deadline</th><td>${coming(clock.next_deadline, now, 'None is known: nothing here ends by time alone.')}</td></tr>
</tbody></table>
</section>
${isUnderWay(move) ? progress(move, follow) : html`${move && arrival(move)}${controls(state, by)}`}
<p class="soft">The service and its simulated platforms share this clock: tokens, links, sign-ins, outages and deadlines all follow it.
It never goes back. An instance whose clock was touched stays a sandbox: no live app can be made in it.
The same by API: <a href="/docs#forwardClock">POST /v1/clock/forward</a>; on the command line: <code>evergrant clock forward --by 1d</code>.</p>`;
  return layout({ title: 'Clock', content, navigation: navigation('/clock', places) });
}

export const isUnderWay = (move: Move | null): move is Move => move?.state === 'under_way';

function standing(state: Clock['state']): Html {
  return html`<span class="state ${state === 'frozen' ? 'warn' : 'good'}">${state}</span>,`;
}

/** How far it has come, and until when it goes. */
function underWay({ to, at, share }: Move): Html {
  const left = Math.max(0, Date.parse(to) - Date.parse(at));
  return html`<span class="state good">moving</span> ${Math.floor(share * 100)} % of the way to ${moment(to)}, ${span(left)} to go;`;
}

function controls(state: Clock['state'], by: string): Html {
  const other =
    state === 'frozen'
      ? html`<button name="do" value="resume">Let it run</button>`
      : html`<button name="do" value="freeze">Freeze</button>`;
  return html`<section class="card">
<form method="post" action="/clock" class="row">${other}</form>
<h2>Move forward</h2>
<p class="soft">Everything that is due in between happens, in order.</p>
<form method="post" action="/clock" class="row">
<button class="plain" name="do" value="1h">An hour</button><button class="plain" name="do" value="1d">A day</button><button class="plain" name="do" value="1w">A week</button>
<button class="plain" name="do" value="next_renewal">To the next renewal</button><button class="plain" name="do" value="next_deadline">To the next deadline</button>
</form>
<form method="post" action="/clock" class="row">
<label for="by">By</label><input id="by" name="by" value="${by}" placeholder="36h" size="8" autocomplete="off" required> <button class="plain" name="do" value="by">Move</button>
</form>
</section>`;
}

/** It loads itself again only where that is asked for: whoever reads it, or has it read out, is not thrown back to its top. */
function progress({ from, to, at, share, renewals, failures }: Move, follow: boolean): Html {
  return html`<section class="card"><h2>On the way to ${moment(to)}</h2>
<progress value="${share.toFixed(3)}" max="1" aria-label="How far it has come"></progress>
<p>It is ${moment(at)}, ${happened(renewals, failures)} since ${moment(from)}.${follow && ` This page reloads every ${FOLLOW_SECONDS} seconds.`}</p>
<form method="post" action="/clock" class="row">${
    follow
      ? html`<a class="button plain" href="/clock">Stop reloading</a>`
      : html`<a class="button" href="/clock">Reload this page</a> <a class="button plain" href="/clock?follow=1">Reload every ${FOLLOW_SECONDS} seconds</a>`
  }
<button class="plain" name="do" value="stop">Stop the clock here</button></form></section>`;
}

function arrival({ from, at, to, state, renewals, failures }: Move): Html {
  const how =
    state === 'done'
      ? 'Moved'
      : state === 'stopped'
        ? 'Stopped on the way'
        : 'Broken off by a fault of ours (see the log)';
  return html`<p class="notice ${state === 'failed' ? 'bad' : 'good'}">${how}: from ${moment(from)} to ${moment(at)}${state !== 'done' && html` (not ${moment(to)})`}, ${happened(renewals, failures)}.</p>`;
}

function happened(renewals: number, failures: number): string {
  const renewed = renewals === 1 ? '1 renewal' : `${renewals === 0 ? 'no' : renewals} renewals`;
  return failures === 0 ? renewed : `${renewed}, ${failures} refused`;
}

function coming(next: Coming | null, now: string, none: string): Html {
  if (next === null) return html`${none}`;
  const left = Date.parse(next.at) - Date.parse(now);
  return html`${moment(next.at)}, in ${span(left)} <small>(${next.platform})</small>`;
}

function apart(seconds: number, state: Clock['state']): string {
  const milliseconds = Math.abs(seconds) * 1000;
  // One that stands still cannot keep to the real time: they only meet.
  if (milliseconds < 2000)
    return state === 'frozen' ? 'less than 2 seconds from the real time' : 'at the real time';
  const [size] = unitOf(milliseconds);
  return `${span(Math.round(milliseconds / size) * size)} ${seconds > 0 ? 'ahead of' : 'behind'} the real time`;
}

/** To the unit that counts. */
function span(milliseconds: number): string {
  const [size, unit] = unitOf(milliseconds);
  const count = Math.floor(milliseconds / size);
  return `${count} ${count === 1 ? unit.slice(0, -1) : unit}`;
}

const SECONDS = [1000, 'seconds'] as const;
const UNITS = [[DAY_MS, 'days'], [HOUR_MS, 'hours'], [MINUTE_MS, 'minutes'], SECONDS] as const;

function unitOf(milliseconds: number): readonly [size: number, unit: string] {
  return UNITS.find(([length]) => milliseconds >= 2 * length) ?? SECONDS;
}
