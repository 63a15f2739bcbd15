// A room of 100,000 messages is as light as a short one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { launch, message, prepare, rows, say, signedIn, tick } from './support.mjs';

const MESSAGES = 100_000;
/** Rows that may be on the page at once. */
const ROWS_MAX = 200;

test('a room of 100,000 messages stays light and does not jump', { timeout: 240_000 }, async (t) => {
  const server = await prepare(t);
  const fixture = await server.seed('--users', '2', '--set', 'long:1x2', '--history', String(MESSAGES));
  await server.start();
  const browser = await launch(t);
  const { page, watch } = await signedIn(browser, server, fixture.users[0]);
  const room = fixture.sets.long[0].id;

  const pages = [];
  page.on('request', (request) => {
    if (request.url().includes(`/api/rooms/${room}/messages`)) pages.push(request.url());
  });
  // All of it was read before.
  await page.goto('/');
  await watch.live();
  await page.evaluate(markRead, [room, MESSAGES]);
  const before = watch.synced;
  await page.goto(`/r/${room}`);
  await watch.live(before);
  await page.locator(`[data-testid=message][data-seq="${MESSAGES}"]`).waitFor();
  // The page brings its newest messages along; older ones may be fetched ahead of need.
  assert.ok(pages.length <= 2 && pages.every((url) => url.includes('before=')), `asked for ${pages}`);
  assert.ok((await rows(page)).length <= ROWS_MAX);

  await t.test('older ones come while scrolling up, without a jump', async () => {
    let oldest = (await rows(page))[0].seq;
    for (let turn = 0; turn < 12; turn += 1) {
      // Up to the top of what is there; a row in view is the landmark while older ones come in above it.
      const jump = await page.evaluate(scrollUp);
      assert.ok(jump.moved <= 1, `the landmark moved by ${jump.moved} px`);
      await page.waitForFunction(
        (seq) => Number(document.querySelector('[data-testid=message]')?.dataset.seq) < seq,
        oldest,
      );
      const shown = await rows(page);
      assert.ok(shown.length <= ROWS_MAX, `${shown.length} rows are on the page`);
      shown.forEach((row, index) => assert.equal(row.seq, shown[0].seq + index, 'no gap'));
      oldest = shown[0].seq;
    }
    assert.ok(oldest < MESSAGES - 400, `scrolled up to ${oldest}`);
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
    assert.ok(nodes < 8_000, `${nodes} elements`);
  });

  await t.test('a page that did not come is asked for again, from the same place', async () => {
    watch.outage = true;
    await page.route('**/messages?before=*', (route) => route.abort());
    const shown = async () => (await rows(page))[0].seq;
    const retry = page.getByRole('button', { name: 'Try again' });
    // What was fetched ahead of need is used up first.
    await page.waitForFunction(() => {
      const box = document.querySelector('[role=log]');
      box.scrollBy({ top: -box.scrollHeight, behavior: 'instant' });
      return [...document.querySelectorAll('button')].some((button) => button.textContent === 'Try again');
    });
    await page.getByText("Older messages didn't load.").waitFor();
    const oldest = await shown();
    await page.unroute('**/messages?before=*');
    watch.outage = false;
    await retry.click();
    await retry.waitFor({ state: 'detached' });
    await page.locator(`[data-testid=message][data-seq="${oldest - 1}"]`).waitFor();
  });

  await t.test('the jump button leads back to the newest', async () => {
    await page.getByTestId('jump').click();
    const newest = page.locator(`[data-testid=message][data-seq="${MESSAGES}"]`);
    await newest.waitFor();
    await page.waitForFunction((seq) => {
      const row = document.querySelector(`[data-testid=message][data-seq="${seq}"]`).getBoundingClientRect();
      return row.bottom <= innerHeight && row.top >= 0;
    }, MESSAGES);
    await say(page, 'And one more');
    await tick(page, 'And one more', 'sent', 'delivered', 'read');
    await message(page, 'And one more').waitFor();
  });
  watch.check();
});

test('where nothing was read, what is new begins above all that is drawn', { timeout: 180_000 }, async (t) => {
  const server = await prepare(t);
  const fixture = await server.seed('--users', '2', '--set', 'long:1x2', '--history', '200');
  await server.start();
  const browser = await launch(t);
  const { page, watch } = await signedIn(browser, server, fixture.users[0]);
  // Nobody looks: nothing is read on the way.
  await page.addInitScript(() => { document.hasFocus = () => false; });
  await page.goto(`/r/${fixture.sets.long[0].id}`);
  await watch.live();
  await page.locator('[data-testid=message][data-seq="200"]').waitFor();
  const divider = page.getByTestId('unread-divider');
  const unread = page.getByTestId('room').first().getByTestId('unread');
  assert.equal(await divider.count(), 0, 'not above the first row that happens to be drawn');
  await page.evaluate(() => document.getElementById('messages').scrollBy({ top: -900, behavior: 'instant' }));
  await page.getByTestId('jump').filter({ hasText: 'new' }).waitFor();
  assert.equal(await divider.count(), 0);
  const before = await unread.innerText();
  // The first press leads to what is new first, and reads nothing.
  await page.getByTestId('jump').click();
  await page.locator('[data-testid=message][data-seq="1"]').waitFor();
  await divider.waitFor();
  assert.equal(await unread.innerText(), before);
  assert.equal(await page.getByTestId('toast').count(), 0);
  await page.getByTestId('jump').filter({ hasText: 'new' }).waitFor();
  watch.check();
});

/**
 * In the page: scrolls to the top of the loaded rows and measures, frame by frame for a while, how far a row that stays in
 * the document moves while rows are put in above it.
 */
async function scrollUp() {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const list = document.querySelector('[role=log]');
  let box = list;
  while (box && !(box.scrollHeight > box.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(box).overflowY))) {
    box = box.parentElement;
  }
  box ??= document.querySelector('[role=log] *');
  const before = document.querySelector('[data-testid=message]').dataset.seq;
  box.scrollBy({ top: -box.scrollHeight, behavior: 'instant' });
  await frame();
  const edge = box.getBoundingClientRect().top;
  const all = [...document.querySelectorAll('[data-testid=message]')];
  const { seq } = all.find((row) => row.getBoundingClientRect().top >= edge).dataset;
  // By its number: the element itself may be made anew.
  const top = () => document.querySelector(`[data-testid=message][data-seq="${seq}"]`)?.getBoundingClientRect().top;
  const start = top();
  let moved = 0;
  // Until rows came in above it, and ten frames more.
  for (let n = 0, after = 0; n < 300 && after < 10; n += 1) {
    await frame();
    moved = Math.max(moved, Math.abs((top() ?? Infinity) - start));
    if (document.querySelector('[data-testid=message]').dataset.seq !== before) after += 1;
  }
  return { moved };
}

/** In the page: raises the read watermark over a connection of its own. */
function markRead([room, read]) {
  return new Promise((done, fail) => {
    const socket = new WebSocket(`ws://${location.host}/api/live`);
    const say = (id, command) => socket.send(JSON.stringify({ id, command }));
    socket.onopen = () => say(1, { type: 'hello', protocol: 1 });
    socket.onerror = () => fail(new Error('no connection'));
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === 'synced') say(2, { type: 'mark', room_id: room, delivered: read, read });
      if (frame.type === 'refused') fail(new Error(data));
      if (frame.type === 'done') {
        socket.close();
        done();
      }
    };
  });
}
