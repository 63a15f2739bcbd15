// Files as they are looked at: pictures large, albums, animations, films, sounds, what is broken, and the panel's page of all.
//
// With SHOTS (a folder) it leaves pictures of what it saw there.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { attach, drawn, file, film, gif, items, pdf, png, wav } from './files.support.mjs';
import {
  STORAGES, axe, composer, connect, launch, message, register, say, serve, steps, storedIn, tick, withoutStorage,
} from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' };
const shots = process.env.SHOTS;
const shot = async (page, name) => shots && (await page.screenshot({ path: join(shots, `files-${name}.png`), animations: 'disabled' }));
const gone = (locator) => locator.waitFor({ state: 'detached' });
const viewer = (page) => page.getByTestId('viewer');
const panel = (page) => page.getByTestId('panel');
const status = (page, text) => viewer(page).getByRole('status').filter({ hasText: text }).waitFor();
/** The zoom of the picture that is looked at. */
const until = (page, is, argument) => page.waitForFunction(is, argument);
const zoomed = (page, more) =>
  until(page, (more) => {
    const scale = new DOMMatrix(getComputedStyle(document.getElementById('viewer-box')).transform).a;
    return more ? scale > 1.2 : scale < 1.01;
  }, more);

async function give(page, text, ...files) {
  await attach(page, ...files);
  await items(page).nth(files.length - 1).waitFor();
  await say(page, text);
  await tick(page, text, 'sent', 'delivered', 'read');
}

async function enter(person, room) {
  const before = person.watch.synced;
  await person.page.goto(`/r/${room}`);
  await person.watch.live(before);
  await composer(person.page).waitFor();
}

