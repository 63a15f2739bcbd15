// What people type as markup: drawn, chosen, covered, copied, and never run.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { axeSource, call, composer, connect, launch, message, register, say, serve, steps } from './support.mjs';

const corpus = await readFile(new URL('../hostile/markup.txt', import.meta.url), 'utf8');

test('formatted messages', { timeout: 240_000 }, async (t) => {
  const server = await serve(t, 'sqlite');
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const step = steps(t, server, [ann, ben]);
  const room = await connect(ann, ben);
  for (const { page } of [ann, ben]) {
    await page.goto(`/r/${room}`);
    await composer(page).waitFor();
  }
  await Promise.all([ann, ben].map(({ watch }) => watch.live()));
  const options = ann.page.getByRole('option');

  await step('a name is completed by keyboard', async () => {
    await composer(ann.page).pressSequentially('hi @be');
    await options.first().waitFor();
    assert.equal(await options.count(), 1);
    assert.match(await options.innerText(), /Benno/);
    assert.equal(await composer(ann.page).getAttribute('aria-activedescendant'), 'mention-0');
    await ann.page.keyboard.press('Enter');
    await options.first().waitFor({ state: 'detached' });
    assert.equal(await composer(ann.page).inputValue(), 'hi @benno ');
    await ann.page.keyboard.type('there');
    await ann.page.keyboard.press('Enter');
    await message(ben.page, 'hi @benno there').locator('.mention[data-me]').waitFor();
    assert.equal(await message(ann.page, 'hi @benno there').locator('.mention[data-me]').count(), 0);
  });

  await step('Escape closes the list and nothing else, a press takes', async () => {
    await composer(ann.page).pressSequentially('@');
    await options.first().waitFor();
    await ann.page.keyboard.press('Escape');
    await options.first().waitFor({ state: 'detached' });
    await ann.page.keyboard.type('b');
    assert.equal(await options.count(), 0, 'it stays closed for this name');
    assert.equal(new URL(ann.page.url()).pathname, `/r/${room}`);
    await ann.page.keyboard.type(' @b');
    await options.first().click();
    await options.first().waitFor({ state: 'detached' });
    assert.equal(await composer(ann.page).inputValue(), '@b @benno ');
    await composer(ann.page).fill('');
  });

  await step('shortcuts put markers around the selection, can be undone, and leave the caret', async () => {
    const { page } = ann;
    await composer(page).fill('make this bold');
    await composer(page).evaluate((area) => area.setSelectionRange(5, 9));
    await page.keyboard.press('Control+b');
    await page.waitForFunction(() => document.activeElement.value === 'make **this** bold');
    await page.keyboard.press('Control+i');
    await page.waitForFunction(() => document.activeElement.value === 'make ***this*** bold');
    await page.keyboard.press('Control+b');
    await page.waitForFunction(() => document.activeElement.value === 'make *this* bold');
    await page.keyboard.press('Control+z');
    await page.waitForFunction(() => document.activeElement.value === 'make ***this*** bold');
    const selected = await composer(page).evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
    assert.ok('***this***'.includes(selected) && selected !== '', selected);
    await page.keyboard.press('Enter');
    await message(ben.page, 'make this bold').locator('em strong').waitFor();
  });

  await step('a spoiler is uncovered by keyboard, and only where that is done', async () => {
    await say(ann.page, 'it was ||the **butler**|| again');
    const row = message(ben.page, 'it was');
    const button = row.getByRole('button', { name: 'Spoiler. Show it' });
    await button.waitFor();
    assert.equal(await row.locator('strong').count(), 0);
    // The list shows it as little.
    await ben.page.getByTestId('room').filter({ hasText: '▒▒▒▒▒ again' }).waitFor();
    await button.focus();
    await ben.page.keyboard.press('Enter');
    await row.locator('.spoiler[data-open] strong').waitFor();
    await ben.page.waitForFunction(() => document.activeElement.matches('.spoiler'));
    assert.equal(await message(ann.page, 'it was').getByRole('button', { name: /Spoiler/ }).count(), 1);
  });

  await step('code is copied as it was typed, and scrolls by itself', async () => {
    const code = `fn main() {\n\tlet x = "${'wide '.repeat(60)}";\n}`;
    await say(ann.page, `\`\`\`rust\n${code}\n\`\`\``);
    const block = ben.page.locator('.code');
    await block.locator('.code-keyword').first().waitFor();
    await ben.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await block.getByRole('button', { name: 'Copy' }).click();
    await block.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await ben.page.evaluate(() => navigator.clipboard.readText()), code);
    const wide = await block.evaluate((block) => {
      const [pre, bubble, timeline] = [block.querySelector('pre'), block.closest('.bubble'), block.closest('.timeline')];
      return [pre.scrollWidth > pre.clientWidth, bubble.scrollWidth > bubble.clientWidth, timeline.scrollWidth > timeline.clientWidth];
    });
    assert.deepEqual(wide, [true, false, false]);
  });

  await step('a link says where it leads', async () => {
    await say(ann.page, 'pay at [https://bank.example](https://evil.example/x)');
    const link = message(ben.page, 'pay at').getByRole('link');
    assert.match(await link.innerText(), /\(evil\.example\)/);
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer nofollow ugc');
    assert.equal(await link.getAttribute('target'), '_blank');
  });

  await step('there is nothing for axe to find', async () => {
    await composer(ann.page).fill('');
    await composer(ann.page).pressSequentially('@');
    await options.first().waitFor();
    for (const { page } of [ann, ben]) {
      await page.evaluate(await axeSource());
      const found = await page.evaluate(() => globalThis.axe.run({ include: [['.timeline'], ['.dock']] }, { resultTypes: ['violations'] }));
      assert.deepEqual(found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html).join(' ')}`), []);
    }
    await composer(ann.page).fill('');
  });

  await step('hostile texts do nothing, for the one who sends and the one who reads', async () => {
    const before = new Set(['P', 'BLOCKQUOTE', 'UL', 'OL', 'LI', 'STRONG', 'EM', 'S', 'BDI', 'CODE', 'PRE', 'DIV', 'SPAN', 'BUTTON', 'A', 'svg', 'path', 'TIME', 'circle']);
    for (const { page } of [ann, ben]) page.on('dialog', (dialog) => assert.fail(`a dialog: ${dialog.message()}`));
    const lines = corpus.trim().split('\n');
    assert.ok(lines.length >= 150);
    // All of them, as few messages as hold them: limits are for senders.
    const parts = [''];
    for (const line of lines) {
      if (parts.at(-1).length + line.length > 7_000) parts.push('');
      parts[parts.length - 1] += `${line}\n\n`;
    }
    for (const [n, part] of parts.entries()) await say(ann.page, `part ${n}\n\n${part}`);
    for (const { page } of [ann, ben]) {
      await message(page, `part ${parts.length - 1}`).waitFor();
      const found = await page.locator('.bubble').evaluateAll((all) => all.flatMap((bubble) => [...bubble.querySelectorAll('*')].map((node) => ({
        name: node.tagName,
        bad: node.getAttributeNames().filter((name) => name.startsWith('on') || name === 'style' || name === 'src'),
        href: node.getAttribute('href'),
      }))));
      for (const { name, bad, href } of found) {
        assert.ok(before.has(name), `an element ${name}`);
        assert.deepEqual(bad, [], `attributes of ${name}`);
        assert.match(href ?? 'https://', /^(https?:\/\/|mailto:)/i);
      }
    }
    // A reload renders them on the server, and hydrates.
    const before_reload = ben.watch.synced;
    await ben.page.reload();
    await ben.watch.live(before_reload);
    await message(ben.page, `part ${parts.length - 1}`).waitFor();
    const [first] = await call(ben.page, 'GET', '/api/people?query=annie');
    assert.equal(first.person.username, 'annie', 'the page still works');
  });

  for (const { watch } of [ann, ben]) watch.check();
});
