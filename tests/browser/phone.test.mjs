// What only phones have: going back, and no keys.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { axeSource, call, composer, connect, launch, message, open, register, say, serve, steps, tick } from './support.mjs';

/** The least width and height of what can be pressed, in pixels (WCAG 2.5.8). */
const LEAST = 24;
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

test('what can be pressed is large enough for a finger', { timeout: 240_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie', { ...PHONE, reducedMotion: 'reduce' });
  const [ben, eve] = [await register(browser, server, 'Benno'), await register(browser, server, 'Everett')];
  const room = `/r/${await connect(ann, ben, 'A word with https://example.org/link in it')}`;
  const id = async (from, username) => (await call(from.page, 'GET', `/api/people?query=${username}`))[0].person.id;
  await call(eve.page, 'POST', '/api/requests', { to: await id(eve, 'annie'), intro: 'Please' });
  const made = await call(ann.page, 'POST', '/api/rooms', {
    room_id: randomUUID(), name: 'Harvest', description: '', members: [await id(ann, 'benno')],
  });
  await ben.page.goto(room);
  for (const text of ['the gate is open', '```\ncode\n```', '> quoted']) await say(ben.page, text);
  await tick(ben.page, 'quoted', 'sent', 'delivered');
  const visitor = await open(browser, server, PHONE);
  const { page, watch } = ann;
  const pressed = (name) => page.getByRole('button', { name }).filter({ visible: true }).first().tap();
  const details = async () => {
    await pressed('Details');
    await panel(page).waitFor();
  };
  const screens = [
    ['/login', visitor], ['/register', visitor],
    ['/', ann], [room, ann], [`/r/${made.room.room.id}`, ann], ['/requests', ann], ['/new', ann], ['/new/group', ann], ['/nothing/here', ann],
    ['/', ann, 'the menu', async () => {
      await pressed('Menu');
      await page.getByRole('menu').waitFor();
    }],
    ['/', ann, 'the search', async () => {
      await page.getByTestId('search').filter({ visible: true }).tap();
      await page.getByRole('combobox', { name: 'Search' }).fill('benn');
      await page.getByRole('option').first().waitFor();
    }],
    [room, ann, 'a profile', details],
    [`/r/${made.room.room.id}`, ann, 'a group', details],
    [room, ann, 'a report', async () => {
      await details();
      await panel(page).getByRole('button', { name: 'Report' }).tap();
      await page.getByRole('dialog').waitFor();
    }],
    [room, ann, 'the menu of a message', async () => {
      await message(page, 'the gate is open').locator('.bubble').click({ button: 'right' });
      await page.getByRole('menu', { name: 'Message' }).waitFor();
    }],
    [room, ann, 'emoji', async () => {
      await pressed('Emoji');
      await page.getByRole('gridcell').first().waitFor();
    }],
  ];
  for (const [path, person, name = '', press = async () => {}] of screens) {
    await t.test(`${path.replace(/[0-9a-f-]{36}/, 'ROOM')} ${name}`, async () => {
      const before = person.watch.synced;
      await person.page.goto(path);
      if (person === ann) await watch.live(before);
      await press();
      const { small, count } = await person.page.evaluate(targets, LEAST);
      assert.ok(count > 0, 'there is something to press');
      assert.deepEqual(small, []);
    });
  }
});

/**
 * In the page: what can be pressed and is smaller, by where a finger would meet it: its frame may be smaller than what
 * listens around it, and larger than what others leave of it.
 */
async function targets(least) {
  // What moves in is pressed where it comes to rest.
  await Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished.catch(() => {})));
  // What is open lies over everything else.
  const top = [...document.querySelectorAll('[role=dialog], [role=menu]')].at(-1) ?? document;
  const all = top.querySelectorAll(
    'button, a[href], input:not([type=hidden]), select, textarea, summary, [role=button], [role=option], [role=tab], [role^=menuitem], [role=gridcell]',
  );
  const small = [];
  let count = 0;
  for (const element of all) {
    // The label around an input is pressed in its place.
    const target = element.closest('label') ?? element;
    if (element.closest('[inert], [aria-hidden=true]') || element.disabled) continue;
    if (!target.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    // Links within a text are as high as its lines.
    if (element.matches('a') && getComputedStyle(element).display === 'inline') continue;
    target.scrollIntoView({ block: 'center', behavior: 'instant' });
    const { left, top, width, height } = target.getBoundingClientRect();
    // What is drawn for screen readers only.
    if (width <= 1 || height <= 1) continue;
    const [x, y] = [left + width / 2, top + height / 2];
    const hits = (dx, dy) => {
      const found = document.elementFromPoint(x + dx, y + dy);
      return found !== null && (target.contains(found) || found.closest('label')?.control === element);
    };
    // Something lies over it: it cannot be pressed now.
    if (!hits(0, 0)) continue;
    count += 1;
    const half = least / 2 - 0.5;
    const misses = [[-half, 0], [half, 0], [0, -half], [0, half]].filter(([dx, dy]) => !hits(dx, dy));
    if (misses.length > 0) small.push(`${target.outerHTML.slice(0, 120)}: ${width} by ${height}`);
  }
  return { small, count };
}
