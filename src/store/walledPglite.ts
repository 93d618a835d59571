import { type PGlite, protocol } from '@electric-sql/pglite';
import type { DatabaseConnection } from 'kysely';
import { notTaken, type Side, sideOf, sideValues, TAKE_SIDE } from './side.ts';

const { serialize } = protocol;
const QUIETLY = { syncToFs: false };

/**
 * Makes the connection send each statement from its side. What takes it goes to the engine without a `Sync`, so that
 * the statement after it, which brings one, makes both one transaction. The connection is ours alone meanwhile.
 */
export function takeSides(pglite: PGlite): (connection: DatabaseConnection) => Promise<void> {
  return async (connection) => {
    const plain = connection.executeQuery.bind(connection);
    connection.executeQuery = async (query) => {
      const side = sideOf(query.queryId);
      if (side === undefined) return plain(query);
      try {
        await takeSide(pglite, side);
        return await plain(query);
      } catch (error) {
        throw side.failed(error);
      }
    };
  };
}

async function takeSide(pglite: PGlite, side: Side): Promise<void> {
  const messages = [
    serialize.parse({ text: TAKE_SIDE }),
    serialize.bind({ values: sideValues(side) }),
    serialize.execute({}),
  ];
  await pglite.runExclusive(async () => {
    try {
      await pglite.execProtocol(Buffer.concat(messages), QUIETLY);
    } catch (error) {
      await pglite.execProtocol(serialize.sync(), QUIETLY);
      throw notTaken(error);
    }
  });
}
