import { PROBLEMS, type Problem } from '../../app/errors.ts';
import { type Html, html } from '../html.ts';
import { layout } from './layout.ts';

/** What happened, what to do, and a way to try again. */
export function problemPage(problem: Problem, tryAgain: string | null): Html {
  const { cause, platform_code, platform_message, platform_error } = problem.extensions;
  const words = [platform_code ?? platform_error, platform_message].filter(
    (word) => typeof word === 'string',
  );
  const content = html`<div class="card">
<h1>${PROBLEMS[problem.code].title}</h1>
<p class="notice bad" role="alert">${problem.message}</p>
${words.length > 0 && html`<p class="soft">The platform said: ${words.join(': ')}</p>`}
${tryAgain !== null && html`<p><a class="button" href="${tryAgain}">Try again</a></p>`}
<p class="soft">If this keeps happening, show this page to whoever sent you the link. Code: <code>${problem.code}</code>${
    typeof cause === 'string' && html`, cause: <code>${cause}</code>`
  }</p>
</div>`;
  const title = PROBLEMS[problem.code].title;
  return layout({ title, content, code: problem.code, cause: typeof cause === 'string' ? cause : null });
}
