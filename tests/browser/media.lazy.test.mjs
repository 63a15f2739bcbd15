// When pictures come: near the view, not before; asked for when loading costs; once more when their address has expired; and
// into a box that was there before them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { attach, drawn, file, items, png } from './files.support.mjs';
import { call, composer, hold, message, open, pair, say, shifts, tick } from './support.mjs';

const options = { timeout: 180_000 };
/** How far from the view pictures are asked for, in pixels. */
const MARGIN = 500;
const SMALL = /\/files\/[^/?]+\?v=/;

const still = (page, text) => message(page, text).locator('.still');
const picture = (seed) => file(`view-${seed}.png`, 'image/png', png(640, 400, seed));

async function enter({ page, watch }, room) {
  const before = watch.synced;
  await page.goto(`/r/${room}`);
  await watch.live(before);
  await composer(page).waitFor();
}

async function give(page, text, ...files) {
  await attach(page, ...files);
  await items(page).nth(files.length - 1).waitFor();
  await say(page, text);
  await tick(page, text, 'sent', 'delivered', 'read');
}

/** The id of the picture of a message. */
async function pictureOf(page, room, text) {
  const { messages } = await call(page, 'GET', `/api/rooms/${room}/messages?limit=100`);
  return messages.find(({ body }) => body === text).attachments[0].id;
}

/** Notes the pictures that a page asks for. */
function asked(page) {
  const ids = [];
  page.on('request', (request) => {
    const path = new URL(request.url()).pathname;
    if (path.startsWith('/files/') && request.method() === 'GET') ids.push(path.slice('/files/'.length));
  });
  return ids;
}

/** Looks of the pictures of a page, from its first paint on: `globalThis.looks`. */
function noteLooks() {
  globalThis.looks = new Set();
  const look = () => {
    for (const { dataset } of document.querySelectorAll('.still')) globalThis.looks.add(dataset.look);
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-look'] });
}

test('pictures come when they are near, and into their place', options, async (t) => {
  const { ann, ben, room, step } = await pair(t);
  const { page } = ben;
  await enter(ann, room);
  await give(ann.page, 'A view', picture(1));

  await step('an impression fills the box, and nothing moves when the picture comes', async () => {
    const go = await hold(page, SMALL);
    await enter(ben, room);
    const row = message(page, 'A view');
    const blur = row.locator('.blur-up');
    await blur.waitFor();
    const box = await row.locator('.photo').boundingBox();
    assert.ok(Math.abs(box.width / box.height - 640 / 400) < 0.01, `a box of ${box.width} by ${box.height}`);
    // Blurred it would end softly: it is drawn larger, and cut off by its frame.
    assert.deepEqual(await still(page, 'A view').boundingBox(), box);
    assert.equal(await still(page, 'A view').evaluate((frame) => getComputedStyle(frame).overflow), 'hidden');
    const large = await blur.boundingBox();
    assert.ok(large.x <= box.x && large.y <= box.y, JSON.stringify({ large, box }));
    assert.ok(large.x + large.width >= box.x + box.width && large.y + large.height >= box.y + box.height, JSON.stringify({ large, box }));
    assert.equal(await still(page, 'A view').getAttribute('data-look'), 'waiting');
    // It has something of the picture: more colours than one.
    const colours = await blur.evaluate(async (image) => {
      await image.decode();
      const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 16 });
      const draw = canvas.getContext('2d');
      draw.drawImage(image, 0, 0, 16, 16);
      const { data } = draw.getImageData(0, 0, 16, 16);
      return new Set(Array.from({ length: 256 }, (_, n) => data.slice(n * 4, n * 4 + 3).join())).size;
    });
    assert.ok(colours > 16, `${colours} colours`);
    const shifted = await shifts(page);
    await go();
    await still(page, 'A view').and(page.locator('[data-look="here"]')).waitFor();
    await drawn(row);
    assert.deepEqual(await row.locator('.sharp').boundingBox(), box);
    assert.deepEqual(await row.locator('.photo').boundingBox(), box);
    assert.equal(await blur.count(), 0);
    assert.equal(await shifted(), 0);
  });

  await step('one that is far is asked for within 500 pixels of the view', async () => {
    for (let n = 1; n <= 45; n += 1) await say(ann.page, `Line ${n}.`);
    await give(ann.page, 'Another view', picture(2));
    const [far, near] = [await pictureOf(page, room, 'A view'), await pictureOf(page, room, 'Another view')];
    const ids = asked(page);
    await page.goto('/');
    await enter(ben, room);
    await still(page, 'Another view').and(page.locator('[data-look="here"]')).waitFor();
    /** Scrolls until the far picture ends so many pixels above the view, and waits until the browser has looked at it. */
    const bring = (distance) =>
      still(page, 'A view').evaluate(async (picture, distance) => {
        const view = document.querySelector('.timeline');
        const above = () => view.getBoundingClientRect().top - picture.getBoundingClientRect().bottom;
        view.scrollBy({ top: distance - above(), behavior: 'instant' });
        for (let n = 0; n < 10; n += 1) await new Promise((done) => requestAnimationFrame(done));
        return above();
      }, distance);
    const away = await bring(MARGIN + 60);
    assert.ok(away > MARGIN, `${away} px away`);
    assert.ok(ids.includes(near));
    assert.ok(!ids.includes(far), 'the far one is not asked for');
    assert.equal(await still(page, 'A view').getAttribute('data-look'), 'waiting');
    const at = await bring(MARGIN - 20);
    assert.ok(at > 0 && at < MARGIN, `${at} px away, still out of view`);
    await still(page, 'A view').and(page.locator('[data-look="here"]')).waitFor();
    assert.equal(ids.filter((id) => id === far).length, 1);
  });

  await step('pages report no trouble', () => {
    for (const { watch } of [ann, ben]) watch.check();
  });
});

