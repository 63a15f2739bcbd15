// Voice messages: spoken into the page, heard by the other person at three speeds.
//
// With SHOTS (a folder) it leaves pictures of what it saw there.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { axe, composer, connect, launch, message, register, say, serve, steps, tick } from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' };
const MICROPHONE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const shots = process.env.SHOTS;
const shot = async (page, name) =>
  shots && (await page.screenshot({ path: join(shots, `files-${name}.png`), animations: 'disabled' }));
const gone = (locator) => locator.waitFor({ state: 'detached' });
const recorder = (page) => page.getByTestId('recorder');
const sounds = (page) => page.getByTestId('sound');
const items = (page) => page.getByTestId('tray-item');
const toast = (page, text) => page.getByTestId('toast').filter({ hasText: text });
/** Waits until the field has the focus. */
const writing = (page) => page.waitForFunction(() => document.activeElement.id === 'composer');
const speak = (page) => page.getByRole('button', { name: 'Record a voice message' });
/** Waits until so much was recorded. */
const spoken = (page, seconds) =>
  page.waitForFunction((seconds) => {
    const text = document.querySelector('.rec-time')?.textContent ?? '0:00';
    return Number(text.split(':')[1]) >= seconds;
  }, seconds);

test('something spoken is heard', { timeout: 180_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t, ...MICROPHONE);
  const ann = await register(browser, server, 'Annie', { ...PHONE, permissions: ['microphone'] });
  const ben = await register(browser, server, 'Benno', { viewport: { width: 1280, height: 800 }, permissions: ['microphone'] });
  const dora = await register(browser, server, 'Dora');
  const room = await connect(ann, ben);
  await connect(dora, ben);
  for (const { page, watch } of [ann, ben]) {
    const before = watch.synced;
    await page.goto(`/r/${room}`);
    await watch.live(before);
    await composer(page).waitFor();
  }
  const { page } = ann;
  const step = steps(t, server, [ann, ben]);

  await step('it can be thrown away', async () => {
    await speak(page).tap();
    await recorder(page).waitFor();
    await page.getByRole('status').filter({ hasText: 'Recording' }).waitFor();
    await recorder(page).getByRole('button', { name: 'Discard' }).tap();
    await gone(recorder(page));
    await composer(page).waitFor();
    assert.equal(await sounds(page).count(), 0);
  });

  await step('it is sent, with its length and its waveform', async () => {
    await speak(page).tap();
    await spoken(page, 2);
    await shot(page, 'recording-phone');
    await axe(page);
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Send voice message');
    await page.keyboard.press('Enter');
    await gone(recorder(page));
    await sounds(ben.page).waitFor();
    assert.equal(await sounds(ben.page).getAttribute('data-voice'), '');
    // As long as it took to look at it.
    const [, seconds] = (await sounds(ben.page).getByText(/^0:\d\d$/).innerText()).split(':').map(Number);
    assert.ok(seconds >= 2, `${seconds} s`);
    const heights = await sounds(ben.page).locator('.wave-rest').getAttribute('d');
    assert.ok(new Set(heights.match(/v[0-9.]+/g)).size > 1, 'it is not flat');
  });

  await step('it plays at three speeds', async () => {
    const sound = sounds(ben.page);
    const rate = () => sound.locator('audio').evaluate((audio) => audio.playbackRate);
    await sound.getByRole('button', { name: 'Play' }).click();
    await sound.getByRole('button', { name: 'Pause' }).waitFor();
    await shot(ben.page, 'voice-light');
    assert.equal(await rate(), 1);
    await sound.getByRole('button', { name: 'Speed 1×' }).click();
    await sound.getByRole('button', { name: 'Speed 1.5×' }).waitFor();
    assert.equal(await rate(), 1.5);
    await sound.getByRole('button', { name: 'Speed 1.5×' }).click();
    await sound.getByRole('button', { name: 'Speed 2×' }).waitFor();
    assert.equal(await rate(), 2);
    await sound.getByRole('button', { name: 'Play' }).waitFor();
    await axe(ben.page);
    await shot(page, 'voice-phone');
  });

  await step('the panel has it', async () => {
    await ben.page.getByRole('button', { name: 'Details', exact: true }).click();
    await ben.page.getByTestId('media-all').click();
    await ben.page.getByTestId('panel').getByRole('tab', { name: 'Voice' }).click();
    await ben.page.getByTestId('media-sound').waitFor();
  });

  await step('the field has the focus again when nothing is spoken any more', async () => {
    const { page } = ben;
    await speak(page).click();
    await page.getByRole('status').filter({ hasText: 'Recording' }).waitFor();
    await recorder(page).getByRole('button', { name: 'Discard' }).click();
    await gone(recorder(page));
    await writing(page);
    assert.equal(await items(page).count(), 0, 'what is thrown away is gone');
    await speak(page).click();
    await spoken(page, 1);
    await page.keyboard.press('Enter');
    await gone(recorder(page));
    await writing(page);
    await sounds(ann.page).nth(1).waitFor();
  });

  await step('a key that closes it keeps what was spoken', async () => {
    const { page } = ben;
    await speak(page).click();
    await spoken(page, 1);
    await page.keyboard.press('Escape');
    await gone(recorder(page));
    await toast(page, 'Your recording is kept').waitFor();
    await items(page).getByRole('button', { name: /^Remove voice\./ }).waitFor();
    await writing(page);
    await axe(page);
    await items(page).getByRole('button', { name: /^Remove voice\./ }).click();
    await gone(items(page));
  });

  await step('it goes on while messages are chosen', async () => {
    const { page } = ben;
    await speak(page).click();
    await spoken(page, 1);
    await message(page, 'Hello there').locator('.bubble').click({ button: 'right' });
    await page.getByRole('menu', { name: 'Message' }).getByRole('menuitem', { name: 'Select', exact: true }).click();
    await page.getByTestId('select-bar').waitFor();
    await spoken(page, 3);
    assert.equal(await composer(page).isVisible(), false);
    await axe(page);
    await page.keyboard.press('Escape');
    await gone(page.getByTestId('select-bar'));
    await recorder(page).waitFor();
  });

  await step('another chat does not lose it, and it is sent from where it was spoken', async () => {
    const { page } = ben;
    await page.getByTestId('room').filter({ hasText: 'Dora' }).click();
    await gone(recorder(page));
    await toast(page, 'Your recording is kept').last().waitFor();
    assert.equal(await items(page).count(), 0, 'it is not for this chat');
    await page.getByTestId('room').filter({ hasText: 'Annie' }).click();
    await items(page).waitFor();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await gone(items(page));
    await sounds(ann.page).nth(2).waitFor();
  });

  await step('nor does going back on a phone', async () => {
    await speak(page).tap();
    await spoken(page, 1);
    await page.waitForFunction(() => location.hash === '#open');
    await page.evaluate(() => history.back());
    await gone(recorder(page));
    await items(page).waitFor();
    await page.waitForFunction((path) => location.pathname + location.hash === path, `/r/${room}`);
  });

  await step('pages report no trouble', () => {
    ann.watch.check();
    ben.watch.check();
  });
});

