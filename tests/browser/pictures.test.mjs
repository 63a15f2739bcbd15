// Pictures of people and groups, the colour that they give, and pictures behind conversations.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { bmp, png } from './png.mjs';
import {
  STORAGES, axeSource, call, connect, launch, message, open, pair, register, say, serve, steps, storedIn,
  withoutStorage, within,
} from './support.mjs';

const TEAL = [20, 160, 140];
const CORAL = [240, 110, 70];
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** A picture of two halves. */
const halves = () => ({ name: 'two halves.png', mimeType: 'image/png', buffer: png(900, 600, (x) => (x < 450 ? TEAL : CORAL)) });
const plain = (colour) => ({ name: 'plain.png', mimeType: 'image/png', buffer: png(400, 400, () => colour) });

const panel = (page) => page.getByTestId('panel');
const stage = (page) => page.getByRole('application', { name: 'Part of the picture' });
const use = (page) => page.getByRole('button', { name: 'Use picture' });
const toast = (page, text) => page.getByTestId('toast').filter({ hasText: text });
const bar = (page) => page.locator('.info-bar');
const details = (page) => page.getByRole('button', { name: 'Details' });

/** Opens a path and waits until its scripts run. */
async function go({ page, watch }, path) {
  const before = watch.synced;
  await page.goto(path);
  await watch.live(before);
}

async function profile(page) {
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Your profile' }).click();
  await panel(page).getByTestId('picture-buttons').waitFor();
}

/** Has a file chosen and waits until it is on the stage. */
async function pick(page, file, id = 'own-picture') {
  await page.locator(`#${id}`).setInputFiles(file);
  await stage(page).waitFor();
  await page.waitForFunction(() => document.querySelector('#crop-picture')?.style.width);
}

async function done(page) {
  await stage(page).waitFor({ state: 'detached' });
  await toast(page, 'Picture changed').getByRole('button', { name: 'Dismiss' }).click();
}

/** The colour in the middle of a picture on the page, once it is there. */
const middle = (page, selector) =>
  page.waitForFunction((selector) => {
    const image = document.querySelector(selector);
    if (!image?.complete || !image.naturalWidth) return null;
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    const at = canvas.getContext('2d');
    at.drawImage(image, image.naturalWidth / 2, image.naturalHeight / 2, 1, 1, 0, 0, 1, 1);
    return [...at.getImageData(0, 0, 1, 1).data].slice(0, 3);
  }, selector).then((handle) => handle.jsonValue());

function near(found, wanted, what) {
  assert.ok(found.every((channel, at) => Math.abs(channel - wanted[at]) < 40), `${what}: ${found} instead of ${wanted}`);
}

