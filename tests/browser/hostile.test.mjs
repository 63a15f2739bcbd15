// What people with bad intentions type as their name, their first word and their messages is shown, and nothing else.
import assert from 'node:assert/strict';
import test from 'node:test';
import { PASSWORD, call, composer, connect, launch, message, newPage, open, register, rows, say, serve, tick } from './support.mjs';

const RUN = 'globalThis.hacked=1';
/** Names have 64 characters at most. */
const NAMES = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `"><svg/onload=${RUN}>`,
  `</title></script><script>${RUN}</script>`,
];
const TEXTS = [
  ...NAMES,
  `<svg><animate onbegin="${RUN}" attributeName=x dur=1s>`,
  `<details open ontoggle="${RUN}">x</details>`,
  `<iframe srcdoc="<script>parent.hacked=1</script>"></iframe>`,
  `<a href="javascript:${RUN}">click me</a>`,
  `javascript:${RUN}`,
  `[click me](javascript:${RUN})`,
  `[click me](JaVaScRiPt&colon;${RUN})`,
  `[click me](data:text/html,<script>${RUN}</script>)`,
  `![x](https://evil.example/"onerror="${RUN})`,
  `<javascript:${RUN}>`,
  `https://example.org/"onmouseover="${RUN}`,
  `https://example.org/'><img src=x onerror=${RUN}>`,
  `http://example.org\\@evil.example/<script>${RUN}</script>`,
  `vbscript:msgbox(1) data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==`,
  `<!--><script>${RUN}</script>-->`,
  `<math><mtext><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${RUN}&gt;">`,
  `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  `<template><script>${RUN}</script></template>`,
  `<style>@import 'https://evil.example/x.css'</style><link rel=stylesheet href=https://evil.example/x.css>`,
  `<meta http-equiv="refresh" content="0;url=https://evil.example/"><base href="https://evil.example/">`,
  `<form action="https://evil.example/"><button autofocus onfocus="${RUN}">go</button></form>`,
  `<input autofocus onfocus=${RUN}><video src=x onerror=${RUN}><object data="javascript:${RUN}">`,
  `</script><script>window.initial_dioxus_hydration_data="";${RUN}</script>`,
  `\u2028${RUN}//\u2029"];${RUN};//`,
  `{{constructor.constructor('${RUN}')()}} \${${RUN}} <%= ${RUN} %>`,
  `&lt;script&gt;${RUN}&lt;/script&gt; &#60;script&#62; \\x3cscript\\x3e %3Cscript%3E`,
  `\u202e>tpircs/<1=dekcah.sihTlabolg>tpircs<`,
  `\`\`\`html\n<script>${RUN}</script>\n\`\`\`\n**<img src=x onerror=${RUN}>** ||<svg onload=${RUN}>||`,
];

/** In the page: whatever of a hostile text became more than text. */
const harm = () => {
  const found = [];
  if (globalThis.hacked) found.push('a script ran');
  for (const element of document.querySelectorAll('#main, #main *')) {
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name)) found.push(`${element.tagName} has ${name}`);
      if (/^(href|src|action|formaction|srcdoc|data|xlink:href)$/i.test(name) && !/^(https?:\/\/|\/|#|blob:|data:image\/|$)/i.test(value)) {
        found.push(`${element.tagName} leads to ${value}`);
      }
    }
  }
  const never = 'iframe, object, embed, base, meta, link, style, form[action^="http"], math, template, noscript, details[ontoggle], animate, video';
  for (const place of document.querySelectorAll('[data-testid="message"], [data-testid="room"], [data-testid="request"], .info-bar')) {
    for (const element of place.querySelectorAll(`script, ${never}`)) found.push(`${element.tagName} in ${place.className}`);
  }
  return found;
};

