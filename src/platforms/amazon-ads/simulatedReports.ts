import { type Figures, figuresBetween, isDay, total } from '../kit/figures.ts';
import { jsonOf, type SimRequest, type SimWorld } from '../kit/simulator.ts';

/** Reports take their time: minutes in life, up to three hours. */
const PENDING_MS = 20_000;
const READY_MS = 60_000;

interface Report {
  readonly reportId: string;
  readonly profileId: string;
  readonly startDate: string;
  readonly endDate: string;
  readonly daily: boolean;
  readonly askedAt: number;
}

/** Asynchronous reports, version 3: asked for, polled, and then fetched from an address of their own. */
export class SimulatedReports {
  readonly #world: SimWorld;
  readonly #reports = new Map<string, Report>();

  constructor(world: SimWorld) {
    this.#world = world;
  }

  /** Status and body. The same report twice while it runs: 425, with the id of the one that runs. */
  ask(request: SimRequest, profileId: string): readonly [number, object] {
    const { startDate, endDate, configuration } = jsonOf(request);
    if (!isDay(String(startDate)) || !isDay(String(endDate)) || String(endDate) < String(startDate))
      return [400, { code: '400', detail: 'configuration startDate or endDate is invalid.' }];
    const daily = (configuration as { timeUnit?: unknown } | undefined)?.timeUnit === 'DAILY';
    const asked = { profileId, startDate: String(startDate), endDate: String(endDate), daily };
    const running = [...this.#reports.values()].find((one) => this.#runs(one) && isSame(one, asked));
    if (running) return [425, { code: '425', detail: `The Request is a duplicate of : ${running.reportId}` }];
    const reportId = this.#world.token(36).toLowerCase();
    const report = { ...asked, reportId, askedAt: this.#world.now() };
    this.#reports.set(reportId, report);
    return [200, this.#told(report)];
  }

  poll(reportId: string, profileId: string): readonly [number, object] {
    const report = this.#reports.get(reportId);
    if (report?.profileId === profileId) return [200, this.#told(report)];
    return [404, { code: '404', detail: 'Report not found.' }];
  }

  /** What stands at a report's address: rows a day, or one in all. The address itself is the key to it. */
  rows(reportId: string): readonly object[] | undefined {
    const report = this.#reports.get(reportId);
    if (!report || this.#runs(report)) return undefined;
    const days = figuresBetween(report.profileId, report.startDate, report.endDate, this.#world.now());
    return report.daily ? days.map((day) => ({ date: day.day, ...row(day) })) : [row(total(days))];
  }

  #runs = (report: Report): boolean => this.#world.now() < report.askedAt + READY_MS;

  #told(report: Report) {
    const { reportId, startDate, endDate, askedAt } = report;
    const common = { reportId, startDate, endDate, createdAt: new Date(askedAt).toISOString() };
    if (this.#world.now() < askedAt + PENDING_MS) return { ...common, status: 'PENDING', url: null };
    if (this.#runs(report)) return { ...common, status: 'PROCESSING', url: null };
    const url = `https://advertising-api.amazon.com/simulated-report-storage/${reportId}.json`;
    return { ...common, status: 'COMPLETED', url };
  }
}

const isSame = (one: Report, other: Omit<Report, 'reportId' | 'askedAt'>): boolean =>
  one.profileId === other.profileId &&
  one.startDate === other.startDate &&
  one.endDate === other.endDate &&
  one.daily === other.daily;

const row = ({ spendMicros, impressions, clicks }: Figures) => ({
  cost: spendMicros / 1_000_000,
  impressions,
  clicks,
});
