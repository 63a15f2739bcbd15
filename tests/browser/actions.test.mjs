// What people do to messages: by mouse, by keyboard, and on a phone by touch. Two people see the same.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  axe, call, composer, connect, launch, message as all, register, say, serve, steps, STORES, tick, without,
} from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

// An earlier one: answers to it have its text too.
const message = (page, text) => all(page, text).first();
const menu = (page) => page.getByRole('menu', { name: 'Message' });
const toast = (page, text) => page.getByTestId('toast').filter({ hasText: text });
const chip = (page, text) => message(page, text).getByTestId('reaction');

/** Picks something from the menu of a message, which a right click opens. */
async function pick(page, text, name) {
  await message(page, text).locator('.bubble').click({ button: 'right' });
  await menu(page).getByRole('menuitem', { name, exact: true }).click();
  await menu(page).waitFor({ state: 'detached' });
}

/** Holds a finger on an element, longer than a tap. */
async function hold(page, locator) {
  await locator.scrollIntoViewIfNeeded();
  const box = await locator.boundingBox();
  const session = await page.context().newCDPSession(page);
  const at = [{ x: box.x + Math.min(box.width / 2, 60), y: box.y + box.height / 2 }];
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at });
  return async () => {
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await session.detach();
  };
}

/** Whether a message is wholly in the stream's view. */
const inView = (page, text) =>
  message(page, text).evaluate((row) => {
    const [view, rect] = [document.querySelector('.timeline').getBoundingClientRect(), row.getBoundingClientRect()];
    return rect.top >= view.top - 1 && rect.bottom <= view.bottom + 1;
  });

