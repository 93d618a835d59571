import type { SimDeed } from '../platforms/kit/simDeeds.ts';
import { type Order, Refusal } from './order.ts';
import { targetOf } from './switches.ts';

export function describeDeed({ deed, title, by, undo }: SimDeed) {
  return { deed, title, by, can_be_undone: undo !== undefined };
}

/** Does (or undoes) what people do at a platform without breaking a grant, for whom it is meant. */
export function doDeed(order: Order, which: 'apply' | 'undo') {
  const { platform, served, values } = order;
  const all = (served.simulator.deeds?.(platform) ?? []).filter((one) => which === 'apply' || one.undo);
  const found = all.find((one) => one.deed === values.deed);
  const known = all.map((one) => one.deed);
  if (!found) {
    const verb = which === 'apply' ? 'done' : 'undone';
    const message =
      known.length === 0
        ? `Nothing can be ${verb} at ${platform}.`
        : `What can be ${verb} at ${platform}: “deed” is one of these.`;
    throw new Refusal(404, 'unknown_deed', message, known);
  }
  const target = targetOf(order);
  found[which]?.(target);
  return { platform, [which === 'apply' ? 'done' : 'undone']: describeDeed(found), target };
}
