import type { CheckerFactory } from '../checker.ts';
import { l1InTime } from './l1InTime.ts';
import { l2DeathNoticed } from './l2DeathNoticed.ts';
import { l3Reminders } from './l3Reminders.ts';
import { l4Recovery } from './l4Recovery.ts';
import { s1SingleUse } from './s1SingleUse.ts';
import { s2NeverOlder } from './s2NeverOlder.ts';
import { s3NoFalseDeath } from './s3NoFalseDeath.ts';
import { s4NothingDeleted } from './s4NothingDeleted.ts';
import { s5NoSecretOut } from './s5NoSecretOut.ts';
import { s6NotWithheld } from './s6NotWithheld.ts';
import { s7AppFault } from './s7AppFault.ts';

/** Safety first, then liveness. */
export const CHECKERS: readonly CheckerFactory[] = [
  s1SingleUse,
  s2NeverOlder,
  s3NoFalseDeath,
  s4NothingDeleted,
  s5NoSecretOut,
  s6NotWithheld,
  s7AppFault,
  l1InTime,
  l2DeathNoticed,
  l3Reminders,
  l4Recovery,
];
