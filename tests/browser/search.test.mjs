// The box that finds everything, and the bar that finds in one chat.
import assert from 'node:assert/strict';
import test from 'node:test';
import { axeSource, launch, prepare, say, signedIn, steps, STORES, tick, without } from './support.mjs';

const options = { timeout: 240_000 };
const HISTORY = 2_000;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const box = (page) => page.getByRole('dialog', { name: 'Search' });
const field = (page) => box(page).getByRole('combobox', { name: 'Search' });
const option = (page, text) => box(page).getByRole('option').filter({ hasText: text });
const status = (page, text) => box(page).getByTestId('search-status').filter({ hasText: text }).waitFor();
const row = (page, seq) => page.locator(`[data-testid=message][data-seq="${seq}"]`);

/** Two who share a long history, and a stranger. */
async function stage(t, store) {
  const server = await prepare(t, store);
  const fixture = await server.seed('--users', '3', '--set', 'long:1x2', '--history', String(HISTORY));
  await server.start();
  const browser = await launch(t);
  return { server, browser, users: fixture.users, room: fixture.sets.long[0].id };
}

async function visit(person, path) {
  const before = person.watch.synced;
  await person.page.goto(path);
  await person.watch.live(before);
  return person;
}

/** Opens the box by its key and types. */
async function ask(page, text) {
  if (!(await box(page).isVisible())) await page.keyboard.press('Control+k');
  await field(page).fill(text);
}

/** Waits until a message is shown within the window. */
async function inView(page, seq) {
  await row(page, seq).waitFor();
  await page.waitForFunction((seq) => {
    const rect = document.querySelector(`[data-testid=message][data-seq="${seq}"]`)?.getBoundingClientRect();
    return rect && rect.top >= 0 && rect.bottom <= innerHeight;
  }, seq);
}

