import type { readClock } from '../../app/manageClock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/instant.ts';
import { type Html, html } from '../html.ts';
import { layout } from './layout.ts';
import { moment } from './overviewPage.ts';

type Clock = Awaited<ReturnType<typeof readClock>>;
type Move = NonNullable<Clock['move']>;
type Coming = NonNullable<Clock['next_renewal']>;

/** The clock of a sandbox: where it stands, what comes next, and how it is moved. */
export function clockPage(clock: Clock, refused: string | null = null): Html {
  const { now, state, move } = clock;
  const moving = move?.state === 'under_way';
  const content = html`<p><a href="/">← All connections</a></p>
<h1>The clock of this sandbox</h1>
${refused && html`<p class="notice bad" role="alert">${refused}</p>`}
<section class="card">
<p class="time">${now.slice(0, 10)} <strong>${now.slice(11, 19)}</strong> UTC</p>
<p><span class="state ${state === 'frozen' ? 'warn' : 'good'}">${state === 'frozen' ? 'frozen' : 'running'}</span> ${apart(clock.ahead_seconds)}</p>
<table class="facts"><tbody>
<tr><th>Next renewal</th><td>${coming(clock.next_renewal, now, 'None is to come.')}</td></tr>
<tr><th>Next deadline</th><td>${coming(clock.next_deadline, now, 'None is known: nothing here ends by time alone.')}</td></tr>
</tbody></table>
</section>
${moving ? progress(move) : html`${move && arrival(move)}${controls(state)}`}
<p class="soft">The service and its simulated platforms share this clock: tokens, links, sign-ins, outages and deadlines all follow it.
It never goes back. An instance whose clock was touched stays a sandbox: no live app can be made in it.
The same by API: <a href="/docs#forwardClock">POST /v1/clock/forward</a>; on the command line: <code>evergrant clock forward --by 1d</code>.</p>`;
  return layout({ title: 'Clock', content, ...(moving && { againAfterSeconds: 1 }) });
}

function controls(state: Clock['state']): Html {
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
<label for="by">By</label><input id="by" name="by" placeholder="36h" size="8" autocomplete="off" required> <button class="plain" name="do" value="by">Move</button>
</form>
</section>`;
}

function progress({ from, to, at, share, renewals, failures }: Move): Html {
  return html`<section class="card"><h2>On the way to ${moment(to)}</h2>
<progress value="${share.toFixed(3)}" max="1"></progress>
<p>${Math.floor(share * 100)} %: it is ${moment(at)}, ${happened(renewals, failures)} since ${moment(from)}. This page looks again by itself.</p>
<form method="post" action="/clock" class="row"><button class="plain" name="do" value="stop">Stop here</button></form></section>`;
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

function apart(seconds: number): string {
  if (Math.abs(seconds) < 2) return 'at the real time';
  return `${span(Math.abs(seconds) * 1000)} ${seconds > 0 ? 'ahead of' : 'behind'} the real time`;
}

/** To the unit that counts. */
function span(milliseconds: number): string {
  const units = [
    [DAY_MS, 'days'],
    [HOUR_MS, 'hours'],
    [MINUTE_MS, 'minutes'],
    [1000, 'seconds'],
  ] as const;
  const [size, unit] = units.find(([length]) => milliseconds >= 2 * length) ?? units[3];
  return `${Math.floor(milliseconds / size)} ${unit}`;
}
