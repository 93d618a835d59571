import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listReachableAccounts } from '../src/app/manageConnections.ts';
import { SimApps } from '../src/platforms/kit/simApps.ts';
import {
  breakApp,
  breakMembers,
  breakSecret,
  meansGrant,
  SimSwitches,
} from '../src/platforms/kit/simBreaks.ts';
import { connectOne, sandboxApp } from './support/house.ts';
import { connected, withHouse } from './support/keeping.ts';

const words = (how: string) => ({ how, title: how, truth: 'platform_outage', shows: 'probe' }) as const;
const ida = { person: 'ida', clientId: 'app-1' };
const noah = { person: 'noah', clientId: 'app-1' };

describe('The switches of simulated platforms', () => {
  it('are on for those who are meant, until they are mended for them or for all', () => {
    const switches = new SimSwitches();
    const down = switches.switch(words('down'));
    const isDown = (grant: typeof ida) => switches.isOn('down', (target) => meansGrant(target, grant));
    down.apply({ identity: 'ida' });
    assert.deepEqual([isDown(ida), isDown(noah)], [true, false]);
    down.apply({});
    down.mend?.({ identity: 'ida' });
    assert.deepEqual(
      [isDown(ida), isDown(noah)],
      [false, true],
      'what is on for all stays on for the others',
    );
    down.apply({ identity: 'ida' });
    assert.deepEqual([isDown(ida), isDown(noah)], [true, true], 'what was mended breaks again');
    down.mend?.({});
    assert.deepEqual([isDown(ida), isDown(noah)], [false, false]);
  });

  it('answer with the one that was switched on first', () => {
    const switches = new SimSwitches();
    const [limit, down] = [switches.switch(words('limit')), switches.switch(words('down'))];
    const first = () => switches.first(['down', 'limit'], () => true);
    limit.apply({});
    down.apply({});
    assert.equal(first(), 'limit');
    limit.mend?.({});
    assert.equal(first(), 'down');
  });

  it('undo what they did to apps and members, however often it was done', () => {
    const apps = new SimApps({ clientId: 'app-1', clientSecret: 'old' });
    const secret = breakSecret(words('secret'), apps.in);
    const disabled = breakApp(words('disabled'), apps.in);
    secret.apply({});
    secret.apply({ clientId: 'app-1' });
    disabled.apply({ clientId: 'another' });
    assert.deepEqual(apps.get('app-1'), {
      ...apps.get('app-1'),
      clientSecret: 'rotated-rotated-old',
      disabled: false,
    });
    secret.mend?.({});
    assert.ok(apps.authenticate('app-1', 'old'));
    const members = new Set<string>();
    const gone = breakMembers(words('gone'), ({ identity }) => [identity ?? 'all'], members);
    gone.apply({ identity: 'ida' });
    assert.deepEqual([...members], ['ida']);
    gone.mend?.({ identity: 'ida' });
    assert.equal(members.size, 0);
  });

  for (const [platform, how] of [
    ['meta', 'policy_block'],
    ['snapchat', 'organization_access_removed'],
  ] as const)
    it(`of ${platform} are mended for one person while they stay on for the others`, () =>
      withHouse(async (test) => {
        const { people } = (await test.control('GET')).platforms.find(
          ({ id }: { id: string }) => id === platform,
        );
        const [one, other] = people.map(({ id }: { id: string }) => id);
        const app = await sandboxApp(test, platform);
        const canList = async (person: string) => {
          const { connection } = await connectOne(test, { appId: app.id }, { person });
          return () =>
            listReachableAccounts(test.ctx, connection.id).then(
              (accounts) => accounts.length > 0,
              () => false,
            );
        };
        const [asOne, asOther] = [await canList(one), await canList(other)];
        const both = async () => [await asOne(), await asOther()];
        await test.control('POST', `${platform}/break`, { how });
        assert.deepEqual(await both(), [false, false]);
        await test.control('POST', `${platform}/mend`, { how, identity: one });
        assert.deepEqual(await both(), [true, false]);
        await test.control('POST', `${platform}/mend`, { how });
        assert.deepEqual(await both(), [true, true]);
      }));

  it('take the identity of a grant over HTTP, also where it is not a person’s id', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'trade-desk', 'api_token');
      const grant = await test.house.store.getGrant(test.ctx.workspaceId, grantId);
      const { target } = await test.control('POST', 'trade-desk/break', {
        how: 'token_revoked',
        identity: grant!.identity!.id,
      });
      assert.equal(target.identity, 'api.ida@summer.example');
    }));
});
