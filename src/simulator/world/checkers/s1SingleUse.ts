import { formOf, jsonOf } from '../../../platforms/kit/simulator.ts';
import type { CheckerFactory } from '../checker.ts';
import { simRequest } from '../network.ts';

/** A refresh token that a platform replaces at each use is not sent again once its answer has arrived. */
export const s1SingleUse: CheckerFactory = ({ report, judged }) => {
  const spent = new Set<string>();
  return {
    id: 'S1',
    promise: 'No single-use refresh token is sent twice unless its answer was lost.',
    onCall: ({ request, said, delivered, town }) => {
      if (request.endpoint !== 'token') return;
      const sent = refreshTokenIn(request);
      if (sent === undefined) return;
      judged();
      const key = `${town.name} ${sent}`;
      if (spent.has(key))
        report(`A refresh token went to ${new URL(request.url).host} again after it was spent.`, town.name);
      const fresh = said !== null && said.status === 200 ? refreshTokenOf(said.body) : undefined;
      if (delivered && fresh !== undefined && fresh !== sent) spent.add(key);
    },
  };
};

function refreshTokenIn(
  request: Parameters<typeof simRequest>[0] & { readonly url: string },
): string | undefined {
  const asSeen = simRequest(request, new URL(request.url));
  const inForm = formOf(asSeen).get('refresh_token');
  const inJson = jsonOf(asSeen).refresh_token;
  return inForm ?? (typeof inJson === 'string' ? inJson : undefined);
}

/** Wherever it stands: some platforms wrap their answers. */
function refreshTokenOf(body: string): string | undefined {
  return /"refresh_token"\s*:\s*"([^"]+)"/.exec(body)?.[1];
}
