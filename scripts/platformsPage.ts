import type { Cadence } from '../src/core/cadence.ts';
import type { Fact } from '../src/core/fact.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { AuthMethod, PlatformProfile } from '../src/platforms/kit/profile.ts';

const FACTS: readonly (readonly [keyof Cadence, string, (value: unknown) => string])[] = [
  ['accessLifetimeSeconds', 'access credential', lifetime],
  ['mechanism', 'renewal', words],
  ['renewalLifetimeSeconds', 'renewal credential', lifetime],
  ['renewalClock', 'its clock', words],
  [
    'singleUseRenewal',
    'replaced at each renewal',
    (value) => (value === true ? 'yes' : value === false ? 'no' : 'unknown'),
  ],
  ['idleLifetimeSeconds', 'dies unused after', lifetime],
  ['liveGrantCap', 'live authorizations per person and app', words],
  ['testingLifetimeSeconds', 'ends in Testing after', lifetime],
  ['personNeededWhen', 'a person is needed when', words],
  ['confirmAfterSeconds', 'second try before a verdict', lifetime],
];

/** `docs/platforms.md`: how the credentials of every platform live and die, each fact with source and date. */
export function platformsPage(): string {
  return `<!-- Generated from the profiles in src/platforms by npm run gen. Do not edit. -->
# Platforms: how their credentials live and die

What nobody published is *unknown*. Where two sources differ, both stand. Confidence: *sure* was read in an official page
or source or seen in recorded traffic, *likely* is agreed on by several independent sources, *unverified* rests on one.

| platform | method | access credential | renewal | renewal credential | a person is needed when | kind |
| --- | --- | --- | --- | --- | --- | --- |
${PLATFORMS.flatMap(({ profile }) => profile.methods.map((method) => summaryRow(profile, method))).join('\n')}

${PLATFORMS.map(({ profile }) => platformSection(profile)).join('\n\n')}
`;
}

function summaryRow(profile: PlatformProfile, method: AuthMethod): string {
  const { cadence } = method;
  const cells = [
    `[${profile.name}](#${anchor(profile.name)})`,
    `\`${method.id}\``,
    lifetime(cadence.accessLifetimeSeconds.value),
    words(cadence.mechanism.value),
    `${lifetime(cadence.renewalLifetimeSeconds.value)}${clockWords(cadence)}`,
    words(cadence.personNeededWhen.value),
    method.kind === 'oauth' ? 'sign-in' : 'fields',
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function clockWords(cadence: Cadence): string {
  if (cadence.renewalClock.value === 'from_consent') return ', from the consent, never extended';
  return cadence.renewalClock.value === 'from_renewal' ? ', restarted at each renewal' : '';
}

function platformSection(profile: PlatformProfile): string {
  const methods = profile.methods.map((method) => methodSection(method)).join('\n\n');
  const remarks = profile.remarks.map(
    (remark) => `- ${remark.text} (${remark.confidence}; ${remark.source}, ${remark.checked})`,
  );
  const setup = profile.setup.map((step, index) => `${index + 1}. ${step}`);
  return `## ${profile.name}

\`${profile.id}\`${profile.aliases.length > 0 ? ` (also ${profile.aliases.map((alias) => `\`${alias}\``).join(', ')})` : ''}

${methods}

### Registering an app

${setup.join('\n')}${remarks.length > 0 ? `\n\n### Remarks\n\n${remarks.join('\n')}` : ''}`;
}

function methodSection(method: AuthMethod): string {
  const rows = FACTS.map(([name, label, write]) =>
    factRow(label, method.cadence[name] as Fact<unknown>, write),
  );
  const scopes = method.scopes.map(
    (scope) => `| \`${scope.id}\` | ${cell(scope.description)} | ${cell(scope.features.join(', '))} |`,
  );
  const scopeTable =
    scopes.length > 0
      ? `\n\n| scope | what it allows | stops without it |\n| --- | --- | --- |\n${scopes.join('\n')}`
      : '';
  return `### ${method.name} (\`${method.id}\`)

| fact | value | confidence | source | checked |
| --- | --- | --- | --- | --- |
${rows.join('\n')}${scopeTable}`;
}

function factRow(label: string, fact: Fact<unknown>, write: (value: unknown) => string): string {
  const note = fact.note ? ` (${fact.note})` : '';
  const first = `| ${label} | ${cell(write(fact.value) + note)} | ${fact.confidence} | ${cell(fact.source)} | ${fact.checked} |`;
  const others = (fact.conflicting ?? []).map(
    (other) =>
      `| ↳ another source says | ${cell(write(other.value))} | ${other.confidence} | ${cell(other.source)} | ${other.checked} |`,
  );
  return [first, ...others].join('\n');
}

function words(value: unknown): string {
  return String(value).replaceAll('_', ' ');
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

function lifetime(value: unknown): string {
  if (typeof value !== 'number') return words(value);
  const [size, unit] = UNITS.find(([length]) => value % length === 0 && value >= length) ?? [1, 's'];
  return `${value / size} ${unit}`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const anchor = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
