import { CAUSES, type Reach } from '../core/cause.ts';
import { escapeHtml as e } from '../platforms/kit/consentPage.ts';
import type { SimBreak, SimFlip } from '../platforms/kit/simulator.ts';
import { CONTROL } from './control.ts';
import { personOf, type Served } from './served.ts';
import { whomOf } from './whom.ts';

/** A switch that was flipped, with what it is. */
export interface Flipped {
  readonly flip: SimFlip;
  readonly one: SimBreak;
}

/** What was flipped at a platform and not mended since. */
export function flippedAt(platform: string, { simulator }: Served): readonly Flipped[] {
  const switches = simulator.breaks(platform);
  return (simulator.flips?.(platform) ?? []).flatMap((flip) => {
    const one = switches.find(({ how }) => how === flip.how);
    return one ? [{ flip, one }] : [];
  });
}

/** Whether it goes on until somebody mends it. The others have happened once: what is authorized afterwards is another matter. */
export const lasts = ({ one }: Flipped): boolean => one.mend !== undefined;

/** Those that take down an app, a person’s sign-in and rights, or the platform for everybody. */
export function reaching(flipped: readonly Flipped[], what: 'app' | 'person' | 'platform') {
  return flipped.filter(({ one }) => REACHED[CAUSES[one.truth].reach] === what);
}

const REACHED: Readonly<Record<Reach, 'app' | 'person' | 'platform'>> = {
  app: 'app',
  grant: 'person',
  part_of_grant: 'person',
  platform: 'platform',
  call: 'platform',
};

/** Whether it was meant for this person, among others or alone. */
export function hits({ flip }: Flipped, personId: string, { simulator }: Served): boolean {
  const { identity, accessToken } = flip.target;
  if (accessToken !== undefined) return false;
  return identity === undefined || personOf(simulator, identity)?.id === personId;
}

/** Beside an app or a person: what is broken, with a way to the switch. */
export function marks(platform: string, flipped: readonly Flipped[]): string {
  return flipped
    .map((one) => {
      const word = lasts(one) ? 'broken' : 'happened';
      return ` <a class="mark ${word}" href="#${rowId(platform, one.flip.how)}">${word}: ${e(one.flip.how)}</a>`;
    })
    .join('');
}

export const rowId = (platform: string, how: string): string => e(`${platform}.${how}`);

/** Below a switch: for whom it was flipped and since when, and how to undo exactly that. */
export function flipLine(platform: string, served: Served, { flip, one }: Flipped): string {
  const whom = e(whomOf(served, flip.target));
  const at = `${new Date(flip.at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (!one.mend) return `<div class="flip happened">Happened ${at}, for ${whom}</div>`;
  const { identity, clientId, accessToken } = flip.target;
  const hidden = Object.entries({ how: flip.how, identity, client_id: clientId, access_token: accessToken })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${e(value ?? '')}">`);
  return `<form class="flip broken" method="post" action="${CONTROL}/${e(platform)}/mend">${hidden.join('')}
<span>Broken for ${whom} since ${at}</span><button class="mend" aria-label="Mend: ${e(one.title)}, for ${whom}">Mend</button></form>`;
}