const light = (channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
const luminance = ([red, green, blue]) => 0.2126 * light(red / 255) + 0.7152 * light(green / 255) + 0.0722 * light(blue / 255);
function contrast(one, other) {
  const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

/** Colours of styles as they come out, in numbers. */
const painted = (page, selector, property) =>
  page.evaluate(([selector, property]) => {
    const probe = document.createElement('i');
    document.querySelector(selector).append(probe);
    probe.style.color = property;
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    const at = canvas.getContext('2d');
    at.fillStyle = getComputedStyle(probe).color;
    at.fillRect(0, 0, 1, 1);
    probe.remove();
    return [...at.getImageData(0, 0, 1, 1).data].slice(0, 3);
  }, [selector, property]);

/** The least contrast that a colour has with what is painted in a part of the page. */
async function leastContrast(page, colour, clip) {
  const shot = await page.screenshot({ clip, animations: 'disabled' });
  const pixels = await page.evaluate(async (data) => {
    const image = new Image();
    image.src = data;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const at = canvas.getContext('2d');
    at.drawImage(image, 0, 0);
    const seen = new Set();
    const { data: all } = at.getImageData(0, 0, image.width, image.height);
    for (let place = 0; place < all.length; place += 4) seen.add((all[place] << 16) | (all[place + 1] << 8) | all[place + 2]);
    return [...seen];
  }, `data:image/png;base64,${shot.toString('base64')}`);
  const found = pixels.map((pixel) => contrast(colour, [pixel >> 16, (pixel >> 8) & 255, pixel & 255]));
  return { least: Math.min(...found), colours: pixels.length };
}

/** The line and the bar of a conversation can be read, in both themes. */
async function readable(page) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    const [text, ground, surface] = [await painted(page, '.info-bar', 'var(--peer)'), await painted(page, '.info-bar', 'var(--peer-bar)'), await painted(page, '.info-bar', 'var(--surface)')];
    for (const below of [ground, surface]) assert.ok(contrast(text, below) >= 4.5, `${colorScheme}: ${text} on ${below}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

const people = async (t, storage) => {
  const { server, browser, ann, ben, room, step } = await pair(t, storedIn(storage));
  const [ann_page, ben_page] = [ann.page, ben.page];
  const style = (page) => bar(page).getAttribute('style');
  let [changed, first] = [0, null];

  await step('a part is chosen with the pointer, and becomes the picture', async () => {
    await go(ben, `/r/${room}`);
    await message(ben_page, 'The first word').waitFor();
    first = await painted(ben_page, '.info-bar', 'var(--peer)');
    await go(ann, `/r/${room}`);
    await profile(ann_page);
    await pick(ann_page, halves());
    // To the left half, with more than there is.
    const box = await stage(ann_page).boundingBox();
    await ann_page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await ann_page.mouse.down();
    await ann_page.mouse.move(box.x + box.width * 1.6, box.y + box.height / 2, { steps: 6 });
    await ann_page.mouse.up();
    await ann_page.mouse.move(box.x + 20, box.y + 20);
    await ann_page.mouse.wheel(0, -400);
    await ann_page.waitForFunction(() => Number(document.querySelector('.crop-zoom input').value) > 150);
    await use(ann_page).click();
    await stage(ann_page).waitFor({ state: 'detached' });
    changed = Date.now();
  });

  await step('the other browser sees the picture, and its colour on the bar, within two seconds', async () => {
    await ben_page.waitForFunction(() => document.querySelector('.info-bar').dataset.hue === 'own');
    assert.ok(Date.now() - changed < 2_000, `${Date.now() - changed} ms`);
    near(await middle(ben_page, '.info-bar .avatar img'), TEAL, 'the picture on the bar');
    near(await middle(ben_page, '[data-testid=room] .avatar img'), TEAL, 'the picture in the list');
    near(await middle(ann_page, '.profile .avatar img'), TEAL, 'her own');
    near(await middle(ann_page, '.menu-anchor .avatar img'), TEAL, 'her own in the menu');
    const [, green, blue] = await painted(ben_page, '.info-bar', 'var(--peer)');
    assert.ok(green > 60 && blue > 40, 'it is green and blue');
    await readable(ben_page);
    await toast(ann_page, 'Picture changed').getByRole('button', { name: 'Dismiss' }).click();
    const srcset = await bar(ben_page).locator('.avatar img').getAttribute('srcset');
    assert.match(srcset, /^\/avatars\/[0-9a-f-]{36}\/64 1x, \/avatars\/[0-9a-f-]{36}\/128 2x$/);
    assert.equal(await bar(ben_page).locator('.avatar img').getAttribute('alt'), '');
  });

  await step('a reload paints the colour before any script runs, in both themes', async () => {
    const { context } = ben;
    const still = await open(browser, server, { storageState: await context.storageState(), javaScriptEnabled: false });
    for (const colorScheme of ['light', 'dark']) {
      await still.page.emulateMedia({ colorScheme });
      await still.page.goto(`/r/${room}`);
      const html = await still.page.content();
      assert.match(html, /class="info-bar"[^>]*style="--own-l:#[0-9a-f]{6};--own-bar-l:#[0-9a-f]{6};--own-d:#[0-9a-f]{6};--own-bar-d:#[0-9a-f]{6}"/);
      assert.match(html, /<img [^>]*src="\/avatars\//);
    }
    await still.context.close();
    await go(ben, `/r/${room}`);
    await message(ben_page, 'The first word').waitFor();
    await readable(ben_page);
    ben.watch.check();
  });

  await step('and with keys alone', async () => {
    const change = panel(ann_page).getByRole('button', { name: 'Change picture' });
    await ann_page.bringToFront();
    await change.focus();
    const asked = ann_page.waitForEvent('filechooser');
    // Playwright asks the browser for it meanwhile.
    await change.focus();
    await ann_page.waitForFunction(() => document.activeElement?.textContent === 'Change picture');
    await ann_page.keyboard.press('Enter');
    const chooser = await asked;
    await chooser.setFiles(halves());
    await ann_page.waitForFunction(() => document.activeElement?.id === 'crop-stage' && document.querySelector('#crop-picture').style.width);
    const lying = () => ann_page.locator('#crop-picture').evaluate((image) => [image.style.left, image.style.width]);
    const [left, width] = await lying();
    for (let turn = 0; turn < 4; turn += 1) await ann_page.keyboard.press('Shift+ArrowRight');
    for (let turn = 0; turn < 6; turn += 1) await ann_page.keyboard.press('+');
    for (let turn = 0; turn < 30; turn += 1) await ann_page.keyboard.press('Shift+ArrowRight');
    const [right, wide] = await lying();
    assert.ok(Number.parseFloat(right) < Number.parseFloat(left) && Number.parseFloat(wide) > Number.parseFloat(width), `${right} ${wide}`);
    // The slider says the same, and moves by keys too.
    const slider = ann_page.getByRole('slider', { name: 'Zoom' });
    assert.equal(await slider.getAttribute('aria-valuetext'), '177 per cent');
    await ann_page.keyboard.press('Tab');
    await ann_page.keyboard.press('ArrowRight');
    assert.equal(await slider.getAttribute('aria-valuetext'), '178 per cent');
    // Nothing outside can have the focus.
    for (let turn = 0; turn < 12; turn += 1) {
      await ann_page.keyboard.press('Tab');
      assert.ok(await ann_page.evaluate(() => document.activeElement === document.body || !!document.activeElement.closest('dialog')));
    }
    await use(ann_page).focus();
    await ann_page.keyboard.press('Enter');
    await stage(ann_page).waitFor({ state: 'detached' });
    await ann_page.waitForFunction(() => document.activeElement?.textContent === 'Change picture');
    await done(ann_page);
    near(await middle(ann_page, '.profile .avatar img'), CORAL, 'the right half');
    await ben_page.waitForFunction((before) => document.querySelector('.info-bar').getAttribute('style') !== before, await style(ann_page));
    near(await middle(ben_page, '.info-bar .avatar img'), CORAL, 'on the bar');
  });

  await step('what is refused says why, and changes nothing', async () => {
    const before = await panel(ann_page).locator('.avatar img').getAttribute('src');
    const input = ann_page.locator('#own-picture');
    const alert = panel(ann_page).getByRole('alert');
    await input.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('words') });
    await alert.getByText('Choose a picture: JPEG, PNG, GIF or WebP.').waitFor();
    await input.setInputFiles({ name: 'large.png', mimeType: 'image/png', buffer: Buffer.alloc(12_300_000) });
    await alert.getByText('12.3 MB is over the 10.0 MB limit for pictures.').waitFor();
    await input.setInputFiles({ name: 'empty.png', mimeType: 'image/png', buffer: Buffer.alloc(0) });
    await alert.getByText('The file is empty.').waitFor();
    // What the browser can't read never leaves it; what it can may still not be taken.
    const dialog = ann_page.getByRole('dialog', { name: 'Your picture' });
    await input.setInputFiles({ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('nothing') });
    await dialog.getByRole('alert').getByText("This picture can't be read here.").waitFor();
    assert.ok(await use(ann_page).isDisabled());
    ann.watch.outage = true;
    await ann_page.locator('#other-picture').setInputFiles({ name: 'old.bmp', mimeType: 'image/bmp', buffer: bmp(300, 200, CORAL) });
    await ann_page.waitForFunction(() => document.querySelector('#crop-picture')?.style.width);
    await use(ann_page).click();
    await dialog.getByRole('alert').getByText('Choose a picture: JPEG, PNG, GIF or WebP.').waitFor();
    const cut = halves();
    await ann_page.locator('#other-picture').setInputFiles({ ...cut, buffer: cut.buffer.subarray(0, 400) });
    await ann_page.waitForFunction(() => document.querySelector('#crop-picture')?.style.width);
    await use(ann_page).click();
    await dialog.getByRole('alert').getByText("The picture is damaged and can't be read.").waitFor();
    // The network may be away: then it can be tried again.
    await ann.context.setOffline(true);
    await ann_page.locator('#other-picture').setInputFiles(plain(TEAL));
    await ann_page.waitForFunction(() => document.querySelector('#crop-picture')?.style.width);
    await use(ann_page).click();
    await dialog.getByRole('alert').getByText('No answer from the server.').waitFor();
    await ann.context.setOffline(false);
    assert.equal(await panel(ann_page).locator('.avatar img').getAttribute('src'), before);
    await ann_page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    ann.watch.trouble.length = 0;
    ann.watch.outage = false;
  });

  await step('a picture that can\'t be had leaves the initials', async () => {
    const { page, watch } = await open(browser, server, { storageState: await ben.context.storageState() });
    watch.outage = true;
    await page.route('**/avatars/**', (route) => route.abort());
    await page.goto(`/r/${room}`);
    await message(page, 'The first word').waitFor();
    await page.waitForFunction(() => document.querySelector('.info-bar .avatar img').complete);
    const { x, y, width, height } = await bar(page).locator('.avatar').boundingBox();
    // The letter in the middle and the ground around it, as without a picture; nothing broken.
    const shot = await leastContrast(page, await painted(page, '.info-bar .avatar', 'var(--peer)'), { x: x + width / 4, y: y + height / 4, width: width / 2, height: height / 2 });
    assert.ok(shot.least < 1.05 && shot.colours > 4, `${shot.least} ${shot.colours}`);
    const content = await bar(page).locator('.avatar').evaluate((avatar) => getComputedStyle(avatar, '::before').content);
    assert.equal(content, '"A"');
    await page.context().close();
  });

  await step('a picture is taken away after a question', async () => {
    await panel(ann_page).getByRole('button', { name: 'Remove' }).click();
    await ann_page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await toast(ann_page, 'Picture removed').waitFor();
    await panel(ann_page).getByRole('button', { name: 'Choose a picture' }).waitFor();
    await ben_page.waitForFunction(() => !document.querySelector('.info-bar .avatar img') && Number(document.querySelector('.info-bar').dataset.hue) >= 0);
    const back = await painted(ben_page, '.info-bar', 'var(--peer)');
    assert.deepEqual(back, first, 'the colour of the name again');
  });

  await step('a group has a picture, and its colour', async () => {
    const [friend] = await call(ann_page, 'GET', '/api/people?query=benno');
    const made = await call(ann_page, 'POST', '/api/rooms', { room_id: randomUUID(), name: 'Harvest', description: '', members: [friend.person.id] });
    const group = made.room.room.id;
    for (const person of [ann, ben]) await go(person, `/r/${group}`);
    await details(ben_page).click();
    await panel(ben_page).getByRole('button', { name: 'Leave group' }).waitFor();
    assert.equal(await panel(ben_page).getByRole('button', { name: 'Group settings' }).count(), 0);
    await details(ann_page).click();
    await panel(ann_page).getByRole('button', { name: 'Group settings' }).click();
    await pick(ann_page, plain(TEAL));
    await use(ann_page).click();
    await done(ann_page);
    await ben_page.waitForFunction(() => document.querySelector('.info-bar').dataset.hue === 'own');
    for (const place of ['.info-bar', '[data-testid=room]:first-of-type', '[data-testid=panel]']) near(await middle(ben_page, `${place} .avatar img`), TEAL, place);
    await readable(ben_page);
    await panel(ann_page).getByRole('button', { name: 'Remove' }).click();
    await ann_page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await ben_page.waitForFunction(() => document.querySelector('.info-bar').dataset.hue !== 'own');
  });

  for (const { watch } of [ann, ben]) watch.check();
};
for (const storage of STORAGES) {
  const set = { timeout: 300_000, skip: withoutStorage(storage) };
  test(`pictures of people and groups, in a ${storage}`, set, (t) => people(t, storage));
}

test('a wallpaper of one\'s own', { timeout: 240_000 }, async (t) => {
  const { server, browser, ann, ben, room, step } = await pair(t);
  const { page } = ann;
  const paper = '.wallpaper:has(> .timeline, > * .timeline)';
  // As dark and as light as it gets.
  const squares = { name: 'squares.png', mimeType: 'image/png', buffer: png(640, 640, (x, y) => ((x >> 5) + (y >> 5)) % 2 ? [0, 0, 0] : [255, 255, 255]) };

  await step('a picture of one\'s own lies behind the chat, and text on it can be read', async () => {
    await go(ann, `/r/${room}`);
    await details(page).click();
    await page.locator('#own-wallpaper').setInputFiles(squares);
    await toast(page, 'Wallpaper changed').getByRole('button', { name: 'Dismiss' }).click();
    await toast(page, 'Wallpaper changed').waitFor({ state: 'detached' });
    await page.locator('.wallpaper[data-picture]').waitFor();
    const url = await page.locator('.wallpaper[data-picture]').evaluate((element) => /url\("?([^")]+)/.exec(getComputedStyle(element).backgroundImage)[1]);
    assert.match(new URL(url, server.origin).pathname, /^\/files\/[0-9a-f-]{36}$/);
    // Only what is behind.
    await page.evaluate(() => {
      for (const child of document.querySelector('.wallpaper[data-picture]').children) child.style.visibility = 'hidden';
    });
    const { x, y, width, height } = await page.locator('.wallpaper[data-picture]').boundingBox();
    // Chromium does not tell of every picture that a style fetches: it is there when it is painted.
    await within('the picture is painted', (async () => {
      const clip = { x: x + 30, y: y + 30, width: width - 60, height: height - 60 };
      while ((await leastContrast(page, await painted(page, '.wallpaper', 'var(--text-muted)'), clip)).colours < 2);
    })());
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      for (const name of ['text-subtle', 'text-muted', 'accent-text', 'danger-text']) {
        const { least, colours } = await leastContrast(page, await painted(page, '.wallpaper', `var(--${name})`), { x: x + 30, y: y + 30, width: width - 60, height: height - 60 });
        assert.ok(least >= 4.5 && colours > 1, `${colorScheme}, ${name}: ${least} among ${colours} colours`);
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
  });

  await step('it is there on another device, and nobody else sees it', async () => {
    const other = await open(browser, server, { storageState: await ann.context.storageState() });
    await other.page.goto(`/r/${room}`);
    await other.page.locator('.wallpaper[data-picture]').waitFor();
    await other.context.close();
    await go(ben, `/r/${room}`);
    await message(ben.page, 'The first word').waitFor();
    assert.equal(await ben.page.locator('.wallpaper[data-picture]').count(), 0);
    const path = await page.locator('.wp-own').getAttribute('src');
    assert.equal((await ben.page.request.get(path, { maxRedirects: 0 })).status(), 404);
    assert.equal((await page.request.get(path, { maxRedirects: 0 })).status(), 302);
  });

  await step('it fades, and goes', async () => {
    const style = () => page.locator('.wallpaper[data-picture]').getAttribute('style');
    const before = await style();
    await panel(page).getByRole('slider', { name: 'Fade' }).press('End');
    await page.waitForFunction((before) => document.querySelector('.wallpaper[data-picture]').getAttribute('style') !== before, before);
    assert.ok(await panel(page).getByText('Colour').isHidden());
    await page.locator('#own-wallpaper').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('words') });
    await panel(page).getByRole('alert').getByText('Choose a picture').waitFor();
    await panel(page).getByTestId('own-wallpaper').getByRole('button', { name: 'Remove your picture' }).click();
    await page.locator('.wallpaper[data-picture]').waitFor({ state: 'detached' });
    assert.ok(await panel(page).locator('label[title="Sprigs"] input').isChecked());
  });

  for (const { watch } of [ann, ben]) watch.check();
});

test('a part is chosen with two fingers on a phone', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const { page, watch, context } = await register(browser, server, 'Annie', PHONE);
  await profile(page);
  await pick(page, halves());
  const box = await stage(page).boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const touches = await context.newCDPSession(page);
  const touch = (type, ...points) =>
    touches.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  await touch('touchStart', [x - 30, y], [x + 30, y]);
  for (let far = 40; far <= 75; far += 5) await touch('touchMove', [x - far, y], [x + far, y]);
  await touch('touchEnd');
  const slider = page.getByRole('slider', { name: 'Zoom' });
  await page.waitForFunction(() => Number(document.querySelector('.crop-zoom input').value) > 200);
  const left = () => page.locator('#crop-picture').evaluate((image) => Number.parseFloat(image.style.left));
  const before = await left();
  await touch('touchStart', [x, y]);
  for (let far = 0; far <= 100; far += 10) await touch('touchMove', [x + far, y]);
  await touch('touchEnd');
  assert.ok((await left()) > before + 10, 'one finger moves it');
  assert.ok(Number(await slider.inputValue()) > 200, 'and zooms nothing');
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
  assert.ok(wide <= 390, `${wide} px wide`);
  await use(page).scrollIntoViewIfNeeded();
  const button = await use(page).boundingBox();
  assert.ok(button.height >= 44 && button.y + button.height <= 844, 'within reach of a thumb');
  await use(page).click();
  await done(page);
  near(await middle(page, '.profile .avatar img'), TEAL, 'the left half');
  watch.check();
});

test('axe finds nothing about pictures', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const axe = await axeSource();
  // axe is put in past the policy, so it is not in force here; other tests hold it.
  const ann = await register(browser, server, 'Annie', { bypassCSP: true });
  const ben = await register(browser, server, 'Benno');
  const room = await connect(ann, ben, 'The first word');
  const { page } = ann;
  await go(ann, `/r/${room}`);
  await say(page, 'Another word');
  for (const [colorScheme, size] of ['light', 'dark'].flatMap((scheme) => [[scheme, { width: 1280, height: 800 }], [scheme, PHONE.viewport]])) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    const check = async (what) => {
      await page.evaluate(axe);
      const violations = await page.evaluate(async () => {
        const found = await globalThis.axe.run(document, { resultTypes: ['violations'] });
        return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(', ')}`);
      });
      assert.deepEqual(violations, [], `${what}, ${colorScheme}, ${size.width} px`);
    };
    await go(ann, `/r/${room}`);
    await details(page).click();
    await page.locator('#own-wallpaper').setInputFiles(plain(TEAL));
    await toast(page, 'Wallpaper changed').getByRole('button', { name: 'Dismiss' }).click();
    await check('the choice of a wallpaper');
    await go(ann, `/r/${room}`);
    await page.locator('.wallpaper[data-picture]').waitFor();
    await check('a wallpaper');
    await go(ann, '/');
    await profile(page);
    await pick(page, halves());
    await check('the part of a picture');
    await use(page).click();
    await done(page);
    await check('a profile with a picture');
    await page.locator('#own-picture').setInputFiles({ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('nothing') });
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await check('a picture that is refused');
  }
});
