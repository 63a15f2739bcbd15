// The list of chats: what its rows say, what can be done about them, filters, keys, a finger, a thousand rooms; what the
// title says, and notifications.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  PATIENCE, call, composer, connect, launch, message, newPage, prepare, register, say, serve, signedIn, steps, within,
} from './support.mjs';

const row = (page, name) => page.getByTestId('room').filter({ has: page.locator('.name', { hasText: name }) });
const badge = (page, name) => row(page, name).getByTestId('unread');
const names = (page) => page.getByTestId('room').locator('.name').allTextContents();
const focused = (page) => page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent ?? document.activeElement?.tagName);

/** Opens the menu of a chat and picks from it. */
async function pick(page, name, ...items) {
  await row(page, name).click({ button: 'right' });
  for (const item of items) await page.getByRole('menuitem', { name: item }).or(page.getByRole('menuitemradio', { name: item })).click();
}

/** Waits for the names of the list, from the top. */
const order = (page, ...wanted) =>
  page.waitForFunction(
    (wanted) => {
      const rows = [...document.querySelectorAll('[data-testid=room] .name')];
      return wanted.every((name, at) => rows[at]?.textContent === name);
    },
    wanted,
  );

const titled = (page, title) => page.waitForFunction((title) => document.title === title, title);

/** Records what the browser would show, and what it would write on the app's icon. */
function record() {
  window.shown = [];
  window.sounds = 0;
  const Real = window.Notification;
  window.Notification = new Proxy(Real, {
    construct(_, [title, options]) {
      const one = { title, body: options.body, tag: options.tag, closed: false };
      window.shown.push(one);
      return {
        close: () => (one.closed = true),
        set onclick(click) {
          one.click = click;
        },
      };
    },
  });
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) {
    window.sounds += 1;
    return start.apply(this, at);
  };
  navigator.setAppBadge = async (count) => {
    window.badge = count;
  };
}

async function three(t, options) {
  const server = await serve(t);
  const browser = await launch(t);
  const [ann, ben, cleo] = [
    await register(browser, server, 'Annie', options),
    await register(browser, server, 'Benno'),
    await register(browser, server, 'Cleo'),
  ];
  const benRoom = await connect(ben, ann, 'Hello from Ben');
  const cleoRoom = await connect(cleo, ann, 'Hello from Cleo');
  await row(ann.page, 'Cleo').waitFor();
  return { server, browser, ann, ben, cleo, benRoom, cleoRoom };
}

