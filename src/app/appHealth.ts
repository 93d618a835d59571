import type { Diagnosis } from '../core/diagnosis.ts';
import type { AppBreaker, AppRecord } from '../store/records.ts';
import type { House } from './context.ts';

/** Puts on record that a platform refuses an app, or that it is left alone. With `news`, the activity log is told too. */
export async function noteRefused(
  house: House,
  app: AppRecord,
  breaker: AppBreaker,
  news: Diagnosis | null,
): Promise<void> {
  await house.breakers.inTurn(app, async () => {
    await house.store.setBreaker(app.workspaceId, app.id, breaker);
    if (!news) return;
    const { cause, check, openUntil, since } = breaker;
    const { words, remedy } = news;
    const open_until = openUntil > since ? openUntil : null;
    const detail = { cause, check, open_until, code: words.code, message: words.message, remedy };
    await note(house, app, 'app.failing', detail);
  });
}

/** Puts on record that the app works again: whatever waited for it is tried at once. */
export async function noteRecovered(house: House, app: AppRecord): Promise<void> {
  await house.breakers.inTurn(app, async () => {
    await house.store.setBreaker(app.workspaceId, app.id, null);
    await house.store.hastenSpared(app.workspaceId, app.id, house.now());
    await note(house, app, 'app.recovered', {});
  });
}

/**
 * What a sign-in or a filled-in form tells about the app. A refusal is put on record, but does not count towards leaving
 * the app alone: what is wrong with a sign-in (its redirect address, say) need not be wrong with renewals.
 */
export async function followConnect(
  house: House,
  app: AppRecord,
  diagnosis: Diagnosis | null,
): Promise<void> {
  try {
    if (diagnosis === null) {
      if (house.breakers.succeeded(app)) await noteRecovered(house, app);
      return;
    }
    const breaker = house.breakers.noticed(app, diagnosis, house.now());
    if (breaker) await noteRefused(house, app, breaker, diagnosis);
  } catch (error) {
    house.log.warn({ app: app.id, err: error }, 'How an app is could not be put on record');
  }
}

async function note(house: House, app: AppRecord, action: string, detail: Record<string, unknown>) {
  const { workspaceId, id } = app;
  const row = { workspaceId, at: house.now(), actor: 'keeper', action, subjects: [id], detail };
  await house.store.appendActivity([row]);
}