for (const store of STORES) test(`one box finds people, chats, messages and commands on ${store}`, { ...options, skip: without(store) }, async (t) => {
  const { server, browser, users, room } = await stage(t, store);
  const ann = await visit(await signedIn(browser, server, users[0]), '/');
  const { page } = ann;
  const step = steps(t, server, [ann]);

  await step('a press opens it, with recent chats and what can be done', async () => {
    await page.getByTestId('search').filter({ visible: true }).click();
    await field(page).waitFor();
    assert.ok(await field(page).evaluate((input) => input === document.activeElement), 'the field has the focus');
    await option(page, 'User 000001').waitFor();
    await option(page, 'New group').waitFor();
    await page.keyboard.press('Escape');
    await box(page).waitFor({ state: 'detached' });
  });

  await step('a message in history that is not loaded opens where it is', async () => {
    await ask(page, '"message 77 of"');
    await status(page, '1 result in 1 room, 2,000 messages');
    assert.deepEqual(await option(page, 'long history').locator('mark').allTextContents(), ['Message 77 of']);
    await field(page).press('Enter');
    await page.waitForURL(`**/r/${room}`);
    await inView(page, 77);
    await box(page).waitFor({ state: 'detached' });
  });

  await step('arrows go through all sections, Tab narrows, Escape closes', async () => {
    await ask(page, 'user');
    await option(page, 'User 000002').waitFor();
    const active = () => field(page).getAttribute('aria-activedescendant');
    const seen = new Set();
    const count = await box(page).getByRole('option').count();
    for (let at = 0; at < count; at += 1) {
      const id = await active();
      assert.equal(await page.locator(`[id="${id}"]`).getAttribute('aria-selected'), 'true');
      seen.add(id);
      await field(page).press('ArrowDown');
    }
    assert.equal(seen.size, count, 'each one is reached once');
    await field(page).press('Tab');
    await box(page).getByRole('tab', { name: 'People', selected: true }).waitFor();
    await field(page).press('Escape');
    await box(page).waitFor({ state: 'detached' });
  });

  await step('one and two characters of Chinese, and letters without their accents', async () => {
    for (const text of ['京都の朝ごはん', '東京', 'Åström kommt morgen']) await say(page, text);
    await tick(page, 'Åström', 'sent', 'delivered', 'read');
    for (const [query, found] of [['都', ['都']], ['東京', ['東京']], ['京', ['京', '京']], ['astrom', ['Åström']]]) {
      await ask(page, query);
      await status(page, `${found.length} result`);
      const marks = box(page).getByRole('group', { name: 'Messages' }).locator('mark');
      assert.deepEqual(await marks.allTextContents(), found, query);
    }
  });

  await step('filters are offered, narrow, and say what is wrong', async () => {
    await ask(page, 'kommt from:');
    await option(page, 'from:me').waitFor();
    await field(page).press('Enter');
    assert.equal(await field(page).inputValue(), 'kommt from:me ');
    await status(page, '1 result in 1 room');
    await ask(page, 'kommt from:u000001');
    await status(page, '0 results in 1 room');
    await box(page).getByText('No results for').waitFor();
    // Browsers report each refused request.
    ann.watch.outage = true;
    for (const [query, why] of [
      ['has:legs', 'has: takes link, file or image.'],
      ['x before:tomorrow', 'A date has to follow, such as 2026-01-31.'],
      ['x in:nowhere', 'None of your conversations is called that.'],
    ]) {
      await ask(page, query);
      await box(page).getByRole('alert').filter({ hasText: why }).waitFor();
      assert.equal(await box(page).getByText('No results for').count(), 0, query);
    }
    ann.watch.outage = false;
  });

  await step('nothing is said to be found nowhere before all was looked through', async () => {
    let release;
    const held = new Promise((done) => { release = done; });
    await page.route('**/api/search?**', async (route) => { await held; await route.continue(); });
    await ask(page, 'qqqwwweee');
    await status(page, 'Searching…');
    assert.equal(await box(page).getByText('No results for').count(), 0);
    release();
    await box(page).getByText('No results for “qqqwwweee”').waitFor();
    await page.unroute('**/api/search?**');
  });

  await step('a failure says so, and can be tried again', async () => {
    await page.route('**/api/search?**', (route) => route.abort());
    ann.watch.outage = true;
    await ask(page, 'astrom kommt');
    await option(page, 'Retry').waitFor();
    await page.unroute('**/api/search?**');
    ann.watch.outage = false;
    await option(page, 'Retry').click();
    await status(page, '1 result in 1 room');
  });

  await step('there are more', async () => {
    await ask(page, 'history');
    await option(page, 'More messages').waitFor();
    const results = box(page).getByRole('group', { name: 'Messages' }).getByRole('option');
    assert.equal(await results.count(), 21);
    await option(page, 'More messages').click();
    await results.nth(40).waitFor();
    assert.equal(await results.count(), 41);
    const texts = await results.allTextContents();
    assert.equal(new Set(texts).size, 41, 'none is repeated');
  });

  await step('commands are done, also while an earlier question still stands', async () => {
    await ask(page, 'switch dark');
    await field(page).press('Enter');
    await page.locator('html[data-theme=dark]').waitFor();
    await ask(page, 'new gr');
    await field(page).press('Enter');
    await page.waitForURL((url) => url.pathname.startsWith('/new'));
  });

  await step('a stranger finds nothing of it', async () => {
    const eve = await visit(await signedIn(browser, server, users[2]), '/');
    await ask(eve.page, 'history');
    await status(eve.page, '0 results in 0 rooms, 0 messages');
    eve.watch.check();
  });
  ann.watch.check();
});

