import type { ConnectPage } from '../../app/connectPage.ts';
import { type Html, html } from '../html.ts';
import { fieldsForm } from './fieldsForm.ts';
import { layout } from './layout.ts';

/** What a form that was refused is shown again with. Never a secret. */
export interface Refused {
  readonly detail: string;
  readonly errors: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string>>;
}

/** The page behind a connect link: who asks, for what, what will happen. */
export function connectPageView(page: ConnectPage, address: string, refused: Refused | null): Html {
  const { platformName, clientName, workspaceName, method, reconnect } = page;
  const verb = reconnect ? 'Reconnect' : 'Connect';
  const asker = workspaceName === '' ? 'You are asked' : html`<strong>${workspaceName}</strong> asks you`;
  const what = reconnect ? 'to renew its access to' : 'to give it access to';
  const content = html`<div class="card">
<h1>${verb} ${platformName}</h1>
<p>${asker} ${what} <strong>${platformName}</strong> for <strong>${clientName}</strong>.</p>
${reconnect && page.expectedIdentity && expected(page.expectedIdentity, method.kind)}
${method.notice && html`<p class="notice">${method.notice}</p>`}
${method.kind === 'oauth' ? signIn(page, address) : fieldsForm(page, address, refused)}
</div>
${method.kind === 'oauth' && page.authorized.length > 0 && profiles(page, address)}`;
  return layout({ title: `${verb} ${platformName}`, content });
}

function expected(identity: string, kind: 'oauth' | 'fields'): Html {
  const text =
    kind === 'oauth'
      ? html`Sign in as <strong>${identity}</strong>, as before. If somebody else signs in, nothing is changed.`
      : html`Fill in the values of <strong>${identity}</strong>, as before. If they are somebody else’s, nothing is changed.`;
  return html`<p class="notice">${text}</p>`;
}

function signIn(page: ConnectPage, address: string): Html {
  const { signInName, method, session } = page;
  const asked = session.scopes.map(
    (scope) => method.scopes.find((spec) => spec.id === scope)?.description || scope,
  );
  return html`<h2>What will happen</h2>
<ol>
<li>You sign in at ${signInName}. Your password stays there.</li>
<li>${signInName} asks whether to allow access. Leave everything ticked, or parts will not work.</li>
<li>You come back here and see that it worked. It takes about a minute.</li>
</ol>
${asked.length > 0 && html`<h2>What is asked for</h2><ul>${asked.map((text) => html`<li>${text}</li>`)}</ul>`}
<p><a class="button wide" href="${address}/continue">Continue to ${signInName}</a></p>
<p class="soft">You can withdraw the access at any time in your settings at ${signInName}.</p>`;
}

function profiles({ authorized, platformName }: ConnectPage, address: string): Html {
  return html`<div class="card">
<h2>Or use a sign-in that is already there</h2>
<form method="post" action="${address}/profile">
${authorized.map(
  ({ grantId, name }, index) =>
    html`<label class="choice"><input type="radio" name="grant_id" value="${grantId}" required${index === 0 && html` checked`}> ${name}</label>`,
)}
<p><button class="plain">Use this ${platformName} sign-in</button></p>
</form>
</div>`;
}