for (const store of STORES) test(`what people do to messages on ${store}`, { skip: without(store), timeout: 300_000 }, async (t) => {
  const server = await serve(t, store);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const step = steps(t, server, [ann, ben]);
  const room = await connect(ann, ben);
  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const clipboard = () => ann.page.evaluate(() => navigator.clipboard.readText());
  for (const { page } of [ann, ben]) {
    await page.goto(`/r/${room}`);
    await composer(page).waitFor();
  }
  await Promise.all([ann, ben].map(({ watch }) => watch.live()));

  await step('an answer shows what it answers, and leads there', async () => {
    for (let n = 1; n <= 40; n += 1) await say(ann.page, `Line ${n} of the story.`);
    await message(ben.page, 'Line 40 of the story.').waitFor();
    await pick(ben.page, 'Line 38 of the story.', 'Reply');
    await ben.page.getByTestId('writing-bar').filter({ hasText: 'Reply to Annie' }).waitFor();
    await ben.page.waitForFunction(() => document.activeElement.id === 'composer');
    await ben.page.keyboard.press('Escape');
    await ben.page.getByTestId('writing-bar').waitFor({ state: 'detached' });
    await pick(ben.page, 'Line 2 of', 'Reply');
    await say(ben.page, 'That was long ago.');
    const quote = message(ann.page, 'That was long ago.').getByTestId('quote');
    await quote.filter({ hasText: 'Line 2 of the story.' }).waitFor();
    assert.equal(await inView(ann.page, 'Line 2 of'), false);
    await quote.click();
    await message(ann.page, 'Line 2 of').locator('.bubble[data-flash]').waitFor();
    await ann.page.waitForFunction(() => {
      const row = [...document.querySelectorAll('.msg')].find((row) => row.textContent.includes('Line 2 of'));
      return row.getBoundingClientRect().top > document.querySelector('.timeline').getBoundingClientRect().top;
    });
    await ann.page.getByTestId('jump').click();
    await ann.page.waitForFunction(() => document.querySelector('.timeline').scrollTop > -2);
  });

  await step('an edit reaches the other, its quotes too, and what it was can be read', async () => {
    await say(ann.page, 'The gate opens at sevn.');
    await tick(ann.page, 'at sevn.', 'sent', 'delivered', 'read');
    await pick(ben.page, 'at sevn.', 'Reply');
    await say(ben.page, 'So early?');
    await composer(ann.page).fill('');
    await composer(ann.page).press('ArrowUp');
    await ann.page.getByTestId('writing-bar').filter({ hasText: 'Edit message' }).waitFor();
    assert.equal(await composer(ann.page).inputValue(), 'The gate opens at sevn.');
    await say(ann.page, 'The gate opens at seven.');
    for (const { page } of [ann, ben]) {
      await message(page, 'The gate opens at seven.').getByRole('button', { name: /^Edited/ }).waitFor();
      await message(page, 'So early?').getByTestId('quote').filter({ hasText: 'at seven.' }).waitFor();
    }
    await message(ben.page, 'The gate opens at seven.').getByRole('button', { name: /^Edited/ }).click();
    const versions = ben.page.getByTestId('edits').getByRole('listitem');
    await versions.nth(1).filter({ hasText: 'at sevn.' }).waitFor();
    assert.equal(await versions.count(), 2);
    await axe(ben.page);
    await ben.page.keyboard.press('Escape');
    await ben.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  await step('a reaction is given, seen, and taken back, with the mouse and with keys', async () => {
    const { page } = ben;
    await message(page, 'Line 40 of').hover();
    await message(page, 'Line 40 of').getByRole('button', { name: 'React', exact: true }).click();
    await page.getByRole('toolbar', { name: 'React' }).getByRole('button', { name: 'Heart' }).click();
    for (const person of [ann, ben]) await chip(person.page, 'Line 40 of').filter({ hasText: '1' }).waitFor();
    assert.equal(await chip(page, 'Line 40 of').getAttribute('aria-pressed'), 'true');
    assert.equal(await chip(ann.page, 'Line 40 of').getAttribute('aria-pressed'), 'false');
    await chip(ann.page, 'Line 40 of').click();
    await chip(page, 'Line 40 of').filter({ hasText: '2' }).waitFor();
    await chip(ann.page, 'Line 40 of').click({ button: 'right' });
    const who = ann.page.getByTestId('who-reacted').getByRole('listitem');
    await who.nth(1).waitFor();
    assert.deepEqual((await who.allInnerTexts()).map((text) => text.includes('Benno')).sort(), [false, true]);
    await ann.page.keyboard.press('Escape');
    await chip(page, 'Line 40 of').click();
    await chip(ann.page, 'Line 40 of').filter({ hasText: '1' }).waitFor();

    // A mouse that rests says who; one that is let go at once, or moves, does not.
    await chip(page, 'Line 40 of').hover();
    await page.mouse.down();
    await page.getByTestId('who-reacted').waitFor();
    await page.mouse.up();
    assert.equal(await chip(page, 'Line 40 of').filter({ hasText: '1' }).count(), 1, 'it was no click');
    await page.keyboard.press('Escape');
    await page.getByTestId('who-reacted').waitFor({ state: 'detached' });
    // On the edge of the bubble: on its text a press selects.
    const bubble = await message(page, 'Line 39 of').locator('.bubble').boundingBox();
    await page.mouse.move(bubble.x + 3, bubble.y + 3);
    await page.mouse.down();
    await menu(page).waitFor();
    await page.mouse.up();
    await menu(page).getByRole('menuitemcheckbox', { name: 'Thumbs up' }).click();
    await menu(page).waitFor({ state: 'detached' });
    await chip(ann.page, 'Line 39 of').filter({ hasText: '1' }).waitFor();

    // From the composer up into the stream.
    await composer(page).focus();
    await page.locator('#messages').focus();
    await page.keyboard.press('ArrowUp');
    await page.waitForFunction(() => document.activeElement.matches('li.msg'));
    const last = await page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press('ArrowUp');
    await page.waitForFunction((last) => document.activeElement.matches('li.msg') && document.activeElement.textContent !== last, last);
    await page.keyboard.press('r');
    await page.getByRole('toolbar', { name: 'React' }).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement.matches('li.msg'));
    // Else what is pressed may be the one that goes.
    await page.getByRole('toolbar', { name: 'React' }).waitFor({ state: 'detached' });
    await page.keyboard.press('r');
    await page.getByRole('button', { name: 'More reactions' }).click();
    await page.getByLabel('Find an emoji').fill('rocket');
    await page.getByRole('gridcell', { name: 'rocket' }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.react').filter({ hasText: '🚀' }).waitFor();
    await ann.page.locator('.react').filter({ hasText: '🚀' }).waitFor();
    await page.keyboard.press('Escape');
  });

  await step('a pin is lit on both sides, its bar leads there, and unpinning can be undone', async () => {
    await pick(ann.page, 'Line 3 of', 'Pin');
    for (const { page } of [ann, ben]) {
      await page.getByTestId('pin-bar').filter({ hasText: 'Line 3 of' }).waitFor();
      await page.getByTestId('system').filter({ hasText: 'pinned a message' }).first().waitFor();
      await message(page, 'Line 3 of').locator('.bubble[data-pinned]').waitFor();
    }
    await ben.page.getByTestId('pin-bar').click();
    await message(ben.page, 'Line 3 of').locator('.bubble[data-flash]').waitFor();
    await pick(ann.page, 'Line 3 of', 'Unpin');
    await ben.page.getByTestId('pin-bar').waitFor({ state: 'detached' });
    await toast(ann.page, 'Unpinned').getByRole('button', { name: 'Undo' }).click();
    await ben.page.getByTestId('pin-bar').filter({ hasText: 'Line 3 of' }).waitFor();
  });

  await step('texts and links are copied, and a link opens at its message', async () => {
    await pick(ann.page, 'Line 5 of', 'Copy text');
    await toast(ann.page, 'Copied').first().waitFor();
    assert.equal(await clipboard(), 'Line 5 of the story.');
    await pick(ann.page, 'Line 5 of', 'Copy link');
    await toast(ann.page, 'Link copied').waitFor();
    const link = await clipboard();
    assert.match(link, new RegExp(`/r/${room}\\?at=\\d+$`));
    const before = ben.watch.synced;
    await ben.page.goto(link);
    await ben.watch.live(before);
    await message(ben.page, 'Line 5 of').waitFor();
    await ben.page.waitForFunction(() => {
      const row = [...document.querySelectorAll('.msg')].find((row) => row.textContent.includes('Line 5 of'));
      const [view, rect] = [document.querySelector('.timeline').getBoundingClientRect(), row.getBoundingClientRect()];
      return rect.top >= view.top && rect.bottom <= view.bottom && rect.top < view.top + 120;
    });
  });

  await step('a deletion is undone, then done for everyone', async () => {
    await say(ann.page, 'Nobody should read this.');
    await message(ben.page, 'Nobody should read this.').waitFor();
    const remove = async () => {
      await pick(ann.page, 'Nobody should read this.', 'Delete');
      const dialog = ann.page.getByRole('dialog', { name: 'Delete this message?' });
      await axe(ann.page);
      await dialog.getByRole('button', { name: 'Delete for everyone' }).click();
      await message(ann.page, 'You deleted this message').waitFor();
    };
    await remove();
    await toast(ann.page, 'deleted for everyone').getByRole('button', { name: 'Undo' }).click();
    await message(ann.page, 'Nobody should read this.').waitFor();
    assert.equal(await all(ben.page, 'Nobody should read this.').count(), 1);
    await remove();
    await message(ben.page, 'This message was deleted').waitFor();
    assert.equal(await all(ben.page, 'Nobody should read this.').count(), 0);
  });

  await step('a deletion for me is mine alone', async () => {
    await pick(ben.page, 'Line 7 of', 'Delete');
    await ben.page.getByRole('dialog').getByRole('button', { name: 'Delete for me' }).click();
    await message(ben.page, 'Line 7 of').waitFor({ state: 'detached' });
    assert.equal(await all(ann.page, 'Line 7 of').count(), 1);
    await toast(ben.page, 'deleted for you').getByRole('button', { name: 'Undo' }).click();
    await message(ben.page, 'Line 7 of').waitFor();
  });

  await step('several are chosen, copied, and passed on', async () => {
    const { page } = ann;
    await pick(page, 'Line 11 of', 'Select');
    await message(page, 'Line 12 of').click();
    const bar = page.getByTestId('select-bar');
    await bar.filter({ hasText: '2 selected' }).waitFor();
    await axe(page);
    await bar.getByRole('button', { name: 'Copy' }).click();
    await bar.waitFor({ state: 'detached' });
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).includes('Line 12'));
    assert.equal(await clipboard(), 'Line 11 of the story.\nLine 12 of the story.');
    await pick(page, 'Line 11 of', 'Select');
    await bar.waitFor();
    await page.keyboard.press('Escape');
    await bar.waitFor({ state: 'detached' });
    await pick(page, 'Line 11 of', 'Select');
    await bar.getByRole('button', { name: 'Forward' }).click();
    const dialog = page.getByRole('dialog', { name: 'Forward to' });
    await dialog.getByLabel('Find a chat').fill('benn');
    await dialog.getByRole('checkbox', { name: 'Benno' }).check();
    await dialog.getByRole('button', { name: 'Forward to 1 chat' }).click();
    await message(ben.page, 'Forwarded from Annie').filter({ hasText: 'Line 11 of the story.' }).waitFor();
  });

  await step('the delivery sheet says how far it is', async () => {
    await ben.page.bringToFront();
    await say(ann.page, 'Has this come?');
    await tick(ann.page, 'Has this come?', 'delivered', 'read');
    await pick(ann.page, 'Has this come?', 'Delivery');
    await ann.page.getByTestId('delivery').getByRole('listitem').filter({ hasText: 'Benno' }).waitFor();
    await axe(ann.page);
    await ann.page.keyboard.press('Escape');
  });

  await step('what is marked unread is unread, and stays so while it is looked at', async () => {
    await pick(ben.page, 'Has this come?', 'Mark unread from here');
    await ben.page.getByTestId('unread-divider').waitFor();
    const unread = ben.page.getByTestId('room').filter({ hasText: 'Annie' }).getByTestId('unread');
    await unread.waitFor();
    await ben.page.bringToFront();
    await say(ann.page, 'And this one?');
    await message(ben.page, 'And this one?').waitFor();
    assert.equal(await unread.count(), 1);
  });

  await step('the jump button leads to the end, says what was passed over, and that can be undone', async () => {
    const { page } = ben;
    await page.goto('/');
    for (let n = 1; n <= 40; n += 1) await say(ann.page, `Chapter ${n} of the book.`);
    const unread = page.getByTestId('room').filter({ hasText: 'Annie' }).getByTestId('unread');
    await unread.filter({ hasText: /4\d/ }).waitFor();
    await page.getByTestId('room').filter({ hasText: 'Annie' }).click();
    await page.getByTestId('unread-divider').waitFor();
    await page.getByTestId('jump').filter({ hasText: 'new' }).click();
    await page.waitForFunction(() => document.querySelector('.timeline').scrollTop > -2);
    await unread.waitFor({ state: 'detached' });
    await toast(page, 'marked read').getByRole('button', { name: 'Undo' }).click();
    await unread.waitFor();
  });

  await step('what the server refuses is taken back, and said', async () => {
    const [hit] = await call(ben.page, 'GET', '/api/people?query=annie');
    // What is offered when the block comes is open already.
    await message(ann.page, 'Chapter 40 of').hover();
    await message(ann.page, 'Chapter 40 of').getByRole('button', { name: 'React', exact: true }).click();
    const heart = ann.page.getByRole('toolbar', { name: 'React' }).getByRole('button', { name: 'Heart' });
    await heart.waitFor();
    await call(ben.page, 'POST', '/api/blocks', { user_id: hit.person.id, on: true });
    await heart.click();
    await toast(ann.page, 'Your reaction was not kept.').waitFor();
    await chip(ann.page, 'Chapter 40 of').waitFor({ state: 'detached' });
  });

  await step('where nothing can be written no reaction is offered', async () => {
    const { page } = ann;
    await page.getByText("You can't send messages to Benno.").waitFor();
    await message(page, 'Chapter 40 of').hover();
    const tools = message(page, 'Chapter 40 of').locator('.hover-tools');
    await tools.getByRole('button', { name: 'More' }).waitFor();
    assert.deepEqual(await tools.getByRole('button').evaluateAll((all) => all.map((one) => one.ariaLabel)), ['More']);
    await message(page, 'Chapter 40 of').locator('.bubble').click({ button: 'right' });
    await menu(page).waitFor();
    assert.equal(await menu(page).getByRole('menuitemcheckbox').count(), 0);
    for (const name of ['Reply', 'Edit', 'Pin']) assert.equal(await menu(page).getByRole('menuitem', { name, exact: true }).count(), 0, name);
    await page.keyboard.press('Escape');
    await menu(page).waitFor({ state: 'detached' });
    // A reaction that is there says who, and stays.
    const given = chip(page, 'Line 40 of');
    await given.scrollIntoViewIfNeeded();
    assert.equal(await given.getAttribute('aria-pressed'), null);
    await given.click();
    await page.getByTestId('who-reacted').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await page.getByTestId('panel').waitFor();
  });

  for (const { watch } of [ann, ben]) watch.check();
  assert.doesNotMatch(server.log(), /panicked/);
});