test('chats are put in order, muted, archived and marked', { timeout: 240_000 }, async (t) => {
  const { server, ann, ben, cleo, benRoom, cleoRoom } = await three(t);
  const { page } = ann;
  const step = steps(t, server, [ann, ben]);
  const [me] = await call(ben.page, 'GET', '/api/people?query=annie');
  const group = await call(ben.page, 'POST', '/api/rooms', {
    room_id: randomUUID(), name: 'Harvest', description: '', members: [me.person.id],
  });
  const groupRoom = group.room.room.id;
  await ben.page.goto(`/r/${groupRoom}`);
  await cleo.page.goto(`/r/${cleoRoom}`);

  await step('a row says who wrote, and a line of the group what happened', async () => {
    await row(page, 'Harvest').getByText('Benno added you').or(row(page, 'Harvest').getByText('Benno created the group')).waitFor();
    await say(ben.page, 'who brings **bread**?');
    await row(page, 'Harvest').getByText('Benno: who brings bread?').waitFor();
    await order(page, 'Harvest', 'Cleo', 'Benno');
    assert.equal(await row(page, 'Harvest').locator('.trio, .avatar').count() > 0, true);
  });

  await step('whoever is named sees it apart from the count', async () => {
    await say(ben.page, 'you perhaps, @annie?');
    await row(page, 'Harvest').getByTestId('mention').waitFor();
    assert.equal(await badge(page, 'Harvest').textContent(), '2');
  });

  await step('a pinned chat stays at the top, on every tab and after a reload', async () => {
    const other = await newPage(ann.context);
    await other.page.goto('/');
    await pick(page, 'Benno', 'Pin to top');
    await order(page, 'Benno', 'Harvest', 'Cleo');
    await order(other.page, 'Benno', 'Harvest', 'Cleo');
    await say(cleo.page, 'me first');
    await row(page, 'Cleo').getByText('me first').waitFor();
    await order(page, 'Benno', 'Cleo', 'Harvest');
    await other.page.reload();
    await order(other.page, 'Benno', 'Cleo', 'Harvest');
    await other.page.close();
    await pick(page, 'Benno', 'Unpin');
    await order(page, 'Cleo', 'Harvest', 'Benno');
  });

  await step('the title counts, without what is muted', async () => {
    // Hello from Ben, hello from Cleo and her second text, two in the group.
    await titled(page, '(5) Lavender');
    await pick(page, 'Cleo', /^Mute/, 'For 8 hours');
    await titled(page, '(3) Lavender');
    await badge(page, 'Cleo').and(page.locator('[data-muted]')).waitFor();
    await row(page, 'Cleo').getByText('muted').waitFor({ state: 'attached' });
    await row(page, 'Cleo').click({ button: 'right' });
    await page.getByRole('menuitem', { name: /^Mute/ }).click();
    await page.getByText(/^Muted until/).waitFor();
    await page.getByRole('menuitem', { name: 'Unmute' }).click();
    await titled(page, '(5) Lavender');
  });

  await step('the archive takes a chat out of the list, and gives it back', async () => {
    await pick(page, 'Benno', 'Archive');
    await row(page, 'Benno').waitFor({ state: 'detached' });
    await page.getByTestId('toast').getByRole('button', { name: 'Undo' }).click();
    await row(page, 'Benno').waitFor();
    await pick(page, 'Benno', 'Archive');
    await row(page, 'Benno').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Archived/ }).click();
    await order(page, 'Benno');
    await pick(page, 'Benno', 'Take out of the archive');
    await page.getByText('Nothing is archived').waitFor();
    await page.getByRole('button', { name: 'Back to all chats' }).click();
    await row(page, 'Benno').waitFor();
  });

  await step('a chat is marked unread and read', async () => {
    await row(page, 'Benno').click();
    await message(page, 'Hello from Ben').waitFor();
    await badge(page, 'Benno').waitFor({ state: 'detached' });
    await row(page, 'Cleo').click();
    await badge(page, 'Cleo').waitFor({ state: 'detached' });
    await pick(page, 'Benno', 'Mark as unread');
    await badge(page, 'Benno').waitFor();
    await pick(page, 'Benno', 'Mark as read');
    await badge(page, 'Benno').waitFor({ state: 'detached' });
  });

  await step('filters show some, and say when there are none', async () => {
    await page.getByRole('tab', { name: 'Groups' }).click();
    await order(page, 'Harvest');
    assert.deepEqual(await names(page), ['Harvest']);
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.getByRole('tab', { name: 'AI' }).getAttribute('aria-selected'), 'true');
    await page.getByText('No AI here yet').waitFor();
    await page.getByRole('tab', { name: /^Unread/ }).click();
    // The open chat stays while it is being read.
    await order(page, 'Cleo', 'Harvest');
    assert.equal(await row(page, 'Benno').count(), 0);
    await page.getByRole('button', { name: 'Mark all read' }).click();
    await badge(page, 'Harvest').waitFor({ state: 'detached' });
    await page.getByTestId('toast').filter({ hasText: '2 marked read' }).getByRole('button', { name: 'Undo' }).click();
    await badge(page, 'Harvest').waitFor();
    await page.getByRole('button', { name: 'Menu' }).first().click();
    await page.getByRole('menuitem', { name: 'Mark all read' }).click();
    await badge(page, 'Harvest').waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'All', exact: true }).click();
  });

  await step('a draft is shown where it waits', async () => {
    await row(page, 'Cleo').click();
    await composer(page).fill('half a thought');
    await row(page, 'Benno').click();
    await row(page, 'Cleo').getByText('Draft: half a thought').waitFor();
    await row(page, 'Cleo').click();
    await row(page, 'Cleo').getByText('Draft:').waitFor({ state: 'detached' });
    await composer(page).fill('');
  });

  await step('keys go through the list, open, and bring up the menu', async () => {
    await page.goto('/');
    await ann.watch.live(ann.watch.synced - 1);
    const list = await names(page);
    await page.getByRole('tab', { name: 'All', exact: true }).focus();
    await page.keyboard.press('Tab');
    await page.waitForFunction((first) => document.activeElement?.querySelector('.name')?.textContent === first, list[0]);
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction((name) => document.activeElement?.querySelector('.name')?.textContent === name, list[1]);
    await page.keyboard.press('End');
    await page.waitForFunction((name) => document.activeElement?.querySelector('.name')?.textContent === name, list.at(-1));
    await page.keyboard.press('Home');
    await page.waitForFunction((name) => document.activeElement?.querySelector('.name')?.textContent === name, list[0]);
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menu').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await page.waitForFunction((name) => document.activeElement?.querySelector('.name')?.textContent === name, list[0]);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/r\//);
    const before = page.url();
    await page.keyboard.press('Alt+ArrowDown');
    await page.waitForURL((url) => url.href !== before);
  });

  await step('a question mark lists the keys', async () => {
    await composer(page).fill('');
    await composer(page).press('?');
    assert.equal(await composer(page).inputValue(), '?', 'it is text where text is written');
    await composer(page).fill('');
    await row(page, 'Benno').focus();
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await sheet.getByText('Chat above').waitFor();
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    assert.equal(await focused(page), 'Benno', 'the focus returns');
  });
  ann.watch.check();
  assert.ok(benRoom);
});

