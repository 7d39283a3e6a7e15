// The layout of html templates (prettier-htm.mjs): lines change, what htm builds does not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import htm from 'htm';
import * as prettier from 'prettier';
import config from '../../prettier.config.mjs';

const layOut = (code) => prettier.format(code, { ...config, parser: 'babel' });
const html = htm.bind((type, props, ...children) => ({ type, props, children }));

// What the template builds, with `t` and `on` for all that the console's templates use.
function built(code) {
  const t = (key) => `<${key}>`;
  return JSON.parse(
    JSON.stringify(new Function('html', 't', 'on', `return ${code.replace(/;\s*$/, '')}`)(html, t, true)),
  );
}

const TEMPLATES = {
  'an element with words alone': 'html`<b class="x">${t("y")}</b>`',
  'white space of one line between words and an element': 'html`<p>${t("a")} <kbd>A</kbd> · <i>b</i></p>`',
  'a template that begins and ends with a space': 'html` <b>x</b> `',
  'words without a space beside an element': 'html`<p>(<b>x</b>)</p>`',
  'several elements at the top': 'html`<b>x</b><i>y</i>`',
  'a component with everything': 'html`<${"C"} a="b ${t("c")} d" e=${1} f ...${{ g: 2 }} />`',
  'a choice and a condition':
    'html`<p>${on ? html`<b>x</b>` : html`<i>y</i>`}${on && (on ? html`<u>z</u>` : null)}</p>`',
  'a list': 'html`<ul>${["a", "b"].map((x) => html`<li key=${x}><b>${x}</b> ${t(x)}</li>`)}</ul>`',
  'attributes of more than a line': `html\`<button type="button" class="btn primary ${'x'.repeat(90)}">a <b>b</b></button>\``,
};

for (const [name, code] of Object.entries(TEMPLATES)) {
  test(`htm builds the same from ${name}`, async () => {
    const laid = await layOut(code);
    assert.deepEqual(built(laid), built(code), laid);
    assert.equal(await layOut(laid), laid);
  });
}

test('each element has a line of its own, but for those within words', async () => {
  const laid = await layOut('x = html`<p><b>${1}</b><i>${2}</i></p>`;');
  assert.equal(laid, 'x = html`\n  <p>\n    <b>${1}</b>\n    <i>${2}</i>\n  </p>\n`;\n');
  assert.equal(await layOut('x = html`<p>a <b>b</b></p>`;'), 'x = html`\n  <p>\n    a <b>b</b>\n  </p>\n`;\n');
});

test('a template that is not closed is not laid out', async () => {
  await assert.rejects(layOut('x = html`<p><b></p>`;'), /html template/);
});