test('a message that names me is jumped to', { timeout: 120_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const room = await connect(ann, ben);
  const { page } = ann;
  await page.goto(`/r/${room}`);
  await message(page, 'Hello there').waitFor();
  await page.goto('/');
  await ben.page.goto(`/r/${room}`);
  const lines = (part) => Array.from({ length: 20 }, (_, n) => `Part ${part}, line ${n}.`);
  for (const text of [...lines(1), 'This is for @annie.', ...lines(2)]) await say(ben.page, text);
  await page.getByTestId('room').first().filter({ hasText: '41' }).click();
  await page.getByTestId('unread-divider').waitFor();
  const button = page.getByRole('button', { name: 'Jump to where you are mentioned' });
  await button.focus();
  assert.equal(await inView(page, 'This is for @annie.'), false);
  await page.keyboard.press('Enter');
  await message(page, 'This is for @annie.').locator('.bubble[data-flash]').waitFor();
  await page.waitForFunction(() => {
    const row = [...document.querySelectorAll('.msg')].find((row) => row.textContent.includes('This is for'));
    const [view, rect] = [document.querySelector('.timeline').getBoundingClientRect(), row.getBoundingClientRect()];
    return rect.top >= view.top && rect.bottom <= view.bottom;
  });
  // Read, it is no longer offered.
  await button.waitFor({ state: 'detached' });
  for (const { watch } of [ann, ben]) watch.check();
});

