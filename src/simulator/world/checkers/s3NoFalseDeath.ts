import { IS_KEPT } from '../../../core/grantState.ts';
import type { CheckerFactory } from '../checker.ts';

export const s3NoFalseDeath: CheckerFactory = ({ report, judged }) => ({
  id: 'S3',
  promise: 'No grant is declared dead while its platform says that it lives.',
  onVerdict: ({ before, after }, { lives }) => {
    const dies = before !== null && IS_KEPT[before.state] && after.state === 'expired';
    if (!dies) return;
    judged();
    if (lives)
      report(
        `${after.platform} ${after.method} was declared dead (${after.cause}, ${after.evidence?.check}) and lives.`,
        after.id,
      );
  },
});