const looked = async (t, storage) => {
  const server = await serve(t, 'sqlite', storedIn(storage));
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie', { viewport: { width: 1280, height: 800 } });
  const ben = await register(browser, server, 'Benno', PHONE);
  const room = await connect(ann, ben);
  await enter(ann, room);
  await enter(ben, room);
  const { page } = ann;
  const phone = ben.page;
  const step = steps(t, server, [ann, ben]);

  await step('all kinds arrive', async () => {
    const pictures = Array.from({ length: 5 }, (_, n) => file(`view-${n}.png`, 'image/png', png(640 - n * 60, 360 + n * 40, n)));
    await give(page, 'Five views', ...pictures);
    await give(page, 'It moves', file('wave.gif', 'image/gif', gif(160, 100)));
    await give(page, 'A film', file('clip.webm', 'video/webm', await film(page)));
    await give(page, 'A sound', file('tone.wav', 'audio/wav', wav(3)));
    await give(page, 'A permit', file('permit.pdf', 'application/pdf', pdf()));
    await message(phone, 'A permit').getByTestId('file').waitFor();
    await message(page, 'Five views').scrollIntoViewIfNeeded();
    await drawn(message(page, 'Five views'));
    assert.equal(await message(page, 'Five views').locator('.album-tile').count(), 5);
    await shot(page, 'kinds-light');
  });

  await step('pictures large, by keyboard', async () => {
    await message(page, 'Five views').getByRole('button', { name: /^Photo from you/ }).nth(1).click();
    await viewer(page).waitFor();
    await status(page, '2 of 7');
    await page.keyboard.press('ArrowRight');
    await status(page, '3 of 7');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await status(page, '1 of 7');
    await drawn(viewer(page));
    await shot(page, 'viewer-light');
    await axe(page);
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await zoomed(page, true);
    await page.keyboard.press('0');
    await zoomed(page, false);
    await page.keyboard.press('Escape');
    await gone(viewer(page));
    // The focus is back where it was.
    assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? ''), /^Photo from you/);
  });

  await step('by mouse: buttons, wheel, double click, beside it', async () => {
    await message(page, 'Five views').getByRole('button', { name: /^Photo from you/ }).first().click();
    await drawn(viewer(page));
    await viewer(page).getByRole('button', { name: 'Zoom in' }).click();
    await zoomed(page, true);
    await viewer(page).getByRole('button', { name: 'Zoom out' }).click();
    await zoomed(page, false);
    const box = await page.locator('#viewer-stage').boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, -400);
    await zoomed(page, true);
    await page.keyboard.press('0');
    await zoomed(page, false);
    await page.mouse.dblclick(x, y);
    await zoomed(page, true);
    await until(page, () => new DOMMatrix(getComputedStyle(document.getElementById('viewer-box')).transform).a > 2);
    await page.mouse.down();
    await page.mouse.move(x - 80, y - 40, { steps: 5 });
    await page.mouse.up();
    await page.mouse.dblclick(x, y);
    await zoomed(page, false);
    await viewer(page).getByRole('button', { name: 'Next' }).click();
    await status(page, '2 of 7');
    await page.mouse.click(box.x + 90, box.y + 10);
    await gone(viewer(page));
  });

  await step('from the viewer to its message, and to the disk', async () => {
    await message(page, 'Five views').getByRole('button', { name: /^Photo from you/ }).first().click();
    const download = page.waitForEvent('download');
    await viewer(page).getByRole('link', { name: /^Download view-0\./ }).click();
    assert.match((await download).suggestedFilename(), /^view-0\.(jpg|png)$/);
    await viewer(page).getByRole('button', { name: 'Go to message' }).click();
    await gone(viewer(page));
    await message(page, 'Five views').waitFor();
  });

  await step('fingers: swipe, double tap, pull down, and the way back', async () => {
    await message(phone, 'Five views').getByRole('button', { name: /^Photo from Annie/ }).first().tap();
    await viewer(phone).waitFor();
    await drawn(viewer(phone));
    await shot(phone, 'viewer-phone');
    await axe(phone);
    await status(phone, '1 of 7');
    const touch = await phone.context().newCDPSession(phone);
    const swipe = async (from, to) => {
      const at = ([x, y]) => ({ touchPoints: [{ x, y }] });
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', ...at(from) });
      for (let n = 1; n <= 6; n += 1) {
        const point = from.map((value, axis) => value + ((to[axis] - value) * n) / 6);
        await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', ...at(point) });
      }
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    };
    await swipe([330, 420], [60, 425]);
    await status(phone, '2 of 7');
    await swipe([60, 420], [330, 425]);
    await status(phone, '1 of 7');
    await phone.touchscreen.tap(195, 420);
    await phone.touchscreen.tap(195, 420);
    await zoomed(phone, true);
    await phone.touchscreen.tap(195, 420);
    await phone.touchscreen.tap(195, 420);
    await zoomed(phone, false);
    await swipe([195, 380], [198, 640]);
    await gone(viewer(phone));
    const here = phone.url();
    // A second touch this soon would count as the second half of a double one.
    await message(phone, 'Five views').getByRole('button', { name: /^Photo from Annie/ }).first().click();
    await viewer(phone).waitFor();
    await phone.evaluate(() => history.back());
    await gone(viewer(phone));
    assert.equal(phone.url().replace('#open', ''), here.replace('#open', ''));
    await composer(phone).waitFor();
  });

  await step('an animation plays three times, rests, and can be paused', async () => {
    const row = message(page, 'It moves');
    await row.scrollIntoViewIfNeeded();
    // It may rest already.
    const either = row.getByRole('button', { name: /^(Play|Pause) GIF$/ });
    if ((await either.getAttribute('aria-label')) === 'Play GIF') await either.click();
    await row.getByRole('button', { name: 'Pause GIF' }).click();
    await row.getByRole('button', { name: 'Play GIF' }).waitFor();
    assert.equal(await row.locator('.moving[data-playing]').count(), 0);
    await row.getByRole('button', { name: 'Play GIF' }).click();
    await row.locator('.moving[data-playing]').waitFor();
    // It ends by itself.
    await row.locator('.moving:not([data-playing])').waitFor();
  });

  await step('a film plays', async () => {
    const row = message(page, 'A film');
    await row.scrollIntoViewIfNeeded();
    const video = row.locator('video');
    await video.waitFor();
    await video.evaluate(async (video) => {
      while (video.readyState < 1) await new Promise((done) => video.addEventListener('loadedmetadata', done, { once: true }));
      video.muted = true;
      await video.play();
      while (video.currentTime === 0) await new Promise((done) => video.addEventListener('timeupdate', done, { once: true }));
    });
    assert.equal(await video.evaluate((video) => video.videoWidth), 320);
  });

  await step('a sound plays, and only one at a time', async () => {
    const sound = message(page, 'A sound').getByTestId('sound');
    await sound.getByRole('button', { name: 'Play' }).click();
    await sound.getByRole('button', { name: 'Pause' }).waitFor();
    assert.equal(await page.locator('video').evaluate((video) => video.paused), true, 'the film has stopped');
    await sound.locator('audio').evaluate(async (audio) => {
      while (audio.currentTime < 0.2) await new Promise((done) => audio.addEventListener('timeupdate', done, { once: true }));
    });
    await sound.getByRole('button', { name: 'Pause' }).click();
    await sound.getByRole('button', { name: 'Play' }).waitFor();
    await sound.getByRole('slider', { name: 'Position' }).press('ArrowRight');
    assert.ok((await sound.locator('audio').evaluate((audio) => audio.currentTime)) > 0.5);
  });

  await step('a picture that does not come says so, and comes when it is asked for again', async () => {
    await page.route(/\/files\/[^/]+\?v=/, (route) => route.abort());
    ann.watch.outage = true;
    await enter(ann, room);
    const row = message(page, 'Five views');
    await row.scrollIntoViewIfNeeded();
    const why = row.getByRole('group', { name: "The picture can't be loaded" }).first();
    await why.waitFor();
    await shot(page, 'broken-light');
    await axe(page);
    await page.unroute(/\/files\/[^/]+\?v=/);
    await why.getByRole('button', { name: 'Try again' }).click();
    await row.locator('.still[data-look="here"]').first().waitFor();
    ann.watch.outage = false;
  });

  await step('the panel has all of them by kind', async () => {
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await panel(page).getByTestId('media-cell').first().waitFor();
    await shot(page, 'panel-light');
    await panel(page).getByTestId('media-all').click();
    const list = panel(page).getByTestId('media-list');
    await list.getByTestId('media-cell').nth(6).waitFor();
    assert.equal(await list.getByTestId('media-cell').count(), 7);
    await drawn(list);
    await shot(page, 'media-light');
    await axe(page);
    await list.getByRole('button', { name: /^Photo from you/ }).first().click();
    await viewer(page).waitFor();
    await page.keyboard.press('Escape');
    await gone(viewer(page));
    await panel(page).getByRole('tab', { name: 'Files' }).click();
    await panel(page).getByTestId('media-file').getByText('permit').waitFor();
    await shot(page, 'media-files-light');
    await axe(page);
    await panel(page).getByRole('tab', { name: 'Voice' }).click();
    await panel(page).getByTestId('media-sound').waitFor();
    await axe(page);
  });

  await step('links come while one looks, lead out safely, and back to their message', async () => {
    await panel(page).getByRole('tab', { name: 'Voice' }).press('ArrowLeft');
    await panel(page).getByRole('tab', { name: 'Links', selected: true }).waitFor();
    await panel(page).getByText('No links yet').waitFor();
    await composer(phone).fill('See [our plan](https://example.org/plan) and https://example.com/beds?row=2');
    await phone.getByRole('button', { name: 'Send', exact: true }).tap();
    const line = panel(page).getByTestId('media-link');
    await line.nth(1).waitFor();
    const links = await line.getByRole('link').evaluateAll((all) =>
      all.map((link) => [link.getAttribute('href'), link.target, link.rel]));
    const safe = ['_blank', 'noopener noreferrer nofollow ugc'];
    assert.deepEqual(links, [['https://example.org/plan', ...safe], ['https://example.com/beds?row=2', ...safe]]);
    await line.first().getByText('our plan', { exact: true }).waitFor();
    await line.first().getByText('example.org', { exact: true }).waitFor();
    await say(page, 'And [its colours](https://example.net/colours)');
    await line.filter({ hasText: 'its colours' }).waitFor();
    assert.match(await line.first().textContent(), /its colours.*example\.net.*You/);
    await shot(page, 'media-links-light');
    await axe(page);
    // Away from it, and back.
    await message(page, 'Five views').scrollIntoViewIfNeeded();
    await line.nth(1).getByRole('button', { name: /^Benno, .*: go to the message$/ }).press('Enter');
    const seq = await message(page, 'See our plan').getAttribute('data-seq');
    await until(page, (seq) => {
      const rect = document.querySelector(`[data-testid=message][data-seq="${seq}"]`)?.getBoundingClientRect();
      return rect && rect.top >= 0 && rect.bottom <= innerHeight;
    }, seq);
  });

  await step('links that do not come say so, and come when they are asked for again, on a phone', async () => {
    await phone.route(/\/media\?.*kind=links/, (route) => route.abort());
    ben.watch.outage = true;
    await phone.getByRole('button', { name: 'Details', exact: true }).tap();
    await panel(phone).getByTestId('media-all').tap();
    await panel(phone).getByRole('tab', { name: 'Links' }).tap();
    const list = panel(phone).getByTestId('media-list');
    const again = list.getByRole('button', { name: 'Try again' });
    await again.waitFor();
    await axe(phone);
    await phone.unroute(/\/media\?.*kind=links/);
    await again.tap();
    await list.getByTestId('media-link').nth(2).waitFor();
    ben.watch.outage = false;
    await shot(phone, 'media-links-phone');
    await axe(phone);
    await list.getByRole('button', { name: /^Annie, .*: go to the message$/ }).tap();
    await gone(panel(phone));
    await message(phone, 'And its colours').waitFor();
  });

  await step('the box finds files by their names', async () => {
    await page.keyboard.press('Control+k');
    const box = page.getByRole('dialog', { name: 'Search' });
    await box.getByRole('combobox', { name: 'Search' }).fill('permit');
    await box.getByRole('option').filter({ hasText: 'A permit' }).waitFor();
    await box.getByRole('tab', { name: 'Files' }).click();
    const found = box.getByRole('group', { name: 'Files' }).getByRole('option').filter({ hasText: 'permit.pdf' });
    await found.waitFor();
    assert.deepEqual(await found.locator('mark').allTextContents(), ['permit']);
    await shot(page, 'search-files-light');
    await found.click();
    await gone(box);
    await message(page, 'A permit').waitFor();
  });

  await step('pages report no trouble', () => {
    ann.watch.check();
    ben.watch.check();
  });
};
for (const storage of STORAGES) {
  const set = { timeout: 300_000, skip: withoutStorage(storage) };
  test(`files are looked at, listened to and found again, in a ${storage}`, set, (t) => looked(t, storage));
}
