// Suggested replies: pressed, changed, walked through by keys, held by a finger, dismissed and turned off.
//
// With SHOTS (a folder) it leaves pictures of what it saw there.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { axe, composer, connect, launch, message, register, say, serve, steps, tick } from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const shots = process.env.SHOTS;
const shot = async (page, name) => shots && (await page.screenshot({ path: join(shots, `chips-${name}.png`) }));

const row = (page) => page.getByTestId('suggestions');
const answers = (page) => row(page).locator('[aria-keyshortcuts]');
const close = (page) => row(page).getByRole('button', { name: 'No suggestions in this chat' });
const gone = (page) => row(page).waitFor({ state: 'detached' });
const focused = (page) => page.evaluate(() => document.activeElement.id);
const texts = (page) => answers(page).allInnerTexts();
/** The messages that say this and nothing else, but for the time at their end. */
const said = (page, text) => {
  const exact = new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*(\\d|$)`);
  return message(page, '').locator('.bubble > p').filter({ hasText: exact });
};

/** Somebody asks, and what the other is offered is there. */
async function ask(from, to, text) {
  await say(from, text);
  await message(to, text).last().waitFor();
  await row(to).waitFor();
  const offered = await texts(to);
  assert.equal(offered.length, 3, `"${text}": ${offered}`);
  return offered;
}

/** It is looked for answers to what somebody says, and none is offered. */
async function nothing(page, from, text) {
  // It is short, so the page itself watches for it.
  const looking = page.evaluate(() => new Promise((seen) => {
    // The composer may be another element by then: a page that has just come builds its room anew.
    const isLooking = () => document.querySelector('.composer[data-looking]');
    const watching = new MutationObserver(() => isLooking() && seen(watching.disconnect()));
    watching.observe(document.body, { attributeFilter: ['data-looking'], childList: true, subtree: true });
  }));
  await say(from, text);
  await message(page, text).waitFor();
  await looking;
  await page.locator('.composer:not([data-looking])').waitFor({ state: 'attached' });
  assert.equal(await row(page).count(), 0);
}

/** The newest message is seen whole, above what is docked. */
async function atEnd(page) {
  await page.waitForFunction(() => {
    const last = [...document.querySelectorAll('[data-testid="message"]')].at(-1).getBoundingClientRect();
    const stream = document.getElementById('messages');
    const dock = document.querySelector('.dock').getBoundingClientRect();
    return Math.abs(stream.scrollTop) < 1 && last.bottom <= dock.top + 1;
  });
}

test('replies are suggested', { timeout: 300_000 }, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno', PHONE);
  const step = steps(t, server, [ann, ben]);
  const room = await connect(ann, ben, 'The first word');
  for (const { page } of [ann, ben]) {
    await page.goto(`/r/${room}`);
    await composer(page).waitFor();
  }
  await Promise.all([ann, ben].map(({ watch }) => watch.live()));

  const back = async () => {
    const before = ann.watch.synced;
    await ann.page.reload();
    await ann.watch.live(before);
    await composer(ann.page).waitFor();
  };
  const settings = async (run) => {
    await ann.page.getByRole('button', { name: 'Menu' }).first().click();
    await ann.page.getByRole('menuitem', { name: 'Settings' }).click();
    const settings = ann.page.getByTestId('settings');
    await run(settings.getByRole('switch', { name: /^Suggest replies/ }));
    await ann.page.goBack();
    await settings.waitFor({ state: 'detached' });
    await composer(ann.page).waitFor();
  };

  await step('a question has three answers, the stream stays at its end, and a reload shuffles nothing', async () => {
    const { page } = ann;
    for (let n = 1; n <= 25; n += 1) await say(ben.page, `Line ${n}.`);
    const offered = await ask(ben.page, page, 'Are you coming?');
    await page.getByRole('group', { name: 'Suggested replies' }).waitFor();
    await atEnd(page);
    await axe(page);
    await shot(page, 'desk');
    assert.equal(await row(ben.page).count(), 0, 'whoever asked is offered nothing');
    await back();
    await row(page).waitFor();
    assert.deepEqual(await texts(page), offered);
  });

  await step('a double click sends one of them once', async () => {
    const { page } = ann;
    const [, answer] = await texts(page);
    await answers(page).nth(1).dblclick();
    await gone(page);
    await tick(page, answer, 'sent', 'delivered', 'read');
    await said(ben.page, answer).waitFor();
    // What was sent before has come when this has.
    await say(page, 'That was it.');
    await message(ben.page, 'That was it.').waitFor();
    assert.equal(await said(ben.page, answer).count(), 1);
    assert.equal(await composer(page).inputValue(), '');
  });

  await step('with Alt it is written to be changed', async () => {
    const { page } = ann;
    const [answer] = await ask(ben.page, page, 'Do you want tea or coffee?');
    await answers(page).first().click({ modifiers: ['Alt'] });
    await gone(page);
    await page.waitForFunction((answer) => document.getElementById('composer').value === answer, answer);
    assert.equal(await focused(page), 'composer');
    assert.equal(await said(page, answer).count(), 0, 'nothing was sent');
  });

  await step('what is typed hides them, and an empty field shows them again', async () => {
    const { page } = ann;
    await composer(page).fill('');
    await row(page).waitFor();
    await composer(page).pressSequentially('I');
    await gone(page);
    await composer(page).fill('');
    await row(page).waitFor();
  });

  await step('a new message has its own', async () => {
    const { page } = ann;
    const before = (await texts(page)).join();
    await say(ben.page, 'Thank you so much!');
    await page.waitForFunction((before) => {
      const now = [...document.querySelectorAll('[data-testid="suggestions"] [aria-keyshortcuts]')].map((one) => one.innerText);
      return now.length === 3 && now.join() !== before;
    }, before);
    await nothing(page, ben.page, 'The red house is on the left.');
  });

  await step('keys walk through them, and Alt with a number sends', async () => {
    const { page } = ann;
    const offered = await ask(ben.page, page, 'Where are you?');
    assert.equal(await row(page).locator('[tabindex="0"]').count(), 1, 'Tab stops at one');
    await answers(page).first().focus();
    await page.keyboard.press('ArrowRight');
    assert.equal(await focused(page), 'suggestion-1');
    await page.keyboard.press('End');
    assert.equal(await focused(page), 'suggestion-3');
    await page.keyboard.press('ArrowRight');
    assert.equal(await focused(page), 'suggestion-0', 'round');
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(page), 'composer');
    await page.keyboard.press('Alt+Digit2');
    await said(ben.page, offered[1]).waitFor();
    await gone(page);
    assert.equal(await composer(page).inputValue(), '');
  });

  await step('what hurts is not answered with a press', async () => {
    await nothing(ann.page, ben.page, 'My grandmother died. Can you call me?');
    for (const text of ['The first train is at eight.', 'The second is at nine.', 'The third is at ten.']) await say(ben.page, text);
    await message(ann.page, 'The third').waitFor();
  });

  await step('a chat without them stays so, until that is undone', async () => {
    const { page } = ann;
    await ask(ben.page, page, 'Are you at home?');
    await close(page).click();
    await gone(page);
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page).waitFor();
    await close(page).click();
    await gone(page);
    await back();
    await nothing(page, ben.page, 'Are you still there?');
  });

  await step('the switch turns them off everywhere, and on', async () => {
    const { page } = ann;
    await settings(async (one) => {
      assert.equal(await one.getAttribute('aria-checked'), 'true');
      await one.click();
      await one.and(page.locator('[aria-checked="false"]')).waitFor();
      await axe(page);
      await one.click();
      await one.and(page.locator('[aria-checked="true"]')).waitFor();
    });
    await row(page).waitFor();
    await settings((one) => one.click());
    await gone(page);
    await back();
    await nothing(page, ben.page, 'And are you there now?');
    await settings((one) => one.click());
    await row(page).waitFor();
  });

  await step('on a phone they fit, a tap sends, and a finger that rests writes', async () => {
    const { page, context } = ben;
    const offered = await ask(ann.page, page, 'Can you help me with the boxes?');
    await atEnd(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the page');
    const bar = await row(page).boundingBox();
    assert.ok(bar.height >= 44, `a row of ${bar.height}`);
    await axe(page);
    await shot(page, 'phone');
    await page.emulateMedia({ colorScheme: 'dark' });
    await axe(page);
    await shot(page, 'phone-dark');
    await page.emulateMedia({ colorScheme: null });

    const box = await answers(page).first().boundingBox();
    const touch = await context.newCDPSession(page);
    const points = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: points });
    await page.waitForFunction((answer) => document.getElementById('composer').value === answer, offered[0]);
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    assert.equal(await composer(page).inputValue(), offered[0]);
    await composer(page).fill('');
    await row(page).waitFor();
    await answers(page).first().tap();
    await said(ann.page, offered[0]).waitFor();
    assert.equal(await said(ann.page, offered[0]).count(), 1, 'the finger that rested sent nothing');
  });

  await step('they have an outline in forced colours, and do not move for those who want it so', async () => {
    const { page } = ann;
    await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
    await ask(ben.page, page, 'Is the door open?');
    const width = await answers(page).first().evaluate((one) => getComputedStyle(one).borderTopWidth);
    assert.notEqual(width, '0px');
    const longest = await answers(page).evaluateAll((all) =>
      Math.max(...all.flatMap((one) => one.getAnimations()).map((one) => one.effect.getComputedTiming().duration), 0));
    assert.ok(longest <= 1, `a motion of ${longest} ms`);
    await page.emulateMedia({ forcedColors: null, reducedMotion: null });
  });

  for (const { watch } of [ann, ben]) watch.check();
  assert.doesNotMatch(server.log(), /panicked/);
});