test('hostile names, first words and messages are text and nothing more', { timeout: 240_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const elsewhere = [];
  const watched = ({ page, context, watch }) => {
    page.on('dialog', (dialog) => {
      watch.trouble.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    context.on('request', (request) => {
      if (!request.url().startsWith(server.origin) && !/^(data|blob):/.test(request.url())) elsewhere.push(request.url());
    });
  };
  const ben = await register(browser, server, 'Benno');
  watched(ben);
  await ben.page.goto('/requests');

  await t.test('as names and first words', async () => {
    for (const [at, name] of NAMES.entries()) {
      const eve = await open(browser, server);
      watched(eve);
      await eve.page.goto('/register');
      await eve.page.getByRole('textbox', { name: 'Username' }).fill(`eve${at}`);
      await eve.page.getByRole('textbox', { name: 'Display name' }).fill(name);
      await eve.page.getByRole('textbox', { name: 'E-mail' }).fill(`eve${at}@example.org`);
      await eve.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await eve.page.getByRole('button', { name: 'Create account' }).click();
      await eve.page.waitForURL((url) => url.pathname === '/');
      await eve.watch.live();
      const [hit] = await call(eve.page, 'GET', '/api/people?query=benno');
      await call(eve.page, 'POST', '/api/requests', { to: hit.person.id, intro: TEXTS[at + 4] });
      await ben.page.getByText(name, { exact: true }).first().waitFor();
      await ben.page.getByText(TEXTS[at + 4], { exact: true }).first().waitFor();
      assert.deepEqual(await eve.page.evaluate(harm), []);
      eve.watch.check();
      await eve.context.close();
    }
    assert.deepEqual(await ben.page.evaluate(harm), []);
    // Painted by the server, found by a search, and accepted.
    await ben.page.reload();
    await ben.page.getByTestId('request').nth(NAMES.length - 1).waitFor();
    assert.deepEqual(await ben.page.evaluate(harm), []);
    await ben.page.goto('/new');
    await ben.page.getByLabel('Find people').fill('eve');
    await ben.page.getByText(NAMES[0], { exact: true }).first().waitFor();
    assert.deepEqual(await ben.page.evaluate(harm), []);
    await ben.page.goto('/requests');
    await ben.page.getByRole('button', { name: 'Accept' }).first().click();
    await ben.page.waitForURL(/\/r\//);
    await message(ben.page, RUN).or(message(ben.page, 'hacked')).first().waitFor();
    assert.deepEqual(await ben.page.evaluate(harm), []);
  });

  await t.test('as messages, live and painted by the server', async () => {
    const ann = await register(browser, server, 'Annie');
    watched(ann);
    const room = await connect(ann, ben, 'Hello');
    for (const { page } of [ann, ben]) await page.goto(`/r/${room}`);
    await message(ann.page, 'Hello').waitFor();
    for (const text of TEXTS) await say(ann.page, text);
    await say(ann.page, 'The last one');
    await tick(ann.page, 'The last one', 'read');
    await message(ben.page, 'The last one').waitFor();
    for (const { page, watch } of [ann, ben]) {
      assert.equal((await rows(page)).length, TEXTS.length + 2);
      assert.deepEqual(await page.evaluate(harm), []);
      const before = watch.synced;
      await page.reload();
      await watch.live(before);
      await message(page, 'The last one').waitFor();
      const shown = await rows(page);
      assert.equal(shown.length, TEXTS.length + 2);
      // What no markup knows is shown to the letter.
      for (const name of NAMES.slice(0, 2)) assert.ok(shown.some(({ text }) => text.includes(name)), name);
      // Under the pointer and with the focus, too.
      for (const row of await page.getByTestId('message').all()) await row.hover();
      await composer(page).fill(TEXTS[1]);
      assert.deepEqual(await page.evaluate(harm), []);
    }
    const { page: other, watch } = await newPage(ben.context);
    await other.goto(`/r/${room}`);
    await message(other, 'The last one').waitFor();
    assert.deepEqual(await other.evaluate(harm), []);
    watch.check();
    ann.watch.check();
  });

  ben.watch.check();
  assert.deepEqual(elsewhere, [], 'nothing is asked of another site');
});