test('an address that has expired is renewed, once and silently', options, async (t) => {
  const { ann, ben, room, step } = await pair(t);
  const { page, context } = ben;
  await enter(ann, room);
  await give(ann.page, 'A view', picture(1));

  await step('the picture comes by a new one', async () => {
    await page.addInitScript(noteLooks);
    // Playwright lets redirected requests pass by its routes; the devtools protocol stops them too.
    const session = await context.newCDPSession(page);
    await session.send('Fetch.enable', { patterns: [{ urlPattern: '*/blobs/*' }] });
    const links = [];
    session.on('Fetch.requestPaused', ({ requestId, request }) => {
      links.push(request.url);
      if (links.length === 1) session.send('Fetch.fulfillRequest', { requestId, responseCode: 403 });
      else session.send('Fetch.continueRequest', { requestId });
    });
    const ids = asked(page);
    // Browsers report each refused request.
    ben.watch.outage = true;
    await enter(ben, room);
    await still(page, 'A view').and(page.locator('[data-look="here"]')).waitFor();
    await drawn(message(page, 'A view'));
    const id = await pictureOf(page, room, 'A view');
    assert.deepEqual(ids, [id, id], 'its address was asked for once more');
    assert.equal(links.length, 2);
    assert.notEqual(links[1], links[0], 'and is another one');
    assert.deepEqual((await page.evaluate(() => [...globalThis.looks])).sort(), ['here', 'waiting'], 'nothing was said of it');
    assert.equal(await message(page, 'A view').getByRole('button', { name: 'Try again' }).count(), 0);
    await session.detach();
    ben.watch.outage = false;
  });

  await step('pages report no trouble', () => {
    for (const { watch } of [ann, ben]) watch.check();
  });
});

test('pictures wait where data is saved', options, async (t) => {
  const { server, browser, ann, ben, room, step } = await pair(t);
  await enter(ann, room);
  await give(ann.page, 'A view', picture(1));
  await give(ann.page, 'Two views', picture(2), picture(3));
  const saver = { name: 'Benno', ...(await open(browser, server, { storageState: await ben.context.storageState() })) };
  const { page } = saver;
  await page.addInitScript(() => {
    const connection = Object.assign(new EventTarget(), { saveData: true, effectiveType: '3g' });
    Object.defineProperty(Navigator.prototype, 'connection', { get: () => connection });
  });
  const ids = asked(page);

  await step('behind a button that says how much they are', async () => {
    await enter(saver, room);
    await message(page, 'A view').getByRole('button', { name: /^Load, \d+(\.\d)? (B|KB|MB)$/ }).waitFor();
    await message(page, 'Two views').getByRole('button', { name: /^Load, / }).nth(1).waitFor();
    assert.deepEqual(ids, [], 'nothing is asked for');
    // Their impressions cost nothing.
    await message(page, 'A view').locator('.blur-up').waitFor();
    assert.equal(await page.locator('.still img.sharp').count(), 0);
  });

  await step('and come when it is pressed, each for itself', async () => {
    await message(page, 'A view').getByRole('button', { name: /^Load, / }).click();
    await drawn(message(page, 'A view'));
    assert.deepEqual(ids, [await pictureOf(page, room, 'A view')]);
    assert.equal(await message(page, 'Two views').getByRole('button', { name: /^Load, / }).count(), 2);
  });

  await step('pages report no trouble', () => {
    for (const { watch } of [ann, ben, saver]) watch.check();
  });
});
