import { asUnits, dayBefore, figuresBetween } from '../kit/figures.ts';
import { jsonAnswer, type SimAnswer } from '../kit/simulator.ts';

const DAYS = 30;
const DOWNLOAD = /^\/myreports\/simulated-download\/([a-z0-9]+)\.csv$/;

/** The runs of a report that a person has scheduled: yesterday's, with the thirty days before today. */
export function reportExecutions(advertiserIds: readonly string[], now: number): readonly object[] {
  return advertiserIds.map((id, index) => ({
    ReportExecutionId: 90_000 + index,
    ReportScheduleName: 'Daily spend',
    ReportExecutionState: 'Complete',
    ReportStartDateInclusive: `${dayBefore(now, DAYS)}T00:00:00`,
    ReportEndDateExclusive: `${dayBefore(now, 0)}T00:00:00`,
    ReportDeliveries: [
      { DownloadURL: `https://api.thetradedesk.com/v3/myreports/simulated-download/${id}.csv` },
    ],
  }));
}

/** The advertiser whose report a path names; undefined where it names none. */
export const advertiserOfDownload = (path: string): string | undefined => DOWNLOAD.exec(path)?.[1];

export function reportFile(advertiserId: string, now: number): SimAnswer {
  const days = figuresBetween(advertiserId, dayBefore(now, DAYS), dayBefore(now, 1), now);
  const lines = days.map((day) =>
    [day.day, advertiserId, day.impressions, day.clicks, asUnits(day)].join(','),
  );
  const body = `Date,Advertiser ID,Impressions,Clicks,Advertiser Cost (Adv Currency)\n${lines.join('\n')}\n`;
  return { ...jsonAnswer(200, ''), headers: { 'content-type': 'text/csv' }, body };
}