test('what is spoken while nothing more can wait is sent later', { timeout: 240_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t, ...MICROPHONE);
  const ann = await register(browser, server, 'Annie', { permissions: ['microphone'] });
  const ben = await register(browser, server, 'Benno');
  const room = await connect(ann, ben);
  for (const { page, watch } of [ann, ben]) {
    const before = watch.synced;
    await page.goto(`/r/${room}`);
    await watch.live(before);
    await composer(page).waitFor();
  }
  const { page, context, watch } = ann;
  watch.outage = true;
  await context.setOffline(true);
  // As many as one device keeps.
  for (let n = 1; n <= 200; n += 1) await say(page, `Line ${n} from the tunnel.`);
  await message(page, 'Line 200 from the tunnel.').waitFor();
  await speak(page).click();
  await spoken(page, 1);
  await recorder(page).getByRole('button', { name: 'Send voice message' }).click();
  await toast(page, 'The server is busy.').waitFor();
  await recorder(page).waitFor();
  await context.setOffline(false);
  await tick(page, 'Line 200 from the tunnel.', 'sent', 'delivered', 'read');
  watch.outage = false;
  await recorder(page).getByRole('button', { name: 'Send voice message' }).click();
  await gone(recorder(page));
  await sounds(ben.page).waitFor();
  for (const person of [ann, ben]) person.watch.check();
});

test('without a microphone it says why', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const room = await connect(ann, ben);
  const before = ann.watch.synced;
  await ann.page.goto(`/r/${room}`);
  await ann.watch.live(before);
  await speak(ann.page).click();
  await ann.page.getByText(/^The microphone isn't allowed here\.|^No microphone was found\./).waitFor();
  await gone(recorder(ann.page));
  await composer(ann.page).waitFor();
  ann.watch.check();
});