test('a finger that rests on a chat opens its menu', { timeout: 120_000 }, async (t) => {
  const { ann, server } = await three(t, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const { page, context } = ann;
  const box = await row(page, 'Cleo').boundingBox();
  const touch = await context.newCDPSession(page);
  const at = { x: box.x + 120, y: box.y + 30 };
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
  await page.getByRole('menuitem', { name: 'Pin to top' }).waitFor();
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  assert.equal(new URL(page.url()).pathname, '/', 'letting go opens nothing');
  await page.getByRole('menuitem', { name: 'Pin to top' }).tap();
  await order(page, 'Cleo', 'Benno');
  await row(page, 'Benno').tap();
  await page.waitForURL(/\/r\//);
  ann.watch.check();
  assert.ok(server);
});

test('news are told once, by one tab, and lead to the message', { timeout: 180_000 }, async (t) => {
  const { server, ann, ben, cleo, benRoom, cleoRoom } = await three(t);
  const { context } = ann;
  await context.grantPermissions(['notifications']);
  await context.addInitScript(record);
  await ann.page.reload();
  const other = await newPage(context);
  await other.page.goto('/');
  await other.watch.live();
  const pages = [ann.page, other.page];
  const step = steps(t, server, [ann, { name: 'her other tab', ...other }]);
  const all = async () => (await Promise.all(pages.map((page) => page.evaluate(() => window.shown.map(({ title, body, tag, closed }) => ({ title, body, tag, closed })))))).flat();
  /** Waits for as many in both tabs. */
  const shown = (count) =>
    within(
      `${count} notifications`,
      (async () => {
        for (;;) {
          const now = await all();
          if (now.length >= count) return now;
          await Promise.race(pages.map((page) => page.waitForFunction((before) => window.shown.length !== before, 0, { timeout: PATIENCE }).catch(() => {})));
          await new Promise((done) => setTimeout(done, 50));
        }
      })(),
    );
  await ben.page.goto(`/r/${benRoom}`);
  await cleo.page.goto(`/r/${cleoRoom}`);

  await step('one for each room, replaced by the next', async () => {
    assert.deepEqual(await all(), [], 'what was there before is no news');
    await say(ben.page, 'the gate is open');
    let [first] = await shown(1);
    assert.deepEqual([first.title, first.body, first.tag], ['Benno (2)', 'the gate is open', benRoom]);
    await say(ben.page, 'and the mill too');
    const both = await shown(2);
    assert.equal(both.length, 2, 'the other tab says nothing');
    assert.equal(both[1].tag, first.tag);
    for (const page of pages) await page.waitForFunction(() => window.badge === 4);
  });

  await step('a press opens the room at the message, and the notification goes', async () => {
    const page = (await ann.page.evaluate(() => window.shown.length)) ? ann.page : other.page;
    await page.evaluate(() => window.shown.at(-1).click());
    await page.waitForURL(`**/r/${benRoom}`);
    await message(page, 'and the mill too').waitFor();
    await page.waitForFunction(() => window.shown.at(-1).closed);
    for (const page of pages) await page.waitForFunction(() => window.badge === 1);
    await page.goto('/');
  });

  await step('nothing for what is on the screen, muted, or while not to be disturbed', async () => {
    for (const page of pages) await page.goto(`/r/${benRoom}`);
    for (const page of pages) await message(page, 'and the mill too').waitFor();
    await say(ben.page, 'you are looking');
    for (const page of pages) await message(page, 'you are looking').waitFor();
    assert.deepEqual(await all(), []);
    await pick(pages[1], 'Cleo', /^Mute/, 'For 1 hour');
    await say(cleo.page, 'muted');
    for (const page of pages) await row(page, 'Cleo').getByText('muted', { exact: true }).waitFor();
    assert.deepEqual(await all(), []);
    await pick(pages[1], 'Cleo', 'Unmute');
    await pages[1].getByRole('button', { name: 'Menu' }).first().click();
    await pages[1].getByRole('menuitem', { name: 'Settings' }).click();
    await pages[1].getByRole('link', { name: 'Notifications' }).click();
    await pages[1].getByTestId('permission').and(pages[1].locator('[data-state=granted]')).waitFor();
    await pages[1].getByRole('button', { name: 'Until I turn it off' }).click();
    await pages[1].getByText('Quiet until you turn it off.').waitFor();
    await say(cleo.page, 'quiet please');
    for (const page of pages) await row(page, 'Cleo').getByText('quiet please').waitFor();
    assert.deepEqual(await all(), []);
    await pages[1].getByRole('button', { name: 'Off', exact: true }).click();
    const before = await pages[1].evaluate(() => window.sounds);
    await say(cleo.page, 'and now');
    const [told] = await shown(1);
    assert.equal(told.body, 'and now');
    await pages[1].waitForFunction((before) => window.sounds > before, before);
    await pages[1].getByRole('switch', { name: /^Show what was written/ }).click();
    await pages[1].getByRole('switch', { name: /^Sound/ }).click();
    const silent = await pages[1].evaluate(() => window.sounds);
    await say(cleo.page, 'a secret');
    assert.equal((await shown(2))[1].body, 'New message');
    assert.equal(await pages[1].evaluate(() => window.sounds), silent);
  });
  ann.watch.check();
});

test('a thousand chats scroll, with only those in sight in the document', { timeout: 300_000 }, async (t) => {
  const server = await prepare(t);
  const sets = Array.from({ length: 1_000 }, (_, n) => ['--set', `field${String(n).padStart(4, '0')}:1x3`]).flat();
  const fixture = await server.seed('--users', '3', ...sets);
  await server.start();
  const browser = await launch(t);
  const { page, watch } = await signedIn(browser, server, fixture.users[0]);
  await page.addInitScript(() => {
    window.long = [];
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map((entry) => Math.round(entry.duration)))).observe({ entryTypes: ['longtask'] });
  });
  await page.goto('/');
  await watch.live();
  const drawn = () => page.evaluate(() => document.querySelectorAll('[data-testid=room]').length);
  assert.ok((await drawn()) <= 60, `${await drawn()} rows are drawn`);
  assert.equal(await page.locator('.room').first().getAttribute('aria-setsize'), '1000');
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
  await page.evaluate(() => (window.long = []));
  await page.locator('.rows').hover();
  let most = 0;
  for (let n = 0; n < 40; n += 1) {
    await page.mouse.wheel(0, 900);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    most = Math.max(most, await drawn());
  }
  const long = await page.evaluate(() => window.long);
  t.diagnostic(`${nodes} nodes, at most ${most} rows; long tasks while scrolling 36,000 px: ${JSON.stringify(long)} ms`);
  assert.ok(most <= 60, `${most} rows are drawn`);
  // What is in sight is there, wherever that is.
  await page.waitForFunction(() => {
    const pane = document.querySelector('.rows').getBoundingClientRect();
    const hit = document.elementFromPoint(pane.left + 60, pane.top + pane.height / 2);
    return hit?.closest('[data-testid=room]');
  });
  await page.getByTestId('room').first().focus();
  await page.keyboard.press('End');
  await page.waitForFunction(() => document.activeElement?.closest('.room')?.ariaPosInSet === '1000');
  await page.keyboard.press('Home');
  await page.waitForFunction(() => document.activeElement?.closest('.room')?.ariaPosInSet === '1');
  watch.check();
});
