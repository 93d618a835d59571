import { CAUSES } from '../../../core/cause.ts';
import type { CheckerFactory } from '../checker.ts';

export const s7AppFault: CheckerFactory = ({ report }) => ({
  id: 'S7',
  promise: 'An app’s fault marks no grant.',
  onWrite: ({ before, after }) => {
    const worsens = after.state === 'expired' || after.state === 'suspect';
    if (!worsens || before?.state === after.state || after.cause === null) return;
    if (CAUSES[after.cause].reach === 'app')
      report(`It became ${after.state} because of ${after.cause}.`, after.id);
  },
});
