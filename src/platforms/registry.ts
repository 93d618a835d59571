import { CAUSES } from '../core/cause.ts';
import { diagnose } from '../core/diagnosis.ts';
import { toRfc3339 } from '../core/instant.ts';
import {
  Declaration,
  Discovered,
  declaredChecks,
  declaredHosts,
  declaredPlatform,
  discover,
  type ReadingOptions,
  readDeclaration,
  usesPlainHttp,
} from './declared/index.ts';
import { PLATFORMS } from './index.ts';
import type { Io } from './kit/adapter.ts';
import type { Platform } from './kit/platform.ts';

/** A declaration as it is kept: what the operator wrote, and what the server's metadata said. */
export interface KeptDeclaration {
  readonly id: string;
  readonly declaration: unknown;
  readonly discovered: unknown;
}

/** Where declarations are kept, by workspace. */
export interface DeclarationSource {
  readonly getDeclaration: (workspaceId: string, id: string) => Promise<KeptDeclaration | null>;
  readonly listDeclarations: (workspaceId: string) => Promise<readonly KeptDeclaration[]>;
}

export type DeclaredReading =
  | { readonly ok: true; readonly kept: KeptDeclaration; readonly platform: Platform }
  | { readonly ok: false; readonly problems: readonly string[] };

export interface PlatformRegistry {
  readonly find: (workspaceId: string, platformId: string) => Promise<Platform | null>;
  readonly all: (workspaceId: string) => Promise<readonly Platform[]>;
  /** Reads a declaration, asks its server for metadata where it names an issuer, and says every mistake at once. */
  readonly declare: (
    input: unknown,
    ioFor: (hosts: readonly string[], insecureLoopback: boolean) => Io,
  ) => Promise<DeclaredReading>;
}

export interface RegistryOptions {
  /** Default: all that Evergrant knows. */
  readonly builtIn?: readonly Platform[];
  /** Hosts on this machine that may be declared, as `host` or `host:port`. Default none. */
  readonly privateHosts?: readonly string[];
}

/** Platforms by name: the built-in ones under every spelling, and those that the workspace declared. */
export function createRegistry(
  source: DeclarationSource,
  { builtIn = PLATFORMS, privateHosts = [] }: RegistryOptions = {},
): PlatformRegistry {
  const byName = new Map<string, Platform>();
  for (const platform of builtIn) {
    for (const name of [platform.profile.id, ...platform.profile.aliases]) byName.set(name, platform);
  }
  const made = new Map<string, { readonly text: string; readonly platform: Platform }>();
  const platformFrom = (workspaceId: string, kept: KeptDeclaration): Platform => {
    const key = `${workspaceId} ${kept.id}`;
    const text = JSON.stringify([kept.declaration, kept.discovered]);
    const known = made.get(key);
    if (known?.text === text) return known.platform;
    const discovered = kept.discovered ? Discovered.parse(kept.discovered) : undefined;
    const platform = declaredPlatform(Declaration.parse(kept.declaration), discovered);
    made.set(key, { text, platform });
    return platform;
  };
  return {
    find: async (workspaceId, platformId) => {
      const found = byName.get(platformId.toLowerCase().replaceAll('_', '-'));
      if (found) return found;
      const kept = await source.getDeclaration(workspaceId, platformId);
      return kept && platformFrom(workspaceId, kept);
    },
    all: async (workspaceId) => {
      const declared = await source.listDeclarations(workspaceId);
      return [...builtIn, ...declared.map((kept) => platformFrom(workspaceId, kept))];
    },
    declare: (input, ioFor) =>
      declare(input, { takenIds: [...byName.keys()], localHosts: privateHosts }, ioFor),
  };
}

async function declare(
  input: unknown,
  options: Omit<ReadingOptions, 'today'>,
  ioFor: (hosts: readonly string[], insecureLoopback: boolean) => Io,
): Promise<DeclaredReading> {
  const today = toRfc3339(ioFor([], false).now()).slice(0, 10);
  const reading = readDeclaration(input, { ...options, today });
  if (!reading.ok) return reading;
  const { declaration } = reading;
  if (declaration.issuer === undefined) {
    return {
      ok: true,
      kept: { id: declaration.id, declaration, discovered: null },
      platform: declaredPlatform(declaration),
    };
  }
  const io = ioFor(declaredHosts(declaration), usesPlainHttp(declaration));
  const outcome = await discover(io, declaration);
  if (outcome.ok) {
    const kept = { id: declaration.id, declaration, discovered: outcome.value };
    return { ok: true, kept, platform: declaredPlatform(declaration, outcome.value) };
  }
  const diagnosis = diagnose(declaredChecks(declaration), outcome.answer, undefined, io.now());
  const words = diagnosis.words.message ?? CAUSES[diagnosis.cause].meaning;
  return { ok: false, problems: [`issuer: its metadata could not be read: ${words}`] };
}
