/** What is wrong with an address that Evergrant shall call or send people to. Never repeats the address. */
export function addressProblems(text: string): readonly string[] {
  if (!URL.canParse(text))
    return ['is not a full address; write it like https://login.example.com/oauth/token'];
  const url = new URL(text);
  const problems: string[] = [];
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isPlainLoopback(url))) {
    problems.push(
      'must begin with https:// (plain http only for this machine itself: localhost, 127.0.0.1, [::1])',
    );
  }
  if (url.username !== '' || url.password !== '') problems.push('must not contain a user name or a password');
  if (text.includes('#')) problems.push('must not contain a fragment (#…)');
  return problems;
}

/** RFC 8414 2: an issuer has neither query nor fragment. */
export function issuerProblems(text: string): readonly string[] {
  const query = URL.canParse(text) && text.includes('?') ? ['must not contain a query (?…)'] : [];
  return [...addressProblems(text), ...query];
}

/** Whether the host is this machine itself by a name or number that everybody means so. */
function isPlainLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/**
 * Whether the host is this machine itself, in any spelling that a refusal must know (RFC 6761 6.3; unspecified and
 * mapped addresses reach it too). Names that resolve to it are only known to the edge, after DNS.
 */
export function isLoopback(url: URL): boolean {
  const name = url.hostname.replace(/\.$/, '');
  const other =
    name === 'localhost' || name.endsWith('.localhost') || /^(0\.0\.0\.0|\[::\]|\[::ffff:7f.*\])$/.test(name);
  return other || isPlainLoopback(url);
}
