// A room of 100,000 messages is as light as a short one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { launch, message, prepare, rows, say, signedIn, tick } from './support.mjs';

const MESSAGES = 100_000;
/** Rows that may be on the page at once. */
const ROWS_MAX = 250;

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
  await page.goto(`/r/${room}`);
  await watch.live();
  await page.locator(`[data-testid=message][data-seq="${MESSAGES}"]`).waitFor();
  assert.deepEqual(pages, [], 'the page brings its newest messages along');
  assert.ok((await rows(page)).length <= 60, 'one page of them');

  await t.test('older ones come while scrolling up, without a jump', async () => {
    let oldest = (await rows(page))[0].seq;
    for (let turn = 0; turn < 12; turn += 1) {
      // Up to the top of what is there; a row in view is the landmark while older ones come in above it.
      const jump = await page.evaluate(scrollUp);
      assert.ok(jump.moved <= 2, `the landmark moved by ${jump.moved} px`);
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
  const first = document.querySelector('[data-testid=message]');
  const landmark = [...document.querySelectorAll('[data-testid=message]')].find((row) => {
    const place = row.getBoundingClientRect();
    return place.top >= box.getBoundingClientRect().top;
  }) ?? first;
  let top = landmark.getBoundingClientRect().top;
  let moved = 0;
  for (let n = 0; n < 120; n += 1) {
    await frame();
    if (!landmark.isConnected) break;
    const now = landmark.getBoundingClientRect().top;
    moved = Math.max(moved, Math.abs(now - top));
    if (document.querySelector('[data-testid=message]').dataset.seq !== before && n > 5) break;
  }
  return { moved };
}
