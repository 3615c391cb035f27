import type { Locator } from 'playwright-core';
import { choose, type Desk } from './desk.ts';

/** The IVR editor, as an administrator uses it. */
export class FlowEditor {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  async create(name: string): Promise<void> {
    await this.#desk.choose('IVR flows');
    await this.#desk.button('New flow').click();
    await this.#desk.drawer.fill({ Name: name });
    await this.#desk.drawer.save('Create');
    await this.#desk.page.locator('.jf-ivr__columns').waitFor();
  }
  /** Adds a node and gives it a name; its card is open then. */
  async add(type: string, label: string): Promise<Node> {
    const { page } = this.#desk;
    const cards = page.locator('.jf-ivr-node');
    const before = await cards.count();
    await this.#desk.button('Add a node').click();
    await page.locator('.el-dropdown-menu__item:visible').getByText(type, { exact: true }).click();
    const id = await cards.nth(before).getAttribute('id');
    const node = new Node(this.#desk, page.locator(`[id="${id}"]`));
    await node.fill('Label', label);
    return node;
  }
  /** The card of a node that is there already. */
  async open(label: string): Promise<Node> {
    const card = this.#desk.page.locator('.jf-ivr-node', {
      has: this.#desk.page.locator(`strong:text-is("${label}")`),
    });
    const id = await card.getAttribute('id');
    const node = new Node(this.#desk, this.#desk.page.locator(`[id="${id}"]`));
    if ((await node.card.locator('.jf-ivr-node__body').count()) === 0)
      await node.card.locator('.jf-ivr-node__toggle').click();
    return node;
  }
  async publish(): Promise<void> {
    await this.#desk.button(/^(Save and publish|Publish)$/).click();
    await this.#desk.page.locator('.jf-page__head').getByText('Published', { exact: true }).waitFor();
  }
}

export class Node {
  readonly card: Locator;
  readonly #desk: Desk;

  constructor(desk: Desk, card: Locator) {
    this.#desk = desk;
    this.card = card;
  }
  async fill(field: string, value: string): Promise<void> {
    await this.card
      .locator('.el-form-item', { has: this.#desk.page.locator(`label:text-is("${field}")`) })
      .locator('input, textarea')
      .first()
      .fill(value);
  }
  /** What is spoken first. */
  async say(text: string): Promise<void> {
    await this.card.getByPlaceholder('Text that is spoken').first().fill(text);
  }
  async leadsTo(exit: string, label: string): Promise<void> {
    await choose(this.card.locator('.jf-ivr-exit', { hasText: exit }).locator('.el-select'), label);
  }
}