test('a bar finds in one chat, wherever it is', options, async (t) => {
  const { server, browser, users, room } = await stage(t);
  const ann = await visit(await signedIn(browser, server, users[0]), `/r/${room}`);
  const { page } = ann;
  const step = steps(t, server, [ann]);
  const bar = page.getByRole('search', { name: 'Search in this chat' });
  const input = bar.getByRole('searchbox', { name: 'Search in this chat' });
  const at = (text) => bar.getByTestId('find-status').getByText(text, { exact: true }).waitFor();
  const current = (seq) => row(page, seq).locator('mark[data-on]').waitFor();

  await step('it counts, marks, and leads from one to the next', async () => {
    await row(page, HISTORY).waitFor();
    await page.keyboard.press('Control+f');
    await input.waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'search-room');
    await page.keyboard.type('"message 10');
    await at('1 of 111');
    await inView(page, 1_099);
    await current(1_099);
    assert.deepEqual(await row(page, 1_099).locator('mark').allTextContents(), ['Message 10']);
    await input.press('Enter');
    await at('2 of 111');
    await inView(page, 1_098);
    await current(1_098);
    await input.press('Shift+Enter');
    await at('1 of 111');
    await bar.getByRole('button', { name: 'Next' }).click();
    await at('111 of 111');
    await inView(page, 10);
    await current(10);
    await bar.getByRole('button', { name: 'Previous' }).click();
    await at('1 of 111');
    await inView(page, 1_099);
  });

  await step('it says when there is nothing', async () => {
    await input.fill('qqqwwweee');
    await at('No results');
    assert.equal(await page.locator('.timeline mark').count(), 0);
  });

  await step('Escape closes it and leads back to writing', async () => {
    await input.press('Escape');
    await bar.waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.id === 'composer');
    assert.ok(page.url().endsWith(room), 'the chat stays open');
    await page.getByRole('button', { name: 'Search in this chat' }).click();
    await input.waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'search-room');
  });
  ann.watch.check();
});

test('a phone searches by touch', options, async (t) => {
  const { server, browser, users, room } = await stage(t);
  const ann = await visit(await signedIn(browser, server, users[0], PHONE), '/');
  const { page } = ann;
  await page.getByTestId('search').filter({ visible: true }).tap();
  await field(page).fill('"message 42 of"');
  const size = await box(page).locator('.palette').boundingBox();
  assert.ok(size.x === 0 && size.width === 390, 'it is as wide as the phone');
  await option(page, 'Message 42 of').tap();
  await page.waitForURL(`**/r/${room}`);
  await inView(page, 42);
  await page.getByRole('button', { name: 'Search in this chat' }).tap();
  const input = page.getByRole('searchbox', { name: 'Search in this chat' });
  await input.fill('"message 1999 of"');
  await page.getByTestId('find-status').getByText('1 of 1', { exact: true }).waitFor();
  await inView(page, 1_999);
  await page.getByRole('button', { name: 'Close search' }).tap();
  await input.waitFor({ state: 'detached' });
  ann.watch.check();
});

test('axe finds nothing in the box and the bar, in light and dark', options, async (t) => {
  const { server, browser, users, room } = await stage(t);
  const axe = await axeSource();
  for (const colorScheme of ['light', 'dark']) {
    for (const size of [{}, PHONE]) {
      // axe is put in past the policy, so it is not in force here; other tests hold it.
      const ann = await visit(
        await signedIn(browser, server, users[0], { ...size, colorScheme, bypassCSP: true }),
        `/r/${room}`,
      );
      const { page } = ann;
      await row(page, HISTORY).waitFor();
      await page.evaluate(axe);
      const violations = (where) =>
        page.evaluate(async () => {
          // Nothing is judged while it fades in.
          await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
          const found = await globalThis.axe.run(document, { resultTypes: ['violations'] });
          return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
        }).then((found) => assert.deepEqual(found, [], `${where} in ${colorScheme}, ${size.viewport ? 'phone' : 'desktop'}`));
      await ask(page, '');
      await option(page, 'New group').waitFor();
      await violations('the empty box');
      await ask(page, 'message 77');
      await status(page, 'in 1 room');
      await violations('the box');
      await ask(page, 'qqqwwweee');
      await box(page).getByText('No results for').waitFor();
      await violations('the box without results');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Search in this chat' }).click();
      await page.getByRole('searchbox', { name: 'Search in this chat' }).fill('"message 1999 of"');
      await page.getByTestId('find-status').getByText('1 of 1', { exact: true }).waitFor();
      await violations('the bar');
      await ann.context.close();
    }
  }
});
