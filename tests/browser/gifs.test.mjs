// Moving pictures of the built-in pack: picked by keys and by touch, seen by the other, paused, and still for those who want it so.
//
// With SHOTS (a folder) it leaves pictures of what it saw there.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import {
  axe, composer, connect, hold, launch, message, register, say, serve, steps, STORES, without,
} from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const shots = process.env.SHOTS;
const shot = async (page, name) => shots && (await page.screenshot({ path: join(shots, `gifs-${name}.png`) }));

const button = (page) => page.getByRole('button', { name: 'GIF', exact: true });
const picker = (page) => page.getByRole('dialog', { name: 'GIFs' });
const search = (page) => picker(page).getByRole('searchbox', { name: 'Find a GIF' });
const cells = (page) => picker(page).getByRole('gridcell');
const gone = (locator) => locator.waitFor({ state: 'detached' });
/** The figures with a title in the stream. */
const gifs = (page, title) => page.getByTestId('gif').filter({ has: page.getByRole('img', { name: title, exact: true }) });
/** Its still picture is decoded. */
const drawn = (gif) =>
  gif.locator('.gif-still').evaluate((img) => img.decode().then(() => img.naturalWidth)).then((width) => assert.equal(width, 160));
/** Its size, whether it still grows into its place or not. */
const laidOut = (gif) => gif.evaluate((figure) => [figure.offsetWidth, figure.offsetHeight]);
const pause = (gif) => gif.getByRole('button', { name: 'Pause GIF' });
const play = (gif) => gif.getByRole('button', { name: 'Play GIF' });
const focused = (page) => page.evaluate(() => document.activeElement.ariaLabel);

