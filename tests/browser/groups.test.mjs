// Groups, the side panel and profiles, with two and three people.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  PASSWORD, STORES, axeSource, call, composer, connect, launch, message, open, pair, register, say, serve, steps,
  within, without,
} from './support.mjs';

const panel = (page) => page.getByTestId('panel');
const member = (page, name) => panel(page).getByTestId('member').filter({ hasText: name });
const toast = (page, text) => page.getByTestId('toast').filter({ hasText: text });
const details = (page) => page.getByRole('button', { name: 'Details', exact: true });

/** Opens the panel of the open room, anew. */
async function openPanel(page) {
  if (await panel(page).count()) await page.getByRole('button', { name: 'Close details' }).or(panel(page).getByRole('button', { name: 'Back' })).click();
  while (await panel(page).count()) await panel(page).locator('#panel-back').click();
  await details(page).click();
  await panel(page).waitFor();
}

/** Picks an item of a member's menu. */
async function pick(page, name, item) {
  await member(page, name).getByRole('button', { name: `More about ${name}` }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

/** The next row of the panel that comes or goes: what it says, and how long it moves. */
const moves = (page, phase) =>
  page.evaluate((phase) => new Promise((done) => {
    const look = () => {
      const row = document.querySelector(`[data-testid=member][data-phase=${phase}]`);
      if (row) done({ text: row.textContent, ms: Math.max(...row.getAnimations().map((animation) => animation.effect.getTiming().duration)) });
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
  }), phase);

const confirm = (page, action) => page.getByRole('alertdialog').getByRole('button', { name: action, exact: true }).click();

const found = (page) =>
  page.evaluate(async () => {
    const found = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  });

for (const store of STORES) test(`a group lives: made, filled, led, left, on ${store}`, { skip: without(store), timeout: 240_000 }, async (t) => {
  const server = await serve(t, store);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const cleo = await register(browser, server, 'Cleo');
  await connect(ann, ben);
  const step = steps(t, server, [ann, ben, cleo]);
  let room;
  let link;

  await step('a group needs a name, and takes who is known', async () => {
    await ann.page.goto('/new');
    await ann.page.getByRole('link', { name: 'New group' }).click();
    const name = ann.page.getByRole('textbox', { name: 'Name', exact: true });
    await ann.page.getByRole('button', { name: 'Create group' }).click();
    await ann.page.getByText('Give the group a name.').waitFor();
    assert.equal(await name.getAttribute('aria-invalid'), 'true');
    await name.fill('Harvest weekend');
    await ann.page.getByRole('textbox', { name: 'Description, if you like' }).fill('Who brings what');
    await ann.page.getByRole('checkbox', { name: 'Benno' }).check();
    await ann.page.getByRole('button', { name: 'Create group with 1 person' }).click();
    await ann.page.waitForURL('**/r/*');
    room = new URL(ann.page.url()).pathname.slice(3);
    await ann.page.getByRole('heading', { name: 'Harvest weekend' }).waitFor();
  });

  await step('it is in the other list at once, and both read each other', async () => {
    await ben.page.getByTestId('room').filter({ hasText: 'Harvest weekend' }).click();
    await say(ann.page, 'Welcome all');
    await message(ben.page, 'Welcome all').waitFor();
    await say(ben.page, 'Glad to be here');
    await message(ann.page, 'Glad to be here').waitFor();
  });

  await step('who is not known is asked, and answers among the requests', async () => {
    await openPanel(ann.page);
    await member(ann.page, 'Benno').waitFor();
    await panel(ann.page).getByRole('button', { name: 'Add people' }).click();
    await panel(ann.page).getByRole('searchbox', { name: 'Find people to add' }).fill('cleo');
    await panel(ann.page).getByRole('checkbox', { name: 'Cleo' }).check();
    await panel(ann.page).getByRole('button', { name: 'Add 1 person' }).click();
    await toast(ann.page, 'Cleo was asked.').waitFor();
    await cleo.page.goto('/requests');
    const request = cleo.page.getByTestId('request');
    await request.getByText('Annie asks you into a group').waitFor();
    await request.getByText('Harvest weekend').waitFor();
    await openPanel(ann.page);
    await member(ann.page, 'Benno').waitFor();
    const coming = moves(ann.page, 'coming');
    const line = ann.page.evaluate(() => new Promise((done) => {
      new MutationObserver(() => {
        const line = [...document.querySelectorAll('.sys[data-new]')].at(-1);
        if (line) done(line.getAnimations().map((animation) => animation.effect.getTiming().duration));
      }).observe(document.body, { subtree: true, childList: true });
    }));
    await request.getByRole('button', { name: 'Accept' }).click();
    await cleo.page.waitForURL(`**/r/${room}`);
    await member(ann.page, 'Cleo').waitFor();
    const row = await within('a row rises', coming);
    assert.ok(row.text.includes('Cleo') && row.ms > 1 && row.ms <= 250, JSON.stringify(row));
    const lines = await within('a line rises', line);
    assert.ok(lines.length === 1 && lines[0] <= 250, `${lines}`);
  });

  await step('an owner makes an admin, who can change the group', async () => {
    await openPanel(ben.page);
    assert.equal(await panel(ben.page).getByRole('button', { name: 'Group settings' }).count(), 0, 'not for members');
    await pick(ann.page, 'Benno', 'Make admin');
    await member(ann.page, 'Benno').getByText('Admin', { exact: true }).waitFor();
    await panel(ben.page).getByRole('button', { name: 'Group settings' }).click();
    const name = panel(ben.page).getByRole('textbox', { name: 'Name', exact: true });
    await name.fill('Harvest week');
    await panel(ben.page).getByRole('button', { name: 'Save' }).click();
    await ann.page.locator('h2.who', { hasText: 'Harvest week' }).waitFor();
    await ann.page.getByTestId('room').filter({ hasText: 'Harvest week' }).waitFor();
  });

  await step('slow mode slows members', async () => {
    const slow = panel(ben.page).getByRole('combobox', { name: /^Slow mode/ });
    await slow.selectOption({ label: '5 seconds' });
    await cleo.page.getByText(/slow mode/).first().waitFor();
    await say(cleo.page, 'First of two');
    await message(ann.page, 'First of two').waitFor();
    const before = Date.now();
    await say(cleo.page, 'Second of two');
    await message(cleo.page, 'Second of two').and(cleo.page.locator('[data-tick="queued"]')).waitFor();
    await say(ann.page, 'Not for who leads');
    await message(cleo.page, 'Not for who leads').waitFor();
    await message(ann.page, 'Second of two').waitFor();
    assert.ok(Date.now() - before > 3_000, 'it had to wait');
    await slow.selectOption({ label: 'Off' });
  });

  await step('a removed person is out within a second, on an open page', async () => {
    await openPanel(ann.page);
    const leaving = moves(ann.page, 'going');
    await pick(ann.page, 'Cleo', 'Remove from group');
    const before = Date.now();
    await confirm(ann.page, 'Remove');
    await cleo.page.getByText("This chat isn't here").waitFor();
    assert.ok(Date.now() - before < 1_000 + 500, `it took ${Date.now() - before} ms with the press`);
    await member(ann.page, 'Cleo').waitFor({ state: 'detached' });
    const row = await leaving;
    assert.ok(row.text.includes('Cleo') && row.ms > 1 && row.ms <= 250, JSON.stringify(row));
  });

  await step('a link is made, copied and shown', async () => {
    await panel(ann.page).getByRole('button', { name: 'Invite links' }).click();
    await panel(ann.page).getByRole('combobox', { name: 'How long it works' }).selectOption({ label: '1 day' });
    await panel(ann.page).getByRole('button', { name: 'Create link' }).click();
    link = await panel(ann.page).getByRole('textbox', { name: 'Invite link' }).inputValue();
    assert.match(link, /\/invite\/[\w-]{22}$/);
  });

  await step('it lets in who signs in on the way, not who was removed', async () => {
    // From here on the server refuses what she asks for.
    cleo.watch.outage = true;
    await cleo.page.goto(link);
    await cleo.page.getByRole('button', { name: 'Join group' }).click();
    await cleo.page.getByText("You can't join this group").waitFor();
    const dora = await open(browser, server);
    await dora.page.goto(link);
    await dora.page.waitForURL('**/login**');
    await dora.page.getByRole('link', { name: 'Create an account' }).click();
    await dora.page.getByRole('textbox', { name: 'Username' }).fill('dora');
    await dora.page.getByRole('textbox', { name: 'Display name' }).fill('Dora');
    await dora.page.getByRole('textbox', { name: 'E-mail' }).fill('dora@example.org');
    await dora.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await dora.page.getByRole('button', { name: 'Create account' }).click();
    await dora.page.waitForURL('**/invite/*');
    await dora.page.getByRole('heading', { name: 'Harvest week' }).waitFor();
    await dora.page.getByText('2 members').waitFor();
    await dora.page.getByRole('button', { name: 'Join group' }).click();
    await dora.page.waitForURL(`**/r/${room}`);
    await composer(dora.page).waitFor();
    await panel(ann.page).getByText('1 person joined').waitFor();
    dora.watch.check();
    await dora.context.close();
  });

  await step('a revoked link says so', async () => {
    await panel(ann.page).getByRole('button', { name: 'Revoke' }).click();
    await confirm(ann.page, 'Revoke');
    await panel(ann.page).getByText('No link works at the moment.').waitFor();
    await cleo.page.goto(link);
    await cleo.page.getByText("This link doesn't work any more").waitFor();
  });

  await step('an owner who leaves hands over to the admin', async () => {
    await openPanel(ann.page);
    await panel(ann.page).getByRole('button', { name: 'Leave group' }).click();
    await ann.page.getByRole('alertdialog').getByText('Benno becomes the owner.').waitFor();
    await confirm(ann.page, 'Leave');
    await ann.page.waitForURL((url) => url.pathname === '/');
    assert.equal(await ann.page.getByTestId('room').filter({ hasText: 'Harvest week' }).count(), 0);
    await openPanel(ben.page);
    await member(ben.page, 'Benno').getByText('Owner', { exact: true }).waitFor();
  });

  for (const { watch } of [ann, ben, cleo]) watch.check();
});

test('for those who want it so nothing moves', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const still = await register(browser, server, 'Stella', { reducedMotion: 'reduce' });
  const [ben, cleo] = [await register(browser, server, 'Benno'), await register(browser, server, 'Cleo')];
  for (const other of [still, ben, cleo]) await connect(ann, other);
  const id = async (person) => (await call(ann.page, 'GET', `/api/people?query=${person.username}`))[0].person.id;
  const made = await call(ann.page, 'POST', '/api/rooms', {
    room_id: crypto.randomUUID().replace(/^(.{14})./, '$17'), name: 'Still waters', description: '', members: [await id(still), await id(ben)],
  });
  const room = made.room.room.id;
  for (const { page } of [ann, still, ben]) {
    await page.goto(`/r/${room}`);
    await composer(page).waitFor();
  }
  await openPanel(still.page);
  await openPanel(ann.page);
  await member(still.page, 'Benno').waitFor();
  await member(ann.page, 'Benno').waitFor();
  const seen = [moves(ann.page, 'coming'), moves(still.page, 'coming')];
  await call(ann.page, 'POST', `/api/rooms/${room}/members`, { users: [await id(cleo)] });
  const [moving, resting] = await within('both rows come', Promise.all(seen));
  assert.ok(moving.ms > 100 && resting.ms <= 1, JSON.stringify({ moving, resting }));
  await member(still.page, 'Cleo').waitFor();

  // The three states of a person, each with its own animation: what they are called, and how often they run.
  const animations = (page, within) =>
    page.evaluate((within) => {
      const root = document.querySelector(within);
      const all = root?.getAnimations({ subtree: true }) ?? [];
      return all.filter((one) => one instanceof CSSAnimation).map((one) => [one.animationName, one.effect.getTiming().iterations, one.effect.getTiming().duration]);
    }, within);
  await composer(ben.page).pressSequentially('Hm');
  for (const { page } of [ann, still]) await page.getByTestId('typing').first().waitFor();
  const typing = await animations(ann.page, '.info-bar');
  assert.ok(typing.some(([, iterations]) => iterations === Infinity || iterations > 1), `who types moves: ${JSON.stringify(typing)}`);
  for (const [name, iterations, ms] of await animations(still.page, '.shell')) {
    assert.ok(iterations === 1 && ms <= 1, `${name} rests`);
  }
  for (const { watch } of [ann, still, ben, cleo]) watch.check();
});

test('a panel tells of a person, and what is mine in a chat', { timeout: 240_000 }, async (t) => {
  const { server, browser, ann, ben, room, step } = await pair(t);

  await step('a changed profile is seen where it is open', async () => {
    await ann.page.goto(`/r/${room}`);
    await details(ann.page).click();
    await panel(ann.page).getByRole('heading', { name: 'Benno' }).waitFor();
    await ben.page.getByRole('button', { name: 'Menu' }).first().click();
    await ben.page.getByRole('menuitem', { name: 'Your profile' }).click();
    const status = panel(ben.page).getByRole('textbox', { name: 'Status' });
    // Refused by the server.
    ben.watch.outage = true;
    await status.fill('x'.repeat(81));
    await panel(ben.page).getByRole('button', { name: 'Save' }).click();
    await panel(ben.page).getByText('At most 80 characters.').waitFor();
    ben.watch.outage = false;
    await status.fill('On the early train');
    await panel(ben.page).getByRole('textbox', { name: 'Display name' }).fill('Benno Berg');
    await panel(ben.page).getByRole('button', { name: 'Save' }).click();
    await toast(ben.page, 'Saved').waitFor();
    await panel(ann.page).getByText('On the early train').waitFor();
    await panel(ann.page).getByRole('heading', { name: 'Benno Berg' }).waitFor();
  });

  await step('Escape closes the panel and the focus returns', async () => {
    await ann.page.locator('#panel-back').focus();
    await ann.page.keyboard.press('Escape');
    await panel(ann.page).waitFor({ state: 'detached' });
    await ann.page.waitForFunction(() => document.activeElement?.id === 'details');
  });

  await step('a wallpaper is chosen, and is there on another device', async () => {
    await details(ann.page).click();
    await panel(ann.page).locator('label[title="Ripple"]').click();
    const style = (page) => page.locator('.timeline').locator('..').getAttribute('style');
    assert.match(await style(ann.page), /--wp-ripple/);
    await ann.page.waitForFunction(() => document.querySelector('label[title="Ripple"] input').checked);
    const { page, watch } = await open(browser, server, { storageState: await ann.context.storageState() });
    await page.goto(`/r/${room}`);
    await watch.live();
    await page.waitForFunction(() => document.querySelector('.timeline')?.parentElement?.getAttribute('style')?.includes('--wp-ripple'));
    await page.context().close();
    // Its colour and its fading, by keys.
    const style_of = async (what, key) => {
      const before = await style(ann.page);
      await panel(ann.page).getByRole('slider', { name: what }).press(key);
      await ann.page.waitForFunction((before) => document.querySelector('.timeline').parentElement.getAttribute('style') !== before, before);
      return style(ann.page);
    };
    assert.match(await style_of('Colour', 'Home'), /oklch\(from var\(--wp-ink\) l c 0\)/);
    assert.match(await style_of('Fade', 'End'), /--wp-alpha:/);
    await panel(ann.page).getByRole('button', { name: 'Back to lavender sprigs' }).click();
    await ann.page.waitForFunction(() => document.querySelector('.timeline').parentElement.getAttribute('style').includes('--wp-sprigs'));
  });

  await step('calls come later', async () => {
    await ann.page.getByRole('button', { name: 'Call', exact: true }).click();
    await toast(ann.page, 'Calls are coming soon').waitFor();
    await toast(ann.page, 'Calls are coming soon').getByRole('button', { name: 'Dismiss' }).click();
    await toast(ann.page, 'Calls are coming soon').waitFor({ state: 'detached' });
    await ann.page.getByRole('button', { name: 'Video call', exact: true }).click();
    await toast(ann.page, 'Calls are coming soon').waitFor();
  });

  await step('a cleared chat is empty for me, and comes back', async () => {
    await message(ann.page, 'The first word').waitFor();
    await panel(ann.page).getByRole('button', { name: 'Clear chat' }).click();
    await confirm(ann.page, 'Clear chat');
    await message(ann.page, 'The first word').waitFor({ state: 'detached' });
    await ann.page.getByTestId('toast').getByRole('button', { name: 'Undo' }).click();
    await message(ann.page, 'The first word').waitFor();
  });

  await step('a block cuts both, and can be taken back', async () => {
    await panel(ann.page).getByRole('button', { name: 'Block Benno' }).click();
    await confirm(ann.page, 'Block');
    await ann.page.getByText('You blocked Benno').waitFor();
    await panel(ann.page).getByRole('button', { name: 'Unblock Benno' }).click();
    await composer(ann.page).waitFor();
  });

  await step('a report is sent with its reason', async () => {
    await panel(ann.page).getByRole('button', { name: 'Report' }).click();
    const dialog = ann.page.getByRole('dialog', { name: "What's wrong?" });
    await dialog.getByRole('radio', { name: 'Pretending to be someone' }).check();
    await dialog.getByRole('button', { name: 'Send report' }).click();
    await toast(ann.page, 'Reported.').waitFor();
    const [report] = await call(ann.page, 'GET', '/api/admin/reports?state=open');
    assert.equal(report.reason, 'impersonation');
    assert.equal(report.evidence.length, 1);
  });

  for (const { watch } of [ann, ben]) watch.check();
});

test('axe finds nothing on the panels', { timeout: 240_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const axe = await axeSource();
  // What is still fading in has no contrast yet.
  const looks = [
    { colorScheme: 'light', reducedMotion: 'reduce' }, { colorScheme: 'dark', reducedMotion: 'reduce' },
    { colorScheme: 'dark', reducedMotion: 'reduce', viewport: { width: 390, height: 844 }, hasTouch: true },
  ];
  for (const [at, look] of looks.entries()) {
    const ann = await register(browser, server, `Annie${at}`, { ...look, bypassCSP: true });
    const ben = await register(browser, server, `Benno${at}`);
    const direct = await connect(ann, ben);
    const me = await call(ben.page, 'GET', `/api/people?query=${ben.username}`);
    const made = await call(ann.page, 'POST', '/api/rooms', {
      room_id: crypto.randomUUID().replace(/^(.{14})./, '$17'), name: 'Harvest weekend', description: 'Bring a jacket. '.repeat(12), members: [me[0].person.id],
    });
    const { page } = ann;
    const check = async (what) => {
      await page.evaluate(axe);
      assert.deepEqual(await found(page), [], `${what} in ${JSON.stringify(look)}`);
      const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(width <= 0, `${what} sticks out by ${width}`);
    };
    await page.goto('/new/group');
    await page.getByRole('checkbox', { name: `Benno${at}` }).check();
    await check('a new group');
    await page.goto(`/r/${direct}`);
    await details(page).click();
    await panel(page).getByRole('heading', { name: `Benno${at}` }).waitFor();
    await check('a person');
    await page.goto(`/r/${made.room.room.id}`);
    await details(page).click();
    await member(page, 'Benno').waitFor();
    await check('a group');
    for (const [name, ready] of [
      ['Group settings', () => panel(page).getByRole('combobox', { name: /^Slow mode/ })],
      ['Add people', () => panel(page).getByRole('searchbox', { name: 'Find people to add' })],
      ['Invite links', () => panel(page).getByText('No link works at the moment.')],
      ['Pinned messages', () => panel(page).getByText('Nothing is pinned')],
    ]) {
      await panel(page).getByRole('button', { name }).click();
      await ready().waitFor();
      await check(name);
      await panel(page).locator('#panel-back').click();
      await member(page, 'Benno').waitFor();
    }
    await panel(page).getByRole('button', { name: 'Report' }).click();
    await page.getByRole('dialog').waitFor();
    await check('a report');
    await page.keyboard.press('Escape');
    await panel(page).getByRole('button', { name: 'Leave group' }).click();
    await page.getByRole('alertdialog').waitFor();
    await check('a question');
    await ann.context.close();
    await ben.context.close();
  }
});
