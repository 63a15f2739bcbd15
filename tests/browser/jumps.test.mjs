// Ways through a chat: to what is new, to its end, and to what was pinned.
import assert from 'node:assert/strict';
import test from 'node:test';
import { call, composer, message as all, pair, say, tick } from './support.mjs';

const options = { timeout: 180_000 };
const PINS = 50;

const message = (page, text) => all(page, text).first();
const menu = (page) => page.getByRole('menu', { name: 'Message' });
const toast = (page, text) => page.getByTestId('toast').filter({ hasText: text });

/** Picks something from the menu of a message, which a right click opens. */
async function pick(page, text, name) {
  await message(page, text).locator('.bubble').click({ button: 'right' });
  await menu(page).getByRole('menuitem', { name, exact: true }).click();
  await menu(page).waitFor({ state: 'detached' });
}

/** Both are in their room, where the first has written so many lines. */
async function story(t, lines) {
  const both = await pair(t);
  const { ann, ben, room } = both;
  for (const { page, watch } of [ann, ben]) {
    const before = watch.synced;
    await page.goto(`/r/${room}`);
    await watch.live(before);
    await composer(page).waitFor();
  }
  for (let n = 1; n <= lines; n += 1) await say(ann.page, `Line ${n}.`);
  await ben.page.bringToFront();
  await tick(ann.page, `Line ${lines}.`, 'read');
  return both;
}

test('the jump button leads to the mark, then to the end', options, async (t) => {
  const { ann, ben, step } = await story(t, 60);
  const { page } = ben;
  const mark = page.getByTestId('unread-divider');
  /** Where the mark is: -1 above the view, 0 in it, 1 below. */
  const side = () =>
    mark.evaluate((mark) => {
      const [view, rect] = [document.querySelector('.timeline').getBoundingClientRect(), mark.getBoundingClientRect()];
      if (rect.bottom <= view.top) return -1;
      return rect.top >= view.bottom ? 1 : 0;
    });

  await step('the mark is out of sight above', async () => {
    await pick(page, 'Line 20.', 'Mark unread from here');
    await mark.waitFor();
    await page.locator('.timeline').evaluate((view) => {
      const row = [...view.querySelectorAll('.msg')].find((row) => row.textContent.includes('Line 45.'));
      view.scrollBy({ top: row.getBoundingClientRect().bottom - view.getBoundingClientRect().bottom, behavior: 'instant' });
    });
    await page.getByRole('button', { name: 'Jump to 41 new messages' }).waitFor();
    assert.equal(await side(), -1);
  });

  await step('the first press shows it', async () => {
    await page.getByTestId('jump').click();
    await message(page, 'Line 20.').locator('.bubble[data-flash]').waitFor();
    assert.equal(await side(), 0);
    await page.getByRole('button', { name: 'Jump to 41 new messages' }).waitFor();
  });

  await step('the second leads to the end', async () => {
    await page.getByTestId('jump').click();
    await page.waitForFunction(() => document.querySelector('.timeline').scrollTop > -2);
    await page.waitForFunction(() => {
      const row = [...document.querySelectorAll('.msg')].at(-1).getBoundingClientRect();
      return row.bottom <= document.querySelector('.timeline').getBoundingClientRect().bottom;
    });
    await page.getByTestId('jump').waitFor({ state: 'detached' });
    await page.getByTestId('room').filter({ hasText: 'Annie' }).getByTestId('unread').waitFor({ state: 'detached' });
  });

  for (const { watch } of [ann, ben]) watch.check();
});