for (const store of STORES) test(`GIFs between two on ${store}`, { skip: without(store), timeout: 300_000 }, async (t) => {
  const server = await serve(t, store);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno', PHONE);
  const step = steps(t, server, [ann, ben]);
  const room = await connect(ann, ben);
  // What is fetched from anywhere else.
  const foreign = [];
  for (const { page } of [ann, ben]) {
    page.on('request', (request) => {
      if (/^https?:/.test(request.url()) && new URL(request.url()).origin !== server.origin) foreign.push(request.url());
    });
    await page.goto(`/r/${room}`);
    await composer(page).waitFor();
  }
  await Promise.all([ann, ben].map(({ watch }) => watch.live()));

  await step('the picker opens, is walked through by keys, and gives the focus back', async () => {
    const { page } = ann;
    await button(page).focus();
    await page.keyboard.press('Enter');
    await picker(page).waitFor();
    await page.waitForFunction(() => document.activeElement.id === 'gif-search');
    assert.ok((await cells(page).count()) >= 16);
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(page), 'hello');
    await page.keyboard.press('ArrowRight');
    assert.equal(await focused(page), 'in love');
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(page), 'party', 'one row further');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    assert.equal(await focused(page), 'Find a GIF', 'out at the top');
    assert.equal(await cells(page).and(page.locator('[tabindex="0"]')).count(), 1, 'Tab stops at one');
    await axe(page);
    await shot(page, 'picker');
    await page.keyboard.press('Escape');
    await gone(picker(page));
    await page.waitForFunction(() => document.activeElement.ariaLabel === 'GIF');
  });

  await step('only what is pointed at or focused plays', async () => {
    const { page } = ann;
    const playing = () => picker(page).locator('.gif-cell[data-playing]');
    await button(page).click();
    await cells(page).first().waitFor();
    assert.equal(await playing().count(), 0);
    await cells(page).nth(4).hover();
    await playing().and(page.locator('[aria-label="party"]')).waitFor();
    await search(page).hover();
    await gone(playing());
    await page.keyboard.press('ArrowDown');
    await playing().and(page.locator('[aria-label="hello"]')).waitFor();
    assert.equal(await playing().count(), 1);
    await page.keyboard.press('Escape');
    await gone(picker(page));
  });

  await step('a search narrows, says when there is nothing, and Enter sends the best at once', async () => {
    const { page } = ann;
    await composer(page).fill('half a thought');
    await button(page).click();
    await page.waitForFunction(() => document.activeElement.id === 'gif-search');
    await page.keyboard.type('xyzzy');
    await picker(page).getByText('No GIF for “xyzzy”').first().waitFor();
    assert.equal(await cells(page).count(), 0);
    await page.keyboard.press('Enter');
    assert.equal(await picker(page).count(), 1, 'there is nothing to send');
    await search(page).fill('congrats');
    await cells(page).first().and(page.locator('[aria-label="party"]')).waitFor();
    await page.keyboard.press('Enter');
    await gone(picker(page));
    await gifs(page, 'party').waitFor();
    assert.equal(await composer(page).inputValue(), 'half a thought', 'what is being written stays');
    await composer(page).fill('');
  });

  await step('the other sees it with its alt text, in a box that was there before', async () => {
    const gif = gifs(ben.page, 'party');
    await gif.waitFor();
    await drawn(gif);
    assert.deepEqual(await laidOut(gif), [160, 160]);
    await ann.page.getByTestId('room').filter({ hasText: 'GIF: party' }).waitFor();
    assert.equal(await gifs(ann.page, 'party').count(), 1, 'sent once');
  });

  await step('it plays, is paused, plays again, and rests after three rounds', async () => {
    const gif = gifs(ben.page, 'party');
    // Once it rests, or before it began.
    await play(gif).tap();
    await pause(gif).waitFor();
    const target = await pause(gif).boundingBox();
    assert.ok(target.width >= 44 && target.height >= 44, `a button of ${target.width} by ${target.height}`);
    await pause(gif).tap();
    await play(gif).waitFor();
    const motion = () => gif.locator('.motion').evaluate((img) => getComputedStyle(img).visibility);
    assert.equal(await motion(), 'hidden', 'the still one is seen');
    await play(gif).tap();
    await pause(gif).waitFor();
    assert.equal(await motion(), 'visible');
    await play(gif).waitFor();
    assert.equal(await motion(), 'hidden');
  });

  await step('on a phone it is a sheet, and a tap sends', async () => {
    const { page } = ben;
    await button(page).tap();
    await picker(page).waitFor();
    await page.waitForFunction(() => {
      const box = document.querySelector('[data-testid="gif-picker"]').getBoundingClientRect();
      return box.left === 0 && Math.round(box.width) === innerWidth;
    });
    await axe(page);
    await shot(page, 'sheet');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the page');
    const box = await cells(page).first().boundingBox();
    assert.ok(box.width >= 44 && box.height >= 44, `a cell of ${box.width} by ${box.height}`);
    await cells(page).and(page.locator('[aria-label="thank you"]')).scrollIntoViewIfNeeded();
    await cells(page).and(page.locator('[aria-label="thank you"]')).tap();
    await gone(picker(page));
    await gifs(page, 'thank you').waitFor();
    await gifs(ann.page, 'thank you').waitFor();
  });

  await step('it can be written, and answers what is being answered', async () => {
    const { page } = ann;
    await say(page, '/gif xyzzy');
    await page.getByRole('alert').filter({ hasText: 'No GIF for “xyzzy”' }).waitFor();
    assert.equal(await composer(page).inputValue(), '/gif xyzzy');
    await message(page, /./).filter({ has: page.getByRole('img', { name: 'thank you', exact: true }) }).focus();
    await page.keyboard.press('Shift+R');
    await say(page, '/gif happy birthday');
    assert.equal(await composer(page).inputValue(), '');
    await gifs(ben.page, 'birthday cake').waitFor();
    const answer = ben.page.getByTestId('message').filter({ has: gifs(ben.page, 'birthday cake') });
    await answer.getByTestId('quote').filter({ hasText: 'GIF: thank you' }).waitFor();
    await say(page, '/gifts are nice');
    await message(ben.page, '/gifts are nice').waitFor();
  });

  await step('offline it waits, online it goes once', async () => {
    const { page } = ann;
    const before = await gifs(ben.page, 'party').count();
    ann.watch.outage = true;
    await ann.context.setOffline(true);
    await page.getByTestId('connection').filter({ hasText: /offline/i }).first().waitFor();
    await say(page, '/gif party');
    await gifs(page, 'party').nth(before).waitFor();
    assert.equal(await gifs(ben.page, 'party').count(), before, 'nothing left the offline browser');
    await ann.context.setOffline(false);
    await gifs(ben.page, 'party').nth(before).waitFor();
    await say(page, 'That was it.');
    await message(ben.page, 'That was it.').waitFor();
    assert.equal(await gifs(ben.page, 'party').count(), before + 1);
    ann.watch.outage = false;
  });

  await step('who wants less motion sees it stand still until it is played', async () => {
    const { page } = ann;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const go = await hold(page, '**/stickers/*/coffee*');
    await say(page, '/gif coffee');
    const gif = gifs(page, 'coffee');
    await gif.waitFor();
    assert.deepEqual(await laidOut(gif), [160, 160], 'its box is there before it is');
    await go();
    await drawn(gif);
    await play(gif).waitFor();
    assert.equal(await gif.locator('.motion').count(), 0, 'the moving file is not even fetched');
    await button(page).click();
    await cells(page).nth(2).hover();
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(page), 'hello');
    assert.equal(await picker(page).locator('.gif-cell[data-playing]').count(), 0);
    await page.keyboard.press('Escape');
    await gone(picker(page));
    await play(gif).click();
    await pause(gif).waitFor();
    await pause(gif).click();
    await play(gif).waitFor();
    await page.emulateMedia({ reducedMotion: null });
  });

  await step('it can be passed on, and has no text to copy', async () => {
    const { page } = ann;
    const row = page.getByTestId('message').filter({ has: gifs(page, 'coffee') });
    const menu = page.getByRole('menu', { name: 'Message' });
    await row.locator('.bubble').click({ button: 'right' });
    await menu.getByRole('menuitem', { name: 'Forward', exact: true }).waitFor();
    assert.equal(await menu.getByRole('menuitem', { name: 'Copy text', exact: true }).count(), 0, 'it has none');
    await page.keyboard.press('Escape');
    await gone(menu);
  });

  await step('nothing is wrong in either theme, nor in forced colours', async () => {
    for (const { page } of [ann, ben]) {
      for (const colorScheme of ['dark', 'light']) {
        await page.emulateMedia({ colorScheme });
        await axe(page);
        await shot(page, `${page === ann.page ? 'desktop' : 'phone'}-${colorScheme}`);
      }
    }
    await ben.page.emulateMedia({ forcedColors: 'active' });
    const border = await gifs(ben.page, 'party').first().evaluate((one) => getComputedStyle(one).borderTopWidth);
    assert.notEqual(border, '0px', 'its box has an outline');
    await ben.page.emulateMedia({ forcedColors: null, colorScheme: null });
  });

  await step('nobody else is asked for anything', async () => {
    assert.deepEqual(foreign, []);
  });

  for (const { watch } of [ann, ben]) watch.check();
  assert.doesNotMatch(server.log(), /panicked/);
});
