// What people with bad intentions type as their name, their first word and their messages is shown, and nothing else.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { attach, file, items, pdf, png } from './files.support.mjs';
import { PASSWORD, call, composer, connect, launch, message, newPage, open, register, rows, say, serve, steps, tick } from './support.mjs';

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
  const places = '[data-testid="message"], [data-testid="room"], [data-testid="request"], .info-bar, [data-testid="panel"], [data-testid="viewer"], [data-testid="tray"], [role="dialog"]';
  const never = 'iframe, object, embed, base, meta, link, style, form[action^="http"], math, template, noscript, details[ontoggle], animate, video';
  for (const place of document.querySelectorAll(places)) {
    for (const element of place.querySelectorAll(`script, ${never}`)) found.push(`${element.tagName} in ${place.className}`);
  }
  return found;
};

/** Notes what pages ask of other sites, and the dialogs that they open. */
function guard(server) {
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
  return { elsewhere, watched };
}

/** In the page: where a text that begins from the right stands alone and is not laid out from the right. */
const astray = (mark) => {
  const found = [];
  const walk = document.createTreeWalker(document.querySelector('#main'), NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.parentElement;
    if (element.closest('.sr-only')) continue;
    // A sentence that names it is of the page's own direction.
    if (!node.data.trim().startsWith(mark) || element.textContent.trim() !== node.data.trim()) continue;
    if (getComputedStyle(element).direction !== 'rtl') found.push(`${element.outerHTML.slice(0, 160)} in ${element.parentElement.className}`);
  }
  return found;
};

