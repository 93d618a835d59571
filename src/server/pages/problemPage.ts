import { PROBLEMS, type Problem } from '../../app/errors.ts';
import { type Html, html } from '../html.ts';
import { layout } from './layout.ts';

/** What happened, what to do, and a way to try again. */
export function problemPage(problem: Problem, tryAgain: string | null): Html {
  const { title } = PROBLEMS[problem.code];
  const cause = typeof problem.extensions.cause === 'string' ? problem.extensions.cause : null;
  const declined = problem.code === 'consent_denied';
  const content = html`<div class="card">
<h1>${title}</h1>
<p class="notice ${declined ? '' : 'bad'}" role="alert">${problem.message}</p>
${!declined && platformWords(problem)}
${tryAgain !== null && html`<p><a class="button" href="${tryAgain}">${declined ? 'Open the link again' : 'Try again'}</a></p>`}
${!declined && html`<p class="soft">If this keeps happening, show this page to whoever sent you the link. Code: <code>${problem.code}</code>${cause && html`, cause: <code>${cause}</code>`}</p>`}
</div>`;
  return layout({ title, content, code: problem.code, cause });
}

function platformWords({ extensions }: Problem): Html | null {
  const { platform_code, platform_message, platform_error } = extensions;
  const words = [platform_code ?? platform_error, platform_message].filter(
    (word) => typeof word === 'string',
  );
  return words.length === 0 ? null : html`<p class="soft">The platform said: ${words.join(': ')}</p>`;
}
