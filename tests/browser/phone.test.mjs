// What only phones have: going back, and no keys.
import assert from 'node:assert/strict';
import test from 'node:test';
import { axeSource, composer, connect, launch, message, register, serve, steps } from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const panel = (page) => page.getByTestId('panel');
const gone = (locator) => locator.waitFor({ state: 'detached' });
/** As the gesture and the button of the phone do. */
const back = (page) => page.evaluate(() => history.back());
const at = (page, path) => page.waitForFunction((path) => location.pathname + location.search + location.hash === path, path);

test('going back closes what is open, and only then leaves', { timeout: 180_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie', PHONE);
  const ben = await register(browser, server, 'Benno');
  const room = await connect(ann, ben);
  const { page } = ann;
  const step = steps(t, server, [ann]);
  const here = `/r/${room}`;
  await page.goto('/');
  await ann.watch.live(ann.watch.synced - 1);
  await page.getByTestId('room').first().tap();
  await at(page, here);
  await composer(page).waitFor();
  const open = async () => {
    await page.getByRole('button', { name: 'Details', exact: true }).tap();
    await panel(page).waitFor();
    await at(page, `${here}#open`);
  };

  await step('the panel', async () => {
    await open();
    await back(page);
    await gone(panel(page));
    await at(page, here);
    await composer(page).waitFor();
  });

  await step('what is above it first', async () => {
    await open();
    await panel(page).getByRole('button', { name: 'Report' }).tap();
    await page.getByRole('dialog').waitFor();
    await back(page);
    await gone(page.getByRole('dialog'));
    await panel(page).waitFor();
    await at(page, `${here}#open`);
    await back(page);
    await gone(panel(page));
    await at(page, here);
  });

  await step('and what was closed by hand needs no step back', async () => {
    for (let n = 0; n < 3; n += 1) {
      await open();
      await panel(page).locator('#panel-back').tap();
      await gone(panel(page));
      await at(page, here);
    }
    await back(page);
    await at(page, '/');
    await page.getByTestId('room').first().waitFor();
    await page.evaluate(() => history.forward());
    await at(page, here);
    await composer(page).waitFor();
  });

  await step('the menu of a message, the search of a chat', async () => {
    // Enter breaks the line where one types on the screen.
    await composer(page).fill('Something to hold');
    await page.getByRole('button', { name: 'Send', exact: true }).tap();
    await message(page, 'Something to hold').locator('.bubble').click({ button: 'right' });
    await page.getByRole('menu', { name: 'Message' }).waitFor();
    await at(page, `${here}#open`);
    await back(page);
    await gone(page.getByRole('menu', { name: 'Message' }));
    await at(page, here);
    await page.getByRole('button', { name: 'Search in this chat' }).tap();
    await page.getByRole('search', { name: 'Search in this chat' }).waitFor();
    await at(page, `${here}#open`);
    await back(page);
    await gone(page.getByRole('search', { name: 'Search in this chat' }));
    await at(page, here);
  });

  await step('what leads on leaves nothing behind', async () => {
    await back(page);
    await at(page, '/');
    await page.getByTestId('search').filter({ visible: true }).tap();
    await page.getByRole('combobox', { name: 'Search' }).fill('benn');
    await at(page, '/#open');
    await page.getByRole('option').filter({ hasText: 'Benno' }).first().tap();
    await at(page, here);
    await composer(page).waitFor();
    await back(page);
    await at(page, '/');
    await page.getByTestId('room').first().waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
  });

  await step('an address that was kept while something was open is a plain one', async () => {
    const before = ann.watch.synced;
    await page.goto(`${here}#open`);
    await ann.watch.live(before);
    await at(page, here);
    await open();
    await back(page);
    await gone(panel(page));
    await at(page, here);
  });

  ann.watch.check();
});

test('no keys are named where there are none', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const keys = (page) => page.locator('span.kbd:visible, .keys:visible').count();
  const phone = await register(browser, server, 'Annie', PHONE);
  const desk = await register(browser, server, 'Benno');
  for (const [{ page }, has] of [[phone, false], [desk, true]]) {
    await page.goto('/');
    await page.getByTestId('search').filter({ visible: true }).click();
    await page.getByRole('combobox', { name: 'Search' }).waitFor();
    assert.equal((await keys(page)) > 0, has);
    await page.evaluate(await axeSource());
    const { violations } = await page.evaluate(async () => {
      // Nothing is judged while it fades in.
      await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
      return globalThis.axe.run(document, { resultTypes: ['violations'] });
    });
    assert.deepEqual(violations.map(({ id }) => id), []);
  }
});