test('pinned messages have a list, and an end', options, async (t) => {
  const { ann, ben, room, step } = await story(t, PINS + 1);
  const { page } = ann;
  const panel = page.getByTestId('panel');
  const pins = panel.getByTestId('pin');

  await step('the list has them, the last one first, and leads there', async () => {
    await pick(page, 'Line 2.', 'Pin');
    await pick(page, 'Line 40.', 'Pin');
    await ben.page.getByTestId('pin-bar').filter({ hasText: '2 of 2' }).waitFor();
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await panel.getByRole('button', { name: 'Pinned messages' }).filter({ hasText: '2' }).click();
    await pins.nth(1).waitFor();
    const texts = await pins.locator('.pin-text').allTextContents();
    assert.deepEqual(texts, ['Line 40.', 'Line 2.']);
    await pins.nth(1).getByRole('button').first().click();
    await message(page, 'Line 2.').locator('.bubble[data-flash]').waitFor();
    await page.waitForFunction(() => {
      const row = [...document.querySelectorAll('.msg')].find((row) => row.textContent.includes('Line 2.'));
      const [view, rect] = [document.querySelector('.timeline').getBoundingClientRect(), row.getBoundingClientRect()];
      return rect.top >= view.top && rect.bottom <= view.bottom;
    });
  });

  await step('what is taken out of it is no longer pinned, for both', async () => {
    await pins.filter({ hasText: 'Line 40.' }).getByRole('button', { name: 'Unpin' }).click();
    await pins.filter({ hasText: 'Line 40.' }).waitFor({ state: 'detached' });
    assert.equal(await pins.count(), 1);
    await ben.page.getByTestId('pin-bar').filter({ hasText: 'Line 2.' }).waitFor();
    await ben.page.locator('.bubble[data-pinned]').filter({ hasText: 'Line 40.' }).waitFor({ state: 'detached' });
  });

  await step('no more than fifty, and it says so', async () => {
    const found = await call(page, 'GET', `/api/rooms/${room}/messages?limit=100`);
    const lines = found.messages.filter(({ body }) => body.startsWith('Line ') && body !== 'Line 2.');
    assert.equal(lines.length, PINS, 'one more than still fits');
    const last = lines.pop();
    await page.evaluate(pin, [room, lines.map(({ id }) => id)]);
    await pins.nth(PINS - 1).waitFor();
    await pick(page, last.body, 'Pin');
    const said = toast(page, 'Not pinned.');
    await said.waitFor();
    await page.locator('.bubble[data-pinned]').filter({ hasText: last.body }).waitFor({ state: 'detached' });
    assert.equal(await pins.count(), PINS);
    // Whoever is refused is told what to do.
    assert.match(await said.innerText(), /50|fifty/);
  });

  for (const { watch } of [ann, ben]) watch.check();
});

test('a pin that was still on its way is in the list, too', options, async (t) => {
  const { ann, ben } = await story(t, 2);
  const { page } = ann;
  const panel = page.getByTestId('panel');
  const pins = panel.getByTestId('pin');
  // Pins leave this page when they are let go.
  const held = [];
  let holds = false;
  await page.routeWebSocket(/\/api\/live/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      if (holds && text.includes('"type":"pin"')) held.push(() => server.send(text));
      else server.send(text);
    });
  });
  await page.reload();
  await pick(page, 'Line 1.', 'Pin');
  await ben.page.getByTestId('pin-bar').filter({ hasText: 'Line 1.' }).waitFor();
  await page.getByRole('button', { name: 'Details', exact: true }).click();
  await panel.getByRole('button', { name: 'Pinned messages' }).click();
  await pins.filter({ hasText: 'Line 1.' }).waitFor();
  const asking = new Set();
  page.on('request', (request) => request.url().endsWith('/pins') && asking.add(request));
  for (const event of ['requestfinished', 'requestfailed']) page.on(event, (request) => asking.delete(request));
  holds = true;
  await pick(page, 'Line 2.', 'Pin');
  await message(page, 'Line 2.').locator('.bubble[data-pinned]').waitFor();
  // Whatever the list asks now is answered without it.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  while (asking.size > 0) await page.waitForEvent('requestfinished');
  assert.equal(held.length, 1);
  held.pop()();
  await ben.page.getByTestId('pin-bar').filter({ hasText: 'Line 2.' }).waitFor();
  await pins.filter({ hasText: 'Line 2.' }).waitFor();
  for (const { watch } of [ann, ben]) watch.check();
});

/** In the page: pins messages over a connection of its own. */
function pin([room, ids]) {
  return new Promise((done, fail) => {
    const socket = new WebSocket(`ws://${location.host}/api/live`);
    const say = (id, command) => socket.send(JSON.stringify({ id, command }));
    socket.onopen = () => say(0, { type: 'hello', protocol: 1 });
    socket.onerror = () => fail(new Error('no connection'));
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === 'refused') fail(new Error(data));
      if (frame.type === 'synced') say(1, { type: 'pin', room_id: room, message_id: ids[0], on: true });
      if (frame.type === 'done' && frame.id === ids.length) {
        socket.close();
        done();
      } else if (frame.type === 'done') say(frame.id + 1, { type: 'pin', room_id: room, message_id: ids[frame.id], on: true });
    };
  });
}
