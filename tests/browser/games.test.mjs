// Games in a conversation: a desktop that is played by keys, and a phone that is touched. Both see the same.
import assert from 'node:assert/strict';
import test from 'node:test';
import { axe, composer, connect, launch, message, register, say, serve, steps, STORES, without } from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const coins = (page) => page.getByTestId('coin');
const fallen = (page) => page.locator('[data-testid="coin"][data-face="heads"], [data-testid="coin"][data-face="tails"]');
const boards = (page) => page.getByTestId('ttt');
const standing = (page, text) => boards(page).last().getByTestId('standing').filter({ hasText: text });
const cell = (page, row, column) =>
  boards(page).last().getByRole('button', { name: new RegExp(`^Row ${row}, column ${column}, `) });
const marks = (page) =>
  boards(page).last().locator('.ttt > button').evaluateAll((all) => all.map((one) => one.dataset.v ?? '-').join(''));

/** Counts, from now on, how often a coin begins to turn. */
const watchTurns = (page) =>
  page.evaluate(() => {
    globalThis.turns = 0;
    document.addEventListener('animationstart', (event) => {
      if (event.animationName === 'lv-coin') globalThis.turns += 1;
    });
  });
const turns = (page) => page.evaluate(() => globalThis.turns);

/** The number of fallen coins reaches `count` on a page; what the last one shows. */
async function face(page, count) {
  await fallen(page).nth(count - 1).waitFor();
  assert.equal(await coins(page).count(), count);
  const coin = coins(page).last();
  const shown = await coin.getAttribute('data-face');
  // The word says it too.
  await coin.getByRole('status').filter({ hasText: shown === 'heads' ? 'Heads' : 'Tails' }).waitFor();
  assert.equal(await coin.getByTestId('proof').getAttribute('data-fair'), 'true', 'this page checked it');
  return shown;
}

async function back(person) {
  const before = person.watch.synced;
  await person.page.reload();
  await person.watch.live(before);
  await composer(person.page).waitFor();
}

/** The first Enter takes the name that is offered, the second sends. */
const challenge = async (page) => {
  await composer(page).fill('/ttt @benno');
  await page.getByRole('option').filter({ hasText: 'Benno' }).waitFor();
  await composer(page).press('Enter');
  await page.getByRole('option').waitFor({ state: 'detached' });
  await composer(page).press('Enter');
};

