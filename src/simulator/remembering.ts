import type { Instant } from '../core/instant.ts';
import { covers } from '../platforms/kit/simBreaks.ts';
import type { BreakTarget, SimBreak, SimFlip, Simulator } from '../platforms/kit/simulator.ts';

/** Every member, those that a simulator may lack too: what is not passed on would be missing. */
type Whole = { [Member in keyof Required<Simulator>]: Simulator[Member] };

/** The same simulator, and it knows which of its switches were flipped and not mended since. */
export function remembering(inner: Simulator, now: () => Instant): Whole {
  const kept = new Map<string, readonly SimFlip[]>();
  const of = (platform: string) => kept.get(platform) ?? [];
  const noted = (platform: string, one: SimBreak): SimBreak => {
    const { how, apply, mend } = one;
    const without = (target: BreakTarget) =>
      of(platform).filter((flip) => flip.how !== how || !covers(target, flip.target));
    return {
      ...one,
      apply: (target) => {
        apply(target);
        kept.set(platform, [...without(target), { how, target, at: now() }]);
      },
      ...(mend && {
        mend: (target: BreakTarget) => {
          mend(target);
          kept.set(platform, without(target));
        },
      }),
    };
  };
  return {
    platforms: inner.platforms,
    hosts: inner.hosts,
    people: inner.people,
    app: (platform) => inner.app(platform),
    fields: (...given) => inner.fields(...given),
    breaks: (platform) => inner.breaks(platform).map((one) => noted(platform, one)),
    flips: of,
    deeds: (platform) => inner.deeds?.(platform) ?? [],
    signals: (platform) => inner.signals?.(platform) ?? [],
    registeredReceiver: (...given) => inner.registeredReceiver?.(...given),
    lives: (...given) => inner.lives(...given),
    takes: (...given) => inner.takes(...given),
    clientIds: (platform) => inner.clientIds(platform),
    issued: (accessToken) => inner.issued(accessToken),
    handle: (request) => inner.handle(request),
    rateLimited: (request) => inner.rateLimited(request),
  };
}