test('hostile names, first words and messages are text and nothing more', { timeout: 240_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const { elsewhere, watched } = guard(server);
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

test('hostile names of groups and files, alt texts, statuses and previews are text and nothing more', { timeout: 240_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const { elsewhere, watched } = guard(server);
  const [ann, ben] = [await register(browser, server, 'Annie'), await register(browser, server, 'Benno')];
  for (const person of [ann, ben]) watched(person);
  const step = steps(t, server, [ann, ben]);
  await connect(ann, ben, 'Hello');
  const { page } = ben;
  const panel = page.getByTestId('panel');
  // From the right, then markup.
  const right = '\u05e9\u05dc\u05d5\u05dd';
  const evil = {
    name: `${right} <svg/onload=${RUN}>`,
    file: `${right}\u202e<img src=x onerror=${RUN}>fdp.pdf`,
    alt: `${right} "><img src=x onerror="${RUN}">`,
    status: `${right} <img src=x onerror="${RUN}">`,
    about: `${right} </p><script>${RUN}</script>`,
  };
  const [person] = await call(ann.page, 'GET', '/api/people?query=benno');
  const made = await call(ann.page, 'POST', '/api/rooms', {
    room_id: randomUUID(), name: evil.name, description: evil.about, members: [person.person.id],
  });
  const room = made.room.room.id;
  const strays = new Set();
  /** Nothing of it is more than text. Where one does not stand as it should is noted for the end. */
  const inert = async (page) => {
    assert.deepEqual(await page.evaluate(harm), []);
    for (const stray of await page.evaluate(astray, right)) strays.add(stray);
  };
  const enter = async ({ page, watch }) => {
    const before = watch.synced;
    await page.goto(`/r/${room}`);
    await watch.live(before);
    await composer(page).waitFor();
  };

  await step('the name of a group', async () => {
    await page.getByTestId('room').getByText(evil.name, { exact: true }).waitFor();
    await inert(page);
    // Painted by the server, too.
    await enter(ben);
    await page.locator('h2.who').getByText(evil.name, { exact: true }).waitFor();
    await page.getByTestId('system').filter({ hasText: evil.name }).waitFor();
    assert.ok((await page.title()).includes(evil.name));
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await panel.getByRole('heading', { name: evil.name, exact: true }).waitFor();
    await panel.getByText(evil.about, { exact: true }).waitFor();
    await inert(page);
    await panel.locator('#panel-back').click();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search' }).fill(right);
    await page.getByRole('option').filter({ hasText: evil.name }).first().waitFor();
    await inert(page);
    await page.keyboard.press('Escape');
  });

  await step('names of files, and pictures in words', async () => {
    await enter(ann);
    await attach(ann.page, file(evil.file, 'application/pdf', pdf()), file('view.png', 'image/png', png(320, 200)));
    await items(ann.page).nth(1).waitFor();
    await items(ann.page).getByRole('button', { name: 'Alt text of view.png', exact: true }).click();
    const dialog = ann.page.getByRole('dialog', { name: 'Describe the picture' });
    await dialog.getByRole('textbox').fill(evil.alt);
    await inert(ann.page);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await items(ann.page).getByRole('button', { name: `Alt text of view.png: ${evil.alt}` }).waitFor();
    await inert(ann.page);
    await say(ann.page, 'Two of them');
    await tick(ann.page, 'Two of them', 'sent', 'delivered', 'read');
    const row = message(page, 'Two of them');
    await row.getByTestId('file').filter({ hasText: 'img src=x onerror' }).waitFor();
    assert.doesNotMatch(await row.innerText(), /\u202e/, 'nothing turns what follows');
    await row.getByRole('button', { name: evil.alt, exact: true }).waitFor();
    await inert(page);
    await row.getByRole('button', { name: evil.alt, exact: true }).click();
    await page.getByTestId('viewer').waitFor();
    await inert(page);
    await page.keyboard.press('Escape');
    await enter(ben);
    await row.getByRole('button', { name: evil.alt, exact: true }).waitFor();
    await inert(page);
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await panel.getByTestId('media-all').click();
    await panel.getByRole('button', { name: evil.alt, exact: true }).waitFor();
    await panel.getByRole('tab', { name: 'Files' }).click();
    await panel.getByTestId('media-file').filter({ hasText: 'img src=x onerror' }).waitFor();
    await inert(page);
  });

  await step('what people say of themselves', async () => {
    await call(ann.page, 'POST', '/api/profile', { display_name: evil.name, status: evil.status, about: evil.about });
    await enter(ben);
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await panel.getByTestId('member').filter({ hasText: evil.name }).getByRole('button').first().click();
    for (const text of [evil.name, evil.status, evil.about]) await panel.getByText(text, { exact: true }).waitFor();
    await inert(page);
  });

  await step('where a text is passed on to', async () => {
    await message(page, 'Two of them').locator('.cap').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Forward', exact: true }).click();
    await page.getByRole('dialog', { name: 'Forward to' }).getByText(evil.name, { exact: true }).first().waitFor();
    await inert(page);
    await page.keyboard.press('Escape');
  });

  await step('what a page says of itself', async () => {
    await say(ann.page, 'Look at https://example.org/');
    await tick(ann.page, 'example.org', 'sent', 'delivered', 'read');
    await page.goto('/');
    // As if a server had read that page: one here reads none on this machine.
    const preview = { url: 'https://example.org/', site: evil.name, title: evil.alt, description: evil.about };
    await page.route('**/api/rooms/*/messages*', async (route) => {
      const answer = await route.fetch();
      const found = await answer.json();
      found.messages.at(-1).preview = preview;
      await route.fulfill({ response: answer, json: found });
    });
    await page.getByTestId('room').filter({ hasText: evil.name }).filter({ hasText: 'example.org' }).click();
    const card = page.locator('.link-card');
    for (const text of [preview.site, preview.title, preview.description]) await card.getByText(text, { exact: true }).waitFor();
    await card.locator('.link-card-host').getByText('example.org', { exact: true }).waitFor();
    await inert(page);
    await page.unroute('**/api/rooms/*/messages*');
  });

  await step('pages report no trouble', () => {
    for (const { watch } of [ann, ben]) watch.check();
    assert.deepEqual(elsewhere, [], 'nothing is asked of another site');
  });

  // Names in the lines that the app says itself ("… created the group") are not kept apart from them yet: docs/security.md, SEC-37.
  const others = () => [...strays].filter((stray) => !/data-testid="system"|class="min-w-0 truncate"/.test(stray));
  await step('each is read from its own side', () => assert.deepEqual(others(), []));
});