for (const store of STORES) test(`games between two on ${store}`, { skip: without(store), timeout: 300_000 }, async (t) => {
  const server = await serve(t, store);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno', PHONE);
  const step = steps(t, server, [ann, ben]);
  const room = await connect(ann, ben);
  for (const { page } of [ann, ben]) {
    await page.goto(`/r/${room}`);
    await composer(page).waitFor();
  }
  await Promise.all([ann, ben].map(({ watch }) => watch.live()));

  await step('a coin falls alike for both, turns once, and lies the same after a reload', async () => {
    await Promise.all([ann, ben].map(({ page }) => watchTurns(page)));
    await say(ann.page, '/flip');
    assert.equal(await composer(ann.page).inputValue(), '');
    const seen = await Promise.all([ann, ben].map(({ page }) => face(page, 1)));
    assert.equal(seen[0], seen[1]);
    for (const { page } of [ann, ben]) {
      await page.waitForFunction(() => globalThis.turns === 1);
      await page.locator('.coin[data-go]').waitFor({ state: 'detached' });
    }
    await coins(ann.page).getByText('You flipped a coin').waitFor();
    await coins(ben.page).getByText('Annie flipped a coin').waitFor();
    await Promise.all([ann, ben].map(back));
    await Promise.all([ann, ben].map(({ page }) => watchTurns(page)));
    for (const { page } of [ann, ben]) {
      assert.equal(await face(page, 1), seen[0]);
      assert.equal(await page.locator('.coin[data-go]').count(), 0);
      assert.equal(await turns(page), 0, 'what lies there does not turn');
    }
  });

  await step('how it was decided can be read', async () => {
    const proof = coins(ann.page).last().getByTestId('proof');
    await proof.getByText('Verified').click();
    const bytes = await proof.locator('dd').allInnerTexts();
    assert.equal(bytes.length, 4);
    for (const hex of bytes.slice(0, 3)) assert.match(hex, /^[0-9a-f]{64}$/);
    await axe(ann.page);
    await proof.getByText('Verified').click();
  });

  await step('a double click flips once', async () => {
    await coins(ann.page).last().getByRole('button', { name: 'Flip again' }).dblclick();
    const seen = await Promise.all([ann, ben].map(({ page }) => face(page, 2)));
    assert.equal(seen[0], seen[1]);
    // What was sent before has come when this has.
    await say(ann.page, 'That was the second.');
    await message(ben.page, 'That was the second.').waitFor();
    assert.equal(await coins(ben.page).count(), 2);
  });

  await step('for those who want it so it only shows its face', async () => {
    await ann.page.emulateMedia({ reducedMotion: 'reduce' });
    await watchTurns(ann.page);
    await say(ann.page, '/flip');
    await face(ann.page, 3);
    assert.equal(await turns(ann.page), 0);
    assert.equal(await coins(ann.page).last().locator('.coin').evaluate((coin) => coin.getAnimations().length), 0);
    await ann.page.emulateMedia({ reducedMotion: null });
    await face(ben.page, 3);
  });

  await step('a die is thrown by writing and from the menus, and what means nothing is a text', async () => {
    await say(ann.page, '/roll 20');
    const rolled = (page) => page.getByTestId('roll').last().getByRole('status').filter({ hasText: /^\d+ of 20$/ });
    await rolled(ann.page).waitFor();
    await rolled(ben.page).waitFor();
    assert.equal(await rolled(ann.page).innerText(), await rolled(ben.page).innerText());
    await say(ann.page, '/roll 1');
    await ann.page.getByRole('alert').filter({ hasText: 'A die has 2 to 100 sides.' }).waitFor();
    assert.equal(await composer(ann.page).inputValue(), '/roll 1');
    await say(ann.page, '/shrug');
    await message(ben.page, '/shrug').waitFor();

    await ann.page.getByRole('button', { name: 'Games' }).click();
    await ann.page.getByRole('menu', { name: 'Games' }).getByRole('menuitem', { name: 'Roll a die' }).click();
    await ben.page.getByTestId('roll').nth(1).getByRole('status').filter({ hasText: /^\d of 6$/ }).waitFor();
    await ben.page.getByTestId('attach').tap();
    await axe(ben.page);
    await ben.page.getByRole('menu', { name: 'Attach' }).getByRole('menuitem', { name: 'Flip a coin' }).tap();
    const seen = await Promise.all([ann, ben].map(({ page }) => face(page, 4)));
    assert.equal(seen[0], seen[1]);
  });

  await step('a challenge is accepted', async () => {
    await say(ann.page, '/ttt @nobody');
    await ann.page.getByRole('alert').filter({ hasText: 'Nobody here is called @nobody.' }).waitFor();
    await challenge(ann.page);
    await standing(ann.page, 'Waiting for Benno').waitFor();
    await standing(ben.page, 'Annie challenges you').waitFor();
    await axe(ben.page);
    await boards(ben.page).last().getByRole('button', { name: 'Accept' }).tap();
    await standing(ann.page, 'Your turn').waitFor();
    await standing(ben.page, "Annie's turn").waitFor();
  });

  await step('one plays with keys, the other with a finger, to the line', async () => {
    const { page } = ann;
    await boards(page).last().locator('xpath=ancestor::li').focus();
    await page.waitForFunction(() => document.activeElement.querySelector('.ttt > button[tabindex="0"]'));
    await page.keyboard.press('Tab');
    const here = () => page.evaluate(() => document.activeElement.ariaLabel);
    assert.equal(await here(), 'Row 1, column 1, empty');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await here(), 'Row 1, column 1, empty', 'it stays on the board');
    await page.keyboard.press('Space');
    await standing(page, "Benno's turn").waitFor();
    assert.equal(await here(), 'Row 1, column 1, X');
    // Not theirs to move: nothing happens.
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await standing(ben.page, 'Your turn').waitFor();
    assert.equal(await marks(ben.page), 'x--------');

    await cell(ben.page, 2, 1).tap();
    await standing(page, 'Your turn').waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowRight');
    assert.equal(await here(), 'Row 1, column 2, empty');
    await page.keyboard.press('Enter');
    await standing(ben.page, 'Your turn').waitFor();
    const box = await cell(ben.page, 2, 2).boundingBox();
    assert.ok(box.width >= 44 && box.height >= 44, `a cell of ${box.width} by ${box.height}`);
    await cell(ben.page, 2, 2).tap();
    await standing(page, 'Your turn').waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Space');
    await standing(page, 'You won').waitFor();
    await standing(ben.page, 'Annie won').waitFor();
    for (const person of [ann, ben]) {
      assert.equal(await marks(person.page), 'xxxoo----');
      assert.equal(await boards(person.page).last().locator('.ttt > button[data-win]').count(), 3);
      await axe(person.page);
    }
    await boards(page).last().getByTestId('score').filter({ hasText: 'You 1, Benno 0' }).waitFor();
    await boards(ben.page).last().getByTestId('score').filter({ hasText: 'You 0, Annie 1' }).waitFor();
    await page.getByTestId('room').filter({ hasText: 'Tic-tac-toe: you won' }).waitFor();
  });

  await step('it stands the same after a reload', async () => {
    await Promise.all([ann, ben].map(back));
    for (const { page } of [ann, ben]) {
      await boards(page).last().waitFor();
      assert.equal(await marks(page), 'xxxoo----');
    }
  });

  await step('a rematch swaps sides, and giving up ends it', async () => {
    await boards(ben.page).last().getByRole('button', { name: 'Rematch' }).tap();
    await standing(ann.page, 'Benno challenges you').waitFor();
    await message(ann.page, 'Benno challenges you').getByTestId('quote').filter({ hasText: 'Tic-tac-toe: you won' }).waitFor();
    await boards(ann.page).last().getByRole('button', { name: 'Accept' }).click();
    await standing(ben.page, 'Your turn').waitFor();
    await cell(ben.page, 2, 2).tap();
    await standing(ann.page, 'Your turn').waitFor();
    assert.equal(await marks(ann.page), '----x----');
    await cell(ann.page, 1, 1).click();
    await standing(ben.page, 'Your turn').waitFor();
    const resign = boards(ann.page).last().getByRole('button', { name: 'Resign' });
    const box = await resign.boundingBox();
    assert.ok(box.height >= 44, `a button of ${box.height}`);
    await resign.click();
    await standing(ann.page, 'You gave up, Benno won').waitFor();
    await standing(ben.page, 'Annie gave up, you won').waitFor();
    await boards(ben.page).last().getByTestId('score').filter({ hasText: 'You 1, Annie 1' }).waitFor();
  });

  await step('a challenge is declined, and one is taken back', async () => {
    await say(ann.page, '/ttt');
    await standing(ben.page, 'Annie challenges you').waitFor();
    await boards(ben.page).last().getByRole('button', { name: 'Decline' }).tap();
    await standing(ann.page, 'Benno declined').waitFor();
    await say(ann.page, '/ttt');
    await standing(ann.page, 'Waiting for Benno').waitFor();
    await boards(ann.page).last().getByRole('button', { name: 'Cancel' }).click();
    await standing(ben.page, 'Annie took it back').waitFor();
    assert.equal(await boards(ben.page).last().getByRole('button').count(), 0);
  });

  await step('a game is deleted, but neither edited nor passed on', async () => {
    const { page } = ann;
    const coin = message(page, 'You flipped a coin').last();
    await coin.scrollIntoViewIfNeeded();
    await coin.locator('.coin-card').click({ button: 'right' });
    const menu = page.getByRole('menu', { name: 'Message' });
    await menu.getByRole('menuitem', { name: 'Delete', exact: true }).waitFor();
    for (const name of ['Edit', 'Copy text', 'Forward']) {
      assert.equal(await menu.getByRole('menuitem', { name, exact: true }).count(), 0, name);
    }
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
  });

  await step('nothing sticks out, in the dark and in forced colours', async () => {
    for (const { page } of [ann, ben]) {
      await page.emulateMedia({ colorScheme: 'dark' });
      await axe(page);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the page');
    }
    await ben.page.emulateMedia({ forcedColors: 'active' });
    const width = await ben.page.locator('.ttt > button').first().evaluate((one) => getComputedStyle(one).borderTopWidth);
    assert.notEqual(width, '0px', 'the cells have an outline');
    await ben.page.emulateMedia({ forcedColors: null, colorScheme: null });
  });

  for (const { watch } of [ann, ben]) watch.check();
  assert.doesNotMatch(server.log(), /panicked/);
});
