// Against people who do not behave: their requests and groups are reported, and what they write in a group is covered.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { call, composer, connect, launch, message, register, say, serve, steps, tick } from './support.mjs';

const options = { timeout: 180_000 };

const panel = (page) => page.getByTestId('panel');
const toast = (page, text) => page.getByTestId('toast').filter({ hasText: text });
const details = (page) => page.getByRole('button', { name: 'Details', exact: true });
const id = async (page, person) => (await call(page, 'GET', `/api/people?query=${person.username}`))[0].person.id;

/** A group that the first one made of those whom they know. Returns its id. */
async function group(owner, name, ...others) {
  const members = await Promise.all(others.map((other) => id(owner.page, other)));
  const made = await call(owner.page, 'POST', '/api/rooms', { room_id: randomUUID(), name, description: '', members });
  return made.room.room.id;
}

async function enter({ page, watch }, room) {
  const before = watch.synced;
  await page.goto(`/r/${room}`);
  await watch.live(before);
  await composer(page).waitFor();
}

test('requests and groups are reported', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const admin = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const eve = await register(browser, server, 'Everett');
  const step = steps(t, server, [ben, admin]);
  const { page } = ben;
  const open = () => call(admin.page, 'GET', '/api/admin/reports?state=open');
  const send = async (reason, note) => {
    const dialog = page.getByRole('dialog', { name: "What's wrong?" });
    await dialog.getByRole('radio', { name: reason }).check();
    if (note) await dialog.getByRole('textbox', { name: 'Anything to add?' }).fill(note);
    await dialog.getByRole('button', { name: 'Send report' }).click();
    await dialog.waitFor({ state: 'detached' });
    await toast(page, 'Reported.').getByRole('button', { name: 'Dismiss' }).click();
    await toast(page, 'Reported.').waitFor({ state: 'detached' });
  };

  await step('a request, with what it says', async () => {
    await call(eve.page, 'POST', '/api/requests', { to: await id(eve.page, ben), intro: 'Cheap watches, friend' });
    await page.goto('/requests');
    await page.getByTestId('request').filter({ hasText: 'Cheap watches' }).getByRole('button', { name: 'Report' }).click();
    await send('Unwanted messages', 'The third one today');
    const [report, ...more] = await open();
    assert.deepEqual(more, []);
    assert.deepEqual([report.reported.kind, report.reason, report.note], ['request', 'spam', 'The third one today']);
    assert.deepEqual([report.reporter.username, report.subject.username], ['benno', 'everett']);
    assert.deepEqual(report.evidence.map(({ body }) => body), ['Cheap watches, friend']);
    // It stays open to be answered.
    await page.getByTestId('request').getByRole('button', { name: 'Accept' }).click();
    await page.waitForURL('**/r/*');
  });

  await step('a group, with the last of what was said in it', async () => {
    const room = await group(eve, 'Easy money', ben);
    await enter(eve, room);
    await say(eve.page, 'Send me ten, get back twenty');
    await enter(ben, room);
    await message(page, 'get back twenty').waitFor();
    await details(page).click();
    await panel(page).getByRole('button', { name: 'Report' }).click();
    await send('Something else');
    const report = (await open()).find(({ reported }) => reported.kind === 'room');
    assert.deepEqual([report.reason, report.room_name, report.subject], ['other', 'Easy money', null]);
    assert.ok(report.evidence.some(({ body, author }) => body === 'Send me ten, get back twenty' && author.username === 'everett'));
  });

  await step('the admin reads both', async () => {
    await admin.page.goto('/admin');
    const reports = admin.page.getByTestId('report');
    await reports.filter({ hasText: 'Cheap watches, friend' }).getByText('The third one today').waitFor();
    await reports.filter({ hasText: 'Easy money' }).getByText('Send me ten, get back twenty').waitFor();
    assert.equal(await reports.count(), 2);
  });

  for (const { watch } of [admin, ben, eve]) watch.check();
});

test('what somebody writes whom I blocked is covered in a group', options, async (t) => {
  const server = await serve(t);
  const browser = await launch(t);
  const ann = await register(browser, server, 'Annie');
  const ben = await register(browser, server, 'Benno');
  const cleo = await register(browser, server, 'Cleo');
  const step = steps(t, server, [ann, ben, cleo]);
  const { page } = ann;
  for (const other of [ann, cleo]) await connect(other, ben);
  // Benno leads it; Annie and Cleo have never written to each other.
  const room = await group(ben, 'Harvest', ann, cleo);
  for (const person of [ann, ben, cleo]) await enter(person, room);
  const cover = page.getByRole('button', { name: 'Message from someone you blocked. Show it' });
  const block = async (name) => {
    await details(page).click();
    await panel(page).getByTestId('member').filter({ hasText: name }).getByRole('button').first().click();
    await panel(page).getByRole('button', { name: `Block ${name}` }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Block', exact: true }).click();
    await panel(page).getByRole('button', { name: `Unblock ${name}` }).waitFor();
    while (await panel(page).count()) await panel(page).locator('#panel-back').click();
  };
  /** Nobody reads it on the whole page, whoever looks. */
  const hidden = async (text) => {
    assert.equal(await page.getByText(text).count(), 0, `"${text}" is nowhere`);
    const painted = await (await ann.context.request.get(`/r/${room}`, { headers: { accept: 'text/html' } })).text();
    assert.ok(!painted.replace(/<script[\s\S]*?<\/script>/g, '').includes(text), `"${text}" is not painted by the server`);
  };

  await step('live, in the list too, and for who blocked alone', async () => {
    await block('Benno');
    await say(ben.page, 'The keys are under the mat');
    await message(cleo.page, 'under the mat').waitFor();
    await cover.waitFor();
    await page.getByTestId('room').filter({ hasText: 'Harvest' }).getByText('Message from someone you blocked').waitFor();
    await hidden('under the mat');
  });

  await step('after a reload', async () => {
    const before = ann.watch.synced;
    await page.reload();
    await ann.watch.live(before);
    await cover.waitFor();
    await hidden('under the mat');
  });

  await step('it is shown to who asks for it', async () => {
    await cover.click();
    await message(page, 'The keys are under the mat').waitFor();
    assert.equal(await cover.count(), 0);
    // What others write never was covered.
    await say(cleo.page, 'Good to know');
    await message(page, 'Good to know').waitFor();
    assert.equal(await cover.count(), 0);
  });

  await step('also of somebody with whom there is no chat', async () => {
    await block('Cleo');
    await say(cleo.page, 'The safe is open');
    await message(ben.page, 'The safe is open').waitFor();
    await tick(cleo.page, 'The safe is open', 'delivered', 'read');
    await cover.last().waitFor();
    await hidden('The safe is open');
  });

  for (const { watch } of [ann, ben, cleo]) watch.check();
});
