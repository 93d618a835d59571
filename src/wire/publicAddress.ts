import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector } from 'undici';

/** Refused before anything was written. The message says why, and names no address: it would map the network inside. */
export class AddressRefused extends Error {
  readonly code = 'EVERGRANT_ADDRESS_REFUSED';
}

/** What an operator's own network is made of: called only where the operator named the host. */
const INTERNAL = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);
/** All that is allocated as public IPv6 (IANA, "IPv6 Global Unicast Address Assignments", read 2026-11-22). */
const PUBLIC_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');
/**
 * What a machine in a cloud asks about itself, though the range is public or internal: never called, whatever the operator
 * named. Azure (Microsoft Learn, "What is IP address 168.63.129.16?"), Alibaba Cloud (ECS, "Instance metadata") and AWS over
 * IPv6 ("Supporting Amazon VPC services"), read 2026-11-22.
 */
const METADATA: ReadonlySet<string> = new Set(
  ['168.63.129.16', '100.100.100.200', 'fd00:ec2::254'].map((text) => ipaddr.parse(text).toString()),
);

export type AddressKind = 'public' | 'internal' | 'never';

/**
 * What kind of address a number is. IPv4 in IPv6 counts as what it holds. `never`: link-local (where clouds keep their
 * metadata), other addresses of metadata, unspecified, multicast, reserved, and whatever is no address.
 */
export function kindOf(text: string): AddressKind {
  if (!ipaddr.isValid(text)) return 'never';
  let address = ipaddr.process(text);
  // NAT64 (RFC 6052): networks without IPv4 reach it under such addresses.
  if (address instanceof ipaddr.IPv6 && address.range() === 'rfc6052')
    address = new ipaddr.IPv4(address.toByteArray().slice(12));
  if (METADATA.has(address.toString())) return 'never';
  const range = address.range();
  if (INTERNAL.has(range)) return 'internal';
  const everywhere = address instanceof ipaddr.IPv4 || address.match(PUBLIC_IPV6);
  return range === 'unicast' && everywhere ? 'public' : 'never';
}

function objectionTo(address: string, mayBeInternal: boolean): AddressRefused | undefined {
  const kind = kindOf(address);
  if (kind === 'public' || (kind === 'internal' && mayBeInternal)) return undefined;
  return new AddressRefused(
    kind === 'internal'
      ? 'the host is in a private network; name it in EVERGRANT_ALLOW_PRIVATE_HOSTS if it shall be called'
      : 'the host leads to an address that is never called (link-local, metadata, reserved)',
  );
}

export type SystemLookup = (
  hostname: string,
  options: Parameters<LookupFunction>[1],
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const askSystem: SystemLookup = (hostname, options, done) =>
  systemLookup(hostname, { ...options, all: true }, done);

/** The addresses of a name, if all of them may be called: a mixture is how a name is turned between two look-ups. */
function guardedLookup(ask: SystemLookup, mayBeInternal: boolean): LookupFunction {
  return (hostname, options, done) => {
    ask(hostname, options, (error, addresses) => {
      const refused = addresses
        ?.map(({ address }) => objectionTo(address, mayBeInternal))
        .find((found) => found !== undefined);
      const [first] = addresses ?? [];
      if (error || refused) done(error ?? refused ?? null, []);
      else if (options.all || !first) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

export interface ConnectOptions {
  readonly timeoutMs: number;
  /** Hosts that may be in a private network: `idp.intranet`, `10.0.0.5:8443`. Without a port, any. */
  readonly privateHosts: readonly string[];
  /** How names become addresses. Default: as the system does it. */
  readonly lookup?: SystemLookup;
}

/**
 * Opens sockets to public addresses only. The socket asks for its address itself, through the check, so that nothing
 * can change between the check and its use; every connection is checked anew.
 */
export function publicConnector(options: ConnectOptions): buildConnector.connector {
  const listed = new Set(options.privateHosts.map((host) => host.toLowerCase()));
  const connectorFor = (mayBeInternal: boolean) =>
    buildConnector({
      timeout: options.timeoutMs,
      lookup: guardedLookup(options.lookup ?? askSystem, mayBeInternal),
    });
  const [toPublic, toListed] = [connectorFor(false), connectorFor(true)];
  return (target, done) => {
    const name = target.hostname.replace(/^\[|\]$/g, '').toLowerCase();
    const written = isIP(name) === 6 ? `[${name}]` : name;
    const port = target.port || (target.protocol === 'https:' ? '443' : '80');
    const mayBeInternal = listed.has(written) || listed.has(`${written}:${port}`);
    // A number is not looked up, so the check above never sees it.
    const refused = isIP(name) === 0 ? undefined : objectionTo(name, mayBeInternal);
    if (refused) done(refused, null);
    else (mayBeInternal ? toListed : toPublic)(target, done);
  };
}
