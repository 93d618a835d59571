import type { Platform } from '../../platforms/kit/platform.ts';
import type { SimulatorFactory, SimWorld } from '../../platforms/kit/simulator.ts';
import type { PlatformRegistry } from '../../platforms/registry.ts';
import { Liar } from './liar.ts';

/** A workspace with platforms of its own: its people and apps are not those of the next town. */
export class Town {
  readonly name: string;
  /** Stands among the hosts of its platforms, so that the network knows whose call it carries. No call goes there. */
  readonly mark: string;
  readonly workspaceId: string;
  readonly isFirst: boolean;
  /** Opens its workspace to callers. Not worth guarding: nothing in a world is. */
  readonly apiKey: string;
  readonly simulators: readonly Liar[];
  readonly #byHost: ReadonlyMap<string, Liar>;

  constructor(number: number, factories: readonly SimulatorFactory[], world: SimWorld) {
    this.name = `town-${number}`;
    this.mark = `${this.name}.invalid`;
    this.workspaceId = `wsp_town_${number}`;
    this.isFirst = number === 0;
    this.apiKey = `evg_callers-of-${this.name}`;
    this.simulators = factories.map((factory) => new Liar(factory(world)));
    this.#byHost = new Map(
      this.simulators.flatMap((simulator) => simulator.hosts.map((host) => [host, simulator] as const)),
    );
  }

  simulatorAt(host: string): Liar | undefined {
    return this.#byHost.get(host);
  }

  simulatorOf(platformId: string): Liar {
    const found = this.simulators.find((simulator) => simulator.platforms.includes(platformId));
    if (found === undefined) throw new Error(`Nobody simulates ${platformId}.`);
    return found;
  }
}

/** The registry, whose platforms carry the mark of the town that asks. */
export function registryOfTowns(registry: PlatformRegistry, towns: readonly Town[]): PlatformRegistry {
  const byWorkspace = new Map(towns.map((town) => [town.workspaceId, town]));
  const marked = new Map<string, Platform>();
  const mark = (workspaceId: string, platform: Platform): Platform => {
    const town = byWorkspace.get(workspaceId);
    if (town === undefined) return platform;
    const key = `${workspaceId} ${platform.profile.id}`;
    const known = marked.get(key);
    if (known !== undefined) return known;
    const profile = { ...platform.profile, hosts: [...platform.profile.hosts, town.mark] };
    const fresh: Platform = { ...platform, profile };
    marked.set(key, fresh);
    return fresh;
  };
  return {
    ...registry,
    find: async (workspaceId, platformId) => {
      const found = await registry.find(workspaceId, platformId);
      return found && mark(workspaceId, found);
    },
    all: async (workspaceId) =>
      (await registry.all(workspaceId)).map((platform) => mark(workspaceId, platform)),
  };
}
