import type { ConnectPage } from '../../app/connectPage.ts';
import { type Html, html } from '../html.ts';
import type { Refused } from './connectPage.ts';

type Field = ConnectPage['method']['fields'][number];

/** The form of a method that takes values instead of a sign-in. Secrets are never shown again. */
export function fieldsForm(
  { method, platformName, reconnect }: ConnectPage,
  address: string,
  refused: Refused | null,
): Html {
  return html`${refused && html`<p class="notice bad" role="alert">${refused.detail}</p>`}
<form method="post" action="${address}/fields" autocomplete="off">
${method.fields.map((field) => row(field, refused))}
<p class="soft">The values are tried at ${platformName} at once, then kept encrypted. Nobody can read them here afterwards.</p>
<p><button class="wide">${reconnect ? 'Reconnect' : 'Connect'} ${platformName}</button></p>
</form>`;
}

function row(field: Field, refused: Refused | null): Html {
  const wrong = refused?.errors[field.id];
  const value = field.secret ? '' : (refused?.values[field.id] ?? '');
  return html`<label for="${field.id}">${field.label}${!field.required && html` <small>(optional)</small>`}</label>
${input(field, value, wrong !== undefined)}
${field.help !== '' && html`<small id="${field.id}-help">${field.help}</small>`}
${wrong && html`<div class="wrong" id="${field.id}-wrong">${wrong}</div>`}`;
}

function input(field: Field, value: string, isWrong: boolean): Html {
  const told = [isWrong && `${field.id}-wrong`, field.help !== '' && `${field.id}-help`].filter(Boolean);
  const common = html`id="${field.id}" name="${field.id}"${field.required && html` required`}${
    isWrong && html` aria-invalid="true"`
  }${told.length > 0 && html` aria-describedby="${told.join(' ')}"`}`;
  if (field.kind === 'json') return html`<textarea ${common} spellcheck="false">${value}</textarea>`;
  if (field.kind === 'choice') {
    const options = (field.choices ?? []).map(
      (choice) => html`<option${choice === value && html` selected`}>${choice}</option>`,
    );
    return html`<select ${common}>${options}</select>`;
  }
  const type =
    field.kind === 'date' ? 'date' : field.secret || field.kind === 'password' ? 'password' : 'text';
  return html`<input ${common} type="${type}" value="${value}" autocomplete="off" spellcheck="false">`;
}