test('on a phone', { timeout: 180_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie', PHONE);
  const ben = await register(browser, server, 'Benno');
  const step = steps(t, server, [ann, ben]);
  const room = await connect(ben, ann);
  for (const { page } of [ann, ben]) {
    await page.goto(`/r/${room}`);
    await composer(page).waitFor();
  }
  await Promise.all([ann, ben].map(({ watch }) => watch.live()));
  await say(ben.page, 'Hold your finger on me.');
  await message(ann.page, 'Hold your finger').waitFor();

  await step('a finger that rests opens the menu, one that moves does not', async () => {
    const bubble = message(ann.page, 'Hold your finger').locator('.bubble');
    const lift = await hold(ann.page, bubble);
    await menu(ann.page).waitFor();
    await lift();
    await menu(ann.page).getByRole('menuitemcheckbox', { name: 'Thumbs up' }).tap();
    await menu(ann.page).waitFor({ state: 'detached' });
    await chip(ben.page, 'Hold your finger').filter({ hasText: '1' }).waitFor();

    const box = await bubble.boundingBox();
    const session = await ann.context.newCDPSession(ann.page);
    const at = (dy) => [{ x: box.x + 40, y: box.y + box.height / 2 + dy }];
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) });
    await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(40) });
    // Longer than a hold: only what did not happen can be looked at.
    await ann.page.evaluate(() => new Promise((done) => setTimeout(done, 600)));
    assert.equal(await menu(ann.page).count(), 0);
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await session.detach();
  });

  await step('a chip that is held says who, and is not pressed', async () => {
    const lift = await hold(ann.page, chip(ann.page, 'Hold your finger'));
    await ann.page.getByTestId('who-reacted').getByRole('listitem').first().waitFor();
    await lift();
    await axe(ann.page);
    assert.equal(await chip(ann.page, 'Hold your finger').count(), 1);
    await ann.page.keyboard.press('Escape');
    await ann.page.getByTestId('who-reacted').waitFor({ state: 'detached' });
  });

  await step('an answer is written by touch', async () => {
    const lift = await hold(ann.page, message(ann.page, 'Hold your finger').locator('.bubble'));
    await menu(ann.page).waitFor();
    await lift();
    await menu(ann.page).getByRole('menuitem', { name: 'Reply' }).tap();
    await composer(ann.page).fill('I did.');
    await ann.page.getByRole('button', { name: 'Send' }).tap();
    await message(ben.page, 'I did.').getByTestId('quote').filter({ hasText: 'Hold your finger' }).waitFor();
  });

  for (const { watch } of [ann, ben]) watch.check();
});
