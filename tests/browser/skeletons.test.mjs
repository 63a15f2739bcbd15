// What stands beside a chat while an answer is on its way, and what stands there, as in the chat, when it does not come.
import assert from 'node:assert/strict';
import test from 'node:test';
import { call, composer, connect, hold, launch, message, prepare, register, serve, shifts, signedIn } from './support.mjs';

const options = { timeout: 120_000 };

const panel = (page) => page.getByTestId('panel');
const loading = (page) => panel(page).getByRole('status', { name: 'Loading' });

async function visit({ page, watch }, path) {
  const before = watch.synced;
  await page.goto(path);
  await watch.live(before);
}

/** Whether it is seen only when it takes longer than 150 ms: its clock, stopped just before and just after. */
async function comesLate(skeleton) {
  const seen = await skeleton.evaluate((element) => {
    const [appear] = element.getAnimations();
    appear.pause();
    const at = (ms) => {
      appear.currentTime = ms;
      return Number(getComputedStyle(element).opacity);
    };
    const seen = [at(0), at(149), at(152)];
    appear.play();
    return seen;
  });
  assert.deepEqual(seen, [0, 0, 1]);
}

/** What came stands where its skeleton stood. */
function samePlace(skeleton, content) {
  for (const side of ['x', 'y', 'width']) {
    assert.ok(Math.abs(skeleton[side] - content[side]) <= 1, JSON.stringify({ skeleton, content }));
  }
}

test('the panel has skeletons in the place of what comes', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const [ann, ben] = [await register(browser, server, 'Annie'), await register(browser, server, 'Benno')];
  await register(browser, server, 'Strange');
  const room = await connect(ann, ben, 'One line');
  await call(ben.page, 'POST', '/api/profile', { about: 'I keep bees.\nAnd a garden.' });
  const { page } = ann;

  await t.test('of a profile', async () => {
    await visit(ann, '/new');
    await page.getByLabel('Find people').fill('strange');
    const go = await hold(page, '**/api/people/*');
    await page.getByRole('button', { name: 'Profile of Strange' }).click();
    await loading(page).waitFor({ state: 'attached' });
    assert.equal(await loading(page).getAttribute('aria-busy'), 'true');
    await comesLate(loading(page));
    const before = await loading(page).boundingBox();
    const shifted = await shifts(page);
    await go();
    await panel(page).getByRole('heading', { name: 'Strange' }).waitFor();
    samePlace(before, await page.getByTestId('profile').boundingBox());
    assert.equal(await loading(page).count(), 0);
    assert.ok((await shifted()) < 0.01, `layout shift ${await shifted()}`);
  });

  await t.test('and nothing moves when more comes of somebody who is known', async () => {
    await visit(ann, `/r/${room}`);
    const go = await hold(page, '**/api/people/*');
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    const joined = panel(page).getByText('Joined');
    await joined.waitFor();
    // Until the panel has come to rest.
    await panel(page).evaluate((panel) => Promise.all(panel.getAnimations({ subtree: true }).map((one) => one.finished.catch(() => {}))));
    const before = await joined.boundingBox();
    await go();
    await panel(page).getByText('I keep bees.').waitFor();
    assert.deepEqual(await joined.boundingBox(), before);
  });

  await t.test('one that does not come says so there, and comes when it is asked for again', async () => {
    ann.watch.outage = true;
    await visit(ann, '/new');
    await page.getByLabel('Find people').fill('strange');
    await page.route('**/api/people/*', (route) => route.abort());
    await page.getByRole('button', { name: 'Profile of Strange' }).click();
    const why = panel(page).getByRole('alert');
    await why.getByText('No answer from the server.').waitFor();
    assert.equal(await panel(page).locator('.sk').count(), 0, 'nothing shimmers for ever');
    await page.unroute('**/api/people/*');
    await why.getByRole('button', { name: 'Try again' }).click();
    await panel(page).getByRole('heading', { name: 'Strange' }).waitFor();
    ann.watch.outage = false;
  });

  for (const { watch } of [ann, ben]) watch.check();
});

test('members of a large group have one too', options, async (t) => {
  const server = await prepare(t);
  const fixture = await server.seed('--users', '60', '--set', 'team:1x60');
  await server.start();
  const browser = await launch(t);
  const ann = await signedIn(browser, server, fixture.users[0]);
  const { page } = ann;
  await visit(ann, `/r/${fixture.sets.team[0].id}`);
  await page.getByRole('button', { name: 'Details', exact: true }).click();
  const go = await hold(page, /\/api\/rooms\/[^/]+\/members/);
  await panel(page).getByRole('button', { name: 'All members' }).click();
  await loading(page).waitFor({ state: 'attached' });
  await comesLate(loading(page));
  const before = await loading(page).boundingBox();
  const field = await panel(page).getByRole('searchbox', { name: 'Find a member' }).boundingBox();
  const shifted = await shifts(page);
  await go();
  await panel(page).getByTestId('member').nth(20).waitFor();
  samePlace(before, await panel(page).getByRole('list', { name: 'Members' }).boundingBox());
  assert.deepEqual(await panel(page).getByRole('searchbox', { name: 'Find a member' }).boundingBox(), field);
  assert.ok((await shifted()) < 0.01, `layout shift ${await shifted()}`);
  ann.watch.check();
});

test('what is searched for comes into its place', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const [ann, ben] = [await register(browser, server, 'Annie'), await register(browser, server, 'Benno')];
  const room = await connect(ben, ann, 'A new gate for the garden');
  const { page } = ann;
  await visit(ann, `/r/${room}`);
  const go = await hold(page, '**/api/search?*');
  await page.keyboard.press('Control+k');
  const box = page.getByRole('dialog', { name: 'Search' });
  await box.getByRole('combobox', { name: 'Search' }).fill('new');
  await box.getByTestId('search-status').getByText('Searching…').waitFor();
  assert.equal(await box.getByRole('listbox').getAttribute('aria-busy'), 'true');
  // Something that can be pressed is there already.
  const action = box.getByRole('option').filter({ hasText: 'New group' });
  await action.waitFor();
  const before = await action.boundingBox();
  await go();
  await box.getByRole('option').filter({ hasText: 'gate for the garden' }).waitFor();
  assert.deepEqual(await action.boundingBox(), before, 'what someone is about to press stays where it is');
  for (const { watch } of [ann, ben]) watch.check();
});

test('a chat that does not load says so, and loads when it is asked for again', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const [ann, ben] = [await register(browser, server, 'Annie'), await register(browser, server, 'Benno')];
  const room = await connect(ann, ben, 'One line');
  const { page, watch } = ann;
  await visit(ann, '/');
  watch.outage = true;
  await page.route('**/api/rooms/*/messages*', (route) => route.abort());
  await page.getByTestId('room').first().click();
  await page.waitForURL(`**/r/${room}`);
  const why = page.locator('#messages').getByRole('alert').filter({ hasText: "This chat didn't load." });
  await why.waitFor();
  assert.equal(await page.locator('#messages .sk').count(), 0, 'nothing shimmers for ever');
  assert.equal(await page.locator('#messages').getAttribute('aria-busy'), null);
  assert.equal(await composer(page).count(), 1, 'the rest of the chat is there');
  await page.unroute('**/api/rooms/*/messages*');
  watch.outage = false;
  await why.getByRole('button', { name: 'Try again' }).click();
  await message(page, 'One line').waitFor();
  assert.equal(await why.count(), 0);
  for (const person of [ann, ben]) person.watch.check();
});
